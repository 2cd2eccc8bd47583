//! What is owed is found and counted as the standings and the cases say.

use backend::store::cases::{CaseKind, CaseStep, Cases as _, Handle as _, NewCase};
use backend::store::dues::{DueCount, DueNotice, Dues as _};
use backend::store::{NewAct, Write as _};
use shared::entry::{Act, Actor, Assurance};
use shared::facts::{Facts, Obtained};
use shared::time::Timestamp;

use crate::cases::{DECIDED, case, opening};
use crate::engine::Engine;
use crate::given::{NOW, act, entry, keys, sealed, subject};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const LONG_AGO: Timestamp = Timestamp::from_millis(0);

/// The contact of that number was disclosed at that moment, and so must have been told by then.
fn disclosed(number: u64, id: u64, at: Timestamp) -> NewAct {
    let mut fact = entry(subject(number), id, Act::FactRecorded);
    fact.evidence.actor = Actor::Staff;
    fact.evidence.assurance = Assurance::Imported;
    fact.facts = Some(Facts {
        obtained: Obtained {
            disclosed_at: Some(at),
            ..Obtained::default()
        },
        ..Facts::default()
    });
    act(keys(number), vec![fact])
}

fn told(number: u64, id: u64, at: Timestamp) -> NewAct {
    let mut notice = entry(subject(number), id, Act::NoticeProvided);
    notice.evidence.actor = Actor::Staff;
    notice.evidence.assurance = Assurance::Imported;
    notice.recorded_at = at;
    act(keys(number), vec![notice])
}

pub(crate) async fn who_must_be_told_is_found_in_the_order_of_time(engine: impl Engine) {
    let store = engine.open();
    let day = |days: i64| NOW.plus_millis(days * DAY_MS);
    let acts = [
        disclosed(1, 1, day(2)),
        disclosed(2, 2, day(-1)),
        disclosed(3, 3, day(1)),
        told(3, 4, day(1)),
        told(4, 5, day(-5)),
        disclosed(4, 6, day(-2)),
        told(5, 7, NOW),
    ];
    store.append_all(acts.into()).await.unwrap();
    let due = |number, by| DueNotice {
        subject: subject(number),
        by,
    };
    let found = |since, until, limit| store.due_notices(since, until, limit);
    let (first, second, third) = (due(4, day(-2)), due(2, day(-1)), due(1, day(2)));
    let later_notice = day(-4);
    assert_eq!(
        found(later_notice, None, 9).await.unwrap(),
        [first, second, third]
    );
    assert_eq!(found(later_notice, None, 1).await.unwrap(), [first]);
    assert_eq!(
        found(later_notice, Some(day(-1)), 9).await.unwrap(),
        [first, second]
    );
    assert_eq!(found(LONG_AGO, None, 9).await.unwrap(), [second, third]);
    let counted = store.count_dues(later_notice, NOW).await.unwrap().notices;
    assert_eq!(counted, DueCount { due: 3, overdue: 2 });
    let counted = store.count_dues(LONG_AGO, day(2)).await.unwrap().notices;
    assert_eq!(counted, DueCount { due: 2, overdue: 2 });
    store.append(told(2, 8, NOW)).await.unwrap();
    assert_eq!(found(LONG_AGO, None, 9).await.unwrap(), [third]);
}

pub(crate) async fn open_cases_are_counted_as_each_of_them_says(engine: impl Engine) {
    let store = engine.open();
    let complaint = |reference| NewCase {
        kind: CaseKind::Complaint,
        acknowledge_by: Some(NOW.plus_millis(50)),
        due: None,
        ..case(reference)
    };
    let cases = [
        case("AAAA0001"),
        case("AAAA0002"),
        complaint("AAAA0003"),
        complaint("AAAA0004"),
    ];
    for (number, case) in (1..).zip(cases) {
        store
            .open_case(case, opening(number, number))
            .await
            .unwrap();
    }
    let step = |reference, step, number, act| {
        let entries = vec![sealed(entry(subject(number), 10 + number, act))];
        store.step_case(reference, step, entries, None)
    };
    step("AAAA0002", DECIDED, 2, Act::CaseDecided)
        .await
        .unwrap();
    let acknowledge = CaseStep::Acknowledge;
    step("AAAA0004", acknowledge, 4, Act::CaseAcknowledged)
        .await
        .unwrap();
    for after in [0, 49, 50, 99, 100] {
        let at = NOW.plus_millis(after);
        let cases = store.cases().await.unwrap();
        let open = cases.iter().filter(|case| case.decided.is_none()).count();
        let late = cases.iter().filter(|case| case.is_overdue(at)).count();
        let counted = store.count_dues(LONG_AGO, at).await.unwrap().cases;
        assert_eq!((counted.due, counted.overdue), (open as u64, late as u64));
        assert_eq!(
            late,
            [0, 1, 2][usize::from(after >= 50) + usize::from(after >= 100)]
        );
    }
}
