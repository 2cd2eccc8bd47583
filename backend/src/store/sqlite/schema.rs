//! Opening the file: permissions, pragmas, migrations.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{M, Migrations};

use super::{Mode, fold, place, problem};
use crate::store::StoreError;

const MIGRATIONS: &[M<'static>] = &[
    M::up(include_str!("../../../migrations/sqlite/0001_init.sql")),
    M::up(include_str!("../../../migrations/sqlite/0002_outbox.sql")),
    M::up(include_str!("../../../migrations/sqlite/0003_links.sql")),
    M::up(include_str!("../../../migrations/sqlite/0004_rights.sql")),
    M::up(include_str!("../../../migrations/sqlite/0005_domains.sql")),
    M::up(include_str!("../../../migrations/sqlite/0006_sinks.sql")),
    M::up(include_str!(
        "../../../migrations/sqlite/0007_sink_trouble.sql"
    )),
    M::up(include_str!("../../../migrations/sqlite/0008_dues.sql")),
    M::up(include_str!(
        "../../../migrations/sqlite/0009_first_due.sql"
    )),
    M::up(include_str!(
        "../../../migrations/sqlite/0010_keys_of_subject.sql"
    )),
    M::up(include_str!(
        "../../../migrations/sqlite/0011_stray_codes.sql"
    )),
    M::up(include_str!(
        "../../../migrations/sqlite/0012_peppers_and_restores.sql"
    )),
    M::up(include_str!(
        "../../../migrations/sqlite/0013_fold_and_retention.sql"
    )),
    M::up(include_str!(
        "../../../migrations/sqlite/0014_events_of_domains.sql"
    )),
    M::up(include_str!(
        "../../../migrations/sqlite/0015_rank_of_letters.sql"
    )),
    M::up(include_str!(
        "../../../migrations/sqlite/0016_turns_of_letters.sql"
    )),
];

/// What kind of file it is.
const APPLICATION: u32 = u32::from_be_bytes(*b"Says");
/// How long a connection waits for another process before it gives up.
const BUSY: Duration = Duration::from_secs(5);

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Writer(Mode),
    Reader,
    /// Reads much at once: pages that others may need again stay at hand.
    Scanner,
    Checkpointer,
}

/// Creates the file if there is none, brings it up to date and returns a connection that may write,
/// with what says that it is open. One process at a time does so, by a lock on a file beside the
/// database; and only while nobody has it open, who may be of an older version.
pub(super) fn open(path: &Path, mode: Mode) -> Result<(Connection, File), StoreError> {
    let _lock = place::one_at_a_time(path)?;
    let mut held = place::hold(path)?;
    place::create(path)?;
    let mut connection = plain(path)?;
    match look(&connection)? {
        Found::Current => {}
        Found::Empty => {
            migrate(&mut connection)?;
            fold::note(&connection)?;
        }
        Found::Outdated => {
            drop(held);
            let alone = place::alone(path)?.ok_or_else(|| {
                problem::unavailable(
                    "the database has to be brought up to date for this version of Sayso, and the \
                     service or a command has it open: stop them, then start the service of this \
                     version",
                )
            })?;
            migrate(&mut connection)?;
            fold::fold_again(path)?;
            drop(alone);
            held = place::hold(path)?;
        }
    }
    prepare(&connection, Role::Writer(mode))?;
    Ok((connection, held))
}

/// Another connection to a database that [`open`] has prepared.
pub(super) fn connect(path: &Path, role: Role) -> Result<Connection, StoreError> {
    let connection = plain(path)?;
    prepare(&connection, role)?;
    Ok(connection)
}

fn plain(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    Ok(connection)
}

fn prepare(connection: &Connection, role: Role) -> Result<(), StoreError> {
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA secure_delete = ON;
         PRAGMA foreign_keys = ON;
         PRAGMA recursive_triggers = ON;
         PRAGMA trusted_schema = OFF;",
    )?;
    match role {
        Role::Writer(Mode::Service) => {
            // Every commit looks through the whole cache, since balancing a tree borrows a page
            // number past the end of the file: a larger cache costs more than it saves.
            connection
                .execute_batch("PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -4096;")?;
        }
        Role::Writer(Mode::Command) => {}
        Role::Reader => {
            connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -4096;")?;
        }
        Role::Scanner => {
            connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -32768;")?;
        }
        // Whatever is in its way comes first: it tries again later.
        Role::Checkpointer => connection.busy_timeout(Duration::ZERO)?,
    }
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// How the database was found.
enum Found {
    /// This version wrote it, or one with the same schema and fold.
    Current,
    /// New, with nothing in it.
    Empty,
    /// An older version wrote it.
    Outdated,
}

fn look(connection: &Connection) -> Result<Found, StoreError> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let found: i64 = connection.query_row("PRAGMA user_version", (), |row| row.get(0))?;
    if found > known {
        return Err(StoreError::FromTheFuture { found, known });
    }
    let is_empty: bool =
        connection.query_row("SELECT count(*) = 0 FROM sqlite_schema", (), |row| {
            row.get(0)
        })?;
    if is_empty {
        return Ok(Found::Empty);
    }
    let application: u32 = connection.query_row("PRAGMA application_id", (), |row| row.get(0))?;
    if application != APPLICATION {
        return Err(problem::corrupt(
            "the database file",
            "it is a database of another program: check the path",
        ));
    }
    Ok(match found == known && fold::is_current(connection)? {
        true => Found::Current,
        false => Found::Outdated,
    })
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    Migrations::from_slice(MIGRATIONS)
        .to_latest(connection)
        .map_err(|error| match error {
            rusqlite_migration::Error::RusqliteError { err, .. } => err.into(),
            _ => problem::unavailable("the schema cannot be brought up to date"),
        })
}

/// Commits, and changes nothing.
pub(super) fn commit(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.pragma_update(None, "application_id", APPLICATION)
}
