//! `serve`: the page over the folder of runs.

use std::process::{Command, Stdio};
use std::time::Duration;

use pathweave_serve::{Bound, Serve, ServeError};
use serde_json::json;

use crate::cli::ServeArgs;
use crate::error::CliError;
use crate::interrupt;
use crate::options::RunOptions;
use crate::output;

/// Rest between two looks at the folder.
const REFRESH: Duration = Duration::from_secs(1);
/// What opens an address in the user's browser.
const OPENER: &[&str] = if cfg!(target_os = "macos") {
    &["open"]
} else if cfg!(windows) {
    &["rundll32", "url.dll,FileProtocolHandler"]
} else {
    &["xdg-open"]
};

/// Serves the page until Ctrl-C.
///
/// # Errors
/// [`CliError::Usage`] where there is no such folder, or the address cannot be listened at.
pub fn run(args: &ServeArgs, options: &RunOptions) -> Result<(), CliError> {
    interrupt::be_graceful();
    let serve = Serve {
        store: options.out.clone(),
        address: args.address,
        token: args.token.clone(),
        hosts: args.hosts.clone(),
        refresh: REFRESH,
    };
    let mut told = Ok(());
    let on_bound = |bound: &Bound| {
        told = tell(bound, options);
        if args.open {
            open(&bound.url);
        }
    };
    let served = pathweave_serve::serve(serve, on_bound, interrupt::stopping);
    served.map_err(|error| match error {
        ServeError::Taken(_) | ServeError::Address { .. } | ServeError::Store(_) => {
            CliError::Usage(error.to_string())
        }
        error => CliError::Internal(error.to_string()),
    })?;
    told
}

fn tell(bound: &Bound, options: &RunOptions) -> Result<(), CliError> {
    if options.json {
        return output::json(&json!({"url": bound.url}));
    }
    output::text(&format!("{}\n", bound.url))?;
    if !options.quiet {
        eprintln!("the page of {}; Ctrl-C ends it", options.out.display());
    }
    Ok(())
}

/// Asks the system to open an address. Where it cannot, the user has the address all the same.
fn open(url: &str) {
    let (program, first) = OPENER.split_first().expect("a program");
    let mut command = Command::new(program);
    let command = command.args(first).arg(url).stdin(Stdio::null()).stdout(Stdio::null());
    if let Err(error) = command.stderr(Stdio::null()).spawn() {
        eprintln!("{program}: {error}");
    }
}
