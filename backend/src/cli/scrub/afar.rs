//! A scrub by a server: the list goes there and comes back as verdicts; the rows are written here.

use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use shared::certificate::SignedCertificate;
use tokio::runtime::Handle;

use super::files::Files;
use super::summary::Summary;
use super::{Command, Done, blocking};
use crate::http::ScrubbedRow;
use crate::remote::{Lines, Remote};
use crate::scrub::{ListColumns, Note, Notes, Outcome, Progress, Render, cells};
use crate::table::{Block, Table};

/// Addresses of which a server makes unsubscribe links at once.
const LINKS: usize = 1000;

/// With the gate of a server.
pub(super) async fn run(
    server: &str,
    key: &str,
    command: &Command,
    files: Files,
    progress: &Progress,
) -> anyhow::Result<Done> {
    ensure!(
        !command.is_read_once(),
        "with --server name a file: it is read twice"
    );
    let order = command.order();
    let remote = Arc::new(Remote::new(server, key)?);
    let list = tokio::fs::File::open(&command.list)
        .await
        .with_context(|| format!("{} cannot be read", command.list.display()))?;
    let mut table = command.open(progress).await?;
    let columns = order.columns(&table)?;
    let render = Render::new(&table, command.added())?;
    let meter = command.meter(progress);
    let question = command.question()?;
    let lines = remote.scrub(&question, list).await?;
    let mut reply = Reply {
        render,
        columns,
        lines,
        files,
        notes: Notes::default(),
        known: Vec::new(),
        mailing: Mailing {
            remote,
            purpose: command.purpose.to_string(),
            topic: command.topic.as_ref().map(ToString::to_string),
            name: command.mailing.clone(),
        },
        runtime: Handle::current(),
    };
    let work = move || -> anyhow::Result<_> {
        let rows = reply.write(&mut table)?;
        let signed = reply.certificate()?;
        Ok((table, rows, signed, reply))
    };
    let (table, rows, signed, reply) = blocking(work).await?;
    drop(meter);
    let list = &signed.certificate.list;
    ensure!(
        list.rows == rows && list.sha256 == progress.digest(),
        "the certificate is about another list: did the file change meanwhile? Nothing was written"
    );
    let summary = Summary::new(&table, &reply.columns, &signed, reply.notes);
    Ok(Done {
        files: reply.files,
        signed,
        summary,
    })
}

impl Command {
    /// The question as a server is asked it.
    fn question(&self) -> anyhow::Result<Vec<(&'static str, String)>> {
        let flag = |is: bool| is.then(|| "true".to_owned());
        let fields = [
            ("purpose", Some(self.purpose.to_string())),
            ("topic", self.topic.as_ref().map(ToString::to_string)),
            ("channel", Some(self.channel.to_string())),
            ("column", self.column.clone()),
            ("country", self.country.map(|country| country.to_string())),
            ("country_column", self.country_column.clone()),
            (
                "subscriber",
                self.subscriber.map(|class| class.as_str().to_owned()),
            ),
            ("subscriber_column", self.subscriber_column.clone()),
            ("first_contact", flag(self.first_contact)),
            ("duplicates", flag(self.duplicates)),
            ("valid_hours", Some(self.valid_hours.to_string())),
        ];
        let named = fields.into_iter();
        Ok(named
            .filter_map(|(name, value)| Some((name, value?)))
            .collect())
    }
}

/// The server's answer while it arrives.
struct Reply {
    render: Render,
    columns: ListColumns,
    lines: Lines,
    files: Files,
    notes: Notes,
    /// Each different answer once.
    known: Vec<Outcome>,
    mailing: Mailing,
    runtime: Handle,
}

/// What a server says of the rows of a block, in their order.
#[derive(Default)]
struct Answers {
    /// By their places among those that are known.
    outcomes: Vec<usize>,
    notes: Vec<Note>,
    /// Of the rows that may be mailed, where they are to get links.
    addresses: Vec<String>,
}

