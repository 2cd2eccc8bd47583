//! Lists through the gate: every row of a table is decided by the gate's own rule, on one state of the
//! ledger, with memory that does not grow with the list.
//!
//! One thread reads blocks of whole rows, others decide and write them out in memory, and the caller
//! gets them back in the order of the list.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use shared::certificate::{self, Asked, Counts, ListFormat, Tally, Verdicts};
use shared::decision::{Question, Stated};
use shared::time::Timestamp;

use self::judge::Judge;
use self::pipeline::Worker;
use crate::secrets::Secrets;
use crate::store::image::{Image, Sight};
use crate::store::{Keys, Read, StoreError};
use crate::table::{Column, Table, TableProblem};

mod asked;
mod certify;
mod digesting;
mod judge;
mod kinds;
mod links;
mod notes;
mod outcome;
mod overlooked;
mod pipeline;
mod reading;
mod render;
mod repeats;

pub use asked::UnknownQuestion;
pub use certify::Certifier;
pub use digesting::{Digesting, Progress};
pub use links::{Links, cells};
pub use notes::{Note, Notes, Remark};
pub use outcome::{Outcome, Outcomes};
pub use overlooked::{Content, Overlooked};
pub use pipeline::Part;
pub use render::{Added, AddedBefore, Render};

/// What is asked of every row, and where in the list the facts stand.
#[derive(Debug, Clone)]
pub struct Order {
    /// The question; what it states holds where a row states nothing.
    pub question: Question,
    /// The column of addresses, where it is not to be found out.
    pub address: Option<String>,
    /// The column of countries.
    pub country: Option<String>,
    /// The column of subscriber classes.
    pub subscriber: Option<String>,
    /// Look for repeated addresses however long the list is: eight bytes or more of memory a row.
    pub all_repeats: bool,
}

/// The columns that are read.
#[derive(Debug, Clone)]
pub struct ListColumns {
    /// The addresses.
    pub address: Column,
    /// The countries.
    pub country: Option<Column>,
    /// The subscriber classes.
    pub subscriber: Option<Column>,
    /// How many there are, with those that are not read.
    pub count: usize,
}

