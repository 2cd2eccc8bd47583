//! What travels over HTTP, as documented in `/openapi.json`.

use serde::{Deserialize, Serialize};
use shared::decision::{Decision, Obligation, Reason};
use shared::legal_basis::LegalBasis;
use utoipa::ToSchema;

use crate::gate::Answer;

pub(super) mod cases;
pub(super) mod own;

/// An objection, or with `until` a pause.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ObjectionRequest {
    /// The e-mail address, as typed.
    #[schema(example = "jane.doe@example.com")]
    pub address: String,
    /// The notice that was shown.
    #[schema(example = "corporate-clients")]
    pub notice: String,
    /// The purpose; without one, all direct marketing, or with a topic the notice's purpose that has it,
    /// else every such purpose.
    #[schema(example = "info_about_us")]
    pub purpose: Option<String>,
    /// One topic of the purpose; without one, all of them.
    #[schema(example = "it_strategy")]
    pub topic: Option<String>,
    /// One channel: email, phone, post or sms; without one, all of them.
    pub channel: Option<String>,
    /// The end of a pause: a date, which ends at 00:00 UTC of the next day, or an RFC 3339 moment.
    #[schema(example = "2027-02-23")]
    pub until: Option<String>,
    /// The token of the page or fragment that was shown.
    pub view_token: Option<String>,
}

/// What the person keeps. The same for every address.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ObjectionAnswer {
    /// What the person can quote.
    #[schema(example = "7K3M-Q9XD")]
    pub reference: String,
    /// Where the signed receipt is.
    #[schema(example = "https://privacy.example.com/v1/receipts/AZ2kq0pG1Q5pR2n4f8cVb1m3yQw7hA")]
    pub receipt: String,
    /// Takes the act back.
    pub undo: Undo,
}

/// How to take back what was just done.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Undo {
    /// For `POST /v1/objections/undo`.
    pub token: String,
    /// Until when.
    #[schema(value_type = String, example = "2026-11-23T03:40:00.000Z")]
    pub until: shared::time::Timestamp,
}

/// Takes back exactly the act that the token was given for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UndoRequest {
    /// The token of the answer.
    pub token: String,
}

/// The act was taken back.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UndoAnswer {
    /// Always true.
    pub undone: bool,
}

/// May these contacts be reached about this?
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionsRequest {
    /// The purpose.
    #[schema(example = "info_about_us")]
    pub purpose: String,
    /// The topic; without one the question is about anything of the purpose.
    #[schema(example = "it_strategy")]
    pub topic: Option<String>,
    /// The channel; `email` if absent.
    #[schema(example = "email")]
    pub channel: Option<String>,
    /// The contacts, at most 1,000.
    #[schema(max_items = 1000)]
    pub checks: Vec<CheckRequest>,
}

/// One contact.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckRequest {
    /// The e-mail address.
    #[schema(example = "jane.doe@example.com")]
    pub address: String,
    /// The country, as two letters of ISO 3166-1, if the caller knows it.
    #[schema(example = "GB")]
    pub country: Option<String>,
    /// `corporate` or `individual`, if the caller knows it.
    #[schema(example = "corporate")]
    pub subscriber: Option<String>,
    /// The caller's word that this mailing carries the Art. 21(4) block.
    #[serde(default)]
    pub first_contact: bool,
}

/// The answers, all given on one state of the ledger.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct DecisionsAnswer {
    /// When they were given.
    #[schema(value_type = String, example = "2026-11-23T03:30:00.000Z")]
    pub at: shared::time::Timestamp,
    /// The last ledger entry that they include.
    pub as_of: u64,
    /// The digest of the rule set; absent before the first notice was published.
    #[schema(value_type = Option<String>)]
    pub rules: Option<shared::digest::Digest>,
    /// In the order asked.
    pub decisions: Vec<DecisionAnswer>,
}

/// One answer.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct DecisionAnswer {
    /// Whether the mailing may go out.
    pub proceed: bool,
    /// Why. Against: all that apply, the first decides. For: the ground.
    #[schema(value_type = Vec<String>, example = json!(["objected"]))]
    pub reasons: Vec<Reason>,
    /// The Art. 6(1) basis, where the mailing may go out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "legitimate_interests")]
    pub legal_basis: Option<LegalBasis>,
    /// What the mailing must do.
    #[schema(value_type = Vec<String>)]
    pub obligations: Vec<Obligation>,
    /// The ledger entries that the answer rests on.
    #[schema(value_type = Vec<String>)]
    pub evidence: Vec<uuid::Uuid>,
    /// Where the contact came from somebody else than the person, who was not told yet: by when they
    /// must be (Art. 14(3)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "2026-12-24T00:00:00.000Z")]
    pub notice_due_by: Option<shared::time::Timestamp>,
}

impl DecisionsAnswer {
    /// The gate's answer, as it travels.
    #[must_use]
    pub fn of(answer: Answer) -> Self {
        let mut decisions: Vec<DecisionAnswer> =
            answer.decisions.into_iter().map(Into::into).collect();
        for (place, by) in answer.notice_due {
            if let Some(decision) = decisions.get_mut(place) {
                decision.notice_due_by = Some(by);
            }
        }
        Self {
            at: answer.at,
            as_of: answer.as_of,
            rules: answer.rules,
            decisions,
        }
    }
}

impl From<Decision> for DecisionAnswer {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Proceed {
                ground,
                obligations,
                evidence,
            } => Self {
                proceed: true,
                reasons: vec![Reason::Ground(ground)],
                legal_basis: Some(ground.legal_basis()),
                obligations,
                evidence,
                notice_due_by: None,
            },
            Decision::Withhold { reasons, evidence } => Self {
                proceed: false,
                reasons: reasons.into_iter().map(Reason::Withheld).collect(),
                legal_basis: None,
                obligations: Vec::new(),
                evidence,
                notice_due_by: None,
            },
        }
    }
}
