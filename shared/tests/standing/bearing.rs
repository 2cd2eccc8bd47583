//! What bears on a question answers it as all of the standing does.

use proptest::prelude::*;
use proptest::sample::select;
use shared::decision::{Contact, Decision, Question, Stated, bearing, decide};
use shared::facts::{Country, Subscriber};
use shared::rules::Rules;
use shared::standing::Standing;

use crate::acts::sequence;
use crate::asking::{now, questions, rule_sets};

/// The decision without the entries that it names.
fn nameless(mut decision: Decision) -> Decision {
    match &mut decision {
        Decision::Proceed { evidence, .. } | Decision::Withhold { evidence, .. } => {
            evidence.clear();
        }
    }
    decision
}

fn answer(rules: &Rules, own: &Standing, base: Option<&Standing>, asked: &Question) -> Decision {
    let contact = Contact {
        own,
        base,
        domain: "company.example",
    };
    nameless(decide(rules, Some(contact), asked, now()))
}

proptest! {
    #[test]
    fn what_bears_on_a_question_answers_it_as_all_that_stands_does(
        own in sequence(0..24),
        base in sequence(0..8),
        country in select(vec![None, Some("GB"), Some("DE")]),
        subscriber in select(vec![None, Some(Subscriber::Corporate), Some(Subscriber::Individual)]),
        first_contact in any::<bool>(),
    ) {
        let (own, base) = (Standing::of(&own), Standing::of(&base));
        for rules in rule_sets() {
            for scope in questions() {
                let asked = Question {
                    purpose: scope.purpose,
                    topic: scope.topic,
                    channel: scope.channel.expect("questions name their channel"),
                    stated: Stated {
                        country: country.map(|code| Country::parse(code).expect("a country")),
                        subscriber,
                    },
                    first_contact,
                };
                let reduced = |standing| bearing(&rules, standing, &asked, now());
                prop_assert_eq!(
                    answer(&rules, &reduced(&own), Some(&reduced(&base)), &asked),
                    answer(&rules, &own, Some(&base), &asked)
                );
                prop_assert_eq!(bearing(&rules, &reduced(&own), &asked, now()), reduced(&own));
            }
        }
    }
}
