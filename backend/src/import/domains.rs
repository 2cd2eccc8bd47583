//! Rows that name companies: nobody at their domains wants mail (LAW-45).

use std::collections::BTreeMap;
use std::io::Read;

use anyhow::Context as _;
use shared::address::Domain;
use shared::time::Timestamp;
use tokio::sync::mpsc;

use super::problem::RowProblem;
use super::row::Row;
use super::{AHEAD, Report, file, keepable, read};
use crate::domains::{Granted, Wish, record};
use crate::sinks::Sinks;
use crate::store::Write;
use crate::store::domains::DomainAct;
use crate::table::Doubt;

/// Rows that are recorded in one unit. Each unit makes a rule set, which names all domains.
const UNIT: usize = 10_000;

/// How to read a file of domains.
#[derive(Debug, Clone, Default)]
pub struct DomainOrder {
    /// The column of domains, where that is not clear.
    pub column: Option<String>,
    /// Where what is behind the file is kept.
    pub evidence: Option<String>,
    /// Whether to write nothing.
    pub dry_run: bool,
}

/// Imports domains into one deployment.
pub struct DomainImporter<'a> {
    /// Where to.
    pub store: &'a dyn Write,
    /// Who is told.
    pub sinks: Sinks,
    /// Now.
    pub at: Timestamp,
}

impl DomainImporter<'_> {
    /// Imports a file of domains. What is good goes in, row by row what is not is in the report. `far`
    /// is told how many rows are done.
    ///
    /// # Errors
    /// Where nothing of the file can be read or the store does not answer: what was recorded until then
    /// stays, and a second run goes on. Where reading breaks off later, the report says so.
    pub async fn run(
        self,
        input: impl Read + Send + 'static,
        order: DomainOrder,
        far: impl Fn(u64),
    ) -> anyhow::Result<Report> {
        let (give, mut take) = mpsc::channel::<Vec<Row>>(AHEAD);
        let column = order.column.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let which = file::Which::Domain(column.as_deref());
            read(input, which, UNIT, &give)
        });
        let lifted = self.lifted().await?;
        let mut report = Report {
            tool: "domains",
            dry_run: order.dry_run,
            ..Report::default()
        };
        while let Some(rows) = take.recv().await {
            let mut wishes = Vec::with_capacity(rows.len());
            let mut lines = Vec::with_capacity(rows.len());
            for row in &rows {
                report.rows += 1;
                let read = wished(row, order.evidence.as_deref(), &lifted, self.at);
                let read = read.map(|(wish, doubt)| {
                    report.doubt(
                        row.line,
                        &Vec::from_iter(doubt.map(|doubt| doubt.to_string())),
                    );
                    wish
                });
                match read {
                    Ok(Some(wish)) => {
                        wishes.push(wish);
                        lines.push(row.line);
                    }
                    Ok(None) => report.known += 1,
                    Err(problem) => report.refuse(row.line, problem),
                }
            }
            let granted = record(self.store, &self.sinks, &wishes, self.at, order.dry_run).await?;
            for (granted, line) in granted.into_iter().zip(lines) {
                match granted {
                    Granted::New => {
                        report.recorded += 1;
                        *report.acts.entry("domain_objected").or_default() += 1;
                    }
                    Granted::Known => report.known += 1,
                    Granted::Everybodys => report.refuse(line, RowProblem::Everybodys),
                }
            }
            far(report.rows);
        }
        report.finish(reading.await.context("the file cannot be read")?)
    }

    /// When companies took their objections back last.
    async fn lifted(&self) -> anyhow::Result<BTreeMap<String, Timestamp>> {
        let steps = self.store.domain_steps().await?.into_iter();
        let lifts = steps.filter(|step| step.act == DomainAct::Lifted);
        Ok(lifts.map(|step| (step.domain, step.at)).collect())
    }
}

/// What a row asks for, and what is doubtful of it.
fn wished(
    row: &Row,
    evidence: Option<&str>,
    lifted: &BTreeMap<String, Timestamp>,
    at: Timestamp,
) -> Result<(Option<Wish>, Option<Doubt>), RowProblem> {
    let (written, doubt) = row.stopped()?;
    match (wish(row, written, evidence, lifted, at), doubt) {
        (Err(RowProblem::Domain), Some(doubt)) => Err(doubt.into()),
        (wish, doubt) => Ok((wish?, doubt)),
    }
}

/// What a row asks for; `None` where the company has taken back since what the row says.
fn wish(
    row: &Row,
    written: &str,
    evidence: Option<&str>,
    lifted: &BTreeMap<String, Timestamp>,
    at: Timestamp,
) -> Result<Option<Wish>, RowProblem> {
    let written = written.trim();
    let (written, below) = match written.strip_prefix("*.") {
        Some(rest) => (rest, true),
        None => (written, false),
    };
    let domain = Domain::parse(written).ok();
    let domain = domain.filter(|domain| domain.behind_www().is_none());
    let domain = domain.ok_or(RowProblem::Domain)?;
    let evidence = row.get(&["evidence", "reference"]).or(evidence);
    let evidence = evidence.ok_or(RowProblem::NoDomainEvidence)?;
    if !keepable(evidence, 300) {
        return Err(RowProblem::EvidenceText);
    }
    let said = match row.get(&["date", "when", "objectedat"]) {
        None => None,
        Some(_) => match row.when(&["date", "when", "objectedat"]) {
            Some(said) if said > at => return Err(RowProblem::Future("date")),
            Some(said) => Some(said),
            None => return Err(RowProblem::Date("date")),
        },
    };
    let since = lifted.get(domain.as_str());
    if said.zip(since).is_some_and(|(said, &since)| said <= since) {
        return Ok(None);
    }
    let act = match below || row.is_yes(&["subdomains", "withsubdomains"]) {
        true => DomainAct::ObjectedWithSubdomains,
        false => DomainAct::Objected,
    };
    Ok(Some(Wish {
        domain,
        act,
        evidence: evidence.to_owned(),
    }))
}
