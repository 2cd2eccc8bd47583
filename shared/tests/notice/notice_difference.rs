//! Versions are compared by meaning (NOT-08).

use shared::notice::Notice;
use shared::notice::difference::{Change, difference, obliges_to_inform};
use shared::notice::party::{Controller, Transfer};
use shared::notice::purpose::Purpose;
use shared::notice::retention::{EventKey, Keep, Override, Period};
use shared::notice::slot::{Slot, SlotName};
use shared::notice::version::NoticeVersion;
use shared::purpose::{Channel, PurposeClass, PurposeKey};

use super::{SEED, day, notice};

fn changes(change: impl Fn(&mut Notice)) -> Vec<Change> {
    let [old, mut new] = [notice(), notice()];
    change(&mut new);
    new.version = 2;
    new.effective = day("2027-01-01");
    let [old, new] = [old, new].map(|notice| NoticeVersion::Structured(Box::new(notice)));
    difference(&old, &new)
}

fn backwards(change: impl Fn(&mut Notice)) -> Vec<Change> {
    let [mut old, new] = [notice(), notice()];
    change(&mut old);
    let [old, new] = [old, new].map(|notice| NoticeVersion::Structured(Box::new(notice)));
    difference(&old, &new)
}

fn marketing(notice: &mut Notice) -> &mut Purpose {
    notice
        .purposes
        .iter_mut()
        .find(|p| p.class == PurposeClass::DirectMarketing)
        .unwrap()
}

