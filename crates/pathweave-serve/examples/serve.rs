//! Serves the page of a folder of runs until the program is killed, as `pathweave serve` does:
//!
//! ```sh
//! cargo run --release -p pathweave-serve --example serve -- runs 127.0.0.1:8630
//! ```

use std::env::args;
use std::error::Error;
use std::time::Duration;

use pathweave_serve::{Serve, serve};

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = args().skip(1);
    let store = words.next().unwrap_or("runs".into()).into();
    let address = words.next().unwrap_or("127.0.0.1:8630".into()).parse()?;
    let (token, hosts, refresh) = (None, Vec::new(), Duration::from_secs(1));
    let asked = Serve { store, address, token, hosts, refresh };
    serve(asked, |bound| println!("{}", bound.url), || false)?;
    Ok(())
}
