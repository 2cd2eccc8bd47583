//! Who must be taken off a list since its certificate, for programs.

use axum::body::{Body, Bytes};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use shared::certificate::Asked;
use shared::decision::{Decision, Reason};
use shared::digest::Digest;
use shared::time::Timestamp;
use tokio::sync::OwnedSemaphorePermit;
use utoipa::ToSchema;

use super::{Arriving, ROWS, ScrubQuery, ScrubbedRow, blocking, invalid, sending};
use crate::delta::{Delta, Stood};
use crate::gate::Check;
use crate::http::App;
use crate::http::problem::{Code, Problem};
use crate::replay::{Replay, ReplayError, Then};
use crate::scrub::{Digesting, ListColumns, Order, Progress, ScrubError};
use crate::table::{Block, Table};

/// Rows that are written together.
const PIECE: usize = 1000;

/// The last line of an answer about what changed since a certificate. Without it there is no result, nor
/// where `asked` is not the certificate's, or its `counts.kept` is more than `kept` and `erased`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TakenOff {
    /// How many rows must be taken off: those of the lines before.
    pub taken_off: u64,
    /// How many rows the list has.
    pub rows: u64,
    /// How many of them might be mailed then.
    pub kept: u64,
    /// Of how many that is not known any more: they were erased since.
    pub erased: u64,
    /// What was asked, with the columns that were read, as a certificate states it.
    #[schema(value_type = Object)]
    pub asked: Asked,
    /// The moment that it was decided for.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// Everything up to this entry is included.
    pub as_of: u64,
    /// The SHA-256 of the list.
    #[schema(value_type = String)]
    pub sha256: Digest,
}

/// Rows to take off, in little memory: few of their answers differ.
#[derive(Default)]
struct Off {
    rows: Vec<(u32, u16)>,
    answers: Vec<Vec<Reason>>,
}

impl Off {
    fn take(&mut self, row: u64, decision: Decision) -> Result<(), Problem> {
        let Decision::Withhold { reasons, .. } = decision else {
            return Ok(());
        };
        let reasons: Vec<Reason> = reasons.into_iter().map(Reason::Withheld).collect();
        let place = self.answers.iter().position(|one| *one == reasons);
        let place = place.unwrap_or_else(|| {
            self.answers.push(reasons);
            self.answers.len() - 1
        });
        match (u32::try_from(row), u16::try_from(place)) {
            (Ok(row), Ok(place)) if self.rows.len() < ROWS => {
                self.rows.push((row, place));
                Ok(())
            }
            _ => Err(Problem::new(
                Code::TooLarge,
                "Nothing was decided. Split the list.",
            )),
        }
    }
}

impl ScrubQuery {
    /// The state since which changes are asked for.
    pub(super) fn then(&self) -> Result<Option<Then>, Problem> {
        let Some(as_of) = self.since else {
            return match (&self.since_at, &self.since_rules) {
                (None, None) => Ok(None),
                _ => Err(invalid("since", "Send the certificate's as_of with it.")),
            };
        };
        let at = self.since_at.as_deref().map(Timestamp::parse);
        let rules = self.since_rules.as_deref().map(Digest::parse);
        let at = at
            .and_then(Result::ok)
            .ok_or_else(|| invalid("since_at", "Send the certificate's at."))?;
        let rules = rules.and_then(Result::ok).ok_or_else(|| {
            let detail = "Send the certificate's rules. One without them kept nobody.";
            invalid("since_rules", detail)
        })?;
        Ok(Some(Then {
            as_of,
            at,
            rules: Some(rules),
        }))
    }
}

/// Answers with the rows that might be mailed then and may not be now. `key` is the id of the key that asked.
pub(super) async fn answer(
    app: &App,
    key: &str,
    order: Order,
    then: Then,
    body: Body,
    permit: OwnedSemaphorePermit,
) -> Result<Response, Problem> {
    let progress = Progress::default();
    let input = Digesting::new(Arriving::new(body), &progress);
    let mut table = blocking(move || Table::open(input).map_err(ScrubError::from)).await?;
    let columns = order.columns(&table).map_err(ScrubError::from)?;
    let asked = order.asked(&table, &columns);
    let asked = asked.ok_or_else(|| invalid("purpose", "Name the certificate's purpose."))?;
    let replay = Replay::on(then, app.store.clone(), app.secrets.clone()).await?;
    if let Some(unknown) = replay.unknown(&order.question) {
        let detail = "By these rules nobody was kept for it: send what the certificate asked.";
        return Err(invalid(unknown.as_str(), detail));
    }
    let delta = Delta::new(app.gate.clone(), replay, app.world.now());
    // What came until now is in all answers, what comes later may be missing in some.
    let as_of = app.store.look_up(&[]).await?.as_of;
    let mut off = Off::default();
    let mut block = Block::default();
    let mut stood = Stood::default();
    let mut rows = 0;
    loop {
        let fill = move || {
            let more = table.fill(&mut block)?;
            Ok((table, block, more))
        };
        let more;
        (table, block, more) = blocking(fill).await?;
        if !more {
            break;
        }
        let checks = checks(&table, &block, &columns, &order);
        let decisions = delta.of_all(&checks, &mut stood).await?;
        for (row, decision) in (rows + 1..).zip(decisions) {
            decision.map_or(Ok(()), |decision| off.take(row, decision))?;
        }
        rows += checks.len() as u64;
    }
    let last = TakenOff {
        taken_off: off.rows.len() as u64,
        rows,
        kept: stood.kept,
        erased: stood.erased,
        asked,
        at: delta.at(),
        as_of,
        sha256: progress.digest(),
    };
    tracing::info!(
        key,
        rows,
        kept = last.kept,
        taken_off = last.taken_off,
        "who must be taken off a list was asked"
    );
    Ok(sending::answer(lines(off, &last), permit))
}

fn checks(table: &Table, block: &Block, columns: &ListColumns, order: &Order) -> Vec<Check> {
    let mut rows = block.rows(table.format(), 0);
    let mut checks = Vec::new();
    while let Some(row) = rows.next() {
        checks.push(columns.check(&row, &order.question));
    }
    checks
}

fn lines(off: Off, last: &TakenOff) -> impl Iterator<Item = Bytes> + Send + 'static {
    let last = line(last);
    let Off { rows, answers } = off;
    let pieces = rows.len().div_ceil(PIECE);
    (0..=pieces).map(move |piece| {
        if piece == pieces {
            return Bytes::from(last.clone());
        }
        let mut text = Vec::new();
        for (row, place) in rows.iter().skip(piece * PIECE).take(PIECE) {
            text.extend(line(&ScrubbedRow {
                row: u64::from(*row),
                proceed: false,
                reasons: answers[usize::from(*place)].clone(),
                obligations: Vec::new(),
                remarks: Vec::new(),
                overlooked: Vec::new(),
            }));
        }
        Bytes::from(text)
    })
}

fn line<T: Serialize>(value: &T) -> Vec<u8> {
    let mut line = serde_json::to_vec(value).expect("a line is plain JSON");
    line.push(b'\n');
    line
}

impl From<ReplayError> for Problem {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Store(error) => error.into(),
            ReplayError::OtherRules(_) => invalid(
                "since_rules",
                "This deployment has no such rule set. Send the certificate's rules.",
            ),
            ReplayError::NoEntry(_) => invalid(
                "since",
                "The ledger has no such entry: a backup was restored, or the certificate is another \
                 deployment's. Scrub the list anew.",
            ),
        }
    }
}
