//! Deny wins: restrictions hold under any interleaving, and only the person loosens.

use proptest::prelude::*;
use shared::decision::Withheld;
use shared::entry::{Act, Actor, Assurance, Entry};
use shared::standing::{Consent, Standing};

use crate::acts::{moments, scopes, sequence};
use crate::asking::{answer, is_the_person, now, questions, reasons, rule_sets};
use crate::sample::{entry, id, scope};

/// Acts that only restrict, by people who have not shown that the mailbox is theirs.
fn restricting() -> impl Strategy<Value = Vec<Entry>> {
    let act = prop::sample::select(
        [
            Act::Objected,
            Act::Paused,
            Act::ConsentRefused,
            Act::ConsentWithdrawn,
            Act::Bounced,
            Act::SpamReported,
        ]
        .as_slice(),
    );
    let restriction = (act, scopes(), moments()).prop_map(|(act, scope, until)| {
        let mut entry = entry(0, act);
        entry.scope = scope;
        entry.until = (act == Act::Paused).then_some(until);
        entry.evidence.assurance = Assurance::Unverified;
        entry
    });
    prop::collection::vec(restriction, 0..24).prop_map(|mut entries| {
        for (number, entry) in (1..).zip(&mut entries) {
            entry.id = id(number);
        }
        entries
    })
}

/// Reasons where a refusal and a withdrawal, of which the later speaks, are one.
fn kinds(standing: &Standing, asked: &shared::scope::Scope) -> Vec<Withheld> {
    reasons(standing, asked, now())
        .into_iter()
        .map(|reason| match reason {
            Withheld::ConsentWithdrawn => Withheld::ConsentRefused,
            other => other,
        })
        .collect()
}

/// Whether the entry may end an objection of that id to that scope.
fn may_end(entry: &Entry, objection: &Entry) -> bool {
    entry.act == Act::ObjectionLifted
        && is_the_person(entry)
        && entry.scope.contains(&objection.scope)
        && !entry.refers_to.is_empty()
        || entry.act == Act::Retracted && entry.refers_to.contains(&objection.id)
}

proptest! {
    #[test]
    fn restrictions_give_the_same_answers_in_any_order(
        (entries, shuffled) in restricting()
            .prop_flat_map(|entries| (Just(entries.clone()), Just(entries).prop_shuffle())),
    ) {
        let (one, other) = (Standing::of(&entries), Standing::of(&shuffled));
        for asked in questions() {
            prop_assert_eq!(kinds(&one, &asked), kinds(&other, &asked));
        }
    }

    #[test]
    fn an_objection_holds_against_all_that_may_not_end_it(
        before in sequence(0..12),
        after in sequence(0..24),
        to in scopes(),
    ) {
        let mut objection = entry(9_000, Act::Objected);
        objection.scope = to;
        objection.evidence.assurance = Assurance::Unverified;
        let mut standing = Standing::of(&before);
        standing.apply(&objection);
        for later in after.iter().filter(|later| !may_end(later, &objection)) {
            standing.apply(later);
            for asked in questions().iter().filter(|asked| objection.scope.touches(asked)) {
                let reasons = reasons(&standing, asked, now());
                prop_assert!(
                    reasons.contains(&Withheld::Objected) || reasons.contains(&Withheld::Erased)
                );
            }
        }
    }

    #[test]
    fn what_a_stranger_does_never_turns_a_no_into_a_yes(entries in sequence(1..24)) {
        let mut standing = Standing::default();
        for mut next in entries {
            next.evidence.actor = match next.evidence.actor {
                Actor::DataSubject | Actor::MailReceiver => next.evidence.actor,
                Actor::Staff | Actor::System => Actor::DataSubject,
            };
            let stranger = next.evidence.assurance == Assurance::Unverified
                && next.act != Act::Retracted;
            let before = standing.clone();
            standing.apply(&next);
            if !stranger {
                continue;
            }
            for rules in rule_sets() {
                for asked in questions() {
                    let was = answer(&rules, &before, &asked, now()).proceeds();
                    prop_assert!(was || !answer(&rules, &standing, &asked, now()).proceeds());
                }
            }
        }
    }

    #[test]
    fn what_staff_imports_and_mail_systems_do_ends_no_choice_of_the_person(
        entries in sequence(1..24),
    ) {
        let mut standing = Standing::default();
        for next in entries {
            let before = standing.clone();
            standing.apply(&next);
            if next.evidence.actor == Actor::DataSubject || next.act == Act::Erased {
                continue;
            }
            for asked in questions() {
                let (was, is) = (kinds(&before, &asked), kinds(&standing, &asked));
                for choice in was.iter().filter(|&&reason| reason <= Withheld::ConsentRefused) {
                    prop_assert!(is.contains(choice), "{choice:?} was ended by {next:?}");
                }
            }
        }
    }

    #[test]
    fn only_a_verified_or_evidenced_consent_allows(entries in sequence(0..24)) {
        let standing = Standing::of(&entries);
        for asked in questions() {
            if let Consent::Given(by) = standing.consent(&asked, now()) {
                let given = entries.iter().find(|entry| entry.id == by).expect("the entry");
                prop_assert_eq!(given.act, Act::ConsentGiven);
                prop_assert!(given.scope.contains(&asked));
                prop_assert!(is_the_person(given) || given.evidence.reference.is_some());
                prop_assert!(given.until.is_none_or(|end| now() < end));
                prop_assert_ne!(given.evidence.assurance, Assurance::Unverified);
                prop_assert_ne!(given.evidence.assurance, Assurance::OneClickToken);
            }
        }
    }

    #[test]
    fn a_refusal_holds_until_the_verified_person_gives_consent(
        before in sequence(0..12),
        after in sequence(0..24),
        about in scopes(),
    ) {
        let mut refusal = entry(9_000, Act::ConsentRefused);
        refusal.scope = about;
        refusal.evidence.assurance = Assurance::Unverified;
        let may_end = |entry: &&Entry| entry.act != Act::Erased
            && !(entry.act == Act::ConsentGiven && is_the_person(entry));
        let standing = Standing::of(
            before.iter().chain([&refusal]).chain(after.iter().filter(may_end)),
        );
        for asked in questions().iter().filter(|asked| refusal.scope.touches(asked)) {
            let stands = standing.consent(asked, now());
            prop_assert!(matches!(stands, Consent::Refused(_) | Consent::Withdrawn(_)));
        }
    }

    #[test]
    fn repeats_beyond_the_remembered_number_still_restrict(repeats in 1_u64..40, pause in any::<bool>()) {
        let act = if pause { Act::Paused } else { Act::Objected };
        let entries: Vec<Entry> = (1..=repeats)
            .map(|number| {
                let mut entry = entry(number, act);
                entry.until = pause.then(|| now().plus_millis(number.cast_signed()));
                entry
            })
            .collect();
        let mut standing = Standing::of(&entries);
        let asked = scope(crate::sample::PURPOSE, "", "email");
        let end = entries[entries.len() - 1].until.unwrap_or(now());
        prop_assert!(!reasons(&standing, &asked, now()).is_empty());
        prop_assert_eq!(reasons(&standing, &asked, end).is_empty(), pause);
        let mut lift = entry(900, Act::ObjectionLifted);
        lift.scope = asked.clone();
        lift.refers_to = standing.behind(&asked, pause);
        lift.until = pause.then_some(end);
        standing.apply(&lift);
        prop_assert!(reasons(&standing, &asked, now()).is_empty());
    }
}
