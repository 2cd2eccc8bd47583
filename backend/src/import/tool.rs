//! The tools whose exports are read, and what each says of an address. A bounce, a complaint, an
//! unsubscription and a hand's entry are different things, and stay so.

use clap::ValueEnum;
use shared::entry::Actor;
use shared::purpose::Channel;
use shared::time::Timestamp;

use super::problem::RowProblem;
use super::row::Row;
use crate::table::words::STATUSES;
pub(super) use crate::table::words::What;

mod generic;
mod hubspot;
mod listmonk;
mod mailchimp;
mod mautic;
mod postmark;
mod sendgrid;

/// Where a file comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Tool {
    /// The three tables of an audience's export, or members from the API.
    Mailchimp,
    /// Unsubscriptions, bounces, spam reports and invalid addresses, as CSV or from the API.
    Sendgrid,
    /// The dump of a stream's suppressions, as JSON or CSV.
    Postmark,
    /// The export of unsubscribes and bounces, or of contacts.
    Hubspot,
    /// The export of subscribers, or subscribers and bounces from the API.
    Listmonk,
    /// The report about "do not contact", or contacts from the API.
    Mautic,
    /// Any table with a column of addresses.
    Generic,
}

/// What a tool reports of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reported {
    pub(super) what: What,
    pub(super) when: Option<Timestamp>,
    /// Who did it.
    pub(super) by: Actor,
    /// The channel that the tool names.
    pub(super) channel: Option<Channel>,
    /// The list, group or kind of mail that the tool names.
    pub(super) list: Option<String>,
    /// Whether a column of the company's own says so, and not the tool.
    pub(super) is_beside: bool,
}

/// Each thing that a row reports, or why it was not understood.
type Parts = Vec<Result<Reported, RowProblem>>;

/// Whether a row has the columns of a tool.
type Is = fn(&Row) -> bool;

impl Reported {
    pub(super) fn new(what: What, when: Option<Timestamp>) -> Self {
        Self {
            what,
            when,
            by: match what {
                What::Unsubscribed => Actor::DataSubject,
                What::Bounced | What::Spam => Actor::MailReceiver,
            },
            channel: None,
            list: None,
            is_beside: false,
        }
    }

    /// The same by somebody who works for the company.
    fn by_staff(self) -> Self {
        Self {
            by: Actor::Staff,
            ..self
        }
    }
}

impl Tool {
    /// The tool's name, as evidence keeps it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mailchimp => "mailchimp",
            Self::Sendgrid => "sendgrid",
            Self::Postmark => "postmark",
            Self::Hubspot => "hubspot",
            Self::Listmonk => "listmonk",
            Self::Mautic => "mautic",
            Self::Generic => "table",
        }
    }

    /// The tool that writes such columns; `None` where that is not sure.
    pub(super) fn of(row: &Row) -> Option<Self> {
        let known: [(Self, Is); 6] = [
            (Self::Mailchimp, mailchimp::is),
            (Self::Postmark, postmark::is),
            (Self::Hubspot, hubspot::is),
            (Self::Listmonk, listmonk::is),
            (Self::Mautic, mautic::is),
            (Self::Sendgrid, sendgrid::is),
        ];
        known
            .into_iter()
            .find(|(_, is)| is(row))
            .map(|(tool, _)| tool)
    }

    /// Whether a row that reports nothing says so in a column of opt-outs.
    pub(super) fn says_no(self, row: &Row) -> bool {
        self == Self::Generic && generic::says_no(row)
    }

    /// Everything that a row reports, nothing where it says that mail may go on, and what of it was not
    /// understood beside that.
    ///
    /// # Errors
    /// Where nothing of what it reports was understood.
    pub(super) fn read(self, row: &Row) -> Result<(Vec<Reported>, Vec<RowProblem>), RowProblem> {
        let parts = match self {
            Self::Mailchimp => mailchimp::read(row).into_iter().map(Ok).collect(),
            Self::Sendgrid => sendgrid::read(row),
            Self::Postmark => vec![postmark::read(row)],
            Self::Hubspot => hubspot::read(row),
            Self::Listmonk => parts(listmonk::read(row)),
            Self::Mautic => mautic::read(row),
            Self::Generic => parts(generic::read(row)),
        };
        let (mut reported, mut not_understood) = (Vec::new(), Vec::new());
        for part in parts {
            match part {
                Ok(one) => reported.push(one),
                Err(problem) => not_understood.push(problem),
            }
        }
        if self != Self::Generic && generic::objects_beside(row, |name| self.writes(name)) {
            reported.push(Reported {
                is_beside: true,
                ..Reported::new(What::Unsubscribed, None)
            });
        }
        match not_understood.pop() {
            Some(problem) if reported.is_empty() => Err(problem),
            last => {
                not_understood.extend(last);
                Ok((reported, not_understood))
            }
        }
    }

    /// Whether a column of that plain name, which sounds like one of opt-outs, is the tool's. What it means
    /// is the tool's to say; the company's own columns mean what their names say.
    fn writes(self, name: &str) -> bool {
        match self {
            Self::Mailchimp => mailchimp::writes(name),
            Self::Hubspot => hubspot::writes(name),
            Self::Listmonk => listmonk::writes(name),
            Self::Mautic => mautic::writes(name),
            Self::Sendgrid | Self::Postmark => STATUSES.contains(&name),
            Self::Generic => true,
        }
    }
}

fn parts(read: Result<Vec<Reported>, RowProblem>) -> Parts {
    match read {
        Ok(reported) => reported.into_iter().map(Ok).collect(),
        Err(problem) => vec![Err(problem)],
    }
}
