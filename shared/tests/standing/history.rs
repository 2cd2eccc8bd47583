//! Replay: the ledger's order is the only order, and every answer can be given again.

use proptest::prelude::*;
use shared::decision::Withheld;
use shared::digest::Digest;
use shared::entry::{Act, Actor, Assurance, Entry, Stay};
use shared::facts::{Country, Facts, Obtained, SoftOptIn, Subscriber};
use shared::scope::Scope;
use shared::standing::Standing;

use crate::acts::{moments, scopes, sequence};
use crate::asking::{answer, now, questions, reasons};
use crate::rules::rules;
use crate::sample::{PURPOSE, entry, moment, scope};

proptest! {
    #[test]
    fn the_replay_of_a_prefix_answers_as_it_was_answered_then(entries in sequence(0..24)) {
        let mut standing = Standing::default();
        for (length, next) in entries.iter().enumerate() {
            prop_assert_eq!(&Standing::of(&entries[..length]), &standing);
            standing.apply(next);
        }
        let again = Standing::of(&entries);
        for asked in questions() {
            let (one, other) = (
                answer(&rules(), &standing, &asked, now()),
                answer(&rules(), &again, &asked, now()),
            );
            prop_assert_eq!(one, other);
        }
    }

    #[test]
    fn no_clock_changes_what_was_chosen(
        entries in sequence(0..24),
        clocks in prop::collection::vec(moments(), 24),
    ) {
        let mut moved = entries.clone();
        for (entry, clock) in moved.iter_mut().zip(clocks) {
            entry.recorded_at = clock;
        }
        let (one, other) = (Standing::of(&entries), Standing::of(&moved));
        for asked in questions() {
            prop_assert_eq!(reasons(&one, &asked, now()), reasons(&other, &asked, now()));
        }
    }

    #[test]
    fn a_pause_ends_exactly_when_it_says(
        to in scopes(),
        end in moments(),
        recorded_at in moments(),
    ) {
        let mut pause = entry(1, Act::Paused);
        pause.scope = to;
        pause.until = Some(end);
        pause.recorded_at = recorded_at;
        let standing = Standing::of([&pause]);
        for asked in questions() {
            let paused = |at| reasons(&standing, &asked, at).contains(&Withheld::Paused);
            prop_assert_eq!(paused(end.plus_millis(-1)), pause.scope.touches(&asked));
            prop_assert!(!paused(end));
        }
    }

    #[test]
    fn a_standing_that_was_stored_reads_back_the_same(entries in sequence(0..24)) {
        let standing = Standing::of(&entries);
        let stored = serde_json::to_string(&standing).expect("JSON");
        let back: Standing = serde_json::from_str(&stored).expect("a standing");
        prop_assert_eq!(back, standing);
    }

    #[test]
    fn acts_about_a_case_and_questions_about_consent_change_nothing(entries in sequence(0..12)) {
        let standing = Standing::of(&entries);
        for act in [
            Act::ConsentRequested,
            Act::CaseOpened,
            Act::CaseAcknowledged,
            Act::CaseExtended,
            Act::CaseDecided,
        ] {
            let mut silent = entry(900, act);
            silent.evidence.assurance = shared::entry::Assurance::Unverified;
            let mut after = standing.clone();
            after.apply(&silent);
            prop_assert_eq!(&after, &standing);
        }
    }
}

/// Every act by everybody who may do it, each naming those before it, over scopes that touch.
fn everything() -> Vec<Entry> {
    let by = [
        (Actor::DataSubject, Assurance::LinkVerified),
        (Actor::DataSubject, Assurance::Unverified),
        (Actor::Staff, Assurance::StaffAttested),
        (Actor::System, Assurance::Imported),
    ];
    let scopes = [
        Scope::ALL,
        scope(PURPOSE, "", ""),
        scope(PURPOSE, "", "email"),
        scope("news", "", "email"),
    ];
    let mut entries: Vec<Entry> = Vec::new();
    for number in 0..400 {
        // Steps without a common divisor: every act meets every actor and scope.
        let place = number as usize;
        let mut next = entry(number, Act::ALL[place * 7 % Act::ALL.len()]);
        (next.evidence.actor, next.evidence.assurance) = by[place / 3 % by.len()];
        next.scope = scopes[place / 5 % scopes.len()].clone();
        next.until = (place / 2)
            .is_multiple_of(3)
            .then(|| moment("2027-01-01T00:00:00Z"));
        next.refers_to = entries
            .iter()
            .rev()
            .take(place % 5)
            .map(|one| one.id)
            .collect();
        next.facts = (next.act == Act::FactRecorded).then(|| facts(place));
        if next.act == Act::Erased {
            next.stays = stays(&scopes, place);
        }
        entries.push(next);
    }
    entries
}

