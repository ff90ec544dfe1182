//! A local web page over a store of runs: a table with filter and groups, live curves, routing,
//! comparison.
//!
//! [`serve`] answers until it is told to stop. Pages are made on the server, need nothing from
//! elsewhere, and work without script; a small script adds what moves by itself and keys.
//!
//! # What is refused
//!
//! Nothing here writes: any method but `GET` and `HEAD` is refused, and so is a body. A request
//! must name this machine as its host, or a name that was allowed, so that a page elsewhere cannot
//! reach this one by a name of its own. Where the address is not the machine's own, everything
//! needs a token. Ids and names of files are checked by form, links are never followed, large files
//! are not read into memory, and every text of a file is escaped; a strict content security policy
//! stands behind that. A store is read as if a stranger had written it.

mod answer;
mod api;
mod asset;
mod download;
mod figures;
mod files;
mod guard;
mod live;
mod page;
mod server;
mod site;
mod token;

pub use server::{Bound, Serve, ServeError, serve};
pub use token::{Token, TokenError};
