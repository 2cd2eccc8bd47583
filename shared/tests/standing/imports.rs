//! What is taken over from other systems: it restricts or informs, in any order and any number of
//! times.

use std::collections::BTreeSet;

use proptest::prelude::*;
use shared::decision::Withheld;
use shared::entry::{Act, Assurance, Entry};
use shared::facts::{Country, CrmReference, Facts, SoftOptIn, Subscriber};
use shared::scope::Scope;
use shared::standing::Standing;
use shared::statement::{Said, Statement, Weighed};
use shared::time::Timestamp;

use crate::acts::{moments, obtained, records, scopes, sequence};
use crate::asking::{answer, now, questions, reasons, rule_sets};
use crate::rules::rules;
use crate::sample::{PURPOSE, entry, moment, scope};

/// A row of a file.
type Row = (Statement, Said);

/// One address with its entries.
#[derive(Clone, Default)]
struct Contact {
    standing: Standing,
    history: Vec<Entry>,
}

impl Contact {
    fn of(entries: Vec<Entry>) -> Self {
        Self {
            standing: Standing::of(&entries),
            history: entries,
        }
    }

    /// Takes a row over as the recorder does; returns whether anything was appended.
    fn take(&mut self, row: &Row) -> bool {
        let (statement, said) = row;
        let weighed = statement.weigh(said, &self.standing, &self.history, now());
        let Weighed::New(deed) = weighed else {
            return false;
        };
        let number = 5_000 + u64::try_from(self.history.len()).unwrap_or(0);
        let mut entry = entry(number, deed.act);
        entry.recorded_at = now();
        entry.scope = deed.scope;
        entry.until = deed.until;
        entry.facts = deed.facts;
        entry.evidence.assurance = Assurance::Imported;
        entry.evidence.reference = Some(said.reference(Some("folder 3")));
        self.standing.apply(&entry);
        self.history.push(entry);
        true
    }

    fn take_all(mut self, rows: &[Row]) -> Self {
        for row in rows {
            self.take(row);
        }
        self
    }

    /// What it means for mailings, whichever entry is behind it.
    fn meaning(&self) -> String {
        let mut all = Vec::new();
        for at in [
            now(),
            moment("2027-05-01T00:00:00Z"),
            moment("2028-11-01T00:00:00Z"),
        ] {
            for rules in rule_sets() {
                for asked in questions() {
                    all.push(format!(
                        "{:?}",
                        stripped(&answer(&rules, &self.standing, &asked, at))
                    ));
                }
            }
        }
        format!(
            "{all:?} {:?} {:?} {:?}",
            self.standing.facts,
            CrmReference::of(&self.history),
            self.standing.informed_at
        )
    }
}

fn stripped(decision: &shared::decision::Decision) -> String {
    match decision {
        shared::decision::Decision::Proceed {
            ground,
            obligations,
            ..
        } => {
            format!("{ground:?} {obligations:?}")
        }
        shared::decision::Decision::Withhold { reasons, .. } => format!("{reasons:?}"),
    }
}

fn softs() -> impl Strategy<Value = BTreeSet<SoftOptIn>> {
    let facts = vec![
        SoftOptIn::ObtainedInSale,
        SoftOptIn::SimilarServices,
        SoftOptIn::RefusalOffered,
    ];
    prop::collection::btree_set(prop::sample::select(facts), 0..4)
}

fn facts() -> impl Strategy<Value = Facts> {
    let country = prop::option::of(prop::sample::select(vec!["GB", "DE", "FR"]));
    let subscriber = prop::option::of(prop::sample::select(vec![
        Subscriber::Corporate,
        Subscriber::Individual,
    ]));
    let soft = softs();
    let crm = prop::collection::btree_set(records(), 0..3);
    (country, subscriber, soft, crm, obtained()).prop_map(
        |(country, subscriber, soft_opt_in, crm, obtained)| Facts {
            country: country.map(|code| Country::parse(code).expect(code)),
            crm_references: crm,
            obtained,
            soft_opt_in,
            subscriber,
        },
    )
}

fn dates() -> impl Strategy<Value = Timestamp> {
    (0..900_i64).prop_map(|day| now().plus_millis(-day * 86_400_000))
}

