//! Rows that restrict: unsubscriptions, objections, pauses, bounces and complaints.

use shared::entry::{Actor, Evidence};
use shared::purpose::Channel;
use shared::statement::{Said, Statement};
use shared::time::Timestamp;

use super::problem::{RowProblem, Wider};
use super::row::Row;
use super::scopes::{self, Named};
use super::tool::{Reported, Tool, What};
use super::{Reader, Wording, keepable};

impl Reader {
    /// Everything that restricts in a row; what of it was not clear is added to `unclear`.
    pub(super) fn objections(
        &self,
        row: &Row,
        unclear: &mut Vec<String>,
    ) -> Result<Vec<Wording>, RowProblem> {
        let (reported, not_understood) = self.tool.read(row)?;
        unclear.extend(not_understood.iter().map(RowProblem::to_string));
        let mut wordings = Vec::with_capacity(reported.len());
        for one in reported {
            if let Some(wording) = self.objection(row, &one, unclear)? {
                wordings.push(wording);
            }
        }
        Ok(wordings)
    }

    fn objection(
        &self,
        row: &Row,
        reported: &Reported,
        unclear: &mut Vec<String>,
    ) -> Result<Option<Wording>, RowProblem> {
        let (statement, what) = match reported.what {
            What::Bounced => (Statement::Bounced, "bounced".to_owned()),
            What::Spam => (Statement::SpamReported, "complained".to_owned()),
            What::Unsubscribed => {
                let (until, endless) = self.until(row);
                // A pause that is over restricts nothing.
                if until.is_some_and(|end| end <= self.at) {
                    return Ok(None);
                }
                let (scope, wider) = scopes::widest(&self.rules, self.named(row, reported));
                let wider = wider.iter().chain(&endless);
                unclear.extend(wider.map(Wider::to_string));
                let list = reported.list.as_deref().filter(|list| keepable(list, 80));
                let what = match (reported.by, list) {
                    (Actor::Staff, _) => "suppressed by hand".to_owned(),
                    (_, Some(list)) => format!("unsubscribed from {list}"),
                    (_, None) => "unsubscribed".to_owned(),
                };
                (Statement::Objected { scope, until }, what)
            }
        };
        let said = Said::new(self.tool.name(), &what, reported.when);
        let kept = self.kept(row)?;
        Ok(Some(Wording {
            evidence: Evidence {
                actor: reported.by,
                reference: Some(said.reference(kept.as_deref())),
                ..self.evidence()
            },
            statement,
            said,
        }))
    }

    /// What the row names, else the command line, else all of it. An unsubscription at a tool that
    /// sends mail is about mail.
    fn named<'a>(&'a self, row: &'a Row, reported: &'a Reported) -> Named<'a> {
        let about = &self.about;
        let mapped = reported
            .list
            .as_deref()
            .and_then(|list| about.lists.get(list));
        let own = |names: &[&str]| match self.tool {
            Tool::Generic => row.get(names),
            _ => None,
        };
        let is_the_tools = self.tool != Tool::Generic && !reported.is_beside;
        let by_tool = is_the_tools.then_some(Channel::Email);
        Named {
            purpose: own(&["purpose"]).or(about.purpose.as_deref()),
            topic: own(&["topic"])
                .or(mapped.map(String::as_str))
                .or(about.topic.as_deref()),
            channel: own(&["channel"])
                .or(reported.channel.map(Channel::as_str))
                .or(about.channel.as_deref())
                .or(by_tool.map(Channel::as_str)),
        }
    }

    /// The end of a pause, where the row has one. One that cannot be read never comes.
    fn until(&self, row: &Row) -> (Option<Timestamp>, Option<Wider>) {
        let endless = |problem| Wider {
            problem,
            reach: "good",
        };
        match (self.tool, row.get(&["until", "pauseduntil"])) {
            (_, None) => (None, None),
            (Tool::Generic, Some(cell)) => match Timestamp::parse_end(cell) {
                Ok(end) => (Some(end), None),
                Err(_) => (None, Some(endless(RowProblem::Date("until")))),
            },
            // A column of that name is a field of the company's own.
            _ => (None, Some(endless(RowProblem::NotRead("until")))),
        }
    }
}
