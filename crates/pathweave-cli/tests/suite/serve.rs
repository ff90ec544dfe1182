//! The page, as a user starts and ends it.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use super::place::Place;

/// Starts to serve; gives the page's address as it was printed.
fn start(place: &Place, words: &[&str]) -> (Child, String) {
    fs::create_dir_all(place.path("runs")).expect("made");
    let mut command = place.command(&[&["serve"], words].concat());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("started");
    let mut printed = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut text = String::new();
    while !text.contains("http://") {
        assert!(printed.read_line(&mut text).expect("a line") > 0, "{text}");
    }
    let url = text.split(['"', '\n']).find(|word| word.starts_with("http://"));
    (child, url.expect("an address").to_owned())
}

fn get(url: &str) -> String {
    let place = url.strip_prefix("http://").expect("an address");
    let (host, path) = place.split_once('/').expect("a path");
    let mut stream = TcpStream::connect(host).expect("connected");
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    answer
}

#[test]
fn the_page_is_served_until_it_is_interrupted() {
    let place = Place::new();
    let (mut child, url) = start(&place, &["--address", "127.0.0.1:0", "--quiet"]);
    assert!(get(&url).starts_with("HTTP/1.1 200"), "{url}");
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let told = place.bad(&["serve", "--address", address], 2);
    assert!(told.contains("the port is taken"), "{told}");
    let asked = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(asked.expect("kill").success());
    assert_eq!(child.wait().expect("ended").code(), Some(0));
}

#[test]
fn a_token_is_part_of_the_address() {
    let place = Place::new();
    let token = "an-own-token-of-25-letters";
    let words = ["--address", "127.0.0.1:0", "--json", "--token", token];
    let (mut child, url) = start(&place, &words);
    let bare = url.strip_suffix(&format!("?token={token}")).expect("the token");
    assert!(get(bare).starts_with("HTTP/1.1 401"));
    assert!(get(&url).starts_with("HTTP/1.1 303"));
    child.kill().expect("killed");
    child.wait().expect("ended");
}

#[test]
fn what_cannot_be_served_is_told() {
    let place = Place::new();
    assert!(place.bad(&["serve"], 2).contains("no such folder of runs"));
    assert!(place.bad(&["serve", "--token", "short"], 2).contains("16 to 128 letters"));
    assert!(place.bad(&["serve", "--address", "8630"], 2).contains("HOST:PORT"));
}
