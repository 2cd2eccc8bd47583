//! A row of another system's file, by the names of its columns.

use std::sync::Arc;

use shared::time::Timestamp;

use super::problem::RowProblem;
use crate::table::Doubt;
use crate::table::words::{OptOuts, opt_outs};
pub(super) use crate::table::words::{plain, yes};

/// One row, as text.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// The line that it begins in; in a JSON document its place in the list, counted from 1.
    pub(super) line: u64,
    /// What stands where the address should be.
    pub(super) address: String,
    pub(super) names: Arc<Names>,
    /// One per name.
    pub(super) cells: Vec<String>,
    /// Why nobody can say for certain whom it is about.
    pub(super) doubt: Option<Doubt>,
}

/// The names of columns.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// As the file has them.
    written: Vec<String>,
    /// Letters and digits alone, in lower case: `Email Address` is `emailaddress`.
    plain: Vec<String>,
    /// What each says of who wants no mail.
    opt_outs: Vec<Option<OptOuts>>,
}

impl Names {
    pub(super) fn new(written: Vec<String>) -> Self {
        let plain: Vec<_> = written.iter().map(|name| plain(name)).collect();
        Self {
            opt_outs: plain.iter().map(|name| opt_outs(name)).collect(),
            written,
            plain,
        }
    }

    /// Whether there is a column of one of these plain names.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.plain.iter().any(|name| names.contains(&&**name))
    }
}

impl Row {
    /// What stands where the address should be, where that is certain.
    pub(super) fn whom(&self) -> Result<&str, RowProblem> {
        match self.doubt {
            Some(doubt) => Err(doubt.into()),
            None => Ok(&self.address),
        }
    }

    /// What stands where the address should be in a row that stops mailings, and what is doubtful of the
    /// row. Its own cell counts whatever else the row holds, so that nobody is mailed against their word.
    pub(super) fn stopped(&self) -> Result<(&str, Option<Doubt>), RowProblem> {
        match self.doubt {
            Some(whom @ (Doubt::Letters | Doubt::Doubled | Doubt::Addresses)) => Err(whom.into()),
            None | Some(Doubt::CellBeyond) => Ok((&self.address, None)),
            doubt => Ok((&self.address, doubt)),
        }
    }

    /// What the first column of one of these plain names says that says anything.
    pub(super) fn get(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|wanted| {
            let cells = self.names.plain.iter().zip(&self.cells);
            cells
                .filter(|(name, _)| name == wanted)
                .map(|(_, cell)| cell.trim())
                .find(|cell| !cell.is_empty())
        })
    }

    /// What the column of that name, as the file has it, says, if it says anything.
    pub(super) fn written(&self, name: &str) -> Option<&str> {
        let cells = self.names.written.iter().zip(&self.cells);
        cells
            .filter(|(written, _)| *written == name)
            .map(|(_, cell)| cell.trim())
            .find(|cell| !cell.is_empty())
    }

    /// Whether the row answers yes in a column of one of these plain names.
    pub(super) fn is_yes(&self, names: &[&str]) -> bool {
        self.get(names).is_some_and(|cell| yes(cell) == Some(true))
    }

    /// The moment in a column of one of these plain names, where one can be read there.
    pub(super) fn when(&self, names: &[&str]) -> Option<Timestamp> {
        self.get(names).and_then(moment)
    }

    /// Every column with its plain name, the name as written and what the row says there.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let names = self.names.plain.iter().zip(&self.names.written);
        names
            .zip(&self.cells)
            .map(|((plain, written), cell)| (plain.as_str(), written.as_str(), cell.trim()))
    }

    /// The same of the columns that say who wants no mail, each with what it holds.
    pub(super) fn opt_outs(&self) -> impl Iterator<Item = (OptOuts, &str, &str, &str)> {
        let kinds = self.names.opt_outs.iter().zip(self.all());
        kinds.filter_map(|(kind, (plain, written, cell))| Some(((*kind)?, plain, written, cell)))
    }
}

/// A moment as tools export it: RFC 3339, a date, a date and time in UTC, or seconds since 1970.
pub(super) fn moment(cell: &str) -> Option<Timestamp> {
    if let Ok(moment) = Timestamp::parse_start(cell) {
        return Some(moment);
    }
    if (9..=11).contains(&cell.len()) && cell.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Timestamp::from_millis(
            cell.parse::<i64>().ok()?.checked_mul(1000)?,
        ));
    }
    let (date, rest) = cell.split_at_checked(10)?;
    let rest = rest.trim_start_matches([' ', 'T']);
    let clock = rest.split([' ', '+', '.', 'Z']).next()?;
    let offset = rest[clock.len()..].trim();
    let is_utc = !offset.contains(['+', '-']) || offset.contains("+00") || offset.contains("+0000");
    let clock = match clock.len() {
        5 => format!("{clock}:00"),
        _ => clock.to_owned(),
    };
    is_utc
        .then(|| Timestamp::parse(&format!("{date}T{clock}Z")).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use shared::time::Timestamp;

    use super::moment;

    proptest! {
        #[test]
        fn every_moment_that_a_cell_says_is_written_and_read_back_the_same(
            cell in "[-+ ]?[0-9]{1,11}(-[0-9 ]{1,2}-[0-9 ]{1,2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?( ?[-+Z][0-9]{0,4})?)?)?",
        ) {
            if let Some(moment) = moment(&cell) {
                prop_assert_eq!(Timestamp::parse(&moment.to_string()), Ok(moment));
            }
        }
    }

    #[test]
    fn moments_are_read_as_tools_write_them_and_never_guessed() {
        for (written, is) in [
            ("2019-12-17T08:58:33-05:00", "2019-12-17T13:58:33.000Z"),
            ("2026-11-20", "2026-11-20T00:00:00.000Z"),
            ("2025-07-30 12:00:00", "2025-07-30T12:00:00.000Z"),
            ("2025-07-30 12:00", "2025-07-30T12:00:00.000Z"),
            (
                "2024-05-01 10:00:00.123456 +0000 UTC",
                "2024-05-01T10:00:00.000Z",
            ),
            ("1790083507", "2026-09-22T13:25:07.000Z"),
        ] {
            assert_eq!(moment(written).expect(written).to_string(), is, "{written}");
        }
        for written in [
            "",
            "20/11/2026",
            "11/20/2026",
            "yesterday",
            "2026",
            "2024-05-01 10:00:00 +0200 CEST",
            "2026-13-01",
            "-001-01-01",
            "-009-01-01 10:00",
            "+999-01-01",
            "+999-01-01T10:00:00+00:00",
        ] {
            assert_eq!(moment(written), None, "{written}");
        }
    }
}
