//! Which of the 22 slots say something else, beside what the lists of purposes, recipients and
//! retention rules show.

use super::super::Notice;
use super::super::purpose::{BasisUse, Purpose};
use super::super::slot::SlotName;
use super::super::text::TextKey;
use super::Change;
use crate::legal_basis::LegalBasis;

pub(super) fn changes(old: &Notice, new: &Notice, changes: &mut Vec<Change>) {
    let [before, after] = [old, new].map(|notice| {
        let controller = notice.slots.controller.filled();
        controller.map(|controller| &controller.name)
    });
    let another = after.filter(|name| before.map(|name| plain(name)) != Some(plain(name)));
    changes.extend(another.map(|name| Change::NewController { name: name.clone() }));
    let recipients_named = changes.iter().any(|change| {
        matches!(
            change,
            Change::NewRecipient { .. } | Change::RemovedRecipient { .. }
        )
    });
    for slot in SlotName::ALL {
        let named = match slot {
            SlotName::Controller => another.is_some(),
            SlotName::Recipients => recipients_named,
            _ => false,
        };
        let differs =
            old.slots.differ(&new.slots, slot) || said(old, new, slot) != said(new, old, slot);
        if differs && !named {
            changes.push(Change::ChangedSlot { slot });
        }
    }
}

/// What a notice says in a slot beside the slot itself, as far as the other notice could say it too.
fn said(notice: &Notice, other: &Notice, slot: SlotName) -> Vec<String> {
    let section = notice.section(slot, notice.texts.original.as_str());
    let mut said: Vec<String> = section.text.iter().map(|text| plain(text.words)).collect();
    let shared = notice
        .purposes
        .iter()
        .filter_map(|purpose| Some((purpose, other.purpose(&purpose.key)?)));
    let uses = shared.flat_map(|(purpose, there)| used_in_both(purpose, there));
    let text = |key: Option<&TextKey>| key.map(|key| words(notice, key.as_str()));
    match slot {
        SlotName::LegalBases => {
            let laws = |used: &BasisUse| used.law.iter().map(|law| plain(law)).collect::<Vec<_>>();
            said.extend(
                uses.flat_map(|used| laws(used).into_iter().chain(text(used.part.as_ref()))),
            );
        }
        SlotName::Interests => said.extend(uses.filter_map(|used| text(used.interest.as_ref()))),
        SlotName::Withdrawal => said.extend(uses.filter_map(|used| text(used.withdrawal.as_ref()))),
        SlotName::DataCategories => {
            let known = notice.data_categories.iter();
            let known = known.filter(|category| other.data_categories.contains(category));
            said.extend(known.map(|category| words(notice, &format!("data.{category}"))));
        }
        SlotName::ObligationToProvide => said.extend(
            notice
                .obligation
                .map(|obliges| format!("{} {}", obliges.by_law, obliges.by_contract)),
        ),
        _ => {}
    }
    said
}

/// The bases of a purpose that it rests on in the other notice too.
fn used_in_both<'a>(
    purpose: &'a Purpose,
    there: &'a Purpose,
) -> impl Iterator<Item = &'a BasisUse> {
    let mut seen: Vec<LegalBasis> = Vec::new();
    purpose.bases.iter().filter(move |used| {
        let first = !seen.contains(&used.basis);
        seen.push(used.basis);
        first && there.rests_on(used.basis)
    })
}

fn words(notice: &Notice, key: &str) -> String {
    let text = notice.text(key, notice.texts.original.as_str());
    text.map(|text| plain(text.words)).unwrap_or_default()
}

/// The words alone: a comma, a capital or a line break changes no meaning.
fn plain(words: &str) -> String {
    let words = words.split(|c: char| !c.is_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ").to_lowercase()
}
