//! `POST /v1/scrubs`: a list through the gate, for programs.

use std::io::{self, Read};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use futures_util::StreamExt as _;
use serde::Deserialize;
use shared::certificate::{SignedCertificate, Validity};
use shared::decision::{Question, Stated};
use shared::facts::{Country, Subscriber};
use shared::purpose::{Channel, PurposeKey, TopicKey};
use tokio::sync::mpsc;
use utoipa::IntoParams;

use self::answer::Answer;
use super::App;
use super::access::{self, Scope, authorize};
use super::problem::{Code, Problem};
use crate::scrub::{Certifier, Digesting, Order, Progress, Remark, Scrub, ScrubError, Totals};
use crate::table::{Table, TableProblem};

mod answer;
mod sending;
mod since;

pub use answer::ScrubbedRow;
pub use since::TakenOff;

/// Lists at once; more are asked to come again.
pub(super) const ABREAST: usize = 2;
/// Bytes of a list at most.
const BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// Rows of a list at most: four bytes of memory each.
const ROWS: usize = 50_000_000;
/// Nothing of the list arrives for this long: it is given up.
const PATIENCE: Duration = Duration::from_secs(30);
/// Pieces of the list that wait to be read.
const WAITING: usize = 4;

/// What is asked about the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ScrubQuery {
    /// The purpose of the mailing.
    #[param(example = "info_about_us")]
    purpose: String,
    /// One topic; without it the question is about anything of the purpose.
    topic: Option<String>,
    /// `email` unless another is named: `phone`, `post`, `sms`.
    channel: Option<String>,
    /// The column or field with the addresses, by name or number; else it is found.
    column: Option<String>,
    /// The country of every contact, as two letters.
    country: Option<String>,
    /// The column with the countries, instead of `country`.
    country_column: Option<String>,
    /// `corporate` or `individual`, of every contact.
    subscriber: Option<String>,
    /// The column with the subscriber classes, instead of `subscriber`.
    subscriber_column: Option<String>,
    /// This mailing tells everybody of the right to object.
    #[serde(default)]
    first_contact: bool,
    /// Look for repeated addresses beyond the first 1.5 million rows.
    #[serde(default)]
    duplicates: bool,
    /// For how many hours the answer may be used: 1 to 48, 24 if not said.
    valid_hours: Option<u8>,
    /// Name in the first line columns that say something of the contacts and are not read.
    #[serde(default)]
    overlooked: bool,
    /// Only who must be taken off: the `as_of` of the certificate of the same list and question.
    since: Option<u64>,
    /// With `since`: the certificate's `at`.
    #[param(example = "2026-11-23T03:30:00.000Z")]
    since_at: Option<String>,
    /// With `since`: the certificate's `rules`.
    since_rules: Option<String>,
}

