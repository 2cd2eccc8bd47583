//! What travels between a contact's own pages, the widget and the service.

use frontend::own::{Consented, Deed, Own, StopKind};
use frontend::pages::choices::{Line, consent_words, lines};
use frontend::surroundings::Surroundings;
use serde::{Deserialize, Serialize};
use shared::entry::{Act, Surface};
use shared::legal_basis::LegalBasis;
use shared::scope::Scope;
use shared::time::Timestamp;
use utoipa::ToSchema;

use super::Undo;

/// Asks for a link to the contact's own pages.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct LinkRequest {
    /// The e-mail address, as typed.
    #[schema(example = "jane.doe@example.com")]
    pub address: String,
    /// The notice beside which it was asked.
    #[schema(example = "corporate-clients")]
    pub notice: Option<String>,
    /// The language of the letter, as a BCP 47 tag; else what `Accept-Language` says.
    #[schema(example = "en")]
    pub language: Option<String>,
}

/// The same for every address.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct LinkAnswer {}

/// Uses a link: its token, or the address and the code.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct SessionRequest {
    /// The token of the link.
    pub token: Option<String>,
    /// The address that the code was mailed to.
    #[schema(example = "jane.doe@example.com")]
    pub address: Option<String>,
    /// The code, in any case, with or without its hyphen.
    #[schema(example = "7K3M4-Q9XD0")]
    pub code: Option<String>,
}

/// A session. It ends at `until`, and when it is not used for 15 minutes.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct SessionAnswer {
    /// For `Authorization: Bearer`. Each later answer has a newer one to use from then on.
    pub session: String,
    /// When it ends, whatever happens.
    #[schema(value_type = String, example = "2026-11-23T04:30:00.000Z")]
    pub until: Timestamp,
}

/// What holds for the signed-in contact.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct OwnAnswer {
    /// The session to send from now on.
    pub session: String,
    /// When it ends, whatever happens.
    #[schema(value_type = String)]
    pub until: Timestamp,
    /// The address in its normal form.
    pub address: String,
    /// The last ledger entry that the answer includes; a lift names it.
    pub as_of: u64,
    /// The name of the controller.
    pub controller: String,
    /// The notice beside which the link was asked for.
    pub notice: String,
    /// What stops mailings, and can be lifted.
    pub stops: Vec<StopAnswer>,
    /// The consents that hold. Each can be withdrawn, whatever the notice in force asks for.
    pub consents: Vec<AllowedAnswer>,
    /// The purposes that the gate answers for.
    pub purposes: Vec<PurposeAnswer>,
    /// The same in words, a line each, with what can be pressed: for who only shows it.
    pub lines: Vec<LineAnswer>,
}

/// One thing that holds, in words.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct LineAnswer {
    /// What holds.
    pub says: String,
    /// What must stand beside the buttons (Art. 7(3)); may be empty.
    pub beside: String,
    /// The buttons.
    pub presses: Vec<PressAnswer>,
}

/// A button: its label, and what to send to `/v1/self/choices`.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct PressAnswer {
    /// On the button.
    pub label: String,
    /// The act.
    #[schema(value_type = String, example = "object")]
    pub act: &'static str,
    /// About what.
    #[serde(flatten)]
    pub scope: ScopeAnswer,
    /// The kind of the stop that it lifts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "pause")]
    pub kind: Option<&'static str>,
    /// The token of the purpose.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub view_token: String,
}

/// Something that stops mailings: an objection or a pause that holds, an erasure, a spam report.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct StopAnswer {
    /// About what.
    #[serde(flatten)]
    pub scope: ScopeAnswer,
    /// `objection`, `pause`, `erased` or `spam_reported`; a lift names it.
    #[schema(example = "objection")]
    pub kind: &'static str,
    /// The same in words.
    pub what: String,
    /// The act behind it.
    pub by: DeedAnswer,
}

/// A consent that holds.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct AllowedAnswer {
    /// To what.
    #[serde(flatten)]
    pub scope: ScopeAnswer,
    /// The same in words.
    pub what: String,
    /// The act behind it, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<DeedAnswer>,
    /// Proves what was shown; to be sent with its withdrawal.
    pub view_token: String,
}

/// What an act is about; what is absent is all of it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ScopeAnswer {
    /// The purpose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The topic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// The channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
}

/// An act: what, when, where.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct DeedAnswer {
    /// What was done.
    #[schema(value_type = String, example = "objected")]
    pub act: Act,
    /// When.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// When a pause or a consent ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub until: Option<Timestamp>,
    /// Where.
    #[schema(value_type = String, example = "widget")]
    pub surface: Surface,
    /// On which website.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

/// A purpose and its choices.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct PurposeAnswer {
    /// Its title.
    pub title: String,
    /// Proves what was shown; to be sent with every choice about this purpose.
    pub view_token: String,
    /// Whether its notice states consent as a basis.
    pub takes_consent: bool,
    /// One for each topic and channel.
    pub choices: Vec<ChoiceAnswer>,
}

/// What holds for one purpose, topic and channel.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ChoiceAnswer {
    /// Which.
    #[serde(flatten)]
    pub scope: ScopeAnswer,
    /// The topic's title; the purpose's where it has no topics.
    pub title: String,
    /// Whether a mailing may go out.
    pub proceed: bool,
    /// Whether one may go out all the same where who sends states country and subscriber: then it
    /// may, unless the contact objects.
    pub proceed_if_stated: bool,
    /// Why, by the gate's reasons; `related` where the address without its `+tag` objected.
    #[schema(example = "objected")]
    pub reason: &'static str,
    /// The Art. 6(1) basis of what may go out, also of what may where it is stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub legal_basis: Option<LegalBasis>,
    /// The act behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<DeedAnswer>,
    /// `open`, `given` or `against` (refused or withdrawn).
    pub consent: &'static str,
    /// Whether an objection or pause of their own is in the way.
    pub stopped: bool,
    /// What must stand beside the control that gives consent (Art. 7(3)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent_words: Option<String>,
}

