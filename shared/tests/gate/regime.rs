//! Which law applies: country, subscriber class and the soft opt-in.

use std::collections::BTreeSet;

use shared::decision::{Ground, Withheld};
use shared::entry::{Act, Actor, Assurance, Entry};
use shared::facts::{Country, Facts, SoftOptIn, Subscriber};
use shared::legal_basis::LegalBasis;

use crate::case::Case;
use crate::sample::entry;

const SOFT: [SoftOptIn; 3] = [
    SoftOptIn::ObtainedInSale,
    SoftOptIn::SimilarServices,
    SoftOptIn::RefusalOffered,
];

fn countries() -> [Option<Country>; 3] {
    [None, Some(Country::GB), Country::parse("DE").ok()]
}

fn subscribers() -> [Option<Subscriber>; 3] {
    [
        None,
        Some(Subscriber::Corporate),
        Some(Subscriber::Individual),
    ]
}

/// Recorded, stated and default: of the first two those that are known, else the third.
fn sources<T: Copy>(recorded: Option<T>, stated: Option<T>, fallback: Option<T>) -> Vec<T> {
    let known: Vec<T> = [recorded, stated].into_iter().flatten().collect();
    if known.is_empty() {
        fallback.into_iter().collect()
    } else {
        known
    }
}

fn all_are<T: PartialEq + Copy>(known: &[T], wanted: T) -> bool {
    !known.is_empty() && known.iter().all(|&one| one == wanted)
}

/// Every combination of two columns of three sources each.
fn every_case(mut check: impl FnMut(&Case, bool, bool)) {
    let triples = |turn: usize| (turn / 9 % 3, turn / 3 % 3, turn % 3);
    for country in 0..27 {
        for subscriber in 0..27 {
            let (c, s) = (triples(country), triples(subscriber));
            let mut case = Case::new().knowing(Facts {
                country: countries()[c.0],
                subscriber: subscribers()[s.0],
                ..Facts::default()
            });
            case.question.stated.country = countries()[c.1];
            case.question.stated.subscriber = subscribers()[s.1];
            case.rules.settings.default_country = countries()[c.2];
            case.rules.settings.default_subscriber = subscribers()[s.2];
            let known = sources(countries()[c.0], countries()[c.1], countries()[c.2]);
            let uk = all_are(&known, Country::GB);
            let known = sources(subscribers()[s.0], subscribers()[s.1], subscribers()[s.2]);
            check(&case, uk, all_are(&known, Subscriber::Corporate));
        }
    }
}

#[test]
fn only_where_all_sources_say_gb_and_corporate_is_there_a_legitimate_interest() {
    every_case(|case, uk, corporate| {
        let expected = (uk && corporate).then_some(Ground::LegitimateInterest);
        assert_eq!(case.ground(), expected);
        if expected.is_none() {
            assert_eq!(case.reasons(), [Withheld::NoConsent]);
        }
    });
}

#[test]
fn the_soft_opt_in_is_for_the_united_kingdom_alone() {
    every_case(|case, uk, corporate| {
        let case = case.clone().knowing(Facts {
            soft_opt_in: SOFT.into(),
            ..Facts::default()
        });
        let expected = match (uk, corporate) {
            (true, true) => Some(Ground::LegitimateInterest),
            (true, false) => Some(Ground::SoftOptIn),
            (false, _) => None,
        };
        assert_eq!(case.ground(), expected);
    });
}

#[test]
fn consent_is_enough_in_every_regime() {
    every_case(|case, _, _| {
        let case = case.clone().with(Act::ConsentGiven);
        assert_eq!(case.ground(), Some(Ground::Consent));
    });
}

#[test]
fn where_sources_disagree_the_stricter_wins() {
    let de = Country::parse("DE").ok();
    for (recorded, stated) in [(Some(Country::GB), de), (de, Some(Country::GB))] {
        let mut case = Case::new().knowing(Facts {
            country: recorded,
            ..Facts::default()
        });
        case.question.stated.country = stated;
        assert_eq!(case.reasons(), [Withheld::NoConsent]);
    }
    let (corporate, individual) = (Some(Subscriber::Corporate), Some(Subscriber::Individual));
    for (recorded, stated) in [(corporate, individual), (individual, corporate)] {
        let mut case = Case::new().knowing(Facts {
            subscriber: recorded,
            ..Facts::default()
        });
        case.question.stated.subscriber = stated;
        assert_eq!(case.reasons(), [Withheld::NoConsent]);
    }
}

#[test]
fn of_eight_combinations_of_the_soft_opt_in_facts_only_all_three_allow() {
    for combination in 0..8_usize {
        let known = (0..3).filter(|fact| combination >> fact & 1 == 1);
        let case = Case::private().knowing(Facts {
            soft_opt_in: known.map(|fact| SOFT[fact]).collect(),
            ..Facts::default()
        });
        let expected = (combination == 7).then_some(Ground::SoftOptIn);
        assert_eq!(case.ground(), expected, "{combination:03b}");
    }
}

