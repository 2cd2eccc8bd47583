//! Taking back: exactly the entry that is named, by the page that made it.

use proptest::prelude::*;
use shared::decision::Withheld;
use shared::entry::{Act, Actor, Assurance, Entry};
use shared::scope::Scope;
use shared::standing::Standing;
use uuid::Uuid;

use crate::acts::{moments, scopes, sequence};
use crate::asking::{now, questions, reasons};
use crate::sample::{PURPOSE, entry, id, scope};

fn retraction(of: &[Uuid]) -> Entry {
    let mut entry = entry(950, Act::Retracted);
    entry.evidence.assurance = Assurance::Unverified;
    entry.refers_to = of.to_vec();
    entry
}

proptest! {
    #[test]
    fn a_retraction_takes_back_the_entry_it_names_and_no_other(
        entries in sequence(1..24),
        pick in any::<prop::sample::Index>(),
    ) {
        let before = Standing::of(&entries);
        let named = pick.get(&entries).id;
        let mut after = before.clone();
        after.apply(&retraction(&[named]));
        for entry in &entries {
            let lives = before.is_live(entry.id) && entry.id != named;
            prop_assert_eq!(after.is_live(entry.id), lives);
        }
        for asked in questions() {
            prop_assert_eq!(after.consent(&asked, now()), before.consent(&asked, now()));
        }
        if !before.is_live(named) {
            prop_assert_eq!(after, before);
        }
    }

    #[test]
    fn what_stays_without_some_entries_is_what_stays_once_they_are_taken_back(
        entries in sequence(1..24),
        picks in proptest::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let named: Vec<_> = picks.iter().map(|pick| pick.get(&entries).id).collect();
        let before = Standing::of(&entries);
        let mut after = before.clone();
        after.apply(&retraction(&named));
        prop_assert_eq!(
            before.stays_without(now(), |id| named.contains(&id)),
            after.stays(now())
        );
    }

    #[test]
    fn what_was_taken_back_at_once_never_was(
        entries in sequence(0..24),
        to in scopes(),
        end in proptest::option::of(moments()),
    ) {
        let before = Standing::of(&entries);
        let mut made = entry(940, if end.is_some() { Act::Paused } else { Act::Objected });
        made.scope = to;
        made.until = end;
        made.evidence.assurance = Assurance::Unverified;
        let mut after = before.clone();
        after.apply(&made);
        prop_assert!(after.is_live(made.id));
        after.apply(&retraction(&[made.id]));
        for asked in questions() {
            for at in [now().plus_millis(-4), now(), now().plus_millis(100 * 86_400_000)] {
                prop_assert_eq!(reasons(&after, &asked, at), reasons(&before, &asked, at));
            }
        }
    }

    #[test]
    fn whatever_the_gate_withholds_for_what_was_recorded_still_stops_a_part_of_it_all(
        entries in sequence(0..24),
    ) {
        let standing = Standing::of(&entries);
        for asked in questions() {
            for at in [now(), now().plus_millis(100 * 86_400_000)] {
                let is_recorded = |reason: &Withheld| matches!(
                    reason,
                    Withheld::Objected
                        | Withheld::Paused
                        | Withheld::Erased
                        | Withheld::HardBounce
                        | Withheld::SpamReported
                        | Withheld::ConsentRefused
                        | Withheld::ConsentWithdrawn
                );
                if reasons(&standing, &asked, at).iter().any(is_recorded) {
                    prop_assert!(standing.stops_any_of(&asked, at));
                    prop_assert!(standing.stops_any_of(&Scope::ALL, at));
                }
            }
        }
    }

    #[test]
    fn staff_imports_and_mail_systems_take_nothing_back(entries in sequence(1..24)) {
        let standing = Standing::of(&entries);
        let all: Vec<Uuid> = entries.iter().map(|entry| entry.id).collect();
        for (actor, assurance) in [
            (Actor::Staff, Assurance::StaffAttested),
            (Actor::System, Assurance::Imported),
            (Actor::MailReceiver, Assurance::OneClickToken),
            (Actor::DataSubject, Assurance::StaffAttested),
            (Actor::DataSubject, Assurance::Imported),
            (Actor::Staff, Assurance::Unverified),
        ] {
            let mut back = retraction(&all);
            (back.evidence.actor, back.evidence.assurance) = (actor, assurance);
            let mut after = standing.clone();
            after.apply(&back);
            prop_assert_eq!(&after, &standing);
        }
    }

    #[test]
    fn of_a_flood_of_objections_those_that_are_forgotten_can_no_longer_be_taken_back(
        repeats in 1_u64..40,
    ) {
        let entries: Vec<Entry> = (1..=repeats).map(|number| entry(number, Act::Objected)).collect();
        let mut standing = Standing::of(&entries);
        let all: Vec<Uuid> = entries.iter().map(|entry| entry.id).collect();
        let forgotten = all.iter().any(|&one| !standing.is_live(one));
        standing.apply(&retraction(&all));
        let asked = scope(PURPOSE, "", "email");
        prop_assert_eq!(!reasons(&standing, &asked, now()).is_empty(), forgotten);
    }
}

#[test]
fn pauses_make_no_objection_forgotten() {
    let mut standing = Standing::of([&entry(1, Act::Objected)]);
    for number in 2..40 {
        let mut pause = entry(number, Act::Paused);
        pause.until = Some(now());
        standing.apply(&pause);
    }
    assert!(standing.is_live(id(1)));
}
