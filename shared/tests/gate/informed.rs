//! Art. 21(4): at the latest in the first communication the person is told of the right to object.

use shared::decision::{Decision, Ground, Obligation, Withheld};
use shared::entry::{Act, Actor, Assurance};
use shared::rules::Uninformed;

use crate::case::Case;
use crate::rules::INFORM_SINCE;
use crate::sample::{entry, moment};

fn obligations(case: &Case) -> Vec<Obligation> {
    match case.decide() {
        Decision::Proceed { obligations, .. } => obligations,
        Decision::Withhold { reasons, .. } => panic!("withheld: {reasons:?}"),
    }
}

fn strict_about_informing(mut case: Case) -> Case {
    case.rules.settings.uninformed = Uninformed::Withhold;
    case
}

fn provided(at: &str) -> Case {
    let mut entry = entry(1, Act::NoticeProvided);
    entry.recorded_at = moment(at);
    Case::new().and(entry)
}

#[test]
fn a_yes_to_someone_who_was_never_told_carries_the_obligation_to_tell() {
    assert_eq!(
        obligations(&Case::new()),
        [Obligation::InformOfRightToObject]
    );
    let consented = Case::new().with(Act::ConsentGiven);
    assert_eq!(consented.ground(), Some(Ground::Consent));
    assert_eq!(obligations(&consented), [Obligation::InformOfRightToObject]);
}

#[test]
fn a_notice_counts_from_the_publication_of_the_version_that_obliges() {
    let mut case = provided(INFORM_SINCE);
    assert_eq!(obligations(&case), []);
    case.own[0].recorded_at = moment(INFORM_SINCE).plus_millis(-1);
    assert_eq!(obligations(&case), [Obligation::InformOfRightToObject]);
}

#[test]
fn a_later_record_of_an_older_clock_takes_no_information_back() {
    let mut older = entry(2, Act::NoticeProvided);
    older.recorded_at = moment("2020-01-01T00:00:00Z");
    assert_eq!(obligations(&provided(INFORM_SINCE).and(older)), []);
}

#[test]
fn the_callers_word_that_the_mailing_tells_is_enough() {
    let mut case = Case::new();
    case.question.first_contact = true;
    assert_eq!(obligations(&case), []);
    assert_eq!(obligations(&strict_about_informing(case)), []);
}

#[test]
fn a_deployment_can_withhold_instead() {
    let case = strict_about_informing(Case::new());
    assert_eq!(case.reasons(), [Withheld::NotInformed]);
    assert_eq!(
        obligations(&strict_about_informing(provided(INFORM_SINCE))),
        []
    );
}

#[test]
fn who_asked_for_the_mail_gets_it_and_is_told_in_it() {
    let case = strict_about_informing(Case::new().with(Act::ConsentGiven));
    assert_eq!(obligations(&case), [Obligation::InformOfRightToObject]);
}

#[test]
fn a_strangers_look_at_the_notice_informs_nobody_else() {
    let mut case = strict_about_informing(provided(INFORM_SINCE));
    case.own[0].evidence.assurance = Assurance::Unverified;
    assert_eq!(case.reasons(), [Withheld::NotInformed]);
    case.own[0].evidence.actor = Actor::System;
    assert_eq!(obligations(&case), []);
}

#[test]
fn a_missing_assessment_does_not_hide_that_nobody_was_told() {
    let mut case = strict_about_informing(Case::new());
    case.rule().assessment = None;
    assert_eq!(
        case.reasons(),
        [Withheld::LiaMissing, Withheld::NotInformed]
    );
}
