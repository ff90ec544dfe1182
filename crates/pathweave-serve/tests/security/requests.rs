//! Requests that are refused.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::client::Served;
use crate::store::{id, store};

#[test]
fn every_answer_tells_the_browser_what_it_must_not_do() {
    let store = store(1);
    let served = Served::over(store.path());
    for path in ["/", "/nowhere", "/asset/page.js", "/run/x", "/api/runs", "/compare"] {
        let answer = served.get(path);
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert!(!answer.head.to_lowercase().contains("access-control"), "{path}");
    }
}

#[test]
fn a_page_asks_for_nothing_from_elsewhere_and_holds_no_script_or_style() {
    let store = store(1);
    let served = Served::over(store.path());
    for path in ["/".to_owned(), format!("/run/{}", id(0)), "/compare".to_owned()] {
        let body = served.get(&path).body;
        assert!(!body.contains("http://") && !body.contains("https://"), "{path}");
        assert!(!body.contains("style=") && !body.contains("<style"), "{path}");
        assert_eq!(body.matches("<script").count(), 1, "{path}");
    }
    for asset in ["report.css", "page.css", "page.js"] {
        let body = served.get(&format!("/asset/{asset}")).body;
        assert!(!body.is_empty() && !body.contains("http") && !body.contains("@import"), "{asset}");
    }
}

#[test]
fn nothing_can_be_written() {
    let store = store(1);
    let served = Served::over(store.path());
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "BREW"] {
        for path in ["/", "/api/runs", &format!("/run/{}", id(0))] {
            let request =
                format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            let answer = served.raw(request.as_bytes());
            assert!(matches!(answer.status, 405 | 400), "{method} {path}: {}", answer.status);
        }
    }
    let head = served.raw(b"HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert_eq!((head.status, head.body.as_str()), (200, ""));
}

#[test]
fn bodies_are_refused_unread() {
    let store = store(0);
    let served = Served::over(store.path());
    let with = |headers: &str, body: &str| {
        let request = format!(
            "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n\r\n{body}"
        );
        served.raw(request.as_bytes()).status
    };
    assert_eq!(with("Content-Length: 3", "abc"), 413);
    assert_eq!(with("Content-Length: 99999999999", "abc"), 413);
    assert_eq!(with("Transfer-Encoding: chunked", "3\r\nabc\r\n0\r\n\r\n"), 413);
    assert_eq!(with("Content-Length: 0", ""), 200);
}

#[test]
fn a_name_of_somebody_else_leads_nowhere() {
    let store = store(1);
    let served = Served::with(|serve| serve.hosts = vec!["node7".into()], store.path());
    let asked = |request: &str| served.raw(request.as_bytes()).status;
    let host =
        |host: &str| asked(&format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
    for good in
        ["localhost", "localhost:8630", "127.0.0.1", "[::1]:8630", "node7:8630", "LocalHost"]
    {
        assert_eq!(host(good), 200, "{good}");
    }
    for bad in [
        "evil.example",
        "evil.example:8630",
        "10.1.2.3",
        "localhost.evil.example",
        "",
        "@localhost",
    ] {
        let status = host(bad);
        assert!(matches!(status, 403 | 400), "{bad}: {status}");
    }
    assert_eq!(asked("GET / HTTP/1.0\r\n\r\n"), 403);
    assert_eq!(
        asked(
            "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
        ),
        403
    );
    assert_eq!(
        asked("GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
        403
    );
}

#[test]
fn long_requests_are_refused() {
    let store = store(0);
    let served = Served::over(store.path());
    assert_eq!(served.get(&format!("/?filter={}", "a".repeat(9000))).status, 414);
    assert!(matches!(served.get(&format!("/?filter={}", "a".repeat(100_000))).status, 414 | 431));
    let header = format!("X: {}\r\n", "a".repeat(30_000));
    assert_eq!(served.get_with("/", &header).status, 431);
    assert_eq!(served.get_with("/", &"X: a\r\n".repeat(200)).status, 431);
    assert_eq!(served.get("/").status, 200);
}

#[test]
fn a_client_that_sends_slowly_is_cut_off_and_keeps_nobody_waiting() {
    let store = store(0);
    let served = Served::over(store.path());
    let begun = Instant::now();
    let mut slow: Vec<TcpStream> = Vec::new();
    for _ in 0..40 {
        let mut stream = TcpStream::connect(served.address()).expect("connected");
        stream.write_all(b"GET / HTTP/1.1\r\nHost: loc").expect("sent");
        slow.push(stream);
    }
    assert_eq!(served.get("/").status, 200);
    assert!(begun.elapsed() < Duration::from_secs(8));
    let mut first = slow.swap_remove(0);
    first.set_read_timeout(Some(Duration::from_secs(30))).expect("set");
    let mut read = Vec::new();
    // Ends by itself, whether with an answer or without.
    assert!(
        !matches!(first.read_to_end(&mut read), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
    );
    assert!(begun.elapsed() < Duration::from_secs(25));
}

#[test]
fn where_others_reach_the_page_everything_needs_the_token() {
    let store = store(1);
    let served =
        Served::with(|serve| serve.address = "0.0.0.0:0".parse().expect("any"), store.path());
    let (_, token) = served.bound.url.split_once("?token=").expect("a token in the address");
    assert!(token.len() >= 32);
    let paths = ["/", "/asset/page.css", "/api/runs", "/compare", "/nowhere"];
    let run = [format!("/run/{}", id(0)), format!("/run/{}/file/record.json", id(0))];
    for path in paths.iter().map(|path| (*path).to_owned()).chain(run) {
        assert_eq!(served.get(&path).status, 401, "{path}");
        let wrong = format!("{path}?token={}", "0".repeat(32));
        assert_eq!(served.get(&wrong).status, 401, "{wrong}");
        assert!(!served.get(&path).body.contains("accuracy"), "{path}");
    }
    let answer = served.get(&format!("/?filter=a%3D1&token={token}&page=2"));
    assert_eq!((answer.status, answer.header("location")), (303, "/?filter=a%3D1&page=2"));
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let (pair, _) = cookie.split_once(';').expect("attributes");
    assert_eq!(served.get_with("/", &format!("Cookie: a=b; {pair}\r\n")).status, 200);
    assert_eq!(
        served.get_with("/", &format!("Cookie: {}\r\n", pair.replace(token, ""))).status,
        401
    );
    assert_eq!(served.get_with("/", &format!("Cookie: {}x\r\n", pair)).status, 401);
    // The address without the token is one of this server.
    let elsewhere = served.get(&format!("//evil.example/?token={token}"));
    assert_eq!(elsewhere.header("location"), "/evil.example/");
}

#[test]
fn a_token_can_be_asked_for_on_this_machine_too() {
    let store = store(0);
    let token = "0123456789abcdef".parse().expect("a token");
    let served = Served::with(|serve| serve.token = Some(token), store.path());
    assert_eq!(served.get("/").status, 401);
    assert_eq!(served.get("/?token=0123456789abcdef").status, 303);
}
