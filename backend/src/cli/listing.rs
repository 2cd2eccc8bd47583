//! A list read again for what a certificate asked of it.

use std::fs::File;
use std::path::Path;

use anyhow::Context as _;
use shared::certificate::{Asked, Column};
use shared::decision::{Decision, Question, Stated};
use shared::purpose::Channel;

use crate::gate::Check;
use crate::scrub::{Added, ListColumns, Order, Outcome, Render};
use crate::table::{self, Block, Table};

pub(super) use self::abreast::Abreast;

mod abreast;

/// A list and the question about its rows.
pub(super) struct Listing {
    table: Table,
    columns: ListColumns,
    question: Question,
    time: Option<table::Column>,
    rows: u64,
}

/// Rows that were read together.
#[derive(Default)]
pub(super) struct Rows {
    block: Block,
    /// What is asked of each.
    pub(super) checks: Vec<Check>,
    /// The line in which each begins.
    pub(super) lines: Vec<u64>,
    /// What the column of times says of each; empty where there is none.
    pub(super) times: Vec<String>,
}

impl Listing {
    /// The list of the certificate, its columns as they were read then.
    pub(super) fn of(file: &Path, asked: &Asked) -> anyhow::Result<Self> {
        let table = open(file)?;
        let order = Order {
            question: asked.about(Stated::default()),
            address: Some(asked.columns.address.to_string()),
            country: asked.columns.country.as_ref().map(ToString::to_string),
            subscriber: asked.columns.subscriber.as_ref().map(ToString::to_string),
            all_repeats: false,
        };
        Self::new(table, order, None)
    }

    /// Another table with the same question: recipients, perhaps with the time of sending.
    pub(super) fn recipients(
        file: &Path,
        asked: &Asked,
        column: Option<&str>,
        time: Option<&str>,
    ) -> anyhow::Result<Self> {
        let table = open(file)?;
        // A number means a place in the list, and this is another table.
        let has = |column: &&Column| {
            column.number().is_none() && table.columns().named(column.as_str()).is_ok()
        };
        let stated = |column: &Option<Column>| column.as_ref().filter(has).map(ToString::to_string);
        let order = Order {
            question: asked.about(Stated::default()),
            address: column.map(str::to_owned),
            country: stated(&asked.columns.country),
            subscriber: stated(&asked.columns.subscriber),
            all_repeats: false,
        };
        Self::new(table, order, time)
    }

    /// Any table of contacts, of whom nothing is asked.
    pub(super) fn contacts(file: &Path, column: Option<&str>) -> anyhow::Result<Self> {
        let order = Order {
            question: Question {
                purpose: None,
                topic: None,
                channel: Channel::Email,
                stated: Stated::default(),
                first_contact: false,
            },
            address: column.map(str::to_owned),
            country: None,
            subscriber: None,
            all_repeats: false,
        };
        Self::new(open(file)?, order, None)
    }

    fn new(table: Table, order: Order, time: Option<&str>) -> anyhow::Result<Self> {
        Ok(Self {
            columns: order.columns(&table)?,
            question: order.question,
            time: time.map(|name| table.columns().named(name)).transpose()?,
            rows: 0,
            table,
        })
    }

    /// Whether it states countries and classes row by row, as the certificate says its list did.
    pub(super) const fn states(&self, asked: &Asked) -> bool {
        self.columns.country.is_some() == asked.columns.country.is_some()
            && self.columns.subscriber.is_some() == asked.columns.subscriber.is_some()
    }

    /// The next rows, in order; `None` at the end.
    pub(super) fn next(&mut self) -> anyhow::Result<Option<Rows>> {
        let mut block = Block::default();
        if !self.table.fill(&mut block)? {
            return Ok(None);
        }
        let mut read = Rows::default();
        let mut rows = block.rows(self.table.format(), self.rows);
        while let Some(row) = rows.next() {
            read.checks.push(self.columns.check(&row, &self.question));
            read.lines.push(row.whole.line);
            if let Some(time) = &self.time {
                read.times.push(row.text(time).into_owned());
            }
        }
        self.rows = rows.number();
        read.block = block;
        Ok(Some(read))
    }

    /// How a file of its withheld rows begins.
    pub(super) fn head(&self) -> Vec<u8> {
        self.render().heads(&self.table).1
    }

    /// Those of the rows for which there is a decision, as withheld rows are written.
    pub(super) fn withheld(&self, read: &Rows, decisions: Vec<Option<Decision>>) -> Vec<u8> {
        let (mut kept, mut withheld) = (Vec::new(), Vec::new());
        let render = self.render();
        let mut rows = read.block.rows(self.table.format(), 0);
        let mut writer = render.writer(&read.block, &mut kept, &mut withheld);
        for decision in decisions {
            let row = rows.next();
            if let (Some(row), Some(decision)) = (row, decision) {
                writer.write(&row.whole, &Outcome::new(decision), None);
            }
        }
        writer.finish();
        withheld
    }

    fn render(&self) -> Render {
        Render::again(&self.table, Added::default())
    }
}

fn open(file: &Path) -> anyhow::Result<Table> {
    let input = File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
    Ok(Table::open(input)?)
}