/// What a consent can be about: one purpose over one channel.
fn specific() -> impl Strategy<Value = Scope> {
    scopes().prop_filter("one purpose, one channel", |scope| {
        scope.purpose.is_some() && scope.channel.is_some()
    })
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let statement = prop_oneof![
        (scopes(), prop::option::of(moments()))
            .prop_map(|(scope, until)| Statement::Objected { scope, until }),
        Just(Statement::Bounced),
        Just(Statement::SpamReported),
        (specific(), dates()).prop_map(|(scope, given)| Statement::Consented {
            scope,
            given,
            until: given.plus_millis(730 * 86_400_000),
        }),
        facts().prop_map(|facts| Statement::Facts {
            facts,
            replaces: false
        }),
        softs().prop_map(|facts| Statement::Denied { facts }),
        Just(Statement::Informed {
            inform_since: moment(crate::rules::INFORM_SINCE)
        }),
    ];
    let row = (statement, prop::option::of(dates())).prop_map(|(statement, when)| {
        let what = format!("{:?}", std::mem::discriminant(&statement));
        (statement, Said::new("a tool", &what, when))
    });
    prop::collection::vec(row, 0..12)
}

fn restricting(rows: &[Row]) -> Vec<Row> {
    let restricts = |row: &&Row| {
        matches!(
            row.0,
            Statement::Objected { .. } | Statement::Bounced | Statement::SpamReported
        )
    };
    rows.iter().filter(restricts).cloned().collect()
}

proptest! {
    #[test]
    fn no_import_makes_an_address_mailable_that_a_person_took_off(
        before in sequence(0..12),
        rows in rows(),
        after in rows(),
    ) {
        let mut contact = Contact::of(before);
        for row in rows.iter().chain(&after) {
            let was: Vec<_> = questions()
                .iter()
                .map(|asked| reasons(&contact.standing, asked, now()))
                .collect();
            contact.take(row);
            for (asked, was) in questions().iter().zip(was) {
                let is = reasons(&contact.standing, asked, now());
                for choice in was.into_iter().filter(|reason| {
                    *reason <= Withheld::Erased
                        || matches!(
                            reason,
                            Withheld::SpamReported
                                | Withheld::HardBounce
                                | Withheld::ConsentRefused
                                | Withheld::ConsentWithdrawn
                        )
                }) {
                    prop_assert!(is.contains(&choice), "{choice:?} was ended by {row:?}");
                }
            }
        }
    }

    #[test]
    fn what_restricts_never_turns_a_no_into_a_yes(before in sequence(0..12), rows in rows()) {
        let mut contact = Contact::of(before);
        for row in restricting(&rows) {
            let was = contact.standing.clone();
            contact.take(&row);
            for rules in rule_sets() {
                for asked in questions() {
                    let yes = answer(&rules, &contact.standing, &asked, now()).proceeds();
                    prop_assert!(!yes || answer(&rules, &was, &asked, now()).proceeds());
                }
            }
        }
    }

    #[test]
    fn no_standing_holds_the_records_of_a_customer_database(rows in rows()) {
        let contact = Contact::default().take_all(&rows);
        prop_assert!(contact.standing.facts.crm_references.is_empty());
        let stated: BTreeSet<_> = rows
            .iter()
            .flat_map(|(statement, _)| match statement {
                Statement::Facts { facts, .. } => facts.crm_references.clone(),
                _ => BTreeSet::new(),
            })
            .collect();
        prop_assert_eq!(CrmReference::of(&contact.history), stated);
    }

    #[test]
    fn a_file_imported_again_writes_nothing(before in sequence(0..12), rows in rows()) {
        let mut contact = Contact::of(before).take_all(&rows);
        for row in &rows {
            prop_assert!(!contact.take(row), "{row:?} was written again");
        }
    }

    #[test]
    fn a_file_in_any_order_in_parts_or_twice_gives_the_same_standing(
        before in sequence(0..12),
        (rows, shuffled) in rows()
            .prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        at in 0..12_usize,
    ) {
        let kinds: [fn(&Statement) -> bool; 3] = [
            |one| matches!(one, Statement::Objected { .. } | Statement::Bounced | Statement::SpamReported),
            |one| matches!(one, Statement::Consented { .. }),
            |one| matches!(one, Statement::Facts { .. } | Statement::Informed { .. }),
        ];
        for kind in kinds {
            let file = |rows: &[Row]| -> Vec<Row> {
                rows.iter().filter(|row| kind(&row.0)).cloned().collect()
            };
            let (whole, shuffled) = (file(&rows), file(&shuffled));
            let at = at.min(whole.len());
            let once = Contact::of(before.clone()).take_all(&whole);
            let twice = once.clone().take_all(&whole);
            let halves = Contact::of(before.clone()).take_all(&whole[at..]).take_all(&whole[..at]);
            let mixed = Contact::of(before.clone()).take_all(&shuffled);
            for other in [twice, halves, mixed] {
                prop_assert_eq!(once.meaning(), other.meaning());
            }
        }
    }
}

