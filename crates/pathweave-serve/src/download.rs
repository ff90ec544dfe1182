//! `/run/ID/file/NAME`: a file of a run as it is, in pieces, never as something a browser runs.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use pathweave_store as store;
use tokio::fs::File;
use tokio::io::{AsyncRead, ReadBuf};
use tokio_stream::Stream;

use crate::answer;
use crate::files::RunFiles;
use crate::page::blocking;
use crate::site::Site;

/// Bytes sent at once.
const PIECE: usize = 64 * 1024;
/// Shown, not downloaded, up to this size.
const SHOWN: u64 = 2 * 1024 * 1024;
const POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox");

/// What may be asked for, and whether it is text.
pub(crate) const FILES: [(&str, bool); 15] = [
    (store::SPEC, true),
    (store::RECORD, true),
    (store::TIMING, true),
    (store::CURVES, true),
    (store::LIVE, true),
    (store::ACTIVATION, true),
    (store::ROUTING_JSONL, true),
    (store::ROUTING_PARQUET, false),
    (store::DECISIONS, true),
    (store::EVENTS, false),
    (store::MODEL, false),
    (store::BEST, false),
    (store::LOG, true),
    (store::PROGRESS, true),
    (store::FAILED, true),
];

/// Sends a file.
pub(crate) async fn file(
    State(site): State<Arc<Site>>,
    Path((id, name)): Path<(String, String)>,
) -> Response {
    let Some(&(name, text)) = FILES.iter().find(|(known, _)| *known == name) else {
        return answer::plain(StatusCode::NOT_FOUND, "a run has no such file\n");
    };
    let of = id.clone();
    let open = blocking(move || RunFiles::open(site.store(), &of)?.file(name)).await;
    let (file, size) = match open {
        Ok(Ok(Some(open))) => open,
        Ok(Ok(None)) => return answer::plain(StatusCode::NOT_FOUND, "the run has no such file\n"),
        Ok(Err(refused)) => {
            return answer::plain(answer::status(&refused), &format!("{refused}\n"));
        }
        Err(failed) => return failed,
    };
    let shown = text && size <= SHOWN;
    let kind = if text { "text/plain; charset=utf-8" } else { "application/octet-stream" };
    // Both come from this program: the id's form was checked, the name is in the list.
    let place =
        format!("{}; filename=\"{id}-{name}\"", if shown { "inline" } else { "attachment" });
    let headers = [(CONTENT_DISPOSITION, place), (CONTENT_LENGTH, size.to_string())];
    let body = Body::from_stream(Pieces { file: File::from_std(file), left: size });
    (headers, [(CONTENT_SECURITY_POLICY, POLICY)], answer::typed(StatusCode::OK, kind, body))
        .into_response()
}

/// A file in pieces, up to the size that was promised.
struct Pieces {
    file: File,
    left: u64,
}

impl Stream for Pieces {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let mut piece = vec![0; PIECE.min(usize::try_from(self.left).unwrap_or(PIECE))];
        let mut into = ReadBuf::new(&mut piece);
        if let Err(error) = ready!(Pin::new(&mut self.file).poll_read(cx, &mut into)) {
            self.left = 0;
            return Poll::Ready(Some(Err(error)));
        }
        let read = into.filled().len();
        if read == 0 {
            self.left = 0;
            // The file became shorter: the promise is broken, and the client must see that.
            return Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())));
        }
        piece.truncate(read);
        self.left -= read as u64;
        Poll::Ready(Some(Ok(piece.into())))
    }
}
