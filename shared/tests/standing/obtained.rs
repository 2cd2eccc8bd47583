//! Contacts that came from somebody else: by when the person must be told (Art. 14(3)).

use proptest::prelude::*;
use shared::entry::{Act, Actor, Assurance, Entry};
use shared::facts::{Facts, Obtained};
use shared::standing::Standing;
use shared::statement::{Said, Statement, Weighed};
use shared::time::Timestamp;

use crate::acts;
use crate::asking::now;
use crate::sample::{entry, moment};

fn obtained(at: &str) -> Obtained {
    Obtained {
        obtained_at: Some(moment(at)),
        ..Obtained::default()
    }
}

fn recorded(number: u64, obtained: Obtained) -> Entry {
    let mut fact = entry(number, Act::FactRecorded);
    fact.evidence.actor = Actor::Staff;
    fact.evidence.assurance = Assurance::Imported;
    fact.facts = Some(Facts {
        obtained,
        ..Facts::default()
    });
    fact
}

fn told(number: u64, at: &str) -> Entry {
    let mut notice = entry(number, Act::NoticeProvided);
    notice.recorded_at = moment(at);
    notice
}

fn due(entries: &[Entry], inform_since: &str) -> Option<Timestamp> {
    let due = Standing::of(entries).notice_due()?;
    due.is_due(moment(inform_since)).then_some(due.by)
}

/// Years before anything in these tests.
const LONG_AGO: &str = "2020-01-01T00:00:00Z";

#[test]
fn a_month_ends_with_the_same_day_or_the_last_of_a_shorter_month() {
    for (at, by) in [
        ("2027-01-15T09:30:00Z", "2027-02-16T00:00:00Z"),
        ("2027-01-31T00:00:00Z", "2027-03-01T00:00:00Z"),
        ("2028-01-31T23:59:59Z", "2028-03-01T00:00:00Z"),
        ("2028-01-30T12:00:00Z", "2028-03-01T00:00:00Z"),
        ("2028-01-29T12:00:00Z", "2028-03-01T00:00:00Z"),
        ("2028-01-28T12:00:00Z", "2028-02-29T00:00:00Z"),
        ("2027-03-31T12:00:00Z", "2027-05-01T00:00:00Z"),
        ("2027-12-31T12:00:00Z", "2028-02-01T00:00:00Z"),
    ] {
        assert_eq!(obtained(at).notice_due_by(), Some(moment(by)), "{at}");
    }
}

#[test]
fn the_earliest_of_month_communication_and_disclosure_counts() {
    let month = moment("2027-02-16T00:00:00Z");
    let (earlier, later) = (
        moment("2027-01-20T08:00:00Z"),
        moment("2027-03-01T08:00:00Z"),
    );
    let by = |communicated_at, disclosed_at| {
        Obtained {
            communicated_at,
            disclosed_at,
            ..obtained("2027-01-15T00:00:00Z")
        }
        .notice_due_by()
    };
    assert_eq!(by(None, None), Some(month));
    assert_eq!(by(Some(earlier), None), Some(earlier));
    assert_eq!(by(None, Some(earlier)), Some(earlier));
    assert_eq!(by(Some(later), Some(later)), Some(month));
    assert_eq!(by(Some(later), Some(earlier)), Some(earlier));
    assert_eq!(Obtained::default().notice_due_by(), None);
}

#[test]
fn whoever_was_told_after_the_contact_came_was_told_for_good() {
    let came = recorded(1, obtained("2027-01-15T00:00:00Z"));
    let by = Some(moment("2027-02-16T00:00:00Z"));
    let alone = [came.clone()];
    assert_eq!(due(&alone, LONG_AGO), by);
    let both = [came, told(2, "2027-01-15T00:00:00Z")];
    assert_eq!(due(&both, LONG_AGO), None);
    assert_eq!(due(&both, "2027-06-01T00:00:00Z"), None, "a later notice");
}

#[test]
fn whoever_was_told_before_has_the_information_while_the_notice_is_the_same() {
    let entries = [
        told(1, "2026-05-01T00:00:00Z"),
        recorded(2, obtained("2027-01-15T00:00:00Z")),
    ];
    assert_eq!(due(&entries, "2026-05-01T00:00:00Z"), None);
    let by = Some(moment("2027-02-16T00:00:00Z"));
    assert_eq!(due(&entries, "2026-05-01T00:00:01Z"), by);
}

#[test]
fn a_strangers_look_at_the_notice_tells_nobody_else() {
    let mut looked = told(2, "2027-01-20T00:00:00Z");
    looked.evidence.assurance = Assurance::Unverified;
    let came = recorded(1, obtained("2027-01-15T00:00:00Z"));
    assert!(due(&[came, looked], LONG_AGO).is_some());
}

#[test]
fn nobody_else_than_staff_files_and_the_person_say_where_a_contact_came_from() {
    let mut said = recorded(1, obtained("2027-01-15T00:00:00Z"));
    said.evidence.actor = Actor::DataSubject;
    said.evidence.assurance = Assurance::Unverified;
    assert_eq!(due(&[said], LONG_AGO), None);
}

#[test]
fn an_erased_contact_is_owed_nothing() {
    let came = recorded(1, obtained("2027-01-15T00:00:00Z"));
    assert_eq!(due(&[came, entry(2, Act::Erased)], LONG_AGO), None);
}

#[test]
fn a_message_counts_as_the_first_communication_where_the_person_was_not_told() {
    let mailed = Statement::Mailed {
        at: moment("2027-01-20T08:00:00Z"),
    };
    let said = Said::new("mailing", "certificate", None);
    let weigh = |entries: &[Entry]| mailed.weigh(&said, &Standing::of(entries), entries, now());
    let came = recorded(1, obtained("2027-01-15T00:00:00Z"));
    let Weighed::New(deed) = weigh(std::slice::from_ref(&came)) else {
        panic!("the first message is not recorded");
    };
    let facts = deed.facts.expect("facts");
    let both = [came.clone(), recorded(2, facts.obtained)];
    assert_eq!(due(&both, LONG_AGO), Some(moment("2027-01-20T08:00:00Z")));
    assert_eq!(weigh(&both), Weighed::Known);
    assert_eq!(weigh(&[]), Weighed::Known, "the person gave the contact");
    let known = [came, told(2, "2027-01-18T00:00:00Z")];
    assert_eq!(weigh(&known), Weighed::Known);
}

proptest! {
    #[test]
    fn the_stricter_of_two_is_due_no_later_than_either(
        one in acts::obtained(),
        other in acts::obtained(),
    ) {
        let both = one.stricter(&other);
        prop_assert_eq!(both, other.stricter(&one));
        for alone in [one, other] {
            if let Some(by) = alone.notice_due_by() {
                prop_assert!(both.notice_due_by().is_some_and(|both| both <= by));
            }
        }
    }

    #[test]
    fn what_a_newer_statement_adds_gives_what_both_say(
        old in acts::obtained(),
        new in acts::obtained(),
    ) {
        prop_assert_eq!(old.replaced(&new.less(&old)), old.replaced(&new));
        let stricter = old.stricter(&new);
        prop_assert_eq!(old.replaced(&stricter.less(&old)), stricter);
    }
}
