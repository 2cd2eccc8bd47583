//! The lines of a scrub's answer, made while they are sent.

use axum::body::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use shared::certificate::SignedCertificate;
use shared::decision::{Decision, Obligation, Reason};
use utoipa::ToSchema;

use super::Verdicts;
use crate::scrub::{Outcome, Overlooked, Remark};

/// Bytes of a piece of the answer, about.
const PIECE: usize = 64 * 1024;

/// The answer for one row.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ScrubbedRow {
    /// The row; the first one below the header is 1.
    pub row: u64,
    /// Whether it may be mailed.
    pub proceed: bool,
    /// Why; the first reason decided.
    #[schema(value_type = Vec<String>, example = json!(["objected"]))]
    pub reasons: Vec<Reason>,
    /// What the message must do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub obligations: Vec<Obligation>,
    /// What else is to be said of the row: `repeated_address`, `uneven_row`, …
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "those_known"
    )]
    #[schema(value_type = Vec<String>)]
    pub remarks: Vec<Remark>,
    /// Of the first row alone, with `overlooked=true`: columns that say something of the contacts and
    /// were not read.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "those_known"
    )]
    pub overlooked: Vec<Overlooked>,
}

/// Those that this version knows: what a newer server has to say beside the answer changes none.
fn those_known<'de, D, T>(from: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let said: Vec<Value> = Deserialize::deserialize(from)?;
    let known = said.into_iter();
    Ok(known
        .filter_map(|one| serde_json::from_value(one).ok())
        .collect())
}

/// Makes the lines, a piece at a time.
pub(super) struct Answer {
    verdicts: Verdicts,
    /// The end of the line of each outcome, without its remarks.
    ends: Vec<String>,
    /// What the first line says of the list.
    first: String,
    last: Vec<u8>,
    row: usize,
    is_over: bool,
}

impl Answer {
    pub(super) fn new(
        verdicts: Verdicts,
        outcomes: &[Outcome],
        overlooked: &[Overlooked],
        signed: &SignedCertificate,
    ) -> Self {
        let mut last = serde_json::to_vec(signed).expect("a certificate is plain JSON");
        last.push(b'\n');
        Self {
            verdicts,
            ends: outcomes.iter().map(end).collect(),
            first: match overlooked {
                [] => String::new(),
                some => format!(",\"overlooked\":{}", text(some)),
            },
            last,
            row: 0,
            is_over: false,
        }
    }
}

fn text<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("names are plain JSON")
}

fn end(outcome: &Outcome) -> String {
    let list = |names: Vec<&str>| text(&names);
    let obligations = outcome.obligations();
    let more = match obligations.is_empty() {
        true => String::new(),
        false => format!(",\"obligations\":{}", list(obligations)),
    };
    let proceed = outcome.verdict.proceeds();
    format!(
        "\"proceed\":{proceed},\"reasons\":{}{more}",
        list(outcome.reasons())
    )
}

impl Iterator for Answer {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        use std::io::Write as _;
        let rows = &self.verdicts;
        if self.is_over {
            return None;
        }
        let mut piece = Vec::with_capacity(PIECE + 1024);
        while self.row < rows.outcomes.len() && piece.len() < PIECE {
            let end = &self.ends[usize::from(rows.outcomes[self.row])];
            let _ = write!(piece, "{{\"row\":{},{end}", self.row + 1);
            let bits = rows.remarks[self.row];
            if bits != 0 {
                let said = Remark::ALL
                    .iter()
                    .filter(|remark| bits & (1 << **remark as u8) != 0);
                let names: Vec<_> = said.map(|remark| remark.as_str()).collect();
                let _ = write!(piece, ",\"remarks\":{}", text(&names));
            }
            if self.row == 0 {
                piece.extend_from_slice(self.first.as_bytes());
            }
            piece.extend_from_slice(b"}\n");
            self.row += 1;
        }
        if self.row == rows.outcomes.len() {
            piece.append(&mut self.last);
            self.is_over = true;
        }
        Some(piece.into())
    }
}

impl ScrubbedRow {
    /// The outcome that the line tells of; `None` where it contradicts itself.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        let evidence = Vec::new();
        let decision = if self.proceed {
            let [Reason::Ground(ground)] = self.reasons.as_slice() else {
                return None;
            };
            Decision::Proceed {
                ground: *ground,
                obligations: self.obligations.clone(),
                evidence,
            }
        } else {
            let against = self.reasons.iter().map(|reason| match reason {
                Reason::Withheld(reason) => Some(*reason),
                Reason::Ground(_) => None,
            });
            let reasons: Vec<_> = against.collect::<Option<_>>()?;
            if reasons.is_empty() {
                return None;
            }
            Decision::Withhold { reasons, evidence }
        };
        Some(Outcome::new(decision))
    }
}
