//! What rows are about: purposes, topics and channels that the notices in force state.

use std::collections::BTreeMap;

use shared::legal_basis::LegalBasis;
use shared::purpose::{Channel, PurposeClass, PurposeKey, TopicKey};
use shared::rules::{PurposeRule, Rules};
use shared::scope::Scope;

use super::problem::{RowProblem, Wider};
use super::row::plain;

/// What a row is about where the row itself does not say.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The purpose; `all` and none are all direct marketing.
    pub purpose: Option<String>,
    /// The topic.
    pub topic: Option<String>,
    /// The channel.
    pub channel: Option<String>,
    /// Topics by the names that the tool gives its lists.
    pub lists: BTreeMap<String, String>,
}

/// A scope as words of a file or of the command line name it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Named<'a> {
    pub(super) purpose: Option<&'a str>,
    pub(super) topic: Option<&'a str>,
    pub(super) channel: Option<&'a str>,
}

/// The scope of an objection: of one direct-marketing purpose or all of them.
pub(super) fn objection(rules: &Rules, named: Named<'_>) -> Result<Scope, RowProblem> {
    let channel = channel(named.channel)?;
    let Some(purpose) = named.purpose.filter(|&purpose| purpose != "all") else {
        if named.topic.is_some() {
            return Err(RowProblem::Scope(
                "a topic needs the purpose that it is a part of".to_owned(),
            ));
        }
        return Ok(Scope {
            channel,
            ..Scope::ALL
        });
    };
    let (purpose, rule) = marketing(rules, purpose)?;
    Ok(Scope {
        purpose: Some(purpose),
        topic: topic(rule, named.topic)?,
        channel,
    })
}

/// The scope of an objection as a row names it. What it names and no notice states reaches further instead,
/// since nobody may be mailed for a word that was not understood; that is said of each.
pub(super) fn widest(rules: &Rules, mut named: Named<'_>) -> (Scope, Vec<Wider>) {
    let mut wider = Vec::new();
    loop {
        let problem = match objection(rules, named) {
            Ok(scope) => return (scope, wider),
            Err(problem) => problem,
        };
        let is_stated = |purpose| marketing(rules, purpose).is_ok();
        let reach = if channel(named.channel).is_err() {
            named.channel = None;
            "every channel"
        } else if named.topic.is_some() && named.purpose.is_some_and(is_stated) {
            named.topic = None;
            "every topic"
        } else {
            (named.purpose, named.topic) = (None, None);
            "all direct marketing"
        };
        wider.push(Wider { problem, reach });
    }
}

/// The scope of a consent: of one purpose over one channel, which the notice asks consent for.
pub(super) fn consent(rules: &Rules, named: Named<'_>) -> Result<Scope, RowProblem> {
    let purpose = named.purpose.ok_or_else(|| {
        RowProblem::Scope(format!(
            "a consent is for one purpose: name it with --purpose or in a column; there are: {}",
            purposes(rules)
        ))
    })?;
    let (purpose, rule) = marketing(rules, purpose)?;
    if !rule.bases.contains(&LegalBasis::Consent) {
        return Err(RowProblem::Scope(format!(
            "the notice does not ask consent for {purpose}, so a consent would allow nothing"
        )));
    }
    let channel = channel(named.channel)?.unwrap_or(Channel::Email);
    if !rule.channels.contains(&channel) {
        return Err(RowProblem::Scope(format!(
            "the notice does not state the channel {channel} for {purpose}"
        )));
    }
    Ok(Scope {
        purpose: Some(purpose),
        topic: topic(rule, named.topic)?,
        channel: Some(channel),
    })
}

fn channel(named: Option<&str>) -> Result<Option<Channel>, RowProblem> {
    named
        .map(|text| {
            Channel::parse(&plain(text)).ok_or_else(|| RowProblem::Word {
                column: "channel",
                known: Channel::ALL.map(Channel::as_str).join(", "),
            })
        })
        .transpose()
}

fn marketing<'r>(
    rules: &'r Rules,
    purpose: &str,
) -> Result<(PurposeKey, &'r PurposeRule), RowProblem> {
    let found = PurposeKey::parse(purpose)
        .ok()
        .and_then(|key| rules.purposes.get_key_value(&key))
        .filter(|(_, rule)| rule.class == PurposeClass::DirectMarketing);
    match found {
        Some((key, rule)) => Ok((key.clone(), rule)),
        None => Err(RowProblem::Scope(format!(
            "no notice states this purpose as direct marketing; there are: {}",
            purposes(rules)
        ))),
    }
}

fn topic(rule: &PurposeRule, named: Option<&str>) -> Result<Option<TopicKey>, RowProblem> {
    let Some(named) = named else { return Ok(None) };
    let known = TopicKey::parse(named)
        .ok()
        .filter(|topic| rule.topics.contains(topic));
    match known {
        Some(topic) => Ok(Some(topic)),
        None => {
            let topics: Vec<_> = rule.topics.iter().map(TopicKey::as_str).collect();
            Err(RowProblem::Scope(format!(
                "the purpose has no such topic; it has: {}",
                topics.join(", ")
            )))
        }
    }
}

fn purposes(rules: &Rules) -> String {
    let marketing = rules
        .purposes
        .iter()
        .filter(|(_, rule)| rule.class == PurposeClass::DirectMarketing);
    let names: Vec<_> = marketing.map(|(key, _)| key.as_str()).collect();
    names.join(", ")
}
