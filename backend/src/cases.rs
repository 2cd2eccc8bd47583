//! Cases: objections that a person weighs (Art. 21(1)) and complaints, from receipt to decision.
//!
//! Who asked and what they wrote is sealed while the case is open, and deleted when it is decided.

use std::sync::Arc;

use frontend::catalogue::Language;
use serde::{Deserialize, Serialize};
use shared::address::Address;
use shared::entry::Evidence;
use shared::purpose::PurposeKey;
use shared::time::{Timestamp, start_of};

use crate::clock::World;
use crate::mail::{Kind, Post};
use crate::recording::{Recorder, read_reference, spell};
use crate::sealing::Sealed;
use crate::secrets::Secrets;
use crate::store::StoreError;
use crate::store::cases::{CaseKind, CaseStep, KeptCase, NewCase};
use crate::store::outbox::NewLetter;

/// What a person may write at most, in characters.
pub const LONGEST: usize = 4_000;
/// A complaint is acknowledged within 30 days (s.164A(3) of the Data Protection Act 2018).
const ACKNOWLEDGED_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// An objection is answered within a month of receipt, extended within three (Art. 12(3)).
const ANSWERED_MONTHS: u32 = 1;
const EXTENDED_MONTHS: u32 = 3;
/// References are random; more tries mean that something else is wrong.
const TRIES: usize = 4;

/// What a person asks for.
#[derive(Clone)]
pub struct Asked {
    /// An objection or a complaint.
    pub kind: CaseKind,
    /// Who asks, and gets the answer.
    pub address: Address,
    /// In which language.
    pub language: Language,
    /// Beside which notice.
    pub notice: String,
    /// What is objected to.
    pub purpose: Option<PurposeKey>,
    /// Their own words.
    pub text: String,
    /// Who, how, where.
    pub evidence: Evidence,
}

/// What the person is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// To quote.
    pub reference: String,
    /// Until when it is answered; for a complaint, acknowledged.
    pub by: Timestamp,
}

/// Who asked and what they wrote, as sealed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inside {
    address: String,
    language: String,
    text: String,
}

/// Who asked and what they wrote, for those who answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Where the answer goes.
    pub address: Address,
    /// In which language.
    pub language: Language,
    /// Their own words.
    pub text: String,
}

/// Why time is extended: the law knows these two reasons (Art. 12(3)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Reason {
    /// The request is complex.
    Complexity,
    /// There are many requests.
    Number,
}

/// Why a step was not taken.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// There is no such case.
    #[error("there is no case {0}: `sayso case list` shows all")]
    Unknown(String),
    /// Its last step was taken.
    #[error("the case is decided")]
    Decided,
    /// It was taken before.
    #[error("this was done before: `sayso case show` says when")]
    Again,
    /// A complaint has no time limit to extend.
    #[error("a complaint has no time limit that could be extended: answer without undue delay")]
    NoLimit,
    /// The first month is over.
    #[error("the first month is over: the law lets nobody extend it any more; decide now")]
    TooLate,
    /// A rejection without grounds.
    #[error(
        "a rejection needs --grounds: compelling legitimate grounds that override the person's"
    )]
    NoGrounds,
    /// What is sealed cannot be opened.
    #[error("the case cannot be opened: restore the seal key of its time to secrets.toml")]
    Sealed,
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Opens cases, and works them.
#[derive(Clone)]
pub struct Desk {
    recorder: Recorder,
    secrets: Arc<Secrets>,
    post: Post,
    world: Arc<dyn World>,
}

impl Desk {
    /// A desk that records there and seals with these secrets.
    #[must_use]
    pub fn new(recorder: Recorder, secrets: Arc<Secrets>, world: Arc<dyn World>) -> Self {
        Self {
            recorder,
            post: Post::new(secrets.clone(), world.clone()),
            secrets,
            world,
        }
    }

