//! Lifting: by the verified person alone, within its scope alone, and nothing comes back to life.

use proptest::prelude::*;
use shared::decision::Withheld;
use shared::entry::{Act, Actor, Assurance};
use shared::standing::{Consent, Standing};

use crate::acts::{scopes, sequence};
use crate::asking::{now, questions, reasons};
use crate::sample::entry;

proptest! {
    #[test]
    fn a_lift_by_anyone_but_the_verified_person_changes_nothing(
        entries in sequence(0..24),
        of in scopes(),
    ) {
        let standing = Standing::of(&entries);
        let actors = [Actor::DataSubject, Actor::Staff, Actor::MailReceiver, Actor::System];
        let assurances = [
            Assurance::Unverified,
            Assurance::OneClickToken,
            Assurance::LinkVerified,
            Assurance::StaffAttested,
            Assurance::Imported,
        ];
        for actor in actors {
            for assurance in assurances {
                if (actor, assurance) == (Actor::DataSubject, Assurance::LinkVerified) {
                    continue;
                }
                let mut lift = entry(900, Act::ObjectionLifted);
                lift.scope = of.clone();
                (lift.evidence.actor, lift.evidence.assurance) = (actor, assurance);
                let mut after = standing.clone();
                after.apply(&lift);
                prop_assert_eq!(&after, &standing);
            }
        }
    }

    #[test]
    fn the_persons_lift_ends_what_lies_within_it_and_nothing_else(
        entries in sequence(0..24),
        of in scopes(),
    ) {
        let before = Standing::of(&entries);
        let mut lift = entry(900, Act::ObjectionLifted);
        lift.scope = of;
        let mut after = before.clone();
        after.apply(&lift);
        for entry in &entries {
            let lives = before.is_live(entry.id) && !lift.scope.contains(&entry.scope);
            prop_assert_eq!(after.is_live(entry.id), lives);
        }
    }

    #[test]
    fn a_lift_revives_no_older_consent(
        entries in sequence(0..24),
        of in scopes(),
        later in sequence(0..12),
    ) {
        let mut lift = entry(900, Act::ObjectionLifted);
        lift.scope = of;
        let mut standing = Standing::of(&entries);
        standing.apply(&lift);
        for next in later.iter().filter(|next| next.act != Act::ConsentGiven) {
            standing.apply(next);
        }
        for asked in questions().iter().filter(|asked| lift.scope.touches(asked)) {
            prop_assert!(!matches!(standing.consent(asked, now()), Consent::Given(_)));
        }
    }

    #[test]
    fn a_lift_leaves_consents_about_other_things_as_they_are(
        entries in sequence(0..24),
        of in scopes(),
    ) {
        let before = Standing::of(&entries);
        let mut lift = entry(900, Act::ObjectionLifted);
        lift.scope = of;
        let mut after = before.clone();
        after.apply(&lift);
        for asked in questions().iter().filter(|asked| !lift.scope.touches(asked)) {
            prop_assert_eq!(after.consent(asked, now()), before.consent(asked, now()));
        }
    }
}

#[test]
fn an_objection_after_a_lift_counts_again() {
    let mut standing = Standing::default();
    for (number, act) in (1..).zip([Act::Objected, Act::ObjectionLifted, Act::Objected]) {
        standing.apply(&entry(number, act));
    }
    let asked = entry(0, Act::Objected).scope;
    assert_eq!(reasons(&standing, &asked, now()), [Withheld::Objected]);
}