/// What unsubscribe links are made of.
struct Mailing {
    remote: Arc<Remote>,
    purpose: String,
    topic: Option<String>,
    name: Option<String>,
}

impl Reply {
    /// Writes all rows where the server says that they belong; how many there were.
    fn write(&mut self, table: &mut Table) -> anyhow::Result<u64> {
        self.files.begin(&self.render.heads(table))?;
        let mut block = Block::default();
        let (mut kept, mut withheld) = (Vec::new(), Vec::new());
        let mut number = 0;
        while table.fill(&mut block)? {
            let Answers {
                outcomes,
                notes,
                addresses,
            } = self.answers(table, &block, number)?;
            let links = self.links(&addresses)?;
            kept.clear();
            withheld.clear();
            let mut rows = block.rows(table.format(), number);
            let mut writer = self.render.writer(&block, &mut kept, &mut withheld);
            let mut links = links.into_iter();
            for outcome in &outcomes {
                let row = rows.next().context("a row is missing")?;
                let outcome = &self.known[*outcome];
                let links = outcome.verdict.proceeds().then(|| links.next()).flatten();
                writer.write(&row.whole, outcome, links);
            }
            number = rows.number();
            writer.finish();
            self.files.write(&kept, &withheld, &notes)?;
            self.notes.take(&notes);
        }
        Ok(number)
    }

    /// What the server says of the rows of a block.
    fn answers(&mut self, table: &Table, block: &Block, before: u64) -> anyhow::Result<Answers> {
        let mut rows = block.rows(table.format(), before);
        let mut answers = Answers::default();
        while let Some(row) = rows.next() {
            let line = self.next_line()?;
            let answer: ScrubbedRow =
                serde_json::from_str(&line).context("the server's answer has a line too few")?;
            ensure!(
                answer.row == row.number,
                "the server's answer is out of step"
            );
            let remarks = answer.remarks.iter();
            answers.notes.extend(remarks.map(|remark| Note {
                row: answers.outcomes.len(),
                line: row.whole.line,
                remark: *remark,
            }));
            let outcome = self.known(&answer)?;
            if self.render.has_links() && self.known[outcome].verdict.proceeds() {
                let address = row.text(&self.columns.address).into_owned();
                answers.addresses.push(address);
            }
            answers.outcomes.push(outcome);
        }
        Ok(answers)
    }

    fn known(&mut self, answer: &ScrubbedRow) -> anyhow::Result<usize> {
        let outcome = answer
            .outcome()
            .context("the server's answer contradicts itself")?;
        let place = self.known.iter().position(|known| *known == outcome);
        Ok(place.unwrap_or_else(|| {
            self.known.push(outcome);
            self.known.len() - 1
        }))
    }

    /// The links of these addresses, in their order.
    fn links(&self, addresses: &[String]) -> anyhow::Result<Vec<[String; 3]>> {
        let Mailing {
            remote,
            purpose,
            topic,
            name,
        } = &self.mailing;
        let (topic, name) = (topic.as_deref(), name.as_deref());
        let mut links = Vec::with_capacity(addresses.len());
        for some in addresses.chunks(LINKS) {
            let asked = remote.unsubscribe_links(purpose, topic, name, some);
            links.extend(self.runtime.block_on(asked)?.into_iter().map(cells));
        }
        ensure!(
            links.len() == addresses.len(),
            "the server made too few unsubscribe links"
        );
        Ok(links)
    }

    /// The last line; without it there is no result.
    fn certificate(&mut self) -> anyhow::Result<SignedCertificate> {
        let line = self.next_line()?;
        let signed = serde_json::from_str(&line);
        signed.context("the server's answer has no certificate: nothing was written, do not send")
    }

    fn next_line(&mut self) -> anyhow::Result<String> {
        match self.runtime.block_on(self.lines.next())? {
            Some(line) => Ok(line),
            None => bail!("the server's answer ended early: nothing was written, do not send"),
        }
    }
}
