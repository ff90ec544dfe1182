//! The index against the files that it stands for.

mod hostile;
mod index;
#[cfg(unix)]
mod random;
mod store;