fn objected(when: Option<&str>) -> Row {
    let statement = Statement::Objected {
        scope: scope("", "", "email"),
        until: None,
    };
    let said = Said::new("a tool", "unsubscribed", when.map(moment));
    (statement, said)
}

/// The person's lift of what was objected to.
fn lift(contact: &Contact) -> Entry {
    let mut lift = entry(9_000, Act::ObjectionLifted);
    lift.scope = scope("", "", "email");
    lift.refers_to = contact.standing.behind(&lift.scope, false);
    lift
}

#[test]
fn an_old_file_does_not_undo_what_the_person_lifted_and_a_newer_one_counts() {
    let old = objected(Some("2024-05-01T00:00:00Z"));
    let mut contact = Contact::default().take_all(std::slice::from_ref(&old));
    let lift = lift(&contact);
    contact.standing.apply(&lift);
    contact.history.push(lift);
    assert!(!contact.take(&old));
    assert!(contact.take(&objected(Some("2026-11-20T00:00:00Z"))));
}

#[test]
fn an_import_that_was_lifted_does_not_stand_in_for_what_a_page_may_still_take_back() {
    let old = objected(Some("2024-05-01T00:00:00Z"));
    let mut contact = Contact::default().take_all(std::slice::from_ref(&old));
    let mut pressed = entry(9_001, Act::Objected);
    pressed.scope = scope("", "", "email");
    pressed.evidence.assurance = Assurance::Unverified;
    for act in [lift(&contact), pressed.clone()] {
        contact.standing.apply(&act);
        contact.history.push(act);
    }
    assert!(!contact.take(&old), "the person has answered that one");
    let newer = objected(Some("2026-11-20T00:00:00Z"));
    assert!(contact.take(&newer));
    assert!(!contact.take(&newer));
    let mut undone = entry(9_002, Act::Retracted);
    undone.refers_to = vec![pressed.id];
    contact.standing.apply(&undone);
    let asked = scope(PURPOSE, "", "email");
    assert!(!answer(&rules(), &contact.standing, &asked, now()).proceeds());
}

#[test]
fn an_undated_row_is_recorded_again_after_a_lift() {
    let mut contact = Contact::default().take_all(&[objected(None)]);
    assert!(!contact.take(&objected(None)));
    let lift = lift(&contact);
    contact.standing.apply(&lift);
    contact.history.push(lift);
    assert!(contact.take(&objected(None)));
}

#[test]
fn a_newer_row_counts_after_a_lift_though_a_page_that_may_take_it_back_says_the_same() {
    let newer = objected(Some("2026-11-20T00:00:00Z"));
    let mut contact = Contact::default().take_all(&[objected(Some("2024-05-01T00:00:00Z"))]);
    let mut page = entry(9_001, Act::Objected);
    page.scope = scope("", "", "email");
    page.evidence.assurance = Assurance::Unverified;
    let mut undone = entry(9_002, Act::Retracted);
    undone.evidence.assurance = Assurance::Unverified;
    undone.refers_to = vec![page.id];
    for entry in [lift(&contact), page] {
        contact.standing.apply(&entry);
        contact.history.push(entry);
    }
    assert!(contact.take(&newer));
    contact.standing.apply(&undone);
    let asked = scope(PURPOSE, "", "email");
    assert_eq!(contact.standing.hits(&asked, now()).count(), 1);
}

#[test]
fn a_consent_older_than_a_lift_is_not_revived() {
    let mut contact = Contact::of(vec![lift(&Contact::default())]);
    let consented = |given: &str| {
        let statement = Statement::Consented {
            scope: scope(PURPOSE, "", "email"),
            given: moment(given),
            until: moment("2028-01-01T00:00:00Z"),
        };
        (
            statement,
            Said::new("table", "consented", Some(moment(given))),
        )
    };
    assert!(!contact.take(&consented("2026-10-31T00:00:00Z")));
    assert!(contact.take(&consented("2026-11-02T00:00:00Z")));
    let asked = scope(PURPOSE, "", "email");
    assert!(answer(&rules(), &contact.standing, &asked, now()).proceeds());
}