/// Puts a list through the gate: CSV as tools export it, or NDJSON. The list is read whole, on one state
/// of the ledger, and kept nowhere. Then the answer begins: a JSON line for each row, in order, and the
/// signed certificate as the last line. Without that last line there is no result: do not send. With
/// `since` there are lines only for rows that might be mailed by that certificate and may not be now, and
/// the last line counts them and says what was asked: hold that against the certificate.
#[utoipa::path(
    post, path = "/v1/scrubs", operation_id = "scrub", tag = "gate",
    params(ScrubQuery),
    request_body(content = String, content_type = "text/csv", description = "The list, up to 4 GiB and 50 million rows"),
    security(("key" = ["scrub:run"])),
    responses(
        (status = 200, description = "A line per row, then the certificate", content_type = "application/x-ndjson", body = ScrubbedRow),
        (status = 401, description = "No valid API key", body = Problem),
        (status = 403, description = "The key lacks the scope scrub:run", body = Problem),
        (status = 413, description = "The list is too long: split it", body = Problem),
        (status = 422, description = "The question or the list has errors", body = Problem),
        (status = 429, description = "Other lists are being scrubbed: try again", body = Problem),
        (status = 503, description = "Nothing was decided: do not send", body = Problem),
    )
)]
pub(super) async fn scrub(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let key = authorize(&app, &headers, Scope::ScrubRun).await?;
    let key = access::id(&key);
    let query: ScrubQuery =
        serde_urlencoded::from_str(&query.unwrap_or_default()).map_err(|_| {
            invalid(
                "query",
                "Send purpose and what else /docs names, each once.",
            )
        })?;
    let then = query.then()?;
    let names_overlooked = query.overlooked;
    let (order, validity) = query.parse()?;
    let busy = |_| {
        Problem::new(
            Code::RateLimited,
            "Other lists are being scrubbed. Nothing was decided.",
        )
        .retry_after(5)
    };
    let permit = app.scrubs.clone().try_acquire_owned().map_err(busy)?;
    if let Some(then) = then {
        return since::answer(&app, &key, order, then, body, permit).await;
    }
    let progress = Progress::default();
    let input = Digesting::new(Arriving::new(body), &progress);
    let mut table = blocking(move || Table::open(input).map_err(ScrubError::from)).await?;
    let at = app.world.now();
    let secrets = app.secrets.clone();
    let scrub = Scrub::prepare(&mut table, order, &*app.store, secrets, at).await?;
    let overlooked = match names_overlooked {
        true => scrub.columns().overlooked(table.columns()),
        false => Vec::new(),
    };
    let (scrub, totals, verdicts) = blocking(move || {
        let mut verdicts = Verdicts::default();
        let totals = scrub.run(&mut table, None, None, |part, _| verdicts.take(part))?;
        Ok((scrub, totals, verdicts))
    })
    .await?;
    let certifier = Certifier {
        shelf: &app.shelf,
        origin: Some(app.base.clone()),
        validity,
        secrets: &app.secrets,
        world: &*app.world,
    };
    let signed = certify(&certifier, &scrub, &totals, &progress).await?;
    let counts = &totals.counts;
    app.metrics.listed(counts);
    tracing::info!(
        key,
        rows = totals.rows,
        kept = counts.kept,
        withheld = counts.withheld,
        "a list was scrubbed"
    );
    let lines = Answer::new(verdicts, &scrub.outcomes().all(), &overlooked, &signed);
    Ok(sending::answer(lines, permit))
}

async fn certify(
    certifier: &Certifier<'_>,
    scrub: &Scrub,
    totals: &Totals,
    progress: &Progress,
) -> Result<SignedCertificate, Problem> {
    certifier
        .certify(scrub, totals, progress)
        .await
        .map_err(|error| {
            tracing::error!(error = %format!("{error:#}"), "a scrub could not be certified");
            Problem::new(Code::StoreUnavailable, "Nothing was decided. Do not send.").retry_after(5)
        })
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ScrubError> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    let done =
        done.map_err(|_| Problem::new(Code::Internal, "Nothing was decided. Do not send."))?;
    Ok(done?)
}

/// What was decided, in as little memory as it takes.
#[derive(Default)]
pub(super) struct Verdicts {
    /// The number of the outcome of each row.
    outcomes: Vec<u16>,
    /// The remarks about each row, as bits.
    remarks: Vec<u16>,
}

const _: () = assert!(Remark::ALL.len() <= 16, "each remark has a bit");

impl Verdicts {
    fn take(&mut self, part: &crate::scrub::Part) -> anyhow::Result<()> {
        let before = self.remarks.len();
        if before + part.outcomes.len() > ROWS {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge).into());
        }
        self.outcomes.extend_from_slice(&part.outcomes);
        self.remarks.resize(self.outcomes.len(), 0);
        for note in &part.notes {
            self.remarks[before + note.row] |= 1 << (note.remark as u8);
        }
        Ok(())
    }
}

fn invalid(field: &str, detail: &str) -> Problem {
    Problem::new(
        Code::InvalidRequest,
        "Nothing was decided. Mend the field below.",
    )
    .field(field, detail)
}

