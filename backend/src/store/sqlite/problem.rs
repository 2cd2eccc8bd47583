//! What went wrong inside SQLite, in words that hold no SQL, address or content.

use std::fmt;

use rusqlite::{Error, ErrorCode, ffi};

use crate::store::StoreError;

/// A failure of SQLite or of the file below it.
#[derive(Debug)]
struct Problem {
    what: &'static str,
    code: Option<i32>,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.what)?;
        match self.code {
            Some(code) => write!(out, " (SQLite {code}: {})", ffi::code_to_str(code)),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}

/// Why a write was not done.
pub(super) enum Failure {
    /// Decided before anything was written: the rest of the batch goes on.
    Refused(StoreError),
    /// SQLite failed, perhaps half way: the transaction is to be rolled back.
    Sql(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(error) => error,
            Failure::Sql(error) => error.into(),
        }
    }
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        repeated(&error)
    }
}

/// The error for one of several who share it.
pub(super) fn repeated(error: &Error) -> StoreError {
    let code = error.sqlite_error().map(|failure| failure.extended_code);
    let what = match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => return StoreError::Conflict,
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            return unreadable(
                "the database file",
                Problem {
                    what: "restore a backup, or check that the path is right",
                    code,
                },
            );
        }
        Some(ErrorCode::DiskFull) => "the disk is full: make space",
        Some(ErrorCode::CannotOpen) => {
            "the file cannot be opened: check the path and its permissions"
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            "the file cannot be written: check the permissions of it and its directory"
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another process holds the database: try again, or end that process"
        }
        Some(ErrorCode::SystemIoFailure) => "the disk failed: check it and its free space",
        Some(_) => "SQLite failed",
        None => {
            return unreadable(
                "a column",
                Problem {
                    what: "a value is missing or of another type than the schema says",
                    code: None,
                },
            );
        }
    };
    StoreError::Unavailable(Box::new(Problem { what, code }))
}

/// The store, or the thread behind it, has ended.
pub(super) fn closed() -> StoreError {
    unavailable("the store is closed: start again")
}

/// The store cannot be used, for a reason outside SQLite.
pub(super) fn unavailable(what: &'static str) -> StoreError {
    StoreError::Unavailable(Box::new(Problem { what, code: None }))
}

/// Something stored is not what it should be.
pub(super) fn corrupt(place: impl Into<String>, what: &'static str) -> StoreError {
    unreadable(place, Problem { what, code: None })
}

fn unreadable(place: impl Into<String>, problem: Problem) -> StoreError {
    StoreError::Corrupt {
        place: place.into(),
        source: Box::new(problem),
    }
}
