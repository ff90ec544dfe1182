//! Milliseconds that pages over a large store take, from the first byte asked to the last answered:
//! median and 95th percentile.
//!
//! `cargo bench -p pathweave-serve --bench pages -- [--runs N] [--store DIR] [--rounds N]`
//!
//! Makes a store of N runs (20,000) as the benchmark of the index does; in DIR it is kept, and taken
//! as it is where it is there already. The index is made before the first page is timed. While pages
//! are timed the store is looked at every second, as always.

#[path = "../../pathweave-store/benches/scale/make.rs"]
mod make;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use pathweave_serve::{Serve, serve};
use pathweave_store::ids;

/// A page over 20,000 runs is to answer within this.
const TARGET: f64 = 200.0;

struct Asked {
    runs: u64,
    store: Option<PathBuf>,
    rounds: usize,
}

fn asked() -> Asked {
    let mut asked = Asked { runs: 20_000, store: None, rounds: 40 };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap_or_else(|| panic!("{word} needs a value"));
        match word.as_str() {
            "--runs" => asked.runs = value().parse().expect("--runs: a number"),
            "--store" => asked.store = Some(value().into()),
            "--rounds" => asked.rounds = value().parse().expect("--rounds: a number"),
            // What cargo says to every benchmark.
            "--bench" => {}
            other => panic!("{other}: allowed: --runs N, --store DIR, --rounds N"),
        }
    }
    asked
}

/// Asks for a page; its status and its bytes.
fn get(address: SocketAddr, path: &str) -> (String, usize) {
    let mut stream = TcpStream::connect(address).expect("connected");
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("answered");
    let status = answer.get(9..12).map(|status| String::from_utf8_lossy(status).into_owned());
    (status.unwrap_or_default(), answer.len())
}

fn measure(address: SocketAddr, path: &str, rounds: usize) {
    let mut times = Vec::new();
    let mut last = (String::new(), 0);
    for _ in 0..rounds {
        let start = Instant::now();
        last = get(address, path);
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    let (median, high) = (times[rounds / 2], times[(rounds * 95 / 100).min(rounds - 1)]);
    let met = if high <= TARGET { "" } else { "  over the target" };
    let (status, bytes) = last;
    println!("{median:8.1} ms {high:8.1} ms  {status} {:6.0} kB  {path}{met}", bytes as f64 / 1e3);
}

fn main() {
    let asked = asked();
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let store = asked.store.unwrap_or_else(|| temporary.path().join("runs"));
    if !store.is_dir() {
        make::store(&store, asked.runs);
    }
    let run = ids(&store).into_iter().next().expect("a run");
    let stop = AtomicBool::new(false);
    let (tell, told) = channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            let address = "127.0.0.1:0".parse().expect("an address");
            let (token, hosts, refresh) = (None, Vec::new(), Duration::from_secs(1));
            let asked = Serve { store: store.clone(), address, token, hosts, refresh };
            let on_bound =
                |bound: &pathweave_serve::Bound| tell.send(bound.address).expect("heard");
            serve(asked, on_bound, || stop.load(Ordering::SeqCst)).expect("served");
        });
        let address = told.recv().expect("bound");
        let start = Instant::now();
        while get(address, "/api/runs?limit=1").0 != "200" {
            thread::sleep(Duration::from_millis(50));
        }
        println!("{:8.1} s  until the runs can be asked for", start.elapsed().as_secs_f64());
        println!("  median       p95");
        for path in [
            "/",
            "/?part=1",
            "/?page=150",
            "/?filter=router.algorithm%3Dwpl%20data.rules%3E%3D8%20performance%3E%3D0.5",
            "/?filter=name~modular&sort=-performance",
            "/?sort=data.rules",
            "/?by=model.kind",
            "/?by=model.kind&by=data.rules&by=router.algorithm&show=performance&show=collapse_avg",
            "/api/runs?limit=1000",
            &format!("/run/{run}"),
            "/asset/page.css",
        ] {
            measure(address, path, asked.rounds);
        }
        stop.store(true, Ordering::SeqCst);
    });
}
