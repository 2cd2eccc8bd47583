//! Lifting: by the verified person alone, what is named alone, and nothing comes back to life.

use proptest::prelude::*;
use proptest::sample::Index;
use shared::decision::Withheld;
use shared::entry::{Act, Actor, Assurance, Entry, Stay};
use shared::scope::Scope;
use shared::standing::{Consent, Held, Standing, What};

use crate::acts::{every_scope, moments, scopes, sequence};
use crate::asking::{now, questions, reasons};
use crate::sample::{entry, id, scope};

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
                lift.refers_to = entries.iter().map(|entry| entry.id).collect();
                (lift.evidence.actor, lift.evidence.assurance) = (actor, assurance);
                let mut after = standing.clone();
                after.apply(&lift);
                prop_assert_eq!(&after, &standing);
            }
        }
    }

    #[test]
    fn the_persons_lift_ends_what_it_names_and_nothing_else(
        entries in sequence(1..24),
        of in scopes(),
        until in prop::option::of(moments()),
        named in prop::collection::vec(any::<Index>(), 0..4),
    ) {
        let before = Standing::of(&entries);
        let mut lift = entry(900, Act::ObjectionLifted);
        lift.scope = of;
        lift.until = until;
        lift.refers_to = named.iter().map(|index| index.get(&entries).id).collect();
        let mut after = before.clone();
        after.apply(&lift);
        for scope in every_scope() {
            for is_pause in [false, true] {
                let mut left = before.behind(&scope, is_pause);
                let is_the_same = scope == lift.scope && is_pause == until.is_some();
                let is_named = |id| lift.refers_to.contains(id)
                    && (is_the_same || before.is_live(*id) && lift.scope.contains(&scope));
                if left.iter().any(is_named) {
                    left.clear();
                }
                prop_assert_eq!(after.behind(&scope, is_pause), left);
            }
        }
        let is_whole = lift.scope == Scope::ALL && until.is_none();
        let left = |id: &_| !(is_whole && lift.refers_to.contains(id));
        prop_assert_eq!(after.erased, before.erased.filter(left));
        prop_assert_eq!(after.spam_reported, before.spam_reported.filter(left));
    }

    #[test]
    fn the_lift_of_one_stop_ends_all_of_it_and_no_other(
        entries in sequence(0..24),
        erased in prop::option::of(prop::collection::vec((scopes(), any::<bool>()), 0..6)),
        later in sequence(0..24),
    ) {
        let stays = |all: Vec<(Scope, bool)>| all.into_iter().map(|(scope, is_pause)| Stay {
            scope,
            until: is_pause.then(|| now().plus_millis(1)),
        });
        let mut before = Standing::of(&entries);
        if let Some(all) = erased {
            let mut erased = entry(800, Act::Erased);
            erased.stays = stays(all).collect();
            before.apply(&erased);
        }
        for (number, mut next) in (1_000..).zip(later) {
            next.id = id(number);
            before.apply(&next);
        }
        for stop in stops(&before) {
            let mut after = before.clone();
            let lift = lift_of(&before, &stop);
            after.apply(&lift);
            let mut left = before.stays(now());
            left.retain(|stay| stay.scope != stop.scope || stay.until.is_some() != stop.until.is_some());
            prop_assert_eq!(after.stays(now()), left);
            let is_of_the_erasure = stop.scope == Scope::ALL
                && stop.until.is_none()
                && before.erased.is_some_and(|erased| lift.refers_to.contains(&erased));
            prop_assert_eq!(after.erased, before.erased.filter(|_| !is_of_the_erasure));
            prop_assert_eq!(after.spam_reported, before.spam_reported);
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

/// The objections and pauses that hold.
fn stops(standing: &Standing) -> Vec<Held> {
    let mut held = standing.held(now());
    held.retain(|held| matches!(held.what, What::Objection | What::Pause));
    held
}

/// The lift of one of them.
fn lift_of(standing: &Standing, stop: &Held) -> Entry {
    let mut lift = entry(900, Act::ObjectionLifted);
    lift.scope = stop.scope.clone();
    lift.until = stop.until;
    lift.refers_to = standing.behind(&stop.scope, stop.what == What::Pause);
    lift
}

#[test]
fn the_end_of_a_pause_of_everything_leaves_objections_to_everything_and_to_a_part() {
    let mut pause = entry(1, Act::Paused);
    pause.scope = Scope::ALL;
    pause.until = Some(now().plus_millis(1));
    let mut whole = entry(2, Act::Objected);
    whole.scope = Scope::ALL;
    let mut part = entry(3, Act::Objected);
    part.scope = scope("newsletter", "events", "");
    let mut standing = Standing::of([&pause, &whole, &part]);
    let stops = stops(&standing);
    let lift = lift_of(&standing, &stops[0]);
    assert_eq!(lift.refers_to, [pause.id]);
    standing.apply(&lift);
    assert!(standing.is_live(whole.id) && standing.is_live(part.id));
    assert!(!standing.is_live(pause.id));
}

#[test]
fn a_lift_that_names_what_lies_within_it_ends_that_too() {
    let mut part = entry(1, Act::Objected);
    part.scope = scope("newsletter", "events", "");
    let mut pause = entry(2, Act::Paused);
    pause.until = Some(now().plus_millis(1));
    let mut lift = entry(3, Act::ObjectionLifted);
    lift.scope = Scope::ALL;
    lift.refers_to = vec![part.id, pause.id];
    assert!(stops(&Standing::of([&part, &pause, &lift])).is_empty());
}

#[test]
fn an_objection_after_a_lift_counts_again() {
    let mut standing = Standing::default();
    for (number, act) in (1..).zip([Act::Objected, Act::ObjectionLifted, Act::Objected]) {
        let mut entry = entry(number, act);
        entry.refers_to = vec![id(1)];
        standing.apply(&entry);
    }
    let asked = entry(0, Act::Objected).scope;
    assert_eq!(reasons(&standing, &asked, now()), [Withheld::Objected]);
}
