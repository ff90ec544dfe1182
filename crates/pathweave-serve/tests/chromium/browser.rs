//! A headless browser, and what it says of a page.

use std::future::Future;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread::{JoinHandle, spawn};
use std::time::{Duration, Instant};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use pathweave_serve::{Bound, Serve, serve};
use serde_json::{Map, Value, json};

/// The longest wait for what must come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running chromedriver; it ends with this value.
struct Driver {
    process: Child,
    port: u16,
    /// The browser's session, to be ended with it
    session: Option<String>,
}

impl Driver {
    /// None where there is none on this machine.
    fn start() -> Option<Self> {
        let mut command = Command::new("chromedriver");
        let started = command.arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let Ok(mut process) = started else {
            eprintln!("skipped: no chromedriver (Debian's package is chromium-driver)");
            return None;
        };
        let said = BufReader::new(process.stdout.take().expect("piped"));
        // "ChromeDriver was started successfully on port 34567."
        let port = |line: String| {
            line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok()
        };
        let port = said.lines().map_while(Result::ok).find_map(port).expect("a port");
        Some(Self { process, port, session: None })
    }

    /// What WebDriver has no command for.
    fn post(&self, path: &str, body: &Value) -> Value {
        self.request("POST", path, &body.to_string())
    }

    fn request(&self, method: &str, path: &str, body: &str) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("connected");
        let session = self.session.as_deref().unwrap_or_default();
        let head = format!(
            "{method} /session/{session}{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all((head + body).as_bytes()).expect("sent");
        // The connection stays open: as much is read as is told.
        let mut from = BufReader::new(stream);
        let (mut line, mut length) = (String::new(), 0);
        while from.read_line(&mut line).expect("an answer") > 2 {
            let header = line.to_ascii_lowercase();
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a number");
            }
            line.clear();
        }
        let mut body = vec![0; length];
        from.read_exact(&mut body).expect("an answer");
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        answer["value"].clone()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if self.session.is_some() {
            self.request("DELETE", "", "");
        }
        // Where it has ended already there is nothing to end.
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// A store that is served, and a browser that looks at it.
pub struct Browser {
    pub client: Client,
    driver: Driver,
    /// Where the page is, without a slash at the end
    pub url: String,
    stop: Arc<AtomicBool>,
    server: Option<JoinHandle<()>>,
    _profile: tempfile::TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(server) = self.server.take() {
            // What it failed of was told on its own thread.
            _ = server.join();
        }
    }
}

/// Serves a store and looks at it in a window of this size. Gives nothing where there is no browser.
pub fn browse<F: Future<Output = ()>>(
    store: &Path,
    size: (u32, u32),
    look: impl FnOnce(Arc<Browser>) -> F,
) {
    let Some(driver) = Driver::start() else { return };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let browser = Arc::new(Browser::open(store, size, driver).await);
        look(Arc::clone(&browser)).await;
        browser.is_clean().await;
    });
}

impl Browser {
    async fn open(store: &Path, (width, height): (u32, u32), mut driver: Driver) -> Self {
        let profile = tempfile::tempdir().expect("a temporary folder");
        let folder = format!("--user-data-dir={}", profile.path().display());
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--force-device-scale-factor=1",
            &folder,
        ];
        let mut options = json!({ "args": arguments });
        // A window has a least width; a phone has not.
        options["mobileEmulation"] = json!({"deviceMetrics": {"width": width, "height": height, "pixelRatio": 1.0,
                   "mobile": width < 600, "touch": width < 600}});
        let wanted = json!({
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"},
        });
        let wanted: Map<String, Value> = wanted.as_object().cloned().expect("an object");
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let at = format!("http://127.0.0.1:{}", driver.port);
        let client = builder.capabilities(wanted).connect(&at).await.expect("a browser");
        driver.session = client.session_id().await.expect("asked");
        let (url, stop, server) = served(store);
        Self { client, driver, url, stop, server: Some(server), _profile: profile }
    }

    /// Opens a page of the store.
    pub async fn open_page(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.url)).await.expect("opened");
    }

    /// What a script gives.
    pub async fn ask(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.expect("a script")
    }

    /// Waits until a script gives true.
    pub async fn until(&self, script: &str) {
        let begun = Instant::now();
        while self.ask(script).await != Value::Bool(true) {
            if begun.elapsed() > PATIENCE {
                let text = self.ask("return document.body.innerText").await;
                panic!("never came: {script}\n{text}");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Presses keys wherever the keyboard is.
    pub async fn press(&self, keys: &str) {
        let at = self.client.active_element().await.expect("an element");
        at.send_keys(keys).await.expect("pressed");
    }

    /// Asks that all requests of the page went to where it is.
    pub async fn is_alone(&self) {
        let script = "return performance.getEntriesByType('resource')\
                      .map((entry) => entry.name).filter((name) => !name.startsWith(location.origin))";
        assert_eq!(self.ask(script).await, json!([]), "requests elsewhere");
    }

    /// Asks that nothing is wider than the window, and everything shown.
    pub async fn fits(&self) {
        let wide = self.ask(
            "const most = document.documentElement.clientWidth; \
             return document.documentElement.scrollWidth <= most ? [] : \
             [...document.querySelectorAll('body *')]\
             .filter((one) => one.getBoundingClientRect().right > most + 1).map((one) => one.outerHTML.slice(0, 120))",
        );
        assert_eq!(wide.await, json!([]), "wider than the window");
    }

    /// Asks that the browser complained of nothing: no error, no violation of a policy.
    async fn is_clean(&self) {
        let log = self.driver.post("/se/log", &json!({"type": "browser"}));
        let entries = log.as_array().cloned().unwrap_or_default();
        let bad: Vec<&Value> =
            entries.iter().filter(|e| e["level"] == "SEVERE" && !is_refused_filter(e)).collect();
        assert!(bad.is_empty(), "the browser says {bad:#?}");
        assert!(log.is_array(), "no log: {log}");
    }

    /// The window as a PNG.
    pub async fn screenshot(&self) -> Vec<u8> {
        self.client.screenshot().await.expect("a picture")
    }

    /// Which colours the reader prefers.
    pub fn prefer(&self, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        let command =
            json!({"cmd": "Emulation.setEmulatedMedia", "params": {"features": features}});
        self.driver.post("/goog/cdp/execute", &command);
    }
}

/// Whether an entry of the log is that of the filter that a test gets wrong on purpose.
fn is_refused_filter(entry: &Value) -> bool {
    let message = entry["message"].as_str().unwrap_or_default();
    message.contains("filter=no.such.key") && message.contains("400")
}

/// Serves a store until it is told to stop.
fn served(store: &Path) -> (String, Arc<AtomicBool>, JoinHandle<()>) {
    let asked = Serve {
        store: store.to_owned(),
        address: "127.0.0.1:0".parse().expect("an address"),
        token: None,
        hosts: Vec::new(),
        refresh: Duration::from_millis(200),
    };
    let stop = Arc::new(AtomicBool::new(false));
    let stopping = Arc::clone(&stop);
    let (tell, told) = channel();
    let thread = spawn(move || {
        let on_bound = |bound: &Bound| tell.send(bound.url.clone()).expect("heard");
        serve(asked, on_bound, || stopping.load(Ordering::SeqCst)).expect("served");
    });
    let url = told.recv_timeout(PATIENCE).expect("bound");
    (url.trim_end_matches('/').to_owned(), stop, thread)
}