fn kind(change: &Change) -> String {
    serde_json::to_value(change).unwrap()["kind"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn new_purpose(notice: &mut Notice) {
    let mut purpose = notice.purposes[0].clone();
    purpose.key = PurposeKey::parse("surveys").unwrap();
    notice.purposes.push(purpose);
}

fn set_financial(notice: &mut Notice, text: &str) {
    let Keep::For { period, .. } = &mut notice.retention[0].keep else {
        panic!("a period")
    };
    *period = Period::parse(text).unwrap();
}

fn new_recipient(notice: &mut Notice) {
    let Slot::Filled(recipients) = &mut notice.slots.recipients else {
        panic!("filled")
    };
    let mut recipient = recipients[0].clone();
    recipient.key = "printer".to_owned();
    recipients.push(recipient);
}

fn other_recipient(notice: &mut Notice) {
    let Slot::Filled(recipients) = &mut notice.slots.recipients else {
        panic!("filled")
    };
    recipients[0].name = "Somebody Else Ltd".to_owned();
}

fn new_transfer(notice: &mut Notice) {
    let text = || "example".to_owned();
    let transfer = Transfer {
        country: "CH".to_owned(),
        safeguard: text(),
        copy: text(),
    };
    notice.slots.transfers = Slot::Filled(vec![transfer]);
}

fn financial_lasts(notice: &mut Notice) {
    notice.retention[0].keep = Keep::While {
        lasts: EventKey::parse("contract").unwrap(),
        review: Period::parse("P1Y").unwrap(),
    };
}

fn controller(notice: &mut Notice) -> &mut Controller {
    let Slot::Filled(controller) = &mut notice.slots.controller else {
        panic!("filled")
    };
    controller
}

/// Says something else in that text of the original.
fn says(notice: &mut Notice, key: &str) {
    let original = notice.texts.original.clone();
    let texts = notice.texts.languages.get_mut(&original).unwrap();
    texts.get_mut(key).unwrap().push_str(" Or not.");
}

fn new_words(notice: &mut Notice) {
    let texts = notice.texts.languages.values_mut().next().unwrap();
    texts.values_mut().next().unwrap().push_str(" indeed");
}

#[test]
fn each_change_has_its_kind_and_obliges_to_inform_or_not() {
    type Row = (&'static str, bool, fn(&mut Notice));
    let rows: [Row; 23] = [
        ("new_purpose", true, new_purpose),
        ("changed_basis", true, |n| drop(marketing(n).bases.pop())),
        ("changed_class", true, |n| {
            marketing(n).class = PurposeClass::Other;
        }),
        ("longer_retention", true, |n| set_financial(n, "P8Y")),
        ("longer_retention", true, |n| {
            n.retention[4].overrides.push(Override::LegalClaims);
        }),
        ("shorter_retention", false, |n| set_financial(n, "P6Y")),
        ("wording_only", false, |n| set_financial(n, "P84M")),
        ("new_recipient", true, new_recipient),
        ("new_recipient", true, other_recipient),
        ("new_transfer", true, new_transfer),
        ("removed_topic", false, |n| drop(marketing(n).topics.pop())),
        ("new_channel", false, |n| {
            marketing(n).channels.push(Channel::Sms);
        }),
        ("removed_data", false, |n| {
            drop(marketing(n).data_categories.pop());
        }),
        ("removed_retention", false, |n| drop(n.retention.pop())),
        ("longer_retention", true, financial_lasts),
        ("new_controller", true, |n| {
            controller(n).name = "Somebody Else Ltd".to_owned();
        }),
        ("changed_slot", false, |n| {
            controller(n).address = "2 Other Street".to_owned();
        }),
        ("changed_slot", true, |n| {
            says(n, "slot.automated_decisions.text");
        }),
        ("changed_slot", false, |n| {
            says(n, "slot.device_storage.text");
        }),
        ("changed_slot", false, |n| {
            says(n, "purpose.info_about_us.interest");
        }),
        ("changed_slot", false, |n| n.obligation = None),
        ("wording_only", false, |n| {
            let original = n.texts.original.clone();
            let texts = n.texts.languages.get_mut(&original).unwrap();
            texts.values_mut().for_each(|words| words.push(';'));
        }),
        ("wording_only", false, new_words),
    ];
    for (expected, obliges, change) in rows {
        let found = changes(change);
        assert_eq!(kind(&found[0]), expected);
        assert_eq!(obliges_to_inform(&found), obliges, "{expected}");
    }
}

#[test]
fn what_is_said_in_a_slot_is_compared_in_every_slot() {
    for slot in SlotName::ALL {
        let found = changes(|notice| notice.slots.clear(slot));
        let named = found.contains(&Change::ChangedSlot { slot });
        let gone = |change: &Change| kind(change) == "removed_recipient";
        assert!(
            named || slot == SlotName::Recipients && found.iter().any(gone),
            "{slot}"
        );
    }
}

#[test]
fn undoing_a_change_is_the_opposite_change() {
    type Row = (&'static str, bool, fn(&mut Notice));
    let rows: [Row; 8] = [
        ("removed_purpose", false, new_purpose),
        ("shorter_retention", false, |n| set_financial(n, "P8Y")),
        ("removed_recipient", false, new_recipient),
        ("new_topic", false, |n| drop(marketing(n).topics.pop())),
        ("wider_retention", true, |n| {
            drop(marketing(n).retention.pop());
        }),
        ("longer_retention", true, financial_lasts),
        ("new_data", true, |n| {
            drop(marketing(n).data_categories.pop());
        }),
        ("changed_slot", false, |n| n.slots.complaint = Slot::Empty),
    ];
    for (expected, obliges, change) in rows {
        let found = backwards(change);
        assert_eq!(kind(&found[0]), expected);
        assert_eq!(obliges_to_inform(&found), obliges, "{expected}");
    }
}

#[test]
fn version_number_and_date_alone_are_no_change() {
    assert_eq!(changes(|_| ()), []);
}

#[test]
fn the_first_structured_version_obliges_to_inform() {
    let seed = NoticeVersion::Verbatim(SEED.to_owned());
    let structured = NoticeVersion::Structured(Box::new(notice()));
    let found = difference(&seed, &structured);
    assert_eq!(found, [Change::FirstStructured]);
    assert!(obliges_to_inform(&found));
    assert_eq!(difference(&seed, &seed), []);
}
