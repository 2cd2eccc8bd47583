//! What a scrub came to, for people and programs.

use std::fmt;

use serde::Serialize;
use shared::certificate::{Counts, SignedCertificate};
use shared::decision::Reason;
use shared::digest::Digest;
use shared::time::Timestamp;
use uuid::Uuid;

use crate::counted::{self, counted};
use crate::scrub::{ListColumns, Notes};
use crate::table::Table;

/// Lines that are named for each remark.
const NAMED: usize = 5;

#[derive(Debug, Serialize)]
pub(super) struct Summary {
    certificate: Uuid,
    rows: u64,
    #[serde(flatten)]
    counts: Counts,
    /// The column that was asked about.
    column: String,
    /// Other columns with addresses, which nobody asked about.
    unchecked_columns: Vec<String>,
    remarks: Notes,
    at: Timestamp,
    as_of: u64,
    rules: Option<Digest>,
    valid_until: Timestamp,
}

impl Summary {
    pub(super) fn new(
        table: &Table,
        columns: &ListColumns,
        signed: &SignedCertificate,
        remarks: Notes,
    ) -> Self {
        let certificate = &signed.certificate;
        Self {
            certificate: certificate.id,
            rows: certificate.list.rows,
            counts: certificate.counts.clone(),
            column: columns.address.name().to_owned(),
            unchecked_columns: table.columns().others_with_addresses(&columns.address),
            remarks,
            at: certificate.at,
            as_of: certificate.as_of,
            rules: certificate.rules,
            valid_until: certificate.valid_until,
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = &self.counts;
        writeln!(
            out,
            "{}: {} kept, {} withheld (addresses in column {:?})",
            counted(self.rows, "row", "rows"),
            counts.kept,
            counts.withheld,
            self.column
        )?;
        for (reason, rows) in &counts.reasons {
            let verdict = match reason {
                Reason::Ground(_) => "kept",
                Reason::Withheld(_) => "withheld",
            };
            writeln!(out, "  {rows:>10}  {verdict}: {}", reason.as_str())?;
        }
        if counts.to_inform > 0 {
            writeln!(
                out,
                "{} of the kept must be told of the right to object in this message, set apart from \
                 all else (Art. 21(4)); say --first-contact when the mailing does",
                counts.to_inform
            )?;
        }
        for (remark, rows) in &self.remarks.counts {
            let lines = self
                .remarks
                .first
                .iter()
                .filter(|note| note.remark == *remark);
            let lines: Vec<_> = lines
                .take(NAMED)
                .map(|note| note.line.to_string())
                .collect();
            writeln!(
                out,
                "{}: {} ({})",
                counted(*rows, "row", "rows"),
                remark.words(),
                counted::lines(&lines, usize::try_from(*rows).unwrap_or(usize::MAX))
            )?;
        }
        if counts.duplicates.is_none() {
            writeln!(
                out,
                "repeated addresses were looked for in the first 1.5 million rows alone; \
                 --duplicates looks in all"
            )?;
        }
        for column in &self.unchecked_columns {
            writeln!(
                out,
                "column {column:?} holds addresses too: nobody asked about those"
            )?;
        }
        write!(
            out,
            "as of entry {} at {}; mail the kept rows before {}",
            self.as_of, self.at, self.valid_until
        )
    }
}
