//! Consent at the gate: what it allows, what ends it, and what it cannot do.

use shared::decision::{Decision, Ground, Withheld};
use shared::entry::{Act, Actor, Assurance, Entry};
use shared::scope::Scope;

use crate::case::Case;
use crate::sample::{PURPOSE, entry, id, moment, scope};

fn consent(number: u64, act: Act, about: Scope) -> Entry {
    let mut entry = entry(number, act);
    entry.scope = about;
    entry
}

fn second_hand(number: u64, act: Act, assurance: Assurance) -> Entry {
    let mut entry = entry(number, act);
    entry.evidence.actor = Actor::Staff;
    entry.evidence.assurance = assurance;
    entry
}

#[test]
fn a_consent_is_the_ground_and_the_evidence_of_a_yes() {
    let Decision::Proceed {
        ground, evidence, ..
    } = Case::private().with(Act::ConsentGiven).decide()
    else {
        panic!("a yes");
    };
    assert_eq!((ground, evidence), (Ground::Consent, vec![id(1)]));
}

#[test]
fn consent_for_a_topic_allows_that_topic_only() {
    let case = Case::private().and(consent(
        1,
        Act::ConsentGiven,
        scope(PURPOSE, "events", "email"),
    ));
    assert!(case.clone().about("events").decide().proceeds());
    assert_eq!(
        case.clone().about("it_strategy").reasons(),
        [Withheld::NoConsent]
    );
    assert_eq!(case.reasons(), [Withheld::NoConsent]);
}

#[test]
fn consent_for_one_channel_or_purpose_allows_no_other() {
    for about in [
        scope(PURPOSE, "", "phone"),
        scope("newsletter", "", "email"),
    ] {
        let case = Case::private().and(consent(1, Act::ConsentGiven, about));
        assert_eq!(case.reasons(), [Withheld::NoConsent]);
    }
}

#[test]
fn a_consent_that_names_no_purpose_or_no_channel_is_none() {
    for about in [scope("", "", "email"), scope(PURPOSE, "", ""), Scope::ALL] {
        let case = Case::private().and(consent(1, Act::ConsentGiven, about));
        assert_eq!(case.reasons(), [Withheld::NoConsent]);
    }
}

#[test]
fn a_refusal_or_withdrawal_blocks_every_basis_of_the_whole_purpose() {
    for (act, reason) in [
        (Act::ConsentRefused, Withheld::ConsentRefused),
        (Act::ConsentWithdrawn, Withheld::ConsentWithdrawn),
    ] {
        let given = consent(1, Act::ConsentGiven, scope(PURPOSE, "events", "email"));
        let case = Case::new().and(given).with(act);
        assert_eq!(case.reasons(), [reason]);
        assert_eq!(case.clone().about("events").reasons(), [reason]);
        assert_eq!(case.clone().about("it_strategy").reasons(), [reason]);
        assert!(case.with(Act::ConsentGiven).decide().proceeds());
    }
}

#[test]
fn a_refusal_for_a_topic_leaves_the_other_topics() {
    let refused = consent(2, Act::ConsentRefused, scope(PURPOSE, "events", ""));
    let case = Case::private().with(Act::ConsentGiven).and(refused);
    assert_eq!(
        case.clone().about("events").reasons(),
        [Withheld::ConsentRefused, Withheld::NoConsent]
    );
    assert!(case.clone().about("it_strategy").decide().proceeds());
    assert!(!case.decide().proceeds());
}

#[test]
fn consent_ends_at_its_very_millisecond_and_then_blocks_every_basis() {
    let mut given = entry(1, Act::ConsentGiven);
    given.until = Some(moment("2027-01-01T00:00:00Z"));
    let case = Case::new().and(given);
    let last = case.clone().at("2026-12-31T23:59:59.999Z");
    assert_eq!(last.ground(), Some(Ground::Consent));
    let over = case.at("2027-01-01T00:00:00Z");
    assert_eq!(over.reasons(), [Withheld::ConsentExpired]);
}

#[test]
fn asking_for_consent_changes_nothing() {
    assert!(Case::new().with(Act::ConsentRequested).decide().proceeds());
    let case = Case::private().with(Act::ConsentRequested);
    assert_eq!(case.reasons(), [Withheld::NoConsent]);
}

#[test]
fn an_unverified_consent_never_allows() {
    for assurance in [Assurance::Unverified, Assurance::OneClickToken] {
        let mut given = entry(1, Act::ConsentGiven);
        given.evidence.assurance = assurance;
        assert_eq!(Case::private().and(given).reasons(), [Withheld::NoConsent]);
    }
}

#[test]
fn staff_cannot_act_with_the_persons_verified_link() {
    let given = second_hand(1, Act::ConsentGiven, Assurance::LinkVerified);
    assert_eq!(Case::private().and(given).reasons(), [Withheld::NoConsent]);
    let mut lift = second_hand(2, Act::ObjectionLifted, Assurance::LinkVerified);
    lift.refers_to = vec![id(1)];
    let case = Case::new().with(Act::Objected).and(lift);
    assert_eq!(case.reasons(), [Withheld::Objected]);
}

#[test]
fn a_consent_that_others_report_counts_with_evidence_only() {
    for assurance in [Assurance::StaffAttested, Assurance::Imported] {
        let mut given = second_hand(1, Act::ConsentGiven, assurance);
        assert!(Case::private().and(given.clone()).decide().proceeds());
        given.evidence.reference = None;
        assert_eq!(Case::private().and(given).reasons(), [Withheld::NoConsent]);
    }
}

#[test]
fn a_reported_consent_undoes_no_refusal_whoever_recorded_it() {
    for act in [Act::ConsentRefused, Act::ConsentWithdrawn] {
        let imported = second_hand(9, Act::ConsentGiven, Assurance::Imported);
        let own = Case::new().with(act).and(imported.clone());
        assert!(!own.decide().proceeds());
        let told = second_hand(1, act, Assurance::StaffAttested);
        assert!(
            !Case::new()
                .and(told.clone())
                .and(imported.clone())
                .decide()
                .proceeds()
        );
        let covered = Case::new().with(act).and(told).and(imported);
        assert!(!covered.decide().proceeds());
    }
}

#[test]
fn a_consent_lifts_no_objection_and_a_lift_gives_no_consent() {
    let case = Case::new().with(Act::Objected).with(Act::ConsentGiven);
    assert_eq!(case.reasons(), [Withheld::Objected]);
    let case = Case::private().with(Act::Objected).lifting(1);
    assert_eq!(case.reasons(), [Withheld::NoConsent]);
}

#[test]
fn a_lift_revives_no_older_consent_within_it_or_around_it() {
    let case = Case::private().with(Act::ConsentGiven);
    let all = case.clone().with(Act::Objected).lifting(2);
    assert_eq!(all.reasons(), [Withheld::NoConsent]);
    let to_events = scope(PURPOSE, "events", "email");
    let part = case
        .and(consent(2, Act::Objected, to_events.clone()))
        .lifting(2);
    assert_eq!(
        part.clone().about("events").reasons(),
        [Withheld::NoConsent]
    );
    assert_eq!(part.reasons(), [Withheld::NoConsent]);
    assert!(part.clone().about("it_strategy").decide().proceeds());
    let anew = part.and(consent(4, Act::ConsentGiven, to_events));
    assert!(anew.clone().about("events").decide().proceeds());
    assert!(anew.decide().proceeds());
}

#[test]
fn a_lift_ends_no_refusal() {
    let case = Case::new().with(Act::ConsentWithdrawn).lifting(1);
    assert_eq!(case.reasons(), [Withheld::ConsentWithdrawn]);
}
