//! What an objection is about: checked against the rules in force, and where they know nothing of it,
//! against what people were shown.

use shared::notice::Notice;
use shared::notice::purpose::Purpose;
use shared::purpose::{Channel, PurposeClass, PurposeKey, TopicKey};
use shared::rules::Rules;
use shared::scope::Scope;

use crate::http::problem::{Code, Problem};
use crate::http::wire::ObjectionRequest;
use crate::shelf::{Shelf, Shelved};

/// One scope, and further ones where a topic is meant that several purposes have, or had.
pub(in crate::http) type Scopes = (Scope, Vec<Scope>);

/// What an objection is about, as it was said: `shown` is the notice that its view token proves,
/// `beside` the one that it names. A page stays open after its topic is gone, and an objection is
/// never lost to a doubt (LAW-23): what the person was shown counts, and so does what was ever
/// published. Where another purpose has the topic by now, that is stopped as well: mail goes on under
/// its name. A name that no notice ever had stays unknown.
pub(in crate::http) fn as_said(
    shelf: &Shelf,
    shown: Option<&Notice>,
    beside: Option<&Notice>,
    request: &ObjectionRequest,
) -> Result<Scopes, Problem> {
    let said = spelled(request)?;
    let known = known(&shelf.rules, beside, &said);
    match (&said.purpose, &said.topic) {
        (Some(purpose), _) => known.or_else(|problem| {
            let is_gone = matches!(problem.code(), Code::UnknownPurpose | Code::UnknownTopic);
            let ever = shelf.ever_stated().filter(|_| is_gone);
            let mut stating = shown.into_iter().chain(ever);
            let stating = stating
                .find(|notice| states(notice, &said))
                .ok_or(problem)?;
            Ok((said.clone(), moved(shelf, stating, purpose, &said)))
        }),
        (None, Some(_)) => {
            let now = known.as_ref().ok().into_iter();
            let now = now.flat_map(|(first, further)| further.iter().chain([first]));
            let then = shown
                .into_iter()
                .flat_map(|notice| has(notice, &said.topic));
            let mut meant: Vec<Scope> = now.cloned().collect();
            meant.extend(then.map(|purpose| about(&said, purpose)));
            if meant.is_empty() {
                let ever = shelf.ever_stated();
                let ever = ever.flat_map(|notice| has(notice, &said.topic));
                meant.extend(ever.map(|purpose| about(&said, purpose)));
            }
            meant.sort();
            meant.dedup();
            let mut meant = meant.into_iter();
            match meant.next() {
                Some(first) => Ok((first, meant.collect())),
                None => known,
            }
        }
        (None, None) => known,
    }
}

/// Whether that notice states what was said: the purpose, as direct marketing, and the topic where one
/// is named.
pub(in crate::http) fn states(notice: &Notice, said: &Scope) -> bool {
    has(notice, &said.topic).any(|key| Some(key) == said.purpose.as_ref())
}

/// The topics that are meant, as far as other purposes have them by now: those of that notice, else
/// whichever do.
fn moved(shelf: &Shelf, stating: &Notice, purpose: &PurposeKey, said: &Scope) -> Vec<Scope> {
    let in_force = shelf.in_force(stating.key.as_str());
    let beside = in_force.and_then(|shelved| Shelved::structured(shelved));
    let stated = stating.purpose(purpose).into_iter();
    let topics = stated.flat_map(|purpose| &purpose.topics);
    let meant = topics.filter(|topic| said.topic.as_ref().is_none_or(|key| *key == topic.key));
    let now = meant.flat_map(|topic| {
        let others = purposes_of(&shelf.rules, beside, &topic.key).into_iter();
        others.map(|other| Scope {
            purpose: Some(other),
            topic: Some(topic.key.clone()),
            channel: said.channel,
        })
    });
    now.collect()
}

/// What a request is about by the rules in force alone. `beside` is the notice that it names.
pub(in crate::http) fn in_force(
    rules: &Rules,
    beside: Option<&Notice>,
    request: &ObjectionRequest,
) -> Result<Scopes, Problem> {
    known(rules, beside, &spelled(request)?)
}

