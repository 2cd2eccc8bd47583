//! Erasure: the data goes, the restriction stays.

use proptest::prelude::*;
use shared::decision::Withheld;
use shared::entry::{Act, Stay};
use shared::scope::Scope;
use shared::standing::{Consent, Standing};

use crate::acts::{moments, scopes, sequence};
use crate::asking::{is_the_person, now, questions, reasons};
use crate::sample::{entry, moment, scope};

proptest! {
    #[test]
    fn what_was_erased_is_withheld_until_the_person_lifts_that_very_erasure(
        before in sequence(0..12),
        after in sequence(0..24),
    ) {
        let mut standing = Standing::of(&before);
        standing.apply(&entry(800, Act::Erased));
        for next in &after {
            let names_any = !next.refers_to.is_empty();
            if next.act == Act::ObjectionLifted && is_the_person(next) && names_any {
                continue;
            }
            standing.apply(next);
            for asked in questions() {
                prop_assert!(reasons(&standing, &asked, now()).contains(&Withheld::Erased));
            }
        }
        let mut lift = entry(900, Act::ObjectionLifted);
        lift.scope = Scope::ALL;
        lift.refers_to = standing.erased.into_iter().collect();
        standing.apply(&lift);
        prop_assert_eq!(standing.erased, None);
    }

    #[test]
    fn nothing_but_the_stated_restrictions_outlives_erasure(
        before in sequence(0..24),
        to in scopes(),
        until in proptest::option::of(moments()),
    ) {
        let mut erased = entry(800, Act::Erased);
        erased.stays = vec![Stay { scope: to, until }];
        let mut standing = Standing::of(&before);
        standing.apply(&erased);
        prop_assert_eq!(&standing, &Standing::of([&erased]));
        for asked in questions() {
            prop_assert_eq!(standing.consent(&asked, now()), Consent::Unknown);
            let stays = standing.hits(&asked, now()).count() == 1;
            let holds = until.is_none_or(|end| now() < end);
            prop_assert_eq!(stays, holds && erased.stays[0].scope.touches(&asked));
        }
    }
}

#[test]
fn a_retraction_that_names_the_erasure_takes_nothing_back() {
    let mut erased = entry(1, Act::Erased);
    erased.stays = vec![Stay {
        scope: Scope::ALL,
        until: None,
    }];
    let mut standing = Standing::of([&erased]);
    assert!(!standing.is_live(erased.id));
    let mut back = entry(2, Act::Retracted);
    back.refers_to = vec![erased.id];
    standing.apply(&back);
    assert_eq!(standing, Standing::of([&erased]));
}

#[test]
fn the_longest_of_the_restrictions_to_one_scope_stays() {
    let about = scope("newsletter", "", "email");
    let mut erased = entry(1, Act::Erased);
    erased.stays = ["2027-03-01T00:00:00Z", "2027-01-01T00:00:00Z"]
        .map(|end| Stay {
            scope: about.clone(),
            until: Some(moment(end)),
        })
        .into();
    let standing = Standing::of([&erased]);
    let holds = |at| standing.hits(&about, moment(at)).count() == 1;
    assert!(holds("2027-02-28T23:59:59.999Z"));
    assert!(!holds("2027-03-01T00:00:00Z"));
}
