//! The order of LAW-14: the first reason decides, and all that apply are reported.

use shared::decision::{Decision, Withheld};
use shared::entry::Act;
use shared::facts::Subscriber;
use shared::purpose::PurposeKey;
use shared::rules::Uninformed;

use crate::case::Case;
use crate::sample::{entry, id, moment, scope};

type Breakage = (Withheld, fn(&mut Case));

/// One way to reach each reason, in the gate's order. Each leaves all the others alone.
const BREAKAGES: [Breakage; 14] = [
    (Withheld::InvalidAddress, |case| case.readable = false),
    (Withheld::UnknownPurpose, |case| {
        case.question.purpose = PurposeKey::parse("unheard_of").ok();
    }),
    (Withheld::Objected, |case| act(case, Act::Objected)),
    (Withheld::Paused, |case| {
        let mut pause = entry(case.next(), Act::Paused);
        pause.until = Some(moment("2027-01-01T00:00:00Z"));
        case.push(pause);
    }),
    (Withheld::DomainObjected, |case| {
        let domain = case.domain.to_owned();
        case.rules.domain_objections.insert(domain, false);
    }),
    // Goes before the other acts, which it would clear.
    (Withheld::Erased, |case| {
        case.own.insert(0, entry(99, Act::Erased));
    }),
    // At the base: an act of the holder of the mailbox would clear its own.
    (Withheld::HardBounce, |case| {
        case.base = Some(vec![entry(98, Act::Bounced)]);
    }),
    (Withheld::SpamReported, |case| act(case, Act::SpamReported)),
    (Withheld::ConsentRefused, |case| {
        act(case, Act::ConsentRefused);
    }),
    (Withheld::ConsentWithdrawn, |case| {
        act(case, Act::ConsentWithdrawn);
    }),
    (Withheld::ConsentExpired, |case| {
        let mut consent = entry(case.next(), Act::ConsentGiven);
        consent.until = Some(case.at);
        case.push(consent);
    }),
    (Withheld::NoConsent, |case| {
        case.question.stated.subscriber = Some(Subscriber::Individual);
    }),
    (Withheld::LiaMissing, |case| case.rule().assessment = None),
    (Withheld::NotInformed, |case| {
        case.rules.settings.uninformed = Uninformed::Withhold;
    }),
];

fn act(case: &mut Case, act: Act) {
    case.push(entry(case.next(), act));
}

/// Reasons of which only one can apply: before anything is known of the contact or the purpose
/// nothing else is asked, consent has one state, and where consent is needed neither assessment
/// nor notice would help.
fn exclude_each_other(one: Withheld, other: Withheld) -> bool {
    use Withheld::{ConsentExpired, ConsentRefused, ConsentWithdrawn, LiaMissing, NoConsent};
    let consent = [ConsentRefused, ConsentWithdrawn, ConsentExpired];
    one <= Withheld::UnknownPurpose
        || consent.contains(&one) && consent.contains(&other)
        || one == NoConsent && other >= LiaMissing
}

#[test]
fn without_a_reason_against_it_the_answer_is_yes() {
    assert_eq!(Case::new().reasons(), []);
}

#[test]
fn each_reason_is_found_alone() {
    for (reason, breakage) in BREAKAGES {
        let mut case = Case::new();
        breakage(&mut case);
        assert_eq!(case.reasons(), [reason]);
    }
}

#[test]
fn of_every_two_reasons_the_earlier_decides_and_both_are_reported() {
    for (place, (first, one)) in BREAKAGES.into_iter().enumerate() {
        for (second, other) in BREAKAGES.into_iter().skip(place + 1) {
            let mut case = Case::new();
            one(&mut case);
            other(&mut case);
            let mut turned = Case::new();
            other(&mut turned);
            one(&mut turned);
            if exclude_each_other(first, second) {
                assert_eq!(case.reasons().len(), 1, "{first:?} and {second:?}");
            } else {
                assert_eq!(case.reasons(), [first, second]);
                assert_eq!(turned.reasons(), [first, second]);
            }
        }
    }
}

#[test]
fn an_address_that_cannot_be_read_decides_before_an_unknown_purpose() {
    let mut case = Case::new();
    case.readable = false;
    case.question.purpose = None;
    assert_eq!(case.reasons(), [Withheld::InvalidAddress]);
}

#[test]
fn all_reasons_at_once_come_in_the_order_of_the_gate() {
    let mut case = Case::new();
    for (_, breakage) in BREAKAGES.into_iter().skip(2) {
        breakage(&mut case);
    }
    let reasons = case.reasons();
    assert!(reasons.is_sorted());
    assert_eq!(reasons.len(), 8);
}

#[test]
fn a_pause_of_what_is_also_objected_to_is_still_reported() {
    for turned in [false, true] {
        let mut acts = [BREAKAGES[2].1, BREAKAGES[3].1];
        if turned {
            acts.reverse();
        }
        let mut case = Case::new();
        for act in acts {
            act(&mut case);
        }
        assert_eq!(case.reasons(), [Withheld::Objected, Withheld::Paused]);
    }
}

#[test]
fn a_refusal_names_the_entries_that_it_rests_on() {
    let case = Case::new().with(Act::Objected).with(Act::ConsentRefused);
    let Decision::Withhold { evidence, .. } = case.decide() else {
        panic!("a refusal");
    };
    assert_eq!(evidence, [id(1), id(2)]);
}

#[test]
fn global_privacy_control_decides_nothing() {
    for act in [
        Act::Objected,
        Act::ConsentRequested,
        Act::NoticeProvided,
        Act::CaseOpened,
    ] {
        let plain = Case::new().and(entry(1, act));
        let mut signalled = plain.clone();
        signalled.own[0].evidence.gpc = true;
        assert_eq!(plain.decide(), signalled.decide());
    }
}

#[test]
fn a_bounce_or_a_spam_report_says_nothing_about_the_telephone() {
    for reported in [Act::Bounced, Act::SpamReported] {
        let mut case = Case::new().with(reported);
        assert!(!case.decide().proceeds());
        case.question.channel = shared::purpose::Channel::Phone;
        assert!(case.decide().proceeds());
    }
}

#[test]
fn a_verified_act_shows_that_the_mailbox_can_be_reached_again() {
    let back = Case::new().with(Act::Bounced).with(Act::ConsentRequested);
    assert!(back.decide().proceeds());
    let mut attested = entry(2, Act::CaseOpened);
    attested.evidence.actor = shared::entry::Actor::Staff;
    let still = Case::new().with(Act::Bounced).and(attested);
    assert_eq!(still.reasons(), [Withheld::HardBounce]);
}

#[test]
fn a_lift_of_everything_that_names_it_ends_an_erasure_or_a_spam_report_and_no_other_lift_does() {
    for (act, reason) in [
        (Act::Erased, Withheld::Erased),
        (Act::SpamReported, Withheld::SpamReported),
    ] {
        let narrow = Case::new().with(act).lifting(1);
        assert_eq!(narrow.reasons(), [reason]);
        let mut lift = entry(2, Act::ObjectionLifted);
        lift.scope = scope("", "", "");
        let unnamed = Case::new().with(act).and(lift.clone());
        assert_eq!(unnamed.reasons(), [reason]);
        lift.refers_to = vec![id(1)];
        assert!(Case::new().with(act).and(lift).decide().proceeds());
    }
}