fn facts(place: usize) -> Facts {
    let at = |there: bool| there.then(|| moment("2026-09-01T00:00:00Z"));
    Facts {
        country: [None, Some(Country::GB), Country::parse("DE").ok()][place % 3],
        obtained: Obtained {
            communicated_at: at(place.is_multiple_of(5)),
            disclosed_at: at(place.is_multiple_of(7)),
            obtained_at: at(place.is_multiple_of(2)),
        },
        soft_opt_in: [SoftOptIn::ObtainedInSale, SoftOptIn::SimilarServices]
            .into_iter()
            .take(place % 4)
            .collect(),
        subscriber: [
            None,
            Some(Subscriber::Corporate),
            Some(Subscriber::Individual),
        ][place / 2 % 3],
        ..Facts::default()
    }
}

/// None of the scopes, some of them for good, others for a while.
fn stays(scopes: &[Scope], place: usize) -> Vec<Stay> {
    let some = scopes.iter().enumerate().skip(1).take(place % 4);
    let stay = |(at, scope): (usize, &Scope)| Stay {
        scope: scope.clone(),
        until: at.is_multiple_of(2).then(|| moment("2027-02-01T00:00:00Z")),
    };
    some.map(stay).collect()
}

#[test]
fn another_fold_has_another_number() {
    let (mut standing, mut seen) = (Standing::default(), Vec::new());
    for entry in everything() {
        standing.apply(&entry);
        serde_json::to_writer(&mut seen, &standing).expect("JSON");
    }
    assert_eq!(
        (Standing::FOLD, Digest::of(&seen).to_string().as_str()),
        (
            1,
            "4d7a48e3824fc9f8a687d43717a373577f4f602161bd9926a55e4f6392f715dc"
        ),
        "the fold has changed: raise Standing::FOLD, and put both here"
    );
}

#[test]
fn a_standing_of_nothing_stores_nothing_and_an_unknown_field_is_refused() {
    let stored = serde_json::to_string(&Standing::default()).expect("JSON");
    assert_eq!(stored, "{}");
    assert!(serde_json::from_str::<Standing>(r#"{"address":"x"}"#).is_err());
}

#[test]
fn of_facts_those_that_tighten_rest_behind_what_stops_and_are_so_by_now() {
    let recorded = |number, country: &str, subscriber| {
        let mut fact = entry(number, Act::FactRecorded);
        fact.facts = Some(Facts {
            country: Some(Country::parse(country).expect(country)),
            obtained: Obtained {
                obtained_at: Some(moment("2026-01-01T00:00:00Z")),
                ..Obtained::default()
            },
            soft_opt_in: [SoftOptIn::ObtainedInSale].into(),
            subscriber,
            ..Facts::default()
        });
        fact
    };
    let strict = recorded(1, "DE", Some(Subscriber::Individual));
    let facts = |standing: &Standing, of: &Entry| standing.rest_of(of).map(|one| one.facts);
    let standing = Standing::of([&strict]);
    let tightening = Facts {
        obtained: Obtained::default(),
        soft_opt_in: [].into(),
        ..strict.facts.clone().expect("facts")
    };
    assert_eq!(facts(&standing, &strict), Some(Some(tightening.clone())));
    let british = recorded(2, "GB", None);
    let standing = Standing::of([&strict, &british]);
    let individual = Facts {
        country: None,
        ..tightening
    };
    assert_eq!(facts(&standing, &strict), Some(Some(individual)));
    assert_eq!(facts(&standing, &british), None);
}
