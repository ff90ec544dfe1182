//! Runs on an MLflow server: a small one that fails as it is told, and the real one.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::place::{Place, text};
use super::stored;
use serde_json::{Value, json};

/// What the small server keeps, and how it misbehaves.
#[derive(Default)]
struct Server {
    experiments: Vec<String>,
    /// Tag, status, number of parameters and of metrics by run.
    runs: BTreeMap<String, (String, String, usize, usize)>,
    /// Answers of 503 before the next one is right.
    busy: usize,
    /// The authorization that is wanted.
    wants: Option<String>,
    /// Refuses what a run is filled with.
    refuses: bool,
    requests: usize,
}

impl Server {
    fn start(self) -> (Arc<Mutex<Self>>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let server = Arc::new(Mutex::new(self));
        let shared = Arc::clone(&server);
        // It ends with the process of the tests.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &shared);
            }
        });
        (server, url)
    }

    fn answer(&mut self, path: &str, authorization: &str, body: &Value) -> (u16, Value) {
        self.requests += 1;
        if self.busy > 0 {
            self.busy -= 1;
            return (503, json!({}));
        }
        if self.wants.as_ref().is_some_and(|wants| wants != authorization) {
            return (401, json!({"error_code": "UNAUTHENTICATED", "message": "who are you?"}));
        }
        let said = |code: &str| json!({"error_code": code, "message": "so it is"});
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let id = body["run_id"].as_str().unwrap_or_default();
        match path.trim_start_matches("/api/2.0/mlflow/") {
            "experiments/get-by-name" => {
                let name = query.trim_start_matches("experiment_name=");
                match self.experiments.iter().position(|of| of == name) {
                    Some(at) => (200, json!({"experiment": {"experiment_id": at.to_string()}})),
                    None => (404, said("RESOURCE_DOES_NOT_EXIST")),
                }
            }
            "experiments/create" => {
                self.experiments.push(body["name"].as_str().expect("a name").to_owned());
                (200, json!({"experiment_id": (self.experiments.len() - 1).to_string()}))
            }
            "runs/search" => {
                let wanted = body["filter"].as_str().expect("a filter");
                let found = self.runs.iter().filter(|(_, run)| wanted.contains(&run.0));
                let info = |(id, run): (&String, &(String, String, usize, usize))| json!({"info": {"run_id": id, "status": run.1}});
                (200, json!({"runs": found.map(info).collect::<Vec<_>>()}))
            }
            "runs/create" => {
                let tag = body["tags"][0]["value"].as_str().expect("the id").to_owned();
                let id = format!("m{}", self.runs.len());
                self.runs.insert(id.clone(), (tag, "RUNNING".into(), 0, 0));
                (200, json!({"run": {"info": {"run_id": id}}}))
            }
            "runs/log-batch" if self.refuses => (400, said("INVALID_PARAMETER_VALUE")),
            "runs/log-batch" => {
                let run = self.runs.get_mut(id).expect("a run");
                let count = |kind: &str| body[kind].as_array().map_or(0, Vec::len);
                let (parameters, metrics) = (count("params"), count("metrics"));
                assert!(parameters <= 100 && metrics <= 1000);
                (run.2, run.3) = (run.2 + parameters, run.3 + metrics);
                (200, json!({}))
            }
            "runs/update" => {
                let status = body["status"].as_str().expect("a status").to_owned();
                self.runs.get_mut(id).expect("a run").1 = status;
                (200, json!({}))
            }
            other => panic!("{other}"),
        }
    }
}

