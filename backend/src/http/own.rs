//! What holds for a signed-in contact, read at one moment: the gate's own answers, and the acts
//! behind them.

mod consents;
mod stops;

use std::collections::BTreeMap;
use std::sync::Arc;

use frontend::catalogue::Language;
use frontend::own::{Consented, Deed, Own, OwnPurpose, OwnTopic, Row};
use frontend::pages::choices::scope_words;
use frontend::surroundings::Surroundings;
use shared::address::Address;
use shared::decision::{Contact, Decision, Ground, Question, Stated, Withheld, decide};
use shared::entry::{Act, Entry};
use shared::facts::{Country, Subscriber};
use shared::legal_basis::LegalBasis;
use shared::notice::Notice;
use shared::notice::purpose::Purpose;
use shared::purpose::{Channel, TopicKey};
use shared::rules::Rules;
use shared::scope::Scope;
use shared::standing::{Consent, Standing};
use shared::time::Timestamp;
use uuid::Uuid;

use super::problem::Problem;
use super::session::SignedIn;
use super::{App, two_letters};
use crate::shelf::{Shelf, Shelved};
use crate::store::Keys;
pub(super) use stops::Stopped;

/// What is known of somebody, read at one moment.
pub(super) struct Known {
    /// Whose entries; `None` before the first.
    pub subject: Option<Uuid>,
    /// What holds.
    pub standing: Arc<Standing>,
    /// The last entry of the ledger that this includes.
    pub as_of: u64,
    /// The notices then.
    pub shelf: Arc<Shelf>,
    base: Option<Arc<Standing>>,
    entries: BTreeMap<Uuid, Entry>,
}

impl Known {
    /// What is known of the person now.
    pub(super) async fn of(app: &App, address: &Address, keys: &Keys) -> Result<Self, Problem> {
        let base = address.base().map(|base| app.secrets.keys(&base));
        let asked: Vec<_> = std::iter::once(keys.clone()).chain(base).collect();
        let snapshot = app.store.look_up(&asked).await?;
        let shelf = app.shelf.shelf_of(&snapshot).await?;
        let as_of = snapshot.as_of;
        let mut known = snapshot.known.into_iter();
        let own = known.next().flatten();
        let base = known.next().flatten().map(|base| base.standing);
        let subject = own.as_ref().map(|own| own.subject);
        let entries = match &own {
            Some(own) => app.store.histories(&own.subjects()).await?,
            None => Vec::new(),
        };
        let entries = entries
            .into_iter()
            .flatten()
            .filter(|(seq, _)| *seq <= as_of)
            .map(|(_, entry)| (entry.id, entry))
            .collect();
        Ok(Self {
            subject,
            standing: own.map_or_else(Arc::default, |own| own.standing),
            as_of,
            shelf,
            base,
            entries,
        })
    }

    /// What their page says.
    pub(super) fn own(
        &self,
        app: &App,
        signed: &SignedIn,
        language: Language,
        around: &Surroundings,
    ) -> Own {
        let now = app.world.now();
        let notices: Vec<_> = self.shelf.structured_in_force().collect();
        let controller = notices
            .iter()
            .find(|(shelved, _)| shelved.notice == signed.notice)
            .or(notices.first())
            .and_then(|(_, notice)| notice.slots.controller.filled())
            .map_or_else(String::new, |controller| controller.name.clone());
        let mut purposes: Vec<OwnPurpose> = Vec::new();
        let mut told = Vec::new();
        let token = |shelved: &Shelved| {
            let letters = two_letters(language);
            app.secrets.view.token(&shelved.digest, letters, now)
        };
        for (shelved, notice) in &notices {
            for purpose in notice.direct_marketing() {
                if told.contains(&&purpose.key) {
                    continue;
                }
                told.push(&purpose.key);
                let token = token(shelved);
                purposes.push(self.purpose(notice, purpose, token, signed, around, now));
            }
        }
        let consents = self.consents(now).into_iter().map(|consent| {
            let purpose = consent.scope.purpose.as_ref();
            let stating = purpose.and_then(|purpose| self.shelf.stating(purpose));
            let shown_with = stating.or(notices.first().copied());
            let token = shown_with.map_or_else(String::new, |(shelved, _)| token(shelved));
            let what = title(&self.shelf, None, &consent.scope, around);
            consent.shown(what, token)
        });
        let stops = self.stops(now);
        let stops = stops
            .iter()
            .map(|stop| stop.shown(title(&self.shelf, None, &stop.scope, around)));
        Own {
            address: signed.address.reveal().to_owned(),
            closes: signed.until,
            as_of: self.as_of,
            controller,
            notice: signed.notice.clone(),
            stops: stops.collect(),
            consents: consents.collect(),
            purposes,
        }
    }

    fn purpose(
        &self,
        notice: &Notice,
        purpose: &Purpose,
        view_token: String,
        signed: &SignedIn,
        around: &Surroundings,
        now: Timestamp,
    ) -> OwnPurpose {
        let title = purpose_title(notice, purpose, around);
        let topics: Vec<Option<&TopicKey>> = match purpose.topics.is_empty() {
            true => vec![None],
            false => purpose
                .topics
                .iter()
                .map(|topic| Some(&topic.key))
                .collect(),
        };
        let topics = topics.into_iter().map(|topic| OwnTopic {
            title: topic.map_or_else(|| title.clone(), |topic| topic_title(notice, topic, around)),
            rows: purpose
                .channels
                .iter()
                .map(|channel| {
                    let scope = Scope {
                        purpose: Some(purpose.key.clone()),
                        topic: topic.cloned(),
                        channel: Some(*channel),
                    };
                    self.row(scope, *channel, signed, now)
                })
                .collect(),
        });
        OwnPurpose {
            topics: topics.collect(),
            takes_consent: purpose.rests_on(LegalBasis::Consent),
            title,
            view_token,
        }
    }

