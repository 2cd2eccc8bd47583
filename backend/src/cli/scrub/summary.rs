//! What a scrub came to, for people and programs.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use shared::certificate::{Asked, Counts, SignedCertificate};
use shared::decision::Reason;
use shared::digest::Digest;
use shared::time::Timestamp;
use uuid::Uuid;

use crate::counted::{self, counted};
use crate::scrub::{Content, ListColumns, Notes, Overlooked, Remark};
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
    /// All columns that say something of the contacts and were not read.
    overlooked: Vec<Overlooked>,
    #[serde(skip)]
    asked: Asked,
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
            overlooked: columns.overlooked(table.columns()),
            asked: certificate.asked.clone(),
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
                "{}: {}{} ({})",
                counted(*rows, "row", "rows"),
                remark.words(),
                self.consequence(*remark),
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
        for overlooked in &self.overlooked {
            self.write(overlooked, out)?;
        }
        write!(
            out,
            "as of entry {} at {}; mail the kept rows before {}",
            self.as_of, self.at, self.valid_until
        )
    }
}

impl Summary {
    /// What a remark means for this list, beside what it always means.
    const fn consequence(&self, remark: Remark) -> &'static str {
        let columns = &self.asked.columns;
        match remark {
            Remark::RepeatedAddress
                if columns.country.is_some() || columns.subscriber.is_some() =>
            {
                ": where two such rows state different countries or classes, one may be kept and the other \
                 withheld; correct them, and scrub the list anew"
            }
            Remark::RepeatedAddress => ", with the same verdict",
            _ => "",
        }
    }

    /// What a column that was not read seems to hold, and what to do.
    fn write(&self, overlooked: &Overlooked, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Overlooked { column, looks_like } = overlooked;
        let (what, option, is_stated) = match looks_like {
            Content::Addresses => {
                return writeln!(
                    out,
                    "column {column:?} holds addresses too: nobody asked about those"
                );
            }
            Content::OptOuts => {
                return writeln!(
                    out,
                    "column {column:?} looks like opt-outs: Sayso does not read it in a scrub; import it \
                     first: sayso import FILE --as objections (--dry-run says what that does)"
                );
            }
            Content::Countries => ("countries", "--country", self.asked.country.is_some()),
            Content::Subscribers => (
                "subscriber classes",
                "--subscriber",
                self.asked.subscriber.is_some(),
            ),
        };
        write!(out, "column {column:?} looks like {what}")?;
        match is_stated {
            true => writeln!(out, ", which were not looked at: {option} was said of all"),
            false => writeln!(out, ": say {option}-column {}", argument(column)),
        }
    }
}

/// A heading as an argument of the command line.
fn argument(heading: &str) -> Cow<'_, str> {
    let is_plain = |sign: char| sign.is_alphanumeric() || "_-./".contains(sign);
    match heading.chars().all(is_plain) {
        true => Cow::Borrowed(heading),
        false => Cow::Owned(format!("{heading:?}")),
    }
}
