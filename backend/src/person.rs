//! Everything that is kept about one person (LAW-29): for their own pages, as JSON and as CSV.
//!
//! The person is named by the random subject (REC-06), notices by version and SHA-256 (REC-07), and
//! an objection is the exercise of a right, never a consent (REC-08).

use std::collections::HashSet;

use frontend::history::{about, in_words};
use frontend::surroundings::Surroundings;
use shared::entry::{Act, Entry};
use shared::notice::Notice;
use shared::scope::Scope;
use shared::standing::What;
use shared::time::Timestamp;

use crate::cases::{Desk, shown};
use crate::retention;
use crate::shelf::Shelf;
use crate::store::cases::{CaseKind, KeptCase};
use crate::store::{Keys, Known, NoticeKind, PublishedNotice, Read, Seq, StoreError};

mod document;
pub mod table;

pub use document::{Case, ControlText, Holding, NoticeName, NoticeText, Person, Record};

/// The form of the export.
pub const FORMAT: &str = "sayso-person-1";

impl Person {
    /// Puts together what is kept of that address at `now`.
    pub async fn of(
        store: &dyn Read,
        shelf: &Shelf,
        desk: &Desk,
        keys: &Keys,
        now: Timestamp,
        around: &Surroundings,
    ) -> Result<Self, StoreError> {
        let found = store.look_up(std::slice::from_ref(keys)).await?;
        let notices: Vec<&Notice> = shelf
            .all_in_force()
            .filter_map(|shelved| shelved.structured())
            .collect();
        let mut person = Self {
            format: FORMAT,
            made_at: now,
            pii_principal_id: None,
            suppressed: false,
            erased: false,
            kept_until: None,
            holds: Vec::new(),
            records: Vec::new(),
            cases: Vec::new(),
            notices: Vec::new(),
            controls: Vec::new(),
            recipients: recipients(&notices),
            retention: notices
                .iter()
                .flat_map(|notice| notice.retention.clone())
                .collect(),
        };
        let as_of = found.as_of;
        let Some(known) = found.known.into_iter().next().flatten() else {
            return Ok(person);
        };
        let entries = entries(store, &known, as_of).await?;
        let published = store.notices().await?;
        person.pii_principal_id = Some(known.subject);
        person.erased = known.standing.erased.is_some();
        person.suppressed = retention::restricts(&known.standing, now);
        let mut cases = Vec::new();
        for subject in known.subjects() {
            cases.extend(store.cases_of(subject).await?);
        }
        cases.sort_by_key(|case| case.received_at);
        let last = entries.last().map(|entry| entry.recorded_at);
        let is_open = cases.iter().any(|case| case.decided.is_none());
        person.kept_until = last
            .filter(|_| !is_open)
            .and_then(|last| retention::kept_until(&known.standing, last, now));
        person.holds = known
            .standing
            .held(now)
            .into_iter()
            .map(|held| Holding {
                what: name(held.what),
                in_words: about(&held.scope, &notices, around),
                since: entries
                    .iter()
                    .find(|entry| entry.id == held.entry)
                    .map(|entry| entry.recorded_at),
                scope: held.scope,
                until: held.until,
                record: held.entry,
            })
            .collect();
        person.cases = cases
            .iter()
            .map(|case| told(case, desk, &notices, around))
            .collect();
        for entry in &entries {
            person.add_texts(store, entry, &published).await?;
        }
        let named = &person.notices;
        person.records = entries
            .into_iter()
            .map(|entry| record(entry, named, &notices, around))
            .collect();
        Ok(person)
    }

    /// Adds the notice and the control's words that the entry names, once each.
    async fn add_texts(
        &mut self,
        store: &dyn Read,
        entry: &Entry,
        published: &[PublishedNotice],
    ) -> Result<(), StoreError> {
        if let Some(sha256) = entry.evidence.notice
            && !self.notices.iter().any(|text| text.name.sha256 == sha256)
            && let Some(found) = published.iter().find(|one| one.digest == sha256)
        {
            self.notices.push(NoticeText {
                name: NoticeName {
                    notice: found.notice.clone(),
                    version: found.version,
                    sha256,
                },
                published_at: found.published_at,
                media_type: match found.kind {
                    NoticeKind::Verbatim => "text/plain",
                    NoticeKind::Structured => "application/json",
                },
                text: String::from_utf8_lossy(&found.canonical).into_owned(),
            });
        }
        if let Some(sha256) = entry.evidence.control_text
            && !self.controls.iter().any(|text| text.sha256 == sha256)
            && let Some(text) = store.text(sha256).await?
        {
            let text = String::from_utf8_lossy(&text).into_owned();
            self.controls.push(ControlText { sha256, text });
        }
        Ok(())
    }
}

