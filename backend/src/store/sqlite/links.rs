//! Links and sessions: used once, found by hash.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension as _};
use shared::digest::Digest;
use shared::time::Timestamp;

use super::problem::Failure;
use super::writer::Batch;
use super::{Sqlite, acts, outbox, rows};
use crate::store::links::{
    KeptSession, LinkPurpose, Links, NewLink, NewSession, Proof, Proven, TRIES,
};
use crate::store::outbox::NewLetter;
use crate::store::{Keys, NewAct, Seq, StoreError};

#[async_trait]
impl Links for Sqlite {
    async fn ask_link(&self, link: NewLink, letter: NewLetter) -> Result<(), StoreError> {
        self.writer
            .run(move |batch| ask(batch, &link, &letter))
            .await
    }

    async fn look_at_link(
        &self,
        proof: Proof,
        purpose: LinkPurpose,
        at: Timestamp,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.writer
            .run(move |batch| {
                let found = find(batch, &proof, purpose, at)?;
                Ok(found.map(|(_, sealed)| sealed))
            })
            .await
    }

    async fn open_session(
        &self,
        proof: Proof,
        at: Timestamp,
        session: NewSession,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.writer
            .run(move |batch| open_session(batch, &proof, at, session))
            .await
    }

    async fn session(&self, name: Digest) -> Result<Option<KeptSession>, StoreError> {
        self.points.with(|reader| reader.session(name))
    }

    async fn end_session(&self, name: Digest) -> Result<(), StoreError> {
        self.writer.run(move |batch| end_session(batch, name)).await
    }

    async fn drop_ended(&self, at: Timestamp) -> Result<u64, StoreError> {
        self.writer.run(move |batch| drop_ended(batch, at)).await
    }
}

#[async_trait]
impl Proven for Sqlite {
    async fn ask_consent(
        &self,
        act: NewAct,
        link: NewLink,
        letter: NewLetter,
    ) -> Result<(), StoreError> {
        self.writer
            .run(move |batch| ask_consent(batch, &act, &link, &letter))
            .await
    }

    async fn confirm(
        &self,
        proof: Proof,
        at: Timestamp,
        act: NewAct,
        decided_on: Seq,
    ) -> Result<Option<Seq>, StoreError> {
        self.writer
            .run(move |batch| confirm(batch, &proof, at, &act, decided_on))
            .await
    }

    async fn append_decided(&self, act: NewAct, decided_on: Seq) -> Result<Seq, StoreError> {
        self.writer
            .run(move |batch| acts::append_decided(batch, &act, decided_on))
            .await
    }
}

const fn name(purpose: LinkPurpose) -> &'static str {
    match purpose {
        LinkPurpose::OwnPages => "self",
        LinkPurpose::Consent => "consent",
    }
}

/// Keeps a link and its letter, unless the receiver had enough letters: then both are written and
/// deleted again, which takes the same time (SEC-07).
fn ask(batch: &Batch<'_>, link: &NewLink, letter: &NewLetter) -> Result<(), Failure> {
    let kept = outbox::insert(batch, letter)?;
    if kept {
        void_older(batch, link)?;
    }
    let no = insert(batch, link)?;
    if !kept {
        use_up(batch, no)?;
    }
    Ok(())
}

fn void_older(batch: &Batch<'_>, link: &NewLink) -> Result<(), Failure> {
    let (generation, key) = rows::key(&link.to);
    batch
        .connection
        .prepare_cached(
            "DELETE FROM link
             WHERE generation = ?1 AND address_key = ?2 AND purpose = ?3 AND about = ?4",
        )?
        .execute((generation, key, name(link.purpose), link.about.as_bytes()))?;
    Ok(())
}

/// Writes a link; returns its number.
fn insert(batch: &Batch<'_>, link: &NewLink) -> Result<i64, Failure> {
    let (generation, key) = rows::key(&link.to);
    batch
        .connection
        .prepare_cached(
            "INSERT INTO link (purpose, generation, address_key, about, token, code, until, sealed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute((
            name(link.purpose),
            generation,
            key,
            link.about.as_bytes(),
            link.token.as_bytes(),
            link.code.as_bytes(),
            link.until.as_millis(),
            &link.sealed,
        ))?;
    Ok(batch.connection.last_insert_rowid())
}

