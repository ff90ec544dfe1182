//! The pages, as HTML made on the server.

pub(crate) mod compare;
pub(crate) mod frame;
pub(crate) mod html;
