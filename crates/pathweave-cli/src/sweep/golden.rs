//! Job files as they should be.

use std::path::Path;

use clap::Parser;

use super::Sweep;
use crate::cli::Cli;
use crate::options::RunOptions;

/// Compares with a file in tests/golden; `PATHWEAVE_BLESS=1` writes it anew.
pub fn check(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("PATHWEAVE_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(&path, found).expect("written");
    }
    let golden = std::fs::read_to_string(&path).expect("the golden file is there");
    assert_eq!(found, golden, "tests/golden/{name}");
}

/// A sweep of that name in a store, without its runs, and the options of a command line.
pub fn sweep(store: &str, flags: &[&str]) -> (Sweep, RunOptions) {
    let words = ["pathweave", "sweep", "mine", "--out", store];
    let options = Cli::parse_from(words.iter().chain(flags)).options;
    let folder = Path::new(store).join("sweeps/mine-0badc0de");
    let sweep = Sweep { name: "mine".into(), folder, entries: Vec::new(), is_written: true };
    (sweep, options)
}
