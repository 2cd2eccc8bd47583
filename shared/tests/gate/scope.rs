//! What an objection, a pause or a question reaches: purposes, topics, channels and time.

use shared::decision::Withheld;
use shared::entry::{Act, Entry};
use shared::purpose::{Channel, PurposeClass, PurposeKey};
use shared::scope::Scope;

use crate::case::Case;
use crate::rules::OTHER;
use crate::sample::{PURPOSE, entry, moment, scope};

fn objection(to: Scope) -> Entry {
    let mut entry = entry(1, Act::Objected);
    entry.scope = to;
    entry
}

fn asked(purpose: &str, topic: &str, channel: Channel) -> Case {
    let mut case = Case::new();
    case.question.purpose = PurposeKey::parse(purpose).ok();
    case.question.channel = channel;
    if topic.is_empty() {
        case
    } else {
        case.about(topic)
    }
}

#[test]
fn an_objection_reaches_what_it_names_and_all_of_what_it_leaves_out() {
    let objections = [
        ("", "", ""),
        ("", "", "phone"),
        (PURPOSE, "", ""),
        (PURPOSE, "", "email"),
        (PURPOSE, "events", ""),
        (PURPOSE, "events", "email"),
    ];
    for (purpose, topic, channel) in objections {
        for about in [PURPOSE, OTHER] {
            for part in ["", "events", "it_strategy"] {
                for over in [Channel::Email, Channel::Phone] {
                    let case =
                        asked(about, part, over).and(objection(scope(purpose, topic, channel)));
                    let reached = (purpose.is_empty() || purpose == about)
                        && (topic.is_empty() || part.is_empty() || topic == part)
                        && (channel.is_empty() || channel == over.as_str());
                    let name = format!("{purpose}/{topic}/{channel}: {about}/{part}/{over}");
                    assert_eq!(case.decide().proceeds(), !reached, "{name}");
                }
            }
        }
    }
}

#[test]
fn an_objection_to_all_direct_marketing_reaches_a_purpose_that_is_published_later() {
    let mut case = Case::new().and(objection(Scope::ALL));
    let rule = case.rule().clone();
    let later = PurposeKey::parse("webinars").expect("a purpose");
    case.rules.purposes.insert(later.clone(), rule);
    case.question.purpose = Some(later);
    assert_eq!(case.reasons(), [Withheld::Objected]);
}

#[test]
fn a_question_without_topic_is_about_anything_so_an_objection_to_one_topic_withholds() {
    let to_events = objection(scope(PURPOSE, "events", ""));
    let case = Case::new().and(to_events);
    assert_eq!(case.reasons(), [Withheld::Objected]);
    assert_eq!(case.clone().about("events").reasons(), [Withheld::Objected]);
    assert!(case.about("it_strategy").decide().proceeds());
}

#[test]
fn a_topic_or_channel_that_the_notice_does_not_state_is_unknown() {
    assert_eq!(
        Case::new().about("gardening").reasons(),
        [Withheld::UnknownPurpose]
    );
    let mut case = Case::new();
    case.question.channel = Channel::Post;
    assert_eq!(case.reasons(), [Withheld::UnknownPurpose]);
}

#[test]
fn a_purpose_that_is_no_name_or_no_direct_marketing_is_unknown() {
    let mut nameless = Case::new();
    nameless.question.purpose = None;
    assert_eq!(nameless.reasons(), [Withheld::UnknownPurpose]);
    for class in [PurposeClass::LegitimateInterest, PurposeClass::Other] {
        let mut case = Case::new();
        case.rule().class = class;
        assert_eq!(case.reasons(), [Withheld::UnknownPurpose]);
        assert_eq!(
            case.with(Act::ConsentGiven).reasons(),
            [Withheld::UnknownPurpose]
        );
    }
}

#[test]
fn a_rule_set_without_notices_knows_no_purpose() {
    let mut case = Case::new();
    case.rules.purposes.clear();
    assert_eq!(case.reasons(), [Withheld::UnknownPurpose]);
}

#[test]
fn a_pause_holds_until_the_millisecond_at_which_it_ends() {
    let mut pause = entry(1, Act::Paused);
    pause.until = Some(moment("2027-02-24T00:00:00Z"));
    let case = Case::new().and(pause);
    assert_eq!(case.reasons(), [Withheld::Paused]);
    let last = case.clone().at("2027-02-23T23:59:59.999Z");
    assert_eq!(last.reasons(), [Withheld::Paused]);
    assert!(case.at("2027-02-24T00:00:00Z").decide().proceeds());
}

#[test]
fn a_pause_without_end_is_an_objection_and_an_objection_has_no_end() {
    let endless = Case::new().with(Act::Paused);
    assert_eq!(endless.reasons(), [Withheld::Objected]);
    let mut objected = entry(1, Act::Objected);
    objected.until = Some(moment("2026-11-30T00:00:00Z"));
    assert_eq!(Case::new().and(objected).reasons(), [Withheld::Objected]);
}

#[test]
fn a_domain_objects_for_every_address_and_for_subdomains_only_if_it_says_so() {
    let table = [
        ("company.example", false, "company.example", true),
        ("company.example", false, "mail.company.example", false),
        ("company.example", true, "company.example", true),
        ("company.example", true, "a.mail.company.example", true),
        ("company.example", true, "mycompany.example", false),
        ("mail.company.example", true, "company.example", false),
    ];
    for (objecting, subdomains, domain, withheld) in table {
        let mut case = Case::new();
        case.domain = domain;
        case.rules
            .domain_objections
            .insert(objecting.to_owned(), subdomains);
        let expected: &[Withheld] = if withheld {
            &[Withheld::DomainObjected]
        } else {
            &[]
        };
        assert_eq!(
            case.reasons(),
            expected,
            "{objecting} {subdomains} {domain}"
        );
    }
}

#[test]
fn a_domain_withholds_even_from_those_who_consented() {
    let mut case = Case::new().with(Act::ConsentGiven);
    case.rules
        .domain_objections
        .insert(case.domain.to_owned(), false);
    assert_eq!(case.reasons(), [Withheld::DomainObjected]);
}
