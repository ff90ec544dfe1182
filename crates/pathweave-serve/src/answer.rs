//! Answers of each kind.

use axum::body::Body;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::files::Refused;
use crate::page::frame;

/// Of pictures that are opened by themselves: they have styles of their own, and nothing else.
const PICTURE: &str =
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";

/// Of a type, with this status.
pub(crate) fn typed(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response {
    (status, [(CONTENT_TYPE, HeaderValue::from_static(kind))], body.into()).into_response()
}

/// Text.
pub(crate) fn plain(status: StatusCode, text: &str) -> Response {
    typed(status, "text/plain; charset=utf-8", text.to_owned())
}

/// A page.
pub(crate) fn html(status: StatusCode, page: String) -> Response {
    typed(status, "text/html; charset=utf-8", page)
}

/// JSON with a line end.
pub(crate) fn json(status: StatusCode, value: &Value) -> Response {
    typed(status, "application/json", format!("{value}\n"))
}

/// What was asked for cannot be answered, as JSON.
pub(crate) fn json_error(status: StatusCode, message: &str) -> Response {
    json(status, &json!({"error": {"message": message}}))
}

/// A picture.
pub(crate) fn svg(picture: String) -> Response {
    let policy = [(CONTENT_SECURITY_POLICY, HeaderValue::from_static(PICTURE))];
    (policy, typed(StatusCode::OK, "image/svg+xml", picture)).into_response()
}

/// A page that says why a file is not shown.
pub(crate) fn refused(refused: &Refused) -> Response {
    html(status(refused), frame::notice("Not shown", &format!("{refused}.")))
}

/// The status that tells why a file is not shown.
pub(crate) fn status(refused: &Refused) -> StatusCode {
    match refused {
        Refused::NoRun => StatusCode::NOT_FOUND,
        Refused::Name(_) => StatusCode::NOT_FOUND,
        Refused::NotPlain(_) => StatusCode::FORBIDDEN,
        Refused::TooLarge { .. } | Refused::Broken { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        Refused::System { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
