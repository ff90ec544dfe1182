//! A served store and a client that sends bytes as they are: no library mends them on the way.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

use pathweave_serve::{Bound, Serve, serve};

/// A store that is served until this value is dropped.
pub struct Served {
    pub bound: Bound,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    /// The value of a header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut found = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.next().map_or("", |(_, value)| value)
    }
}

impl Served {
    pub fn over(store: &Path) -> Self {
        Self::with(|_| {}, store)
    }

    pub fn with(set: impl FnOnce(&mut Serve), store: &Path) -> Self {
        let mut asked = Serve {
            store: store.to_owned(),
            address: "127.0.0.1:0".parse().expect("an address"),
            token: None,
            hosts: Vec::new(),
            refresh: Duration::from_millis(50),
        };
        set(&mut asked);
        let stop = Arc::new(AtomicBool::new(false));
        let (tell, told) = channel();
        let stopping = Arc::clone(&stop);
        let thread = spawn(move || {
            let on_bound = |bound: &Bound| tell.send(bound.clone()).expect("heard");
            serve(asked, on_bound, || stopping.load(Ordering::SeqCst)).expect("served");
        });
        let bound = told.recv_timeout(Duration::from_secs(30)).expect("bound");
        Self { bound, stop, thread: Some(thread) }
    }

    /// The address at which this machine reaches it.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.bound.address.port()))
    }

    /// Sends bytes and reads the answer until the connection ends.
    pub fn raw(&self, bytes: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address()).expect("connected");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("set");
        // A server that has read enough may close before everything is sent.
        _ = stream.write_all(bytes);
        let mut read = Vec::new();
        _ = stream.read_to_end(&mut read);
        let text = String::from_utf8_lossy(&read);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    pub fn get_with(&self, path: &str, headers: &str) -> Answer {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
        self.raw(request.as_bytes())
    }

    pub fn get(&self, path: &str) -> Answer {
        self.get_with(path, "")
    }

    /// Asks until the answer is as wanted: the store is looked at beside the requests.
    pub fn until(&self, path: &str, good: impl Fn(&Answer) -> bool) -> Answer {
        let begun = Instant::now();
        loop {
            let answer = self.get(path);
            if good(&answer) {
                return answer;
            }
            let late = begun.elapsed() > Duration::from_secs(30);
            assert!(!late, "{path} stays {}: {}", answer.status, answer.body);
            sleep(Duration::from_millis(30));
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join) {
            std::panic::resume_unwind(panic);
        }
    }
}
