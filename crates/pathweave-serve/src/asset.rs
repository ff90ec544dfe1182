//! The files of the page itself, which are part of the program.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;

use crate::answer;

const ASSETS: [(&str, &str, &str); 4] = [
    ("report.css", "text/css; charset=utf-8", pathweave_eval::report::STYLE),
    ("page.css", "text/css; charset=utf-8", include_str!("asset/page.css")),
    ("page.js", "text/javascript; charset=utf-8", include_str!("asset/page.js")),
    ("icon.svg", "image/svg+xml", include_str!("asset/icon.svg")),
];

/// `/asset/NAME`.
pub(crate) async fn asset(Path(name): Path<String>) -> Response {
    match ASSETS.iter().find(|(known, ..)| *known == name) {
        Some((_, kind, text)) => answer::typed(StatusCode::OK, kind, *text),
        None => answer::plain(StatusCode::NOT_FOUND, "there is no such file\n"),
    }
}
