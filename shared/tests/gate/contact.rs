//! Addresses with a tag: what their base says counts against them, never for them (SEC-33).

use shared::address::Address;
use shared::decision::Withheld;
use shared::entry::Act;
use shared::facts::{Country, Facts, Subscriber};

use crate::case::Case;
use crate::sample::{entry, moment};

fn tagged(acts_of_the_base: &[Act]) -> Case {
    let mut case = Case::new();
    let acts = (50..).zip(acts_of_the_base);
    case.base = Some(acts.map(|(number, &act)| entry(number, act)).collect());
    case
}

#[test]
fn a_base_without_acts_stands_against_nothing() {
    assert!(tagged(&[]).decide().proceeds());
}

#[test]
fn what_stops_the_base_stops_the_tag() {
    for (act, reason) in [
        (Act::Objected, Withheld::Objected),
        (Act::Erased, Withheld::Erased),
        (Act::Bounced, Withheld::HardBounce),
        (Act::SpamReported, Withheld::SpamReported),
    ] {
        assert_eq!(tagged(&[act]).reasons(), [reason]);
    }
}

#[test]
fn a_pause_of_the_base_stops_the_tag_while_it_lasts() {
    let mut case = tagged(&[Act::Paused]);
    let end = moment("2026-12-24T00:00:00Z");
    case.base.as_mut().expect("a base")[0].until = Some(end);
    assert_eq!(case.reasons(), [Withheld::Paused]);
    case.at = end;
    assert!(case.decide().proceeds());
}

#[test]
fn the_objection_of_a_tag_is_its_own() {
    let objected = Case::new().with(Act::Objected);
    assert_eq!(objected.reasons(), [Withheld::Objected]);
    let base = Address::parse("jane@company.example").expect("an address");
    let tag = Address::parse("jane+news@company.example").expect("an address");
    assert_eq!(tag.base().as_ref(), Some(&base));
    assert_eq!(base.base(), None);
}

#[test]
fn consent_of_the_base_is_no_consent_of_the_tag_and_its_refusal_no_refusal() {
    let mut given = tagged(&[Act::ConsentGiven]);
    given.rules.settings.default_subscriber = None;
    assert_eq!(given.reasons(), [Withheld::NoConsent]);
    assert!(tagged(&[Act::ConsentRefused]).decide().proceeds());
}

#[test]
fn facts_of_the_base_count_where_they_ask_for_more_and_not_where_they_allow() {
    let knowing = |facts: Facts| {
        let mut case = tagged(&[Act::FactRecorded]);
        case.base.as_mut().expect("a base")[0].facts = Some(facts);
        case
    };
    for facts in [
        Facts {
            country: Some(Country::parse("DE").expect("a country")),
            ..Facts::default()
        },
        Facts {
            subscriber: Some(Subscriber::Individual),
            ..Facts::default()
        },
    ] {
        assert_eq!(knowing(facts).reasons(), [Withheld::NoConsent]);
    }
    let mut case = knowing(Facts {
        country: Some(Country::GB),
        subscriber: Some(Subscriber::Corporate),
        ..Facts::default()
    });
    assert!(case.decide().proceeds());
    case.rules.settings.default_country = None;
    assert_eq!(case.reasons(), [Withheld::NoConsent]);
}

#[test]
fn both_objections_are_evidence_and_one_reason() {
    let case = tagged(&[Act::Objected]).with(Act::Objected);
    assert_eq!(case.reasons(), [Withheld::Objected]);
    let shared::decision::Decision::Withhold { evidence, .. } = case.decide() else {
        panic!("a refusal");
    };
    assert_eq!(evidence.len(), 2);
}

#[test]
fn a_lift_by_the_tag_does_not_lift_the_objection_of_the_base() {
    let case = tagged(&[Act::Objected]).with(Act::Objected).lifting(1);
    assert_eq!(case.reasons(), [Withheld::Objected]);
}
