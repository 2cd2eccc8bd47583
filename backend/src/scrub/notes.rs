//! What is to be said of single rows, by line.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::table::Doubt;

/// Notes of each kind that are kept; the others are counted.
const KEPT: u64 = 100;

/// What is to be said of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remark {
    /// The address cell is empty or holds no single address; the row was withheld.
    InvalidAddress,
    /// The address stands in an earlier row too. Verdicts differ only where the rows state different
    /// countries or classes.
    RepeatedAddress,
    /// The row has more or fewer cells than the header.
    UnevenRow,
    /// The country is none; the row counts as one of a country where consent is needed.
    UnreadableCountry,
    /// The subscriber class is none; the row counts as a private person's.
    UnreadableSubscriber,
    /// The mailbox is that of a task, which several people read; no reason to withhold.
    RoleMailbox,
    /// The row may be several: an address stands beyond the header, or lines of a quoted cell look like
    /// rows; the row was withheld.
    UnclearRow,
    /// The address is not written in UTF-8, so that nobody can say which one it is; the row was withheld.
    NotUtf8,
    /// Of the first row: the one above it was taken for the header although no name in it is one for
    /// addresses; it was not decided.
    AssumedHeader,
}

impl Remark {
    /// What is to be said of a row that is withheld for that doubt; `None` where it is no reason to.
    #[must_use]
    pub const fn of(doubt: Doubt) -> Option<Self> {
        match doubt {
            Doubt::RowsInCell | Doubt::AddressBeyond | Doubt::Doubled | Doubt::Addresses => {
                Some(Self::UnclearRow)
            }
            Doubt::Letters => Some(Self::NotUtf8),
            Doubt::CellBeyond => None,
        }
    }

    /// Its name in tables and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidAddress => "invalid_address",
            Self::RepeatedAddress => "repeated_address",
            Self::UnevenRow => "uneven_row",
            Self::UnreadableCountry => "unreadable_country",
            Self::UnreadableSubscriber => "unreadable_subscriber",
            Self::RoleMailbox => "role_mailbox",
            Self::UnclearRow => "unclear_row",
            Self::NotUtf8 => "not_utf8",
            Self::AssumedHeader => "assumed_header",
        }
    }

    /// Every remark.
    pub const ALL: [Self; 9] = [
        Self::InvalidAddress,
        Self::RepeatedAddress,
        Self::UnevenRow,
        Self::UnreadableCountry,
        Self::UnreadableSubscriber,
        Self::RoleMailbox,
        Self::UnclearRow,
        Self::NotUtf8,
        Self::AssumedHeader,
    ];

    /// What it means and what to do, for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::InvalidAddress => "no e-mail address: withheld",
            Self::RepeatedAddress => "the address of an earlier row again",
            Self::UnevenRow => "more or fewer cells than the header",
            Self::UnreadableCountry => {
                "no country of two letters: taken as one where consent is needed"
            }
            Self::UnreadableSubscriber => "neither corporate nor individual: taken as individual",
            Self::RoleMailbox => "several people may read this mailbox: each can object for it",
            Self::UnclearRow => {
                "an address beyond the header, or lines in quotes that look like rows: withheld; give each \
                 contact a row of its own and correct the quotes"
            }
            Self::NotUtf8 => {
                "the address is not written in UTF-8: withheld; save the list as UTF-8"
            }
            Self::AssumedHeader => {
                "the one above it was taken for the names of the columns, and not decided: if it is a title, \
                 delete it; if it is about somebody, put a row above it that calls the column `email`"
            }
        }
    }
}

/// A remark and where it belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Its row, counted from 0 within its part.
    #[serde(skip)]
    pub row: usize,
    /// The line that the row begins in.
    pub line: u64,
    /// What is to be said.
    pub remark: Remark,
}

/// All notes of a list: the first ones, and how many there were of each kind.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Notes {
    /// How many rows each remark is about.
    pub counts: BTreeMap<Remark, u64>,
    /// The first hundred of each.
    pub first: Vec<Note>,
}

impl Notes {
    /// Takes in the notes of the next rows.
    pub fn take(&mut self, notes: &[Note]) {
        for note in notes {
            let count = self.counts.entry(note.remark).or_default();
            *count += 1;
            if *count <= KEPT {
                self.first.push(*note);
            }
        }
    }
}
