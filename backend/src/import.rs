//! Taking over what other systems know: their suppressions, consents with evidence, and facts. It only
//! restricts or informs (LAW-19).
//!
//! A file is read row by row and recorded a thousand rows at a time, each thousand in one unit. What was
//! taken over before is not written again, so an import that was interrupted is simply started again.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::sync::Arc;

use anyhow::Context as _;
use shared::address::Address;
use shared::digest::Digest;
use shared::entry::{Actor, Assurance, Evidence, Method, Surface};
use shared::rules::Rules;
use shared::statement::{Said, Statement};
use shared::time::Timestamp;
use tokio::sync::mpsc;

use self::denials::Denials;
use self::problem::RowProblem;
use self::row::{Names, Row};
use crate::assets;
use crate::recording::{Outcome, Recorder, Stated};
use crate::secrets::Secrets;
use crate::store::PublishedNotice;
use crate::table::Doubt;

mod consents;
mod denials;
mod document;
mod domains;
mod facts;
mod file;
mod objections;
mod problem;
mod report;
mod row;
mod scopes;
mod tool;

pub use domains::{DomainImporter, DomainOrder};
pub use problem::RowProblem as Problem;
pub use report::{Refusal, Report};
pub use scopes::About;
pub use tool::Tool;

/// Rows that are recorded in one unit: others write meanwhile.
const UNIT: usize = 1_000;
/// Units that are read ahead.
const AHEAD: usize = 2;

/// What the rows of a file state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Unsubscriptions, objections, bounces, complaints.
    Objections,
    /// Country, subscriber class, the soft opt-in, that the notice was given, the record in the CRM.
    Facts,
    /// Consents, each with its evidence.
    Consents,
}

/// How to read a file.
#[derive(Debug, Clone)]
pub struct Order {
    /// What its rows state.
    pub kind: Kind,
    /// Where it comes from; told by its columns where that is sure.
    pub tool: Option<Tool>,
    /// The column of addresses, where that is not clear.
    pub column: Option<String>,
    /// What rows are about that do not say.
    pub about: About,
    /// Where what is behind the file is kept.
    pub evidence: Option<String>,
    /// Whether facts take the place of stricter ones.
    pub replaces: bool,
    /// Whether to write nothing.
    pub dry_run: bool,
}

/// Imports files into one deployment.
pub struct Importer {
    /// Records.
    pub recorder: Recorder,
    /// Makes keys of addresses.
    pub secrets: Arc<Secrets>,
    /// The rules in force.
    pub rules: Rules,
    /// What is published.
    pub notices: Vec<PublishedNotice>,
    /// Now.
    pub at: Timestamp,
}

/// Reads rows into statements.
struct Reader {
    kind: Kind,
    tool: Tool,
    /// Whether the tool was named and need not be told by the columns.
    is_told: bool,
    /// The names that the tool was told by last.
    names: Option<Arc<Names>>,
    about: About,
    evidence: Option<String>,
    replaces: bool,
    rules: Rules,
    notices: BTreeMap<String, Digest>,
    at: Timestamp,
    denials: Denials,
}

/// A statement, the same in words, and its evidence.
struct Wording {
    statement: Statement,
    said: Said,
    evidence: Evidence,
}

/// Statements of rows that wait to be recorded together.
#[derive(Default)]
struct Unit {
    stated: Vec<Stated>,
    lines: Vec<u64>,
    texts: Vec<String>,
}