/// What was recorded of the address up to that entry, in the order of the ledger. What was recorded of all
/// its subjects is named once.
async fn entries(store: &dyn Read, known: &Known, as_of: Seq) -> Result<Vec<Entry>, StoreError> {
    let histories = store.histories(&known.subjects()).await?;
    let by_then = histories.into_iter().flatten();
    let mut all: Vec<_> = by_then.filter(|(seq, _)| *seq <= as_of).collect();
    all.sort_by_key(|(seq, _)| *seq);
    let mut named = HashSet::new();
    let entries = all.into_iter().map(|(_, entry)| entry);
    Ok(entries.filter(|entry| named.insert(entry.id)).collect())
}

fn record(
    entry: Entry,
    named: &[NoticeText],
    notices: &[&Notice],
    around: &Surroundings,
) -> Record {
    let (kind, status) = type_and_status(&entry);
    let notice = entry.evidence.notice.and_then(|digest| {
        let found = named.iter().find(|text| text.name.sha256 == digest)?;
        Some(found.name.clone())
    });
    Record {
        kind,
        status,
        in_words: in_words(&entry, notices, around),
        notice,
        entry,
    }
}

/// The record type and DPV status of an entry.
fn type_and_status(entry: &Entry) -> (&'static str, Option<&'static str>) {
    const CONSENT: &str = "ConsentRecord";
    const RIGHT: &str = "RightExerciseRecord";
    match entry.act {
        Act::Objected | Act::Paused => (RIGHT, Some("LegitimateInterestObjected")),
        Act::ObjectionLifted | Act::Retracted | Act::CaseExtended => (RIGHT, None),
        Act::ConsentRequested => (CONSENT, Some("ConsentRequested")),
        Act::ConsentGiven => (CONSENT, Some("ConsentGiven")),
        Act::ConsentRefused => (CONSENT, Some("ConsentRefused")),
        Act::ConsentWithdrawn => (CONSENT, Some("ConsentWithdrawn")),
        Act::CaseOpened => (RIGHT, Some("RequestInitiated")),
        Act::CaseAcknowledged => (RIGHT, Some("RequestAcknowledged")),
        Act::CaseDecided => {
            let reference = entry.evidence.reference.as_deref().unwrap_or_default();
            let status = match reference.ends_with("accepted") {
                true => "RequestAccepted",
                false => "RequestRejected",
            };
            (RIGHT, Some(status))
        }
        Act::Erased => (RIGHT, Some("RequestFulfilled")),
        Act::NoticeProvided | Act::FactRecorded | Act::Bounced | Act::SpamReported => {
            ("Record", None)
        }
    }
}

fn told(case: &KeptCase, desk: &Desk, notices: &[&Notice], around: &Surroundings) -> Case {
    let open = case.decided.is_none();
    Case {
        record: "RightExerciseRecord",
        status: match (case.decided, case.acknowledged_at) {
            (Some((_, true)), _) => "RequestAccepted",
            (Some((_, false)), _) => "RequestRejected",
            (None, Some(_)) => "RequestAcknowledged",
            (None, None) => "RequestInitiated",
        },
        reference: shown(case),
        kind: case.kind,
        what: match &case.purpose {
            Some(purpose) => {
                let scope = Scope {
                    purpose: Some(purpose.clone()),
                    ..Scope::ALL
                };
                about(&scope, notices, around)
            }
            None => around.words().case.complain_title.clone(),
        },
        restricted: open && case.kind == CaseKind::Objection,
        received_at: case.received_at,
        by: case.due.or(case.acknowledge_by),
        decided_at: case.decided.map(|(at, _)| at),
        accepted: case.decided.map(|(_, accepted)| accepted),
        text: desk
            .contact(case)
            .ok()
            .flatten()
            .map(|contact| contact.text),
        grounds: desk.grounds(case),
    }
}

fn recipients(notices: &[&Notice]) -> Vec<String> {
    let mut all: Vec<String> = notices
        .iter()
        .filter_map(|notice| notice.slots.recipients.filled())
        .flatten()
        .map(|one| format!("{} ({})", one.name, one.why))
        .collect();
    all.dedup();
    all
}

const fn name(what: What) -> &'static str {
    match what {
        What::Objection => "objection",
        What::Pause => "pause",
        What::Consent => "consent",
        What::ConsentOver => "consent_expired",
        What::Refusal => "consent_refused",
        What::Withdrawal => "consent_withdrawn",
    }
}
