//! An address that is known as two subjects is restricted by what restricts either of them.

use proptest::prelude::*;
use shared::decision::{Question, Stated, Withheld, bearing};
use shared::standing::{Consent, Standing};

use crate::acts::sequence;
use crate::asking::{now, questions, reasons, rule_sets};

fn is_about_consent(reason: Withheld) -> bool {
    matches!(
        reason,
        Withheld::ConsentRefused | Withheld::ConsentWithdrawn | Withheld::ConsentExpired
    )
}

/// Whether it is about what is missing, and not about what the contact said or what happened.
fn is_missing(reason: Withheld) -> bool {
    matches!(
        reason,
        Withheld::NoConsent | Withheld::NotInformed | Withheld::LiaMissing
    )
}

proptest! {
    #[test]
    fn what_restricts_either_restricts_both(one in sequence(0..16), other in sequence(0..16)) {
        let (one, other) = (Standing::of(&one), Standing::of(&other));
        let both = one.joined(&other);
        for asked in questions() {
            let found = reasons(&both, &asked, now());
            for part in [&one, &other] {
                for reason in reasons(part, &asked, now()) {
                    let is_found = match is_about_consent(reason) {
                        true => found.iter().any(|one| is_about_consent(*one)),
                        false => is_missing(reason) || found.contains(&reason),
                    };
                    prop_assert!(is_found, "{reason:?} of {part:?}");
                }
            }
            let given = |part: &Standing| matches!(part.consent(&asked, now()), Consent::Given(_));
            prop_assert!(!given(&both) || given(&one) || given(&other));
        }
        for held in one.held(now()).iter().chain(&other.held(now())) {
            prop_assert!(both.held(now()).contains(held));
        }
    }

    #[test]
    fn what_bears_on_a_question_is_joined_as_all_that_stands_is(
        one in sequence(0..16),
        other in sequence(0..16),
    ) {
        let (one, other) = (Standing::of(&one), Standing::of(&other));
        for rules in rule_sets() {
            for scope in questions() {
                let asked = Question {
                    purpose: scope.purpose,
                    topic: scope.topic,
                    channel: scope.channel.expect("questions name their channel"),
                    stated: Stated::default(),
                    first_contact: false,
                };
                let reduced = |standing: &Standing| bearing(&rules, standing, &asked, now());
                prop_assert_eq!(
                    reduced(&reduced(&one).joined(&reduced(&other))),
                    reduced(&one.joined(&other))
                );
            }
        }
    }
}
