//! `sayso case list | show | acknowledge | extend | decide`. Exit 3 when something is overdue.

use std::fmt;

use clap::{ArgGroup, Subcommand};
use serde::Serialize;
use shared::purpose::PurposeKey;
use shared::time::Timestamp;

use super::object::attested;
use super::{Ending, Place, world};
use crate::cases::{Desk, Reason, shown};
use crate::store::cases::{CaseKind, KeptCase};

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Show the open cases; exit 3 when one of them is overdue.
    List {
        /// Show only what is overdue.
        #[arg(long)]
        overdue: bool,
        /// Show decided cases too.
        #[arg(long, conflicts_with = "overdue")]
        all: bool,
    },
    /// Show one case with who asked and what they wrote.
    Show {
        /// The reference.
        reference: String,
    },
    /// Acknowledge receipt; the person gets a letter.
    Acknowledge {
        /// The reference.
        reference: String,
    },
    /// Take two months more for an objection, within the first; the person gets a letter.
    Extend {
        /// The reference.
        reference: String,
        /// Why: the law knows these two reasons (Art. 12(3)).
        #[arg(long)]
        reason: Reason,
    },
    /// Decide; the person gets a letter, and who they are and what they wrote is deleted.
    #[command(group(ArgGroup::new("how").required(true).args(["accept", "reject"])))]
    Decide {
        /// The reference.
        reference: String,
        /// The objection is accepted, the complaint upheld.
        #[arg(long)]
        accept: bool,
        /// It is not; needs --grounds.
        #[arg(long, requires = "grounds")]
        reject: bool,
        /// Why, in words that the person may read.
        #[arg(long, value_name = "TEXT")]
        grounds: Option<String>,
    },
}

#[derive(Debug, Serialize)]
struct Listed {
    cases: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    reference: String,
    kind: CaseKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<PurposeKey>,
    received_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    acknowledge_by: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acknowledged_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extended_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<bool>,
    overdue: bool,
}

#[derive(Debug, Serialize)]
struct Whole {
    #[serde(flatten)]
    row: Row,
    notice: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grounds: Option<String>,
}

pub(super) async fn run(place: &Place, verb: Verb) -> anyhow::Result<Ending> {
    let config = place.load()?;
    let secrets = place.secrets(&config)?;
    let world = world();
    let now = world.now();
    let store = place.open_with(&secrets).await?;
    let recorder = place.recorder(store, &config, &secrets).await?;
    let desk = Desk::new(recorder, secrets.into(), world);
    let staff = attested(String::new());
    let case = match verb {
        Verb::List { overdue, all } => {
            let mut cases = desk.all().await?;
            let late = cases.iter().any(|case| case.is_overdue(now));
            cases.retain(|case| match overdue {
                true => case.is_overdue(now),
                false => all || case.decided.is_none(),
            });
            let rows = cases.into_iter().map(|case| row(&case, now)).collect();
            place.answer(&Listed { cases: rows })?;
            return Ok(Ending::of(!late));
        }
        Verb::Show { reference } => {
            let case = desk.find(&reference).await?;
            let why = format!("case {}", shown(&case));
            place.note_view("case show", Some(case.subject), &why, now)?;
            case
        }
        Verb::Acknowledge { reference } => desk.acknowledge(&reference, &staff).await?,
        Verb::Extend { reference, reason } => desk.extend(&reference, reason, &staff).await?,
        Verb::Decide {
            reference,
            accept,
            grounds,
            ..
        } => {
            let decided = desk.decide(&reference, accept, grounds.as_deref(), &staff);
            decided.await?
        }
    };
    let contact = desk.contact(&case)?;
    place.answer(&Whole {
        row: row(&case, now),
        notice: case.notice.clone(),
        address: contact
            .as_ref()
            .map(|contact| contact.address.reveal().to_owned()),
        language: contact.as_ref().map(|contact| contact.language.tag()),
        text: contact.map(|contact| contact.text),
        grounds: desk.grounds(&case),
    })?;
    Ok(Ending::Yes)
}

fn row(case: &KeptCase, now: Timestamp) -> Row {
    Row {
        reference: shown(case),
        kind: case.kind,
        purpose: case.purpose.clone(),
        received_at: case.received_at,
        acknowledge_by: case.acknowledge_by,
        acknowledged_at: case.acknowledged_at,
        due: case.due,
        extended_at: case.extended_at,
        decided_at: case.decided.map(|(at, _)| at),
        accepted: case.decided.map(|(_, accepted)| accepted),
        overdue: case.is_overdue(now),
    }
}

impl fmt::Display for Listed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.cases.is_empty() {
            return out.write_str("No cases.");
        }
        for (place, row) in self.cases.iter().enumerate() {
            write!(out, "{}{row}", if place == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl fmt::Display for Row {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}  {}", self.reference, self.kind.as_str())?;
        if let Some(purpose) = &self.purpose {
            write!(out, " to {purpose}")?;
        }
        write!(out, ", received {}", self.received_at.date())?;
        match (self.decided_at, self.accepted) {
            (Some(at), Some(true)) => write!(out, ", accepted {}", at.date())?,
            (Some(at), _) => write!(out, ", rejected {}", at.date())?,
            (None, _) => match (self.acknowledged_at, self.acknowledge_by.or(self.due)) {
                (Some(at), _) if self.due.is_none() => {
                    write!(out, ", acknowledged {}: answer without delay", at.date())?;
                }
                (_, Some(by)) => write!(out, ", due {}", by.last_day())?,
                _ => {}
            },
        }
        if self.overdue {
            out.write_str("  OVERDUE")?;
        }
        Ok(())
    }
}

impl fmt::Display for Whole {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}\n  notice: {}", self.row, self.notice)?;
        if let (Some(address), Some(language)) = (&self.address, self.language) {
            write!(out, "\n  from: {address} ({language})")?;
        }
        if let Some(text) = &self.text {
            write!(out, "\n\n{text}")?;
        }
        if let Some(grounds) = &self.grounds {
            write!(out, "\n  grounds: {grounds}")?;
        }
        Ok(())
    }
}
