//! Rows that consent: refused one by one where their evidence is not whole (LAW-02, LAW-03).

use shared::digest::Digest;
use shared::entry::{Actor, Evidence};
use shared::statement::{Said, Statement};

use super::problem::RowProblem;
use super::row::{Row, moment, plain, yes};
use super::scopes::{self, Named};
use super::{Reader, Wording, keepable};
use crate::recording::consent_ends;
use crate::table::words::is_blank;

const WHEN: [&str; 7] = [
    "when",
    "date",
    "givenat",
    "consentedat",
    "confirmedat",
    "given",
    "timestamp",
];
const HOW: [&str; 4] = ["how", "method", "where", "source"];
const WORDING: [&str; 3] = ["wording", "consenttext", "text"];
/// What the words hold, in letters and digits alone, that tell of no positive act.
const NO_ACTS: [&str; 40] = [
    "preticked",
    "prechecked",
    "prefilled",
    "preselected",
    "bydefault",
    "implied",
    "implicit",
    "inferred",
    "presumed",
    "silence",
    "scroll",
    "nooptin",
    "notoptin",
    "softoptin",
    "nooptout",
    "notoptout",
    "notobject",
    "noobjection",
    "vorangekreuzt",
    "vorangehakt",
    "vorausgewähl",
    "vorausgefüll",
    "stillschweig",
    "konkludent",
    "mutmaßlich",
    "mutmasslich",
    "untätig",
    "widerspruchslos",
    "ohnewiderspruch",
    "keinwiderspruch",
    "nichtwidersprochen",
    "précoch",
    "precoch",
    "pardéfaut",
    "pardefaut",
    "premarca",
    "preselez",
    "tacite",
    "nonopposition",
    "pasopposé",
];
/// The same where they say nothing else.
const NOTHINGS: [&str; 13] = [
    "none",
    "notrecorded",
    "notknown",
    "keineangabe",
    "nichtbekannt",
    "default",
    "unknown",
    "keine",
    "unbekannt",
    "schweigen",
    "aucun",
    "aucune",
    "inconnu",
];

/// The same where they begin so: beside an act they tell of something else.
const BEGINNINGS: [&str; 3] = ["optout", "inactiv", "assumed"];
/// What stands before words of the above that denies them: `not pre-ticked`.
const DENIALS: [&str; 11] = [
    "not",
    "non",
    "nicht",
    "un",
    "never",
    "nie",
    "kein",
    "keine",
    "keinem",
    "unticked",
    "unchecked",
];

/// A consent, and the words that were agreed to where the row has them.
pub(super) type Consented = (Wording, Option<String>);

impl Reader {
    /// The consent of a row.
    pub(super) fn consent(&self, row: &Row) -> Result<Consented, RowProblem> {
        let when = row
            .get(&WHEN)
            .ok_or(RowProblem::NoEvidence("when it was given"))?;
        let given = moment(when).ok_or(RowProblem::Date("when"))?;
        if given > self.at {
            return Err(RowProblem::Future("when"));
        }
        let how = row
            .get(&HOW)
            .filter(|how| !is_blank(how))
            .ok_or(RowProblem::NoEvidence("how or where it was given"))?;
        if is_no_act(how) {
            return Err(RowProblem::NoAct("what it names as how"));
        }
        if !keepable(how, 100) {
            return Err(RowProblem::EvidenceText);
        }
        let wording = row.get(&WORDING);
        let notice = self.notice(row)?;
        if wording.is_none() && notice.is_none() {
            return Err(RowProblem::NoEvidence("its wording, or the notice version"));
        }
        if wording.is_some_and(|wording| !keepable(wording, 4_000)) {
            return Err(RowProblem::EvidenceText);
        }
        let kept = self.kept(row)?.ok_or(RowProblem::NoEvidence(
            "a reference: where its proof is kept",
        ))?;
        let scope = scopes::consent(
            &self.rules,
            Named {
                purpose: row.get(&["purpose"]).or(self.about.purpose.as_deref()),
                topic: row.get(&["topic"]).or(self.about.topic.as_deref()),
                channel: row.get(&["channel"]).or(self.about.channel.as_deref()),
            },
        )?;
        let said = Said::new(self.tool.name(), "consented", Some(given));
        let wording_of = Wording {
            evidence: Evidence {
                actor: Actor::Staff,
                notice,
                control_text: wording.map(|text| Digest::of(text.as_bytes())),
                reference: Some(said.reference(Some(&format!("{how}; {kept}")))),
                ..self.evidence()
            },
            statement: Statement::Consented {
                scope,
                given,
                until: consent_ends(given),
            },
            said,
        };
        Ok((wording_of, wording.map(str::to_owned)))
    }
}

/// Whether the words of how a consent was given tell of no positive act.
fn is_no_act(how: &str) -> bool {
    let plain = plain(how);
    let is_told = |(place, _): (usize, &str)| {
        let before = &plain[..place];
        !DENIALS.iter().any(|denial| before.ends_with(denial))
    };
    yes(how) == Some(false)
        || NOTHINGS.contains(&plain.as_str())
        || BEGINNINGS.iter().any(|act| plain.starts_with(act))
        || NO_ACTS
            .iter()
            .any(|act| plain.match_indices(act).any(is_told))
}