    /// Opens a case; on return it is durable, and the letter that tells of it waits to be sent.
    pub async fn open(&self, asked: &Asked) -> Result<Opened, StoreError> {
        let now = self.world.now();
        let complaint = asked.kind == CaseKind::Complaint;
        let by = match complaint {
            true => now.plus_millis(ACKNOWLEDGED_MS),
            false => end_of_day_in(now, ANSWERED_MONTHS),
        };
        let inside = Inside {
            address: asked.address.reveal().to_owned(),
            language: asked.language.tag().to_owned(),
            text: asked.text.clone(),
        };
        let inside = serde_json::to_vec(&inside).unwrap_or_default();
        let keys = self.secrets.keys(&asked.address);
        for _ in 0..TRIES {
            let shown = spell(&self.world.bytes());
            let told = Kind::CaseReceived {
                reference: shown.clone(),
                complaint,
                due: last_moment(by),
            };
            let letter = self
                .post
                .letter(&asked.address, asked.language, &asked.notice, told);
            let evidence = Evidence {
                reference: Some(format!("case {shown}")),
                ..asked.evidence.clone()
            };
            let case = NewCase {
                reference: shown.replace('-', ""),
                kind: asked.kind,
                notice: asked.notice.clone(),
                purpose: asked.purpose.clone(),
                acknowledge_by: complaint.then_some(by),
                due: (!complaint).then_some(by),
                sealed: self.seal(&inside),
            };
            let opened = self
                .recorder
                .open_case(&keys, &case, now, &evidence, &letter);
            match opened.await {
                Ok(()) => {
                    return Ok(Opened {
                        reference: shown,
                        by,
                    });
                }
                Err(StoreError::Conflict) => {}
                Err(other) => return Err(other),
            }
        }
        Err(StoreError::Conflict)
    }

    /// Every case, the open ones first.
    pub async fn all(&self) -> Result<Vec<KeptCase>, StoreError> {
        self.recorder.cases().await
    }

    /// The case that somebody quotes.
    pub async fn find(&self, quoted: &str) -> Result<KeptCase, CaseError> {
        let unknown = || CaseError::Unknown(quoted.chars().take(20).collect());
        let reference = read_reference(quoted).ok_or_else(unknown)?;
        self.recorder.case(&reference).await?.ok_or_else(unknown)
    }

    /// Who asked and what they wrote; `None` once the case is decided.
    pub fn contact(&self, case: &KeptCase) -> Result<Option<Contact>, CaseError> {
        let Some(sealed) = &case.sealed else {
            return Ok(None);
        };
        let inside = self.secrets.sealer.open(Sealed::Case, sealed);
        let inside: Option<Inside> = inside.and_then(|text| serde_json::from_slice(&text).ok());
        let inside = inside.ok_or(CaseError::Sealed)?;
        Ok(Some(Contact {
            address: Address::of_kept(&inside.address).map_err(|_| CaseError::Sealed)?,
            language: Language::parse(&inside.language).unwrap_or_default(),
            text: inside.text,
        }))
    }

    /// Why the case was rejected, in the words of those who decided.
    #[must_use]
    pub fn grounds(&self, case: &KeptCase) -> Option<String> {
        let text = self
            .secrets
            .sealer
            .open(Sealed::Case, case.grounds.as_ref()?)?;
        String::from_utf8(text).ok()
    }

    /// Acknowledges receipt, and tells the person.
    pub async fn acknowledge(&self, quoted: &str, by: &Evidence) -> Result<KeptCase, CaseError> {
        let (case, contact) = self.open_case(quoted).await?;
        if case.acknowledged_at.is_some() {
            return Err(CaseError::Again);
        }
        // The letter that tells of an objection's receipt has acknowledged that already.
        let told = (case.kind == CaseKind::Complaint).then(|| Kind::CaseAcknowledged {
            reference: shown(&case),
        });
        self.step(
            &case,
            &contact,
            CaseStep::Acknowledge,
            "acknowledged",
            by,
            told,
        )
        .await
    }

