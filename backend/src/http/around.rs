//! Around every route: answers come in time, a panic becomes an answer, and every answer carries the
//! security headers. It stands around the router as a whole: a layer on each route costs more. The
//! gate's questions go past the router, which would take longer than their answers.

use std::convert::Infallible;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::Method;
use axum::response::{IntoResponse as _, Response};
use futures_util::future::Either;
use tower::Service;

use super::problem::{Code, Problem};
use super::{App, AppState, decisions, headers};
use crate::clock::Stopwatch;
use crate::metrics::{Metrics, Route};

/// No request takes longer than this.
const TIMEOUT: Duration = Duration::from_secs(30);
/// A list takes as long as it takes to arrive; what does not arrive is noticed where it is read.
const LISTS: &str = "/v1/scrubs";
/// No list takes longer than this, and no answer to one.
pub(super) const LIST_TIMEOUT: Duration = Duration::from_secs(60 * 60);

/// An answer on its way.
pub(super) type Answering = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

/// Routes whose answers come in time, never panic, carry the headers and are counted.
#[derive(Clone)]
pub struct Surrounded {
    pub(super) router: Router,
    /// What the gate is asked of, where there is one.
    pub(super) gate: Option<App>,
    pub(super) metrics: Arc<Metrics>,
}

impl Service<Request> for Surrounded {
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request>::poll_ready(&mut self.router, context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        Self::answer(Arc::new(self.clone()), request)
    }
}

impl Surrounded {
    /// The answer to that request.
    pub(super) fn answer(self: Arc<Self>, request: Request) -> Answering {
        let patience = match request.uri().path() == LISTS {
            true => LIST_TIMEOUT,
            false => TIMEOUT,
        };
        let route = Route::of(request.uri().path());
        let watch = self.metrics.times(route).then(Stopwatch::start);
        let asked = route == Route::Decisions && request.method() == Method::POST;
        Box::pin(async move {
            let answer = catch_unwind(AssertUnwindSafe(|| match &self.gate {
                Some(app) if asked => Either::Left(decided(app, request)),
                _ => Either::Right(self.router.clone().call(request)),
            }));
            let mut response = match answer {
                Ok(answer) => in_time(patience, pin!(answer)).await,
                Err(_) => panicked(),
            };
            headers::everywhere(response.headers_mut());
            self.metrics.answered(
                route,
                response.status().as_u16(),
                watch.map(Stopwatch::seconds),
            );
            Ok(response)
        })
    }
}

async fn decided(app: &AppState, request: Request) -> Result<Response, Infallible> {
    Ok(decisions::answer(app, request).await.into_response())
}

/// Borrows the answer: moved from hand to hand it would be copied each time, and it is large.
async fn in_time(
    patience: Duration,
    mut answer: Pin<&mut impl Future<Output = Result<Response, Infallible>>>,
) -> Response {
    // Many answers are there at once: for them a timer would be set for nothing.
    let at_once = poll_fn(|context| Poll::Ready(caught(answer.as_mut(), context)));
    if let Poll::Ready(response) = at_once.await {
        return response;
    }
    let later = poll_fn(|context| caught(answer.as_mut(), context));
    tokio::time::timeout(patience, later)
        .await
        .unwrap_or_else(|_| {
            Problem::new(Code::TimedOut, "Try again in a moment.")
                .retry_after(5)
                .into_response()
        })
}

/// Goes on with the answer; a panic is one.
fn caught(
    answer: Pin<&mut impl Future<Output = Result<Response, Infallible>>>,
    context: &mut Context<'_>,
) -> Poll<Response> {
    catch_unwind(AssertUnwindSafe(|| answer.poll(context)))
        .unwrap_or_else(|_| Poll::Ready(Ok(panicked())))
        .map(|Ok(response)| response)
}

fn panicked() -> Response {
    tracing::error!("a request handler panicked");
    Problem::new(
        Code::Internal,
        "The operator was told. Try again in a moment.",
    )
    .into_response()
}
