//! The page in a real Chromium, driven by the real chromedriver. Where there is none, the tests say so
//! and pass.

mod browser;
mod pages;
mod pictures;
mod store;