#[test]
fn soft_opt_in_facts_add_up_over_several_entries() {
    let mut case = Case::private();
    for fact in SOFT {
        assert_eq!(case.ground(), None);
        case = case.knowing(Facts {
            soft_opt_in: [fact].into(),
            ..Facts::default()
        });
    }
    assert_eq!(case.ground(), Some(Ground::SoftOptIn));
    assert_eq!(
        Ground::SoftOptIn.legal_basis(),
        LegalBasis::LegitimateInterests
    );
}

#[test]
fn a_consumer_mailbox_is_a_private_persons_whatever_the_caller_says() {
    let mut case = Case::new();
    case.domain = "gmail.com";
    case.question.stated.subscriber = Some(Subscriber::Corporate);
    assert_eq!(case.reasons(), [Withheld::NoConsent]);
    let corporate = Facts {
        subscriber: Some(Subscriber::Corporate),
        ..Facts::default()
    };
    let case = case.knowing(corporate);
    assert_eq!(case.ground(), Some(Ground::LegitimateInterest));
}

fn fact(facts: Facts, change: impl Fn(&mut Entry)) -> Entry {
    let mut recorded = entry(1, Act::FactRecorded);
    recorded.facts = Some(facts);
    change(&mut recorded);
    recorded
}

#[test]
fn facts_that_loosen_count_only_with_evidence() {
    let loose = Facts {
        subscriber: Some(Subscriber::Corporate),
        soft_opt_in: SOFT.into(),
        ..Facts::default()
    };
    let by = |assurance, reference: Option<&str>| {
        Case::private().and(fact(loose.clone(), |entry| {
            entry.evidence.actor = Actor::Staff;
            entry.evidence.assurance = assurance;
            entry.evidence.reference = reference.map(str::to_owned);
        }))
    };
    for assurance in [Assurance::StaffAttested, Assurance::Imported] {
        assert!(by(assurance, Some("note 3")).decide().proceeds());
        assert_eq!(by(assurance, None).reasons(), [Withheld::NoConsent]);
    }
}

#[test]
fn facts_that_a_stranger_states_count_for_nothing() {
    let loose = Facts {
        country: Some(Country::GB),
        subscriber: Some(Subscriber::Corporate),
        soft_opt_in: SOFT.into(),
        ..Facts::default()
    };
    for assurance in [Assurance::Unverified, Assurance::OneClickToken] {
        let case = Case::private().and(fact(loose.clone(), |entry| {
            entry.evidence.assurance = assurance;
        }));
        assert_eq!(case.reasons(), [Withheld::NoConsent]);
    }
}

#[test]
fn facts_that_restrict_need_no_evidence() {
    for facts in [
        Facts {
            country: countries()[2],
            ..Facts::default()
        },
        Facts {
            subscriber: Some(Subscriber::Individual),
            ..Facts::default()
        },
    ] {
        let case = Case::new().and(fact(facts, |entry| {
            entry.evidence.assurance = Assurance::Imported;
            entry.evidence.reference = None;
        }));
        assert_eq!(case.reasons(), [Withheld::NoConsent]);
    }
}

#[test]
fn a_purpose_that_states_no_legitimate_interest_needs_consent() {
    let mut case = Case::new();
    case.rule().bases = BTreeSet::from([LegalBasis::Consent]);
    assert_eq!(case.reasons(), [Withheld::NoConsent]);
    assert_eq!(case.with(Act::ConsentGiven).ground(), Some(Ground::Consent));
}

#[test]
fn a_consent_counts_only_where_the_notice_states_consent_as_a_basis() {
    let mut case = Case::private().with(Act::ConsentGiven);
    case.rule().bases = BTreeSet::from([LegalBasis::LegitimateInterests]);
    assert_eq!(case.reasons(), [Withheld::NoConsent]);
}

#[test]
fn an_assessment_holds_until_the_moment_it_lapses() {
    let mut case = Case::new();
    case.at = crate::sample::moment(crate::rules::LAPSES).plus_millis(-1);
    assert!(case.decide().proceeds());
    case.at = case.at.plus_millis(1);
    assert_eq!(case.reasons(), [Withheld::LiaMissing]);
    assert_eq!(
        case.clone().with(Act::ConsentGiven).ground(),
        Some(Ground::Consent)
    );
    case.rules.settings.default_subscriber = None;
    let facts = Facts {
        soft_opt_in: SOFT.into(),
        ..Facts::default()
    };
    assert_eq!(case.knowing(facts).reasons(), [Withheld::LiaMissing]);
}