impl Importer {
    /// Imports a file. What is good goes in, row by row what is not is in the report. `far` is told
    /// how many rows are done.
    ///
    /// # Errors
    /// Where nothing of the file can be read or the store does not answer: what was recorded until then
    /// stays, and a second run goes on. Where reading breaks off later, the report says so.
    pub async fn run(
        self,
        input: impl Read + Send + 'static,
        order: Order,
        far: impl Fn(u64),
    ) -> anyhow::Result<Report> {
        let (give, mut take) = mpsc::channel::<Vec<Row>>(AHEAD);
        let column = order.column.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let which = file::Which::Address(column.as_deref());
            read(input, which, UNIT, &give)
        });
        let mut report = Report {
            dry_run: order.dry_run,
            ..Report::default()
        };
        let mut reader = Reader {
            kind: order.kind,
            tool: order.tool.unwrap_or(Tool::Generic),
            is_told: order.tool.is_some(),
            names: None,
            about: order.about,
            evidence: order.evidence,
            replaces: order.replaces,
            notices: versions(&self.notices),
            rules: self.rules,
            at: self.at,
            denials: Denials::default(),
        };
        reader.check_about()?;
        let mut kept = BTreeSet::new();
        while let Some(rows) = take.recv().await {
            let unit = reader.unit(&rows, &self.secrets, &mut report);
            for text in unit.texts.into_iter().filter(|_| !order.dry_run) {
                if kept.len() >= UNIT {
                    kept.clear();
                }
                if kept.insert(Digest::of(text.as_bytes())) {
                    self.recorder.keep_text(text).await?;
                }
            }
            let taken = self.recorder.take_over(&unit.stated, order.dry_run).await?;
            let is_rest = |stated: &Stated| !matches!(stated.statement, Statement::Denied { .. });
            let of_lines = || unit.stated.iter().zip(&unit.lines);
            let rest: BTreeSet<u64> = of_lines()
                .filter_map(|(stated, line)| is_rest(stated).then_some(*line))
                .collect();
            let mut denied = BTreeSet::new();
            for (taken, (stated, &line)) in taken.into_iter().zip(of_lines()) {
                match taken.outcome {
                    Outcome::Denied if !denied.insert(line) => {}
                    // Of such a row the rest counts.
                    Outcome::Denied if rest.contains(&line) => {
                        report.doubt(line, &[RowProblem::Denied.to_string()]);
                    }
                    Outcome::Denied => report.refuse(line, RowProblem::Denied),
                    Outcome::Full => report.refuse(line, RowProblem::Full),
                    _ => {}
                }
                report.count(taken, stated.statement.restricts());
            }
            far(report.rows);
        }
        report.tool = reader.tool.name();
        report.finish(reading.await.context("the file cannot be read")?)
    }
}

/// Reads the file on a thread of its own, a unit at a time; returns what is to be said of it.
fn read(
    input: impl Read + Send + 'static,
    which: file::Which<'_>,
    size: usize,
    give: &mpsc::Sender<Vec<Row>>,
) -> anyhow::Result<file::Noticed> {
    let mut unit = Vec::with_capacity(size);
    let hand = |unit: Vec<Row>| {
        give.blocking_send(unit)
            .context("the import ended before the file did")
    };
    let noticed = file::read(input, which, &mut |row| {
        unit.push(row);
        match unit.len() == size {
            true => hand(std::mem::replace(&mut unit, Vec::with_capacity(size))),
            false => Ok(()),
        }
    })?;
    if !unit.is_empty() {
        hand(unit)?;
    }
    Ok(noticed)
}

fn versions(notices: &[PublishedNotice]) -> BTreeMap<String, Digest> {
    notices
        .iter()
        .map(|one| (format!("{}/{}", one.notice, one.version), one.digest))
        .collect()
}

impl Reader {
    /// What the command line names is wrong or right once, before the first row.
    fn check_about(&self) -> anyhow::Result<()> {
        let about = &self.about;
        let named = |topic| scopes::Named {
            purpose: about.purpose.as_deref(),
            topic,
            channel: about.channel.as_deref(),
        };
        for topic in about.lists.values().map(String::as_str) {
            scopes::objection(&self.rules, named(Some(topic)))?;
        }
        match self.kind {
            Kind::Consents if about.purpose.is_some() => {
                scopes::consent(&self.rules, named(about.topic.as_deref()))?;
            }
            _ => {
                scopes::objection(&self.rules, named(about.topic.as_deref()))?;
            }
        }
        Ok(())
    }