impl ScrubQuery {
    fn parse(self) -> Result<(Order, Validity), Problem> {
        for (one, other) in [
            (self.country.is_some(), self.country_column.is_some()),
            (self.subscriber.is_some(), self.subscriber_column.is_some()),
        ] {
            if one && other {
                return Err(invalid(
                    "query",
                    "State it for the whole list or name a column, not both.",
                ));
            }
        }
        let purpose = PurposeKey::parse(&self.purpose)
            .map_err(|_| invalid("purpose", "Name a purpose, such as info_about_us."))?;
        let topic = self.topic.as_deref().map(TopicKey::parse).transpose();
        let channel = self.channel.as_deref().unwrap_or("email");
        let country = self.country.as_deref().map(Country::parse).transpose();
        let subscriber = match self.subscriber.as_deref() {
            None => None,
            Some(text) => Some(
                Subscriber::parse(text)
                    .ok_or_else(|| invalid("subscriber", "Use corporate or individual."))?,
            ),
        };
        let validity = self
            .valid_hours
            .map_or(Ok(Validity::DEFAULT), Validity::hours);
        let question = Question {
            purpose: Some(purpose),
            topic: topic.map_err(|_| invalid("topic", "This cannot be the name of a topic."))?,
            channel: Channel::parse(channel)
                .ok_or_else(|| invalid("channel", "Use email, phone, post or sms."))?,
            stated: Stated {
                country: country.map_err(|error| invalid("country", &error.to_string()))?,
                subscriber,
            },
            first_contact: self.first_contact,
        };
        let order = Order {
            question,
            address: self.column,
            country: self.country_column,
            subscriber: self.subscriber_column,
            all_repeats: self.duplicates,
        };
        Ok((
            order,
            validity.map_err(|error| invalid("valid_hours", &error.to_string()))?,
        ))
    }
}

/// A list that arrives while it is read. It passes through memory alone.
struct Arriving {
    pieces: mpsc::Receiver<Piece>,
    piece: Bytes,
    left: u64,
    ended: bool,
}

/// The next bytes; `None` at the end, which must be said: a connection that breaks is none.
type Piece = io::Result<Option<Bytes>>;

impl Arriving {
    fn new(body: Body) -> Self {
        let (give, pieces) = mpsc::channel(WAITING);
        tokio::spawn(forward(body.into_data_stream(), give));
        Self {
            pieces,
            piece: Bytes::new(),
            left: BYTES,
            ended: false,
        }
    }
}

async fn forward(mut body: BodyDataStream, give: mpsc::Sender<Piece>) {
    loop {
        let piece = match tokio::time::timeout(PATIENCE, body.next()).await {
            Err(_) => Err(io::Error::from(io::ErrorKind::TimedOut)),
            Ok(None) => Ok(None),
            Ok(Some(piece)) => piece.map(Some).map_err(io::Error::other),
        };
        let goes_on = matches!(piece, Ok(Some(_)));
        if give.send(piece).await.is_err() || !goes_on {
            return;
        }
    }
}

impl Read for Arriving {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() && !self.ended {
            let broken = || Err(io::Error::from(io::ErrorKind::UnexpectedEof));
            match self.pieces.blocking_recv().unwrap_or_else(broken)? {
                Some(piece) => self.piece = piece,
                None => self.ended = true,
            }
        }
        let length = into.len().min(self.piece.len());
        into[..length].copy_from_slice(&self.piece.split_to(length));
        self.left = self
            .left
            .checked_sub(length as u64)
            .ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(length)
    }
}

impl From<ScrubError> for Problem {
    fn from(error: ScrubError) -> Self {
        let too_large = |error: &io::Error| error.kind() == io::ErrorKind::FileTooLarge;
        let split = || Self::new(Code::TooLarge, "Nothing was decided. Split the list.");
        match error {
            ScrubError::Store(error) => error.into(),
            ScrubError::Table(TableProblem::Unreadable(error)) if too_large(&error) => split(),
            ScrubError::Table(TableProblem::Unreadable(_)) => Self::new(
                Code::UnreadableList,
                "The list did not arrive whole. Nothing was decided. Send it again.",
            ),
            ScrubError::Table(problem) => Self::new(
                Code::UnreadableList,
                format!("Nothing was decided: {problem}."),
            ),
            ScrubError::Unknown(unknown) => invalid(unknown.field(), &unknown.to_string()),
            ScrubError::NoNotice => Self::new(
                Code::StoreUnavailable,
                "Nothing was decided: no notice is published yet.",
            )
            .retry_after(30),
            ScrubError::Out(error) if error.downcast_ref().is_some_and(too_large) => split(),
            ScrubError::Out(_) => Self::new(Code::Internal, "Nothing was decided. Do not send."),
        }
    }
}