/// Asks for consent to one purpose, or one topic of it, over one channel.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ConsentRequest {
    /// The e-mail address, as typed.
    #[schema(example = "jane.doe@example.com")]
    pub address: String,
    /// The notice that was shown.
    #[schema(example = "corporate-clients")]
    pub notice: String,
    /// The purpose.
    #[schema(example = "info_about_us")]
    pub purpose: String,
    /// One topic of the purpose; without one, all of them.
    #[schema(example = "it_strategy")]
    pub topic: Option<String>,
    /// The channel: email, phone, post or sms.
    #[schema(example = "email")]
    pub channel: String,
    /// The token of the page or fragment that was shown.
    pub view_token: Option<String>,
}

/// The same for every address.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ConsentAsked {}

/// A choice of the signed-in contact.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ChoiceRequest {
    /// `object`, `give`, `refuse`, `withdraw` or `lift`.
    #[schema(example = "object")]
    pub act: String,
    /// The purpose; without one, all direct marketing. Consent always names one.
    pub purpose: Option<String>,
    /// One topic of the purpose; without one, all of them.
    pub topic: Option<String>,
    /// One channel; without one, all of them. Consent always names one.
    pub channel: Option<String>,
    /// The end of a pause, for `object`.
    pub until: Option<String>,
    /// The kind of the stop, for `lift`; needed where several stops hold for one scope.
    #[schema(example = "pause")]
    pub kind: Option<String>,
    /// What `GET /v1/self` said, for `lift`.
    pub as_of: Option<u64>,
    /// The token of the purpose, which `give` cannot do without.
    pub view_token: Option<String>,
}

/// A choice was recorded, and what holds now.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ChoiceMade {
    /// What the person can quote.
    pub reference: String,
    /// Where the signed receipt is.
    pub receipt: String,
    /// For `POST /v1/objections/undo`: undoes what was done. Absent for a refusal or withdrawal:
    /// there the way back is to give consent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo: Option<Undo>,
    /// The same in words.
    pub says: String,
    /// What holds now; absent where the choice is recorded and that cannot be read: ask
    /// `GET /v1/self` later.
    #[serde(rename = "self", skip_serializing_if = "Option::is_none")]
    pub own: Option<OwnAnswer>,
}

impl OwnAnswer {
    /// The same content as the page, for programs.
    pub(in crate::http) fn of(own: Own, session: &str, around: &Surroundings) -> Self {
        let controller = own.controller.clone();
        let lines = lines(&own, around).into_iter().map(LineAnswer::of);
        let lines = lines.collect();
        let stops = own.stops.into_iter().map(|stop| StopAnswer {
            scope: ScopeAnswer::of(&stop.scope),
            kind: stop.kind.name(),
            what: stop.what,
            by: DeedAnswer::of(stop.by),
        });
        let consents = own.consents.into_iter().map(|consent| AllowedAnswer {
            scope: ScopeAnswer::of(&consent.scope),
            what: consent.what,
            by: consent.by.map(DeedAnswer::of),
            view_token: consent.view_token,
        });
        let purposes = own.purposes.into_iter().map(|purpose| {
            let takes_consent = purpose.takes_consent;
            let choices = purpose.topics.into_iter().flat_map(|topic| {
                let title = topic.title;
                let controller = controller.clone();
                topic.rows.into_iter().map(move |row| ChoiceAnswer {
                    consent_words: takes_consent
                        .then(|| consent_words(&controller, &title, row.channel, around)),
                    scope: ScopeAnswer::of(&row.scope),
                    title: title.clone(),
                    proceed: row.proceeds,
                    proceed_if_stated: row.if_stated,
                    reason: row.reason,
                    legal_basis: row.basis,
                    by: row.by.map(DeedAnswer::of),
                    consent: match row.consent {
                        Consented::Open => "open",
                        Consented::Given => "given",
                        Consented::Against => "against",
                    },
                    stopped: row.stopped,
                })
            });
            PurposeAnswer {
                choices: choices.collect(),
                title: purpose.title,
                view_token: purpose.view_token,
                takes_consent,
            }
        });
        Self {
            session: session.to_owned(),
            until: own.closes,
            address: own.address,
            as_of: own.as_of,
            notice: own.notice,
            lines,
            stops: stops.collect(),
            consents: consents.collect(),
            purposes: purposes.collect(),
            controller,
        }
    }
}

impl LineAnswer {
    fn of(line: Line) -> Self {
        let presses = line.presses.into_iter().map(|press| PressAnswer {
            label: press.label,
            act: press.act,
            scope: ScopeAnswer::of(&press.scope),
            kind: press.kind.map(StopKind::name),
            view_token: press.view_token,
        });
        Self {
            says: line.says,
            beside: line.beside,
            presses: presses.collect(),
        }
    }
}

impl ScopeAnswer {
    fn of(scope: &Scope) -> Self {
        Self {
            purpose: scope.purpose.as_ref().map(ToString::to_string),
            topic: scope.topic.as_ref().map(ToString::to_string),
            channel: scope.channel.as_ref().map(ToString::to_string),
        }
    }
}

impl DeedAnswer {
    fn of(deed: Deed) -> Self {
        Self {
            act: deed.act,
            at: deed.at,
            until: deed.until,
            surface: deed.surface,
            host: deed.host,
        }
    }
}