/// Why a list was not put through the gate: nothing of it was decided.
#[derive(Debug, thiserror::Error)]
pub enum ScrubError {
    /// The list cannot be read.
    #[error(transparent)]
    Table(#[from] TableProblem),
    /// No notice in force states what is asked.
    #[error(transparent)]
    Unknown(#[from] UnknownQuestion),
    /// There is no notice in force.
    #[error("no notice is published yet: run `sayso notice publish DIR`, then scrub")]
    NoNotice,
    /// What holds cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was decided cannot be given out.
    #[error("{0:#}")]
    Out(anyhow::Error),
}

/// A list that is ready to be put through the gate, on a state that is read.
pub struct Scrub {
    order: Order,
    columns: ListColumns,
    /// Whether the first row may be none of names, and was taken for one.
    assumed_header: bool,
    /// The columns as the certificate names them.
    named: certificate::Columns,
    format: ListFormat,
    image: Arc<Image>,
    secrets: Arc<Secrets>,
    outcomes: Arc<Outcomes>,
    at: Timestamp,
}

/// What came of a list.
#[derive(Debug)]
pub struct Totals {
    /// Rows by where they ended.
    pub counts: Counts,
    /// The verdicts, as digests.
    pub verdicts: Verdicts,
    /// What is to be said of single rows.
    pub notes: Notes,
    /// Rows.
    pub rows: u64,
}

impl Order {
    /// Which columns are meant.
    ///
    /// # Errors
    /// `TableProblem` where one is not there or cannot be told.
    pub fn columns(&self, table: &Table) -> Result<ListColumns, TableProblem> {
        let columns = table.columns();
        let named =
            |name: &Option<String>| name.as_deref().map(|name| columns.named(name)).transpose();
        Ok(ListColumns {
            address: match &self.address {
                Some(name) => columns.named(name)?,
                None => columns.address()?,
            },
            country: named(&self.country)?,
            subscriber: named(&self.subscriber)?,
            count: columns.count(),
        })
    }

    /// What is asked of that table, as a certificate states it; `None` where no purpose is named.
    #[must_use]
    pub fn asked(&self, table: &Table, columns: &ListColumns) -> Option<Asked> {
        certify::asked(&self.question, certify::named(table, columns))
    }
}

impl Scrub {
    /// Reads what holds, at this moment: what is recorded later is after the scrub's `as_of`.
    ///
    /// # Errors
    /// `ScrubError` where a column is missing, no notice in force states what is asked, or the store cannot be
    /// read.
    pub async fn prepare(
        table: &mut Table,
        order: Order,
        store: &dyn Read,
        secrets: Arc<Secrets>,
        at: Timestamp,
    ) -> Result<Self, ScrubError> {
        let columns = order.columns(table)?;
        let sight = Sight {
            generations: secrets.generations().collect(),
            question: order.question.clone(),
            at,
            everybody: false,
        };
        let image = match addresses(table, &columns, &secrets) {
            Some(addresses) => Image::of(store.look_up(&addresses).await?, &addresses, &sight),
            None => store.image(sight).await?,
        };
        let rules = image.rules().ok_or(ScrubError::NoNotice)?;
        if let Some(unknown) = UnknownQuestion::of(&rules.rules, &order.question) {
            return Err(unknown.into());
        }
        Ok(Self {
            assumed_header: (table.columns())
                .is_assumed(&columns.address, order.address.as_deref()),
            named: certify::named(table, &columns),
            format: certify::format(table),
            order,
            columns,
            image: Arc::new(image),
            secrets,
            outcomes: Arc::new(Outcomes::default()),
            at,
        })
    }

    /// The columns that are read.
    #[must_use]
    pub const fn columns(&self) -> &ListColumns {
        &self.columns
    }

    /// What holds for everybody.
    #[must_use]
    pub fn image(&self) -> &Image {
        &self.image
    }

    /// For which moment is decided.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// What is asked.
    #[must_use]
    pub const fn order(&self) -> &Order {
        &self.order
    }

    /// The outcomes that parts name.
    #[must_use]
    pub fn outcomes(&self) -> Arc<Outcomes> {
        self.outcomes.clone()
    }

    /// Decides every row. `each` gets them part by part, in the order of the list. Blocks its thread.
    ///
    /// # Errors
    /// Those of the table, and the first one of `each`.
    pub fn run(
        &self,
        table: &mut Table,
        render: Option<&Render>,
        links: Option<&Links>,
        mut each: impl FnMut(&Part, &[Note]) -> anyhow::Result<()>,
    ) -> Result<Totals, ScrubError> {
        let format = table.format();
        let cells = (!format.is_json()).then(|| table.columns().count());
        let mut tally = Tally::default();
        let mut repeats = repeats::Repeats::new(self.order.all_repeats);
        let compares = AtomicBool::new(true);
        let mut notes = Notes::default();
        let mut rows = 0;
        let worker = || Worker {
            format,
            cells,
            judge: Judge::new(self),
            render,
            links,
            compares: &compares,
        };
        pipeline::run(table, worker, |part| {
            if self.assumed_header && rows == 0 {
                part.doubt_header(format);
            }
            rows += part.verdicts.len() as u64;
            tally.extend(&part.verdicts);
            part.find_repeats(&mut repeats);
            compares.store(!repeats.is_over(), Ordering::Relaxed);
            notes.take(&part.notes);
            each(part, &part.notes)
        })?;
        let (counts, verdicts) = tally.finish(repeats.count());
        Ok(Totals {
            counts,
            verdicts,
            notes,
            rows,
        })
    }

    fn stated(&self) -> Stated {
        self.order.question.stated
    }
}

/// The addresses of a short list, under every generation of the pepper, with those they are variants
/// of.
fn addresses(table: &Table, columns: &ListColumns, secrets: &Secrets) -> Option<Vec<Keys>> {
    let block = table.short()?;
    let mut rows = block.rows(table.format(), 0);
    let mut addresses = Vec::new();
    while let Some(row) = rows.next() {
        if let Ok(address) = columns.address_of(&row) {
            addresses.push(secrets.keys(&address));
            addresses.extend(address.base().map(|base| secrets.keys(&base)));
        }
    }
    Some(addresses)
}