    /// The statements of some rows; what is wrong with a row is in the report.
    fn unit(&mut self, rows: &[Row], secrets: &Secrets, report: &mut Report) -> Unit {
        let mut unit = Unit::default();
        for row in rows {
            report.rows += 1;
            self.tell(row);
            let mut unclear = Vec::new();
            let read = self.whom(row).and_then(|(address, doubt)| {
                unclear.extend(doubt.map(|doubt| doubt.to_string()));
                let mut wordings = self.wordings(row, &mut unit.texts, &mut unclear)?;
                let keys = secrets.keys(&address);
                let was_denied = self.denials.take(&keys, &mut wordings);
                match wordings.is_empty() && was_denied {
                    true => Err(RowProblem::DeniedBefore),
                    false => {
                        unclear.extend(was_denied.then(|| RowProblem::DeniedBefore.to_string()));
                        Ok((address, keys, wordings))
                    }
                }
            });
            if read.is_ok() {
                report.doubt(row.line, &unclear);
            }
            match read {
                Ok((.., wordings)) if wordings.is_empty() => {
                    report.silent += 1;
                    report.said_no += u64::from(self.tool.says_no(row));
                }
                Ok((address, keys, wordings)) => {
                    report.role_mailboxes += u64::from(address.is_role());
                    for wording in wordings {
                        unit.lines.push(row.line);
                        unit.stated.push(Stated {
                            address: Some(address.clone()),
                            keys: keys.clone(),
                            statement: wording.statement,
                            said: wording.said,
                            evidence: wording.evidence,
                        });
                    }
                }
                Err(problem) => report.refuse(row.line, problem),
            }
        }
        unit
    }

    /// Whom the row is about. Of a doubtful objection the address cell counts, where it is one clear
    /// address; the doubt comes with it.
    fn whom(&self, row: &Row) -> Result<(Address, Option<Doubt>), RowProblem> {
        let (whom, doubt) = match self.kind {
            Kind::Objections => row.stopped()?,
            Kind::Facts | Kind::Consents => (row.whom()?, None),
        };
        match (Address::parse(whom), doubt) {
            (Ok(address), doubt) => Ok((address, doubt)),
            (Err(_), Some(doubt)) => Err(doubt.into()),
            (Err(problem), None) => Err(problem.into()),
        }
    }

    /// The tool that made the row. In a table all rows have the same names; in a document each has its
    /// own, and one with little to say may lack those that tell: it is as the one before.
    fn tell(&mut self, row: &Row) {
        let is_new = |names: &Arc<Names>| !Arc::ptr_eq(names, &row.names);
        if !self.is_told && self.names.as_ref().is_none_or(is_new) {
            self.tool = Tool::of(row).unwrap_or(self.tool);
            self.names = Some(Arc::clone(&row.names));
        }
    }

    fn wordings(
        &self,
        row: &Row,
        texts: &mut Vec<String>,
        unclear: &mut Vec<String>,
    ) -> Result<Vec<Wording>, RowProblem> {
        match self.kind {
            Kind::Objections => self.objections(row, unclear),
            Kind::Facts => self.facts(row),
            Kind::Consents => {
                let (wording, text) = self.consent(row)?;
                texts.extend(text);
                Ok(vec![wording])
            }
        }
    }

    /// Where what is behind the row is kept: its own column, else that of the whole file.
    fn kept(&self, row: &Row) -> Result<Option<String>, RowProblem> {
        let own = row.get(&["evidence", "reference", "proof"]);
        let own = match self.kind {
            // No objection is refused for what stands beside it.
            Kind::Objections => {
                own.filter(|text| self.tool == Tool::Generic && keepable(text, 300))
            }
            Kind::Facts | Kind::Consents => own,
        };
        match own.or(self.evidence.as_deref()) {
            Some(text) if !keepable(text, 300) => Err(RowProblem::EvidenceText),
            other => Ok(other.map(str::to_owned)),
        }
    }

    /// The notice version that the row names, such as `corporate-clients/1`.
    fn notice(&self, row: &Row) -> Result<Option<Digest>, RowProblem> {
        row.get(&["notice", "noticeversion"])
            .map(|text| self.notices.get(text).copied().ok_or(RowProblem::Notice))
            .transpose()
    }

    fn evidence(&self) -> Evidence {
        Evidence::off_page(
            Actor::Staff,
            Assurance::Imported,
            Surface::Import,
            Method::Row,
            assets::ui_build(),
        )
    }
}

/// Whether a text may stay in the evidence: short, of one line and without an address.
fn keepable(text: &str, most: usize) -> bool {
    text.len() <= most && !text.contains('@') && !text.chars().any(char::is_control)
}