    fn row(&self, scope: Scope, channel: Channel, signed: &SignedIn, now: Timestamp) -> Row {
        let question = Question {
            purpose: scope.purpose.clone(),
            topic: scope.topic.clone(),
            channel,
            stated: Stated::default(),
            first_contact: true,
        };
        let contact = Contact {
            own: &self.standing,
            base: self.base.as_deref(),
            domain: signed.address.domain(),
        };
        let decision = decide(self.rules(), Some(contact), &question, now);
        let stated = may_be_stated(self.rules(), contact, &question, &decision, now);
        let hits: Vec<_> = self.standing.hits(&scope, now).collect();
        let consent = self.standing.consent(&scope, now);
        let entry = |id: Option<Uuid>| id.and_then(|id| self.entries.get(&id));
        let restricted = |lasting: bool| {
            let hit = hits.iter().find(|hit| hit.until.is_none() == lasting);
            entry(hit.map(|hit| hit.entry))
        };
        let of_consent = match consent {
            Consent::Unknown => None,
            Consent::Given(id)
            | Consent::Expired(id)
            | Consent::Refused(id)
            | Consent::Withdrawn(id) => entry(Some(id)),
        };
        let (proceeds, reason, basis, by) = match &decision {
            Decision::Proceed { ground, .. } => {
                let by = match ground {
                    Ground::Consent => of_consent,
                    Ground::SoftOptIn | Ground::LegitimateInterest => None,
                };
                (true, ground.as_str(), Some(ground.legal_basis()), by)
            }
            Decision::Withhold { reasons, .. } => {
                let first = reasons.first().copied().unwrap_or(Withheld::UnknownPurpose);
                let by = match first {
                    Withheld::Objected => restricted(true),
                    Withheld::Paused => restricted(false),
                    Withheld::ConsentRefused
                    | Withheld::ConsentWithdrawn
                    | Withheld::ConsentExpired => of_consent,
                    Withheld::Erased => entry(self.standing.erased),
                    Withheld::HardBounce => entry(self.standing.hard_bounce),
                    Withheld::SpamReported => entry(self.standing.spam_reported),
                    _ => None,
                };
                let theirs = matches!(first, Withheld::Objected | Withheld::Paused);
                let reason = match theirs && hits.is_empty() {
                    true => "related",
                    false => first.as_str(),
                };
                (false, reason, stated.map(Ground::legal_basis), by)
            }
        };
        Row {
            stopped: !hits.is_empty(),
            consent: match consent {
                Consent::Given(_) => Consented::Given,
                Consent::Refused(_) | Consent::Withdrawn(_) => Consented::Against,
                Consent::Unknown | Consent::Expired(_) => Consented::Open,
            },
            by: by.map(deed),
            scope,
            channel,
            proceeds,
            if_stated: stated.is_some(),
            reason,
            basis,
        }
    }

    /// The rules in force then.
    pub(super) fn rules(&self) -> &Rules {
        &self.shelf.rules
    }
}

/// On what ground a mailing may go out that nothing but a missing consent withholds, once who sends
/// states of the contact what allows most: a company in the United Kingdom.
fn may_be_stated(
    rules: &Rules,
    contact: Contact<'_>,
    question: &Question,
    decision: &Decision,
    now: Timestamp,
) -> Option<Ground> {
    let Decision::Withhold { reasons, .. } = decision else {
        return None;
    };
    if reasons.as_slice() != [Withheld::NoConsent] {
        return None;
    }
    let question = Question {
        stated: Stated {
            country: Some(Country::GB),
            subscriber: Some(Subscriber::Corporate),
        },
        ..question.clone()
    };
    match decide(rules, Some(contact), &question, now) {
        Decision::Proceed { ground, .. } => Some(ground),
        Decision::Withhold { .. } => None,
    }
}

/// The scope in words: of what was `shown`, else of a notice in force, else of the newest version that
/// stated it.
pub(super) fn title(
    shelf: &Shelf,
    shown: Option<&Notice>,
    scope: &Scope,
    around: &Surroundings,
) -> String {
    let what = scope.purpose.as_ref().map(|key| {
        let (text, name) = match &scope.topic {
            Some(topic) => (format!("topic.{topic}.title"), topic.to_string()),
            None => (format!("purpose.{key}.title"), key.to_string()),
        };
        let in_force = shelf.structured_in_force().map(|(_, notice)| notice);
        let notices = shown.into_iter().chain(in_force).chain(shelf.ever_stated());
        let mut stating = notices.filter(|notice| notice.purpose(key).is_some());
        let said = stating.find_map(|notice| notice.text(&text, around.language.tag()));
        said.map_or(name, |text| text.words.to_owned())
    });
    scope_words(what.as_deref(), scope.channel, around)
}

fn purpose_title(notice: &Notice, purpose: &Purpose, around: &Surroundings) -> String {
    let text = notice.text(&purpose.text_key("title"), around.language.tag());
    text.map_or_else(|| purpose.key.to_string(), |text| text.words.to_owned())
}

fn topic_title(notice: &Notice, topic: &TopicKey, around: &Surroundings) -> String {
    let text = notice.text(&format!("topic.{topic}.title"), around.language.tag());
    text.map_or_else(|| topic.to_string(), |text| text.words.to_owned())
}

pub(super) fn deed(entry: &Entry) -> Deed {
    Deed {
        act: entry.act,
        at: entry.recorded_at,
        until: entry
            .until
            .filter(|_| matches!(entry.act, Act::Paused | Act::ConsentGiven)),
        surface: entry.evidence.surface,
        host: entry.evidence.host_origin.clone(),
    }
}