fn serve(stream: TcpStream, server: &Mutex<Server>) {
    let mut reader = BufReader::new(stream);
    let (mut line, mut length, mut authorization) = (String::new(), 0, String::new());
    reader.read_line(&mut line).expect("a request");
    let path = line.split(' ').nth(1).expect("a path").to_owned();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).expect("a header");
        let Some((name, value)) = header.trim().split_once(": ") else { break };
        match name.to_lowercase().as_str() {
            "content-length" => length = value.parse().expect("a number"),
            "authorization" => authorization = value.to_owned(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the body");
    let body = serde_json::from_slice(&body).unwrap_or_default();
    let (status, answer) = server.lock().expect("whole").answer(&path, &authorization, &body);
    let answer = answer.to_string();
    let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n", answer.len());
    let whole =
        format!("{head}Content-Type: application/json\r\nConnection: close\r\n\r\n{answer}");
    reader.get_mut().write_all(whole.as_bytes()).expect("an answer");
}

/// Two runs, and the command that sends them.
fn place() -> Place {
    let place = Place::new();
    for seed in 0..2 {
        stored::write(&place.path("runs"), &stored::record("gate", 0, seed));
    }
    place
}

fn command(place: &Place, url: &str, args: &[&str]) -> Command {
    let all = ["export", "mlflow", "--url", url, "--experiment", "mine"];
    let mut command = place.command(&[&all[..], args].concat());
    for name in ["TRACKING_URI", "TRACKING_TOKEN", "TRACKING_USERNAME", "TRACKING_PASSWORD"] {
        command.env_remove(format!("MLFLOW_{name}"));
    }
    // What is on this machine is not reached by way of a proxy.
    command.env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1");
    command
}

fn good(place: &Place, url: &str, args: &[&str]) -> Value {
    let output = command(place, url, &[args, &["--json"]].concat()).output().expect("started");
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn bad(place: &Place, url: &str) -> String {
    let output = command(place, url, &[]).output().expect("started");
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    text(&output.stderr)
}

#[test]
fn a_run_is_sent_once_and_a_broken_export_goes_on() {
    let (server, url) = Server { busy: 2, ..Server::default() }.start();
    let place = place();
    // A server that is busy is asked again; one that refuses is not.
    server.lock().expect("whole").refuses = true;
    let refused = bad(&place, &url);
    assert!(refused.contains("answered 400: INVALID_PARAMETER_VALUE: so it is"), "{refused}");
    let begun = server.lock().expect("whole").runs.len();
    assert!((1..=2).contains(&begun));
    server.lock().expect("whole").refuses = false;
    assert_eq!(good(&place, &url, &[])["sent"], 2);
    {
        let server = server.lock().expect("whole");
        assert_eq!((server.runs.len(), server.experiments.len()), (2, 1));
        for (_, status, parameters, metrics) in server.runs.values() {
            // Ten settings; three points, three metrics and the timing's numbers.
            assert_eq!((status.as_str(), *parameters), ("FINISHED", 9));
            assert!(*metrics > 8, "{metrics}");
        }
    }
    let again = good(&place, &url, &[]);
    assert_eq!((again["sent"].as_u64(), again["known"].as_u64()), (Some(0), Some(2)));
    assert_eq!(server.lock().expect("whole").runs.len(), 2);
}

#[test]
fn servers_that_fail_are_told_in_their_words() {
    let (server, url) = Server { busy: usize::MAX, ..Server::default() }.start();
    let place = place();
    let errors = bad(&place, &url);
    assert!(errors.contains("get-by-name: the server answered 503"), "{errors}");
    assert_eq!(server.lock().expect("whole").requests, 4, "tried again, but not for ever");
    let (_, url) = Server { wants: Some("Bearer secret".into()), ..Server::default() }.start();
    let errors = bad(&place, &url);
    assert!(errors.contains("401: UNAUTHENTICATED") && errors.contains("MLFLOW_TRACKING_TOKEN"));
    let output = command(&place, &url, &[]).env("MLFLOW_TRACKING_TOKEN", "secret").output();
    let output = output.expect("started");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(!text(&output.stdout).contains("secret"));
    let nobody = bad(&place, "http://127.0.0.1:1");
    assert!(nobody.contains("cannot be reached"), "{nobody}");
    let output = command(&place, "127.0.0.1:5000", &[]).output().expect("started");
    assert_eq!(output.status.code(), Some(2));
}

/// The real server, ended when it goes.
struct Real(Child);

impl Drop for Real {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

/// What the real client reads of an experiment.
const READER: &str = "
import math, sys
from mlflow.tracking import MlflowClient
client = MlflowClient(sys.argv[1])
experiment = client.get_experiment_by_name('mine')
runs = client.search_runs([experiment.experiment_id], order_by=['attributes.run_name'])
for run in runs:
    print(run.info.run_name, run.info.status, run.data.tags['pathweave.id'],
          run.data.params['router.algorithm'], run.data.params['model.hidden'],
          run.data.metrics['modules_used'], run.info.end_time - run.info.start_time)
    curve = client.get_metric_history(run.info.run_id, 'train/loss')
    print([(m.step, m.timestamp - run.info.start_time, 'NaN' if math.isnan(m.value) else m.value)
           for m in sorted(curve, key=lambda m: m.step)])
";

#[test]
fn the_real_server_takes_runs_once() {
    let Some(python) = stored::python("mlflow") else { return };
    let place = place();
    let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("one").port();
    let url = format!("http://127.0.0.1:{port}");
    let store = format!("sqlite:///{}", place.path("mlflow.db").display());
    let port = port.to_string();
    let args = ["-m", "mlflow", "server", "--backend-store-uri", &store, "--port", &port];
    let last = ["--host", "127.0.0.1", "--workers", "1", "--artifacts-destination", "artifacts"];
    let mut command = Command::new(&python);
    command.args(args).args(last).current_dir(place.path("."));
    command.env("MLFLOW_DISABLE_TELEMETRY", "true").env("DO_NOT_TRACK", "true");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let _real = Real(command.spawn().expect("started"));
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port.parse().expect("a number"))).is_err() {
        if begun.elapsed() > Duration::from_secs(120) {
            println!("skipped: the MLflow server did not come up");
            return;
        }
        thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(good(&place, &url, &[])["sent"], 2);
    let again = good(&place, &url, &[]);
    assert_eq!((again["sent"].as_u64(), again["known"].as_u64()), (Some(0), Some(2)));
    let printed = stored::script(&python, READER, &[&url]);
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines.len(), 4, "{printed}");
    assert!(lines[0].starts_with("gate on 0 seed 0 FINISHED 00000000"), "{printed}");
    assert!(lines[0].ends_with("wpl [8,8] 3.0 8000"), "{printed}");
    assert_eq!(lines[1], "[(10, 4000, 2.5), (20, 8000, 'NaN')]");
}
