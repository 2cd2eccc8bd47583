//! Where two notices in force contradict each other: purpose keys are one set per deployment.

use std::collections::BTreeSet;

use super::defect::{Defect, DefectCode};
use super::purpose::Purpose;
use super::{Notice, NoticeKey};
use crate::legal_basis::LegalBasis;
use crate::purpose::{PurposeKey, TopicKey};

/// A purpose of which another notice in force says something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// The purpose.
    pub purpose: PurposeKey,
    /// The notice that says otherwise.
    pub other: NoticeKey,
    /// In what they differ.
    pub about: ClashAbout,
}

/// What two notices say differently of one purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClashAbout {
    /// The class.
    Class,
    /// The legal bases.
    Bases,
    /// The topics.
    Topics,
}

impl Notice {
    /// Whether class, bases and topics of every purpose are what the other notice says of it.
    /// Publishing refuses otherwise, since the gate must have one rule per purpose.
    pub fn compatible(&self, other_in_force: &Self) -> Result<(), Vec<Clash>> {
        let mut clashes = Vec::new();
        for here in &self.purposes {
            let Some(there) = other_in_force.purpose(&here.key) else {
                continue;
            };
            let differing = [
                (ClashAbout::Class, here.class != there.class),
                (ClashAbout::Bases, bases(here) != bases(there)),
                (ClashAbout::Topics, topics(here) != topics(there)),
            ];
            clashes.extend(differing.into_iter().filter(|(_, differs)| *differs).map(
                |(about, _)| Clash {
                    purpose: here.key.clone(),
                    other: other_in_force.key.clone(),
                    about,
                },
            ));
        }
        if clashes.is_empty() {
            Ok(())
        } else {
            Err(clashes)
        }
    }
}

fn bases(purpose: &Purpose) -> BTreeSet<LegalBasis> {
    purpose.bases.iter().map(|used| used.basis).collect()
}

fn topics(purpose: &Purpose) -> BTreeSet<&TopicKey> {
    purpose.topics.iter().map(|topic| &topic.key).collect()
}

impl Clash {
    /// The same as a defect, with what to do.
    #[must_use]
    pub fn defect(&self) -> Defect {
        let about = match self.about {
            ClashAbout::Class => "class",
            ClashAbout::Bases => "legal bases",
            ClashAbout::Topics => "topics",
        };
        let place = format!("purpose.{}", self.purpose);
        let message = format!(
            "its {about} differ from what the notice {} says",
            self.other
        );
        let advice = "make them the same in both folders and publish these together: sayso notice \
                      publish DIR DIR. Give the purpose another key only if it is another purpose: \
                      what people stopped stays with the key";
        Defect::error(DefectCode::Clash, &place, message, advice)
    }
}
