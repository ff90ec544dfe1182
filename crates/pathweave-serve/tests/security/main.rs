//! The page against clients and stores that mean harm. Every request goes through a socket.

mod client;
mod hostile;
mod pages;
mod requests;
mod store;
