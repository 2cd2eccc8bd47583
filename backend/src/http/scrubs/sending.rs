//! The answer to a list while it is sent: it is made as it is taken, and given up when nobody takes it.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::timeout;

use crate::http::around::LIST_TIMEOUT;
use crate::http::headers::KEPT_NOWHERE;

/// Nothing of the answer is taken for this long: it is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// The answer of those pieces. What they are made of is kept, and others wait for the permit, until all
/// was taken, nobody takes it any more, or an hour is over. An answer that was given up breaks off.
pub(super) fn answer(
    pieces: impl Iterator<Item = Bytes> + Send + 'static,
    permit: OwnedSemaphorePermit,
) -> Response {
    let (give, mut take) = mpsc::channel(1);
    tokio::spawn(async move {
        let given = timeout(LIST_TIMEOUT, give_all(pieces, &give)).await;
        if !matches!(given, Ok(Some(()))) {
            tracing::warn!("nobody took the answer to a list: it was given up");
        }
        drop(permit);
    });
    // The end must be said: an answer that was given up has none.
    let pieces = stream::poll_fn(move |context| {
        let broken = || Some(Err(io::Error::from(io::ErrorKind::TimedOut)));
        take.poll_recv(context)
            .map(|piece: Option<Option<Bytes>>| piece.map_or_else(broken, |piece| piece.map(Ok)))
    });
    let mut response = (KEPT_NOWHERE, Body::from_stream(pieces)).into_response();
    let kind = HeaderValue::from_static("application/x-ndjson");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// `None` when one was not taken in time.
async fn give_all(
    pieces: impl Iterator<Item = Bytes>,
    give: &mpsc::Sender<Option<Bytes>>,
) -> Option<()> {
    for piece in pieces.map(Some).chain([None]) {
        timeout(PATIENCE, give.send(piece)).await.ok()?.ok()?;
    }
    Some(())
}