    /// Takes two months more for an objection, within the first, and tells the person.
    pub async fn extend(
        &self,
        quoted: &str,
        reason: Reason,
        by: &Evidence,
    ) -> Result<KeptCase, CaseError> {
        let (case, contact) = self.open_case(quoted).await?;
        let due = case.due.ok_or(CaseError::NoLimit)?;
        if case.extended_at.is_some() {
            return Err(CaseError::Again);
        }
        if self.world.now() >= due {
            return Err(CaseError::TooLate);
        }
        let due = end_of_day_in(case.received_at, EXTENDED_MONTHS);
        let told = Kind::CaseExtended {
            reference: shown(&case),
            due: last_moment(due),
        };
        let what = match reason {
            Reason::Complexity => "extended, complexity",
            Reason::Number => "extended, number of requests",
        };
        self.step(&case, &contact, CaseStep::Extend(due), what, by, Some(told))
            .await
    }

    /// Decides a case, tells the person, and deletes who asked and what they wrote. A rejection
    /// needs grounds (LAW-24).
    pub async fn decide(
        &self,
        quoted: &str,
        accepted: bool,
        grounds: Option<&str>,
        by: &Evidence,
    ) -> Result<KeptCase, CaseError> {
        let grounds = grounds.map(str::trim).filter(|text| !text.is_empty());
        if !accepted && grounds.is_none() {
            return Err(CaseError::NoGrounds);
        }
        let (case, contact) = self.open_case(quoted).await?;
        let told = Kind::CaseDecided {
            reference: shown(&case),
            accepted,
        };
        let step = CaseStep::Decide {
            accepted,
            grounds: grounds.map(|text| self.seal(text.as_bytes())),
        };
        let what = if accepted { "accepted" } else { "rejected" };
        self.step(&case, &contact, step, what, by, Some(told)).await
    }

    async fn open_case(&self, quoted: &str) -> Result<(KeptCase, Contact), CaseError> {
        let case = self.find(quoted).await?;
        let contact = self.contact(&case)?.ok_or(CaseError::Decided)?;
        Ok((case, contact))
    }

    async fn step(
        &self,
        case: &KeptCase,
        contact: &Contact,
        step: CaseStep,
        what: &str,
        by: &Evidence,
        told: Option<Kind>,
    ) -> Result<KeptCase, CaseError> {
        let evidence = Evidence {
            reference: Some(format!("case {}: {what}", shown(case))),
            ..by.clone()
        };
        let letter = told.map(|told| {
            let (to, language) = (&contact.address, contact.language);
            NewLetter {
                // The law wants this letter sent, however many the address got today.
                allowance: None,
                ..self.post.letter(to, language, &case.notice, told)
            }
        });
        let at = self.world.now();
        let recorder = self.recorder.about(&contact.address);
        let taken = recorder.step_case(case, step, at, &evidence, letter);
        match taken.await {
            Err(StoreError::Conflict) => return Err(CaseError::Again),
            other => other?,
        }
        self.find(&case.reference).await
    }

    fn seal(&self, text: &[u8]) -> Vec<u8> {
        self.secrets.sealer.seal(Sealed::Case, text, &*self.world)
    }
}

/// The reference as people read it: `7K3M-Q9XD`.
#[must_use]
pub fn shown(case: &KeptCase) -> String {
    match case.reference.split_at_checked(4) {
        Some((one, two)) => format!("{one}-{two}"),
        None => case.reference.clone(),
    }
}

/// The last moment before a deadline, whose date people are told.
fn last_moment(by: Timestamp) -> Timestamp {
    by.plus_millis(-1)
}

/// The end of the day that many calendar months later.
fn end_of_day_in(received: Timestamp, months: u32) -> Timestamp {
    let last = received.date_in_months(months);
    start_of(last.succ_opt().unwrap_or(last))
}
