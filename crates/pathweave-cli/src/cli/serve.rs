//! Arguments of the command that serves the page.

use std::net::{SocketAddr, ToSocketAddrs};

use clap::Args;
use pathweave_serve::Token;

/// What to serve, and to whom.
#[derive(Args, Clone, Debug)]
#[command(long_about = "\
Serves a page over the folder of runs (--out) to a browser on this machine: a table with filter and \
groups, live curves of the runs that work, figures and files of each run, and a comparison. It \
reads only, also while sweeps write, and needs no network.

From another machine, a tunnel is the safest way:
  ssh -L 8630:localhost:8630 MACHINE
and then http://localhost:8630/ in the browser at home. With --address 0.0.0.0:8630 every machine \
that reaches this one may ask: then a token is needed, which is part of the address that is printed. \
What is sent is not encrypted.

Users of the same machine reach an address on it too. Where that matters, give a token.")]
#[command(after_help = "\
Examples:
  pathweave serve
  pathweave serve --out ~/runs --open
  pathweave serve --address 0.0.0.0:8630 --host node7.cluster")]
pub struct ServeArgs {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8630", value_parser = address)]
    pub address: SocketAddr,
    /// What a client must know, 16 to 128 letters, digits, - and _; made up where it is needed
    #[arg(long, value_name = "TOKEN", env = "PATHWEAVE_TOKEN", hide_env_values = true)]
    pub token: Option<Token>,
    /// A name besides localhost by which clients may ask; may be given several times
    #[arg(long = "host", value_name = "NAME")]
    pub hosts: Vec<String>,
    /// Opens the page in the browser
    #[arg(long)]
    pub open: bool,
}

/// An address, or the first of a name.
fn address(text: &str) -> Result<SocketAddr, String> {
    let found = text.to_socket_addrs();
    let mut found = found.map_err(|error| format!("{error}; allowed: HOST:PORT"))?;
    found.next().ok_or_else(|| "no machine has this name".to_owned())
}