/// What a request names, by its form alone: whether any notice knows it is not looked at.
pub(in crate::http) fn spelled(request: &ObjectionRequest) -> Result<Scope, Problem> {
    let topic = match request.topic.as_deref() {
        None => None,
        Some(text) => Some(TopicKey::parse(text).map_err(|_| unknown_topic())?),
    };
    let channel = match request.channel.as_deref() {
        None => None,
        Some(text) => Some(Channel::parse(text).ok_or_else(|| {
            Problem::new(
                Code::InvalidRequest,
                "Nothing was recorded. Mend the field below.",
            )
            .field("channel", "Use email, phone, post or sms, or leave it out.")
        })?),
    };
    let purpose = match request.purpose.as_deref() {
        None => None,
        Some(text) => Some(PurposeKey::parse(text).map_err(|_| unknown_purpose())?),
    };
    Ok(Scope {
        purpose,
        topic,
        channel,
    })
}

/// The one of them; a request that could mean several has to say which.
pub(in crate::http) fn single((scope, further): Scopes) -> Result<Scope, Problem> {
    match further.as_slice() {
        [] => Ok(scope),
        _ => Err(Problem::new(
            Code::UnknownPurpose,
            "Several purposes have this topic: name the purpose as well.",
        )),
    }
}

fn known(rules: &Rules, beside: Option<&Notice>, said: &Scope) -> Result<Scopes, Problem> {
    match (&said.purpose, &said.topic) {
        (Some(purpose), topic) => {
            objectionable(rules, purpose)?;
            let rule = rules.purposes.get(purpose);
            let has = |topic: &TopicKey| rule.is_some_and(|rule| rule.topics.contains(topic));
            match topic.as_ref().is_none_or(has) {
                true => Ok((said.clone(), Vec::new())),
                false => Err(unknown_topic()),
            }
        }
        (None, Some(topic)) => {
            let mut meant = purposes_of(rules, beside, topic).into_iter();
            let first = meant.next().ok_or_else(unknown_topic)?;
            let further = meant.map(|purpose| about(said, &purpose));
            Ok((about(said, &first), further.collect()))
        }
        (None, None) => Ok((said.clone(), Vec::new())),
    }
}

fn objectionable(rules: &Rules, purpose: &PurposeKey) -> Result<(), Problem> {
    let rule = rules.purposes.get(purpose).ok_or_else(unknown_purpose)?;
    match rule.class {
        PurposeClass::DirectMarketing => Ok(()),
        PurposeClass::LegitimateInterest => Err(Problem::new(
            Code::CaseNeeded,
            "Open a case at /object/case, or with POST /v1/cases: an objection to this purpose is \
             weighed by a person, who answers within a month (Art. 21(1)).",
        )),
        PurposeClass::Other => Err(Problem::new(
            Code::NotObjectable,
            "This purpose rests on a legal duty. The notice lists your other rights.",
        )),
    }
}

/// The direct-marketing purposes that a topic alone can mean: those of the notice beside which it was
/// chosen, else every one that has it, because an objection is never lost to a doubt.
fn purposes_of(rules: &Rules, beside: Option<&Notice>, topic: &TopicKey) -> Vec<PurposeKey> {
    let with_topic = rules.purposes.iter().filter(|(_, rule)| {
        rule.class == PurposeClass::DirectMarketing && rule.topics.contains(topic)
    });
    let (its, others): (Vec<_>, Vec<_>) = with_topic
        .map(|(purpose, _)| purpose.clone())
        .partition(|purpose| beside.is_some_and(|notice| notice.purpose(purpose).is_some()));
    match its.is_empty() {
        true => others,
        false => its,
    }
}

/// The direct-marketing purposes of that notice, those with that topic where there is one.
fn has<'a>(
    notice: &'a Notice,
    topic: &'a Option<TopicKey>,
) -> impl Iterator<Item = &'a PurposeKey> {
    let has = move |purpose: &&Purpose| {
        let mut keys = purpose.topics.iter().map(|one| &one.key);
        topic
            .as_ref()
            .is_none_or(|topic| keys.any(|key| key == topic))
    };
    let purposes = notice.direct_marketing().filter(has);
    purposes.map(|purpose| &purpose.key)
}

fn about(said: &Scope, purpose: &PurposeKey) -> Scope {
    Scope {
        purpose: Some(purpose.clone()),
        ..said.clone()
    }
}

fn unknown_purpose() -> Problem {
    Problem::new(
        Code::UnknownPurpose,
        "Name a purpose of the notice, or leave it out.",
    )
    .field("purpose", "is not a purpose of a published notice")
}

fn unknown_topic() -> Problem {
    Problem::new(
        Code::UnknownTopic,
        "Name a topic of the purpose, or leave it out.",
    )
    .field("topic", "is not a topic of this purpose")
}