/// The number and content of the link that the proof opens.
fn find(
    batch: &Batch<'_>,
    proof: &Proof,
    purpose: LinkPurpose,
    at: Timestamp,
) -> Result<Option<(i64, Vec<u8>)>, Failure> {
    match proof {
        Proof::Token(token) => Ok(batch
            .connection
            .prepare_cached(
                "SELECT no, sealed FROM link WHERE token = ?1 AND purpose = ?2 AND until > ?3",
            )?
            .query_row((token.as_bytes(), name(purpose), at.as_millis()), |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?),
        Proof::Code(typed) => by_code(batch, typed, purpose, at),
    }
}

fn by_code(
    batch: &Batch<'_>,
    typed: &[((u32, shared::address::AddressKey), Digest)],
    purpose: LinkPurpose,
    at: Timestamp,
) -> Result<Option<(i64, Vec<u8>)>, Failure> {
    let mut right = batch.connection.prepare_cached(
        "SELECT no, sealed FROM link
         WHERE generation = ?1 AND address_key = ?2 AND purpose = ?3 AND until > ?4
           AND tries < ?5 AND code = ?6",
    )?;
    let mut wrong = batch.connection.prepare_cached(
        "UPDATE link SET tries = tries + 1
         WHERE generation = ?1 AND address_key = ?2 AND purpose = ?3 AND tries < ?4",
    )?;
    for (to, code) in typed {
        let (generation, key) = rows::key(to);
        let purpose = name(purpose);
        let found = right
            .query_row(
                (
                    generation,
                    key,
                    purpose,
                    at.as_millis(),
                    TRIES,
                    code.as_bytes(),
                ),
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        if found.is_some() {
            return Ok(found);
        }
    }
    let mut counted = 0;
    for (to, _) in typed {
        let (generation, key) = rows::key(to);
        counted += wrong.execute((generation, key, name(purpose), TRIES))?;
    }
    // Who gets no answer must not learn from its time whether a link waits.
    if counted == 0 {
        batch
            .connection
            .prepare_cached("UPDATE stray_code SET count = count + 1")?
            .execute(())?;
    }
    Ok(None)
}

/// Uses the link up: whoever deletes it has it, and nobody else.
fn use_up(batch: &Batch<'_>, no: i64) -> Result<bool, Failure> {
    let used = batch
        .connection
        .prepare_cached("DELETE FROM link WHERE no = ?1 RETURNING no")?
        .query_row([no], |row| row.get::<_, i64>(0))
        .optional()?;
    Ok(used.is_some())
}

fn open_session(
    batch: &Batch<'_>,
    proof: &Proof,
    at: Timestamp,
    session: NewSession,
) -> Result<Option<Vec<u8>>, Failure> {
    let Some((no, sealed)) = find(batch, proof, LinkPurpose::OwnPages, at)? else {
        return Ok(None);
    };
    if !use_up(batch, no)? {
        return Ok(None);
    }
    batch
        .connection
        .prepare_cached("INSERT INTO session (name, until, sealed) VALUES (?1, ?2, ?3)")?
        .execute((session.name.as_bytes(), session.until.as_millis(), &sealed))?;
    Ok(Some(sealed))
}

fn ask_consent(
    batch: &mut Batch<'_>,
    act: &NewAct,
    link: &NewLink,
    letter: &NewLetter,
) -> Result<(), Failure> {
    acts::append(batch, act)?;
    ask(batch, link, letter)
}

/// Mail to the address came back for good: nobody will confirm anything there (EML-12).
pub(super) fn close_consents(batch: &Batch<'_>, keys: &Keys) -> Result<(), Failure> {
    let mut statement = batch.connection.prepare_cached(
        "DELETE FROM link
         WHERE generation = ?1 AND address_key = ?2 AND purpose = ?3",
    )?;
    for key in &keys.0 {
        let (generation, key) = rows::key(key);
        statement.execute((generation, key, name(LinkPurpose::Consent)))?;
    }
    Ok(())
}

fn confirm(
    batch: &mut Batch<'_>,
    proof: &Proof,
    at: Timestamp,
    act: &NewAct,
    decided_on: Seq,
) -> Result<Option<Seq>, Failure> {
    let Some((no, _)) = find(batch, proof, LinkPurpose::Consent, at)? else {
        return Ok(None);
    };
    let seq = acts::append_decided(batch, act, decided_on)?;
    use_up(batch, no)?;
    Ok(Some(seq))
}

pub(super) fn session(
    connection: &Connection,
    name: Digest,
) -> Result<Option<KeptSession>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT until, sealed FROM session WHERE name = ?1")?
        .query_row([name.as_bytes()], |row| {
            Ok(KeptSession {
                until: rows::moment(row, 0)?,
                sealed: row.get(1)?,
            })
        })
        .optional()?)
}

fn end_session(batch: &Batch<'_>, name: Digest) -> Result<(), Failure> {
    batch
        .connection
        .prepare_cached("DELETE FROM session WHERE name = ?1")?
        .execute([name.as_bytes()])?;
    Ok(())
}

fn drop_ended(batch: &Batch<'_>, at: Timestamp) -> Result<u64, Failure> {
    let mut dropped = 0;
    for statement in [
        "DELETE FROM link WHERE until <= ?1",
        "DELETE FROM session WHERE until <= ?1",
    ] {
        dropped += batch
            .connection
            .prepare_cached(statement)?
            .execute([at.as_millis()])?;
    }
    Ok(u64::try_from(dropped).unwrap_or(u64::MAX))
}
