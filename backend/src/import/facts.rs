//! Rows that inform: country, subscriber class, the soft opt-in, that the contact came from somebody
//! else, that the notice was given, and what the contact is called in the controller's customer database.

use std::collections::BTreeSet;

use shared::entry::{Actor, Evidence};
use shared::facts::{Country, CrmReference, Facts, Obtained, SoftOptIn, Subscriber};
use shared::statement::{Said, Statement};
use shared::time::Timestamp;

use super::problem::RowProblem;
use super::row::{Row, moment, yes};
use super::{Reader, Wording};

const SOFT: [(SoftOptIn, &str, &[&str]); 3] = [
    (
        SoftOptIn::ObtainedInSale,
        "obtained_in_sale",
        &["obtainedinsale"],
    ),
    (
        SoftOptIn::SimilarServices,
        "similar_services",
        &["similarservices"],
    ),
    (
        SoftOptIn::RefusalOffered,
        "refusal_offered",
        &["refusaloffered"],
    ),
];
const CRM: [&str; 5] = [
    "crmreference",
    "crmid",
    "recordid",
    "recordidcontact",
    "contactid",
];
const GIVEN: [&str; 3] = ["noticegiven", "noticeprovided", "informed"];
const OBTAINED: [&str; 2] = ["obtainedat", "obtainedon"];
const COMMUNICATED: [&str; 2] = ["firstcommunication", "firstcommunicationat"];
const DISCLOSED: [&str; 2] = ["firstdisclosure", "firstdisclosureat"];

impl Reader {
    /// The facts of a row.
    pub(super) fn facts(&self, row: &Row) -> Result<Vec<Wording>, RowProblem> {
        let (mut facts, denied) = stated(row)?;
        facts.obtained = self.obtained(row)?;
        let informed = self.informed(row)?;
        let kept = self.kept(row)?;
        if kept.is_none() && (facts.loosen() || informed.is_some()) {
            return Err(RowProblem::NoFactEvidence);
        }
        let wording = |statement, what: &str, when| {
            let said = Said::new(self.tool.name(), what, when);
            Wording {
                evidence: Evidence {
                    actor: Actor::Staff,
                    reference: Some(said.reference(kept.as_deref())),
                    ..self.evidence()
                },
                statement,
                said,
            }
        };
        let mut wordings = Vec::new();
        if facts != Facts::default() {
            let statement = Statement::Facts {
                facts,
                replaces: self.replaces,
            };
            wordings.push(wording(statement, "facts", None));
        }
        if !denied.is_empty() {
            wordings.push(wording(Statement::Denied { facts: denied }, "denied", None));
        }
        if let Some((given, inform_since)) = informed {
            let mut told = wording(
                Statement::Informed { inform_since },
                "notice given",
                Some(given),
            );
            told.evidence.notice = self.notice(row)?;
            wordings.push(told);
        }
        match wordings.is_empty() {
            true => Err(RowProblem::NoFact),
            false => Ok(wordings),
        }
    }

    /// When the contact came from somebody else and was used, if the row says so.
    fn obtained(&self, row: &Row) -> Result<Obtained, RowProblem> {
        let when = |column, names| match row.get(names).map(moment) {
            None => Ok(None),
            Some(None) => Err(RowProblem::Date(column)),
            Some(Some(when)) if when > self.at => Err(RowProblem::Future(column)),
            Some(when) => Ok(when),
        };
        Ok(Obtained {
            communicated_at: when("first_communication", &COMMUNICATED)?,
            disclosed_at: when("first_disclosure", &DISCLOSED)?,
            obtained_at: when("obtained_at", &OBTAINED)?,
        })
    }

    /// When the notice was given, if that was after everything that obliges to inform again: what was
    /// said before then is not what holds (NOT-08).
    fn informed(&self, row: &Row) -> Result<Option<(Timestamp, Timestamp)>, RowProblem> {
        let Some(text) = row.get(&GIVEN) else {
            return Ok(None);
        };
        if yes(text) == Some(false) {
            return Ok(None);
        }
        let given = moment(text).ok_or(RowProblem::Date("notice_given"))?;
        if given > self.at {
            return Err(RowProblem::Future("notice_given"));
        }
        let inform_since = self.rules.inform_since().unwrap_or(self.at);
        match given >= inform_since {
            true => Ok(Some((given, inform_since))),
            false => Err(RowProblem::OldNotice),
        }
    }
}

fn stated(row: &Row) -> Result<(Facts, BTreeSet<SoftOptIn>), RowProblem> {
    let word = |column, known: &str| RowProblem::Word {
        column,
        known: known.to_owned(),
    };
    let mut facts = Facts::default();
    let mut denied = BTreeSet::new();
    if let Some(text) = row.get(&["country", "countrycode"]) {
        let country = Country::parse(text)
            .map_err(|_| word("country", "the two-letter codes of ISO 3166-1, such as GB"))?;
        facts.country = Some(country);
    }
    if let Some(text) = row.get(&["subscriber", "subscriberclass", "class"]) {
        let known = Subscriber::parse(&text.to_lowercase());
        facts.subscriber = Some(known.ok_or_else(|| word("subscriber", "corporate, individual"))?);
    }
    if let Some(text) = row.get(&CRM) {
        facts.crm_references.insert(CrmReference::parse(text)?);
    }
    for (fact, column, names) in SOFT {
        let Some(text) = row.get(names) else { continue };
        match yes(text).ok_or_else(|| word(column, "yes, no"))? {
            true => facts.soft_opt_in.insert(fact),
            false => denied.insert(fact),
        };
    }
    Ok((facts, denied))
}
