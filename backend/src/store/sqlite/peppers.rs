//! The marks of peppers, compared and kept.

use std::collections::BTreeMap;

use async_trait::async_trait;
use rusqlite::{Connection, Error};

use super::Sqlite;
use super::acts;
use super::writer::Batch;
use crate::store::peppers::{Mark, Misfit, Peppers};
use crate::store::{Keys, StoreError};

/// Every generation that has keys: one step in the index for each, however many keys there are.
const KEYED: &str = "
    WITH RECURSIVE keyed(generation) AS (
      SELECT min(generation) FROM subject_key
      UNION ALL
      SELECT (SELECT min(generation) FROM subject_key WHERE generation > keyed.generation)
      FROM keyed WHERE generation IS NOT NULL
    )
    SELECT generation FROM keyed WHERE generation IS NOT NULL";

/// What was kept of a generation.
struct Kept {
    mark: Option<[u8; 32]>,
    retired: bool,
}

/// What an opening has found.
enum Found {
    Misfit(Misfit),
    /// Whoever may write keeps these marks, and retires these generations.
    Fit {
        new: Vec<Mark>,
        over: Vec<u32>,
    },
}

#[async_trait]
impl Peppers for Sqlite {
    async fn misfit(&self, marks: &[Mark], keep: bool) -> Result<Option<Misfit>, StoreError> {
        let marks = marks.to_vec();
        let asked = marks.clone();
        match self
            .scan(move |reader| Ok(compare(reader.connection(), &asked)?))
            .await?
        {
            Found::Misfit(misfit) => Ok(Some(misfit)),
            Found::Fit { new, over } if !keep || (new.is_empty() && over.is_empty()) => Ok(None),
            Found::Fit { .. } => self.writer.run(move |batch| Ok(take(batch, &marks)?)).await,
        }
    }

    async fn key_anew(&self, addresses: Vec<Keys>) -> Result<(), StoreError> {
        self.writer
            .run(move |batch| {
                addresses
                    .iter()
                    .try_for_each(|keys| acts::key_anew(batch, keys))?;
                Ok(())
            })
            .await
    }

    async fn keyed_without(&self, generations: &[u32]) -> Result<u64, StoreError> {
        let generations = generations.to_vec();
        self.scan(move |reader| Ok(keyed_without(reader.connection(), &generations)?))
            .await
    }
}

fn take(batch: &Batch<'_>, marks: &[Mark]) -> Result<Option<Misfit>, Error> {
    let (new, over) = match compare(batch.connection, marks)? {
        Found::Misfit(misfit) => return Ok(Some(misfit)),
        Found::Fit { new, over } => (new, over),
    };
    for (generation, mark) in new {
        batch.connection.execute(
            "INSERT INTO pepper (generation, mark) VALUES (?1, ?2)
             ON CONFLICT (generation) DO UPDATE SET mark = ?2, retired = 0",
            (generation, mark),
        )?;
    }
    for generation in over {
        batch.connection.execute(
            "INSERT INTO pepper (generation, retired) VALUES (?1, 1)
             ON CONFLICT (generation) DO UPDATE SET retired = 1",
            [generation],
        )?;
    }
    Ok(None)
}

fn compare(connection: &Connection, marks: &[Mark]) -> Result<Found, Error> {
    let keyed: Vec<u32> = connection
        .prepare(KEYED)?
        .query_map((), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let kept: BTreeMap<u32, Kept> = connection
        .prepare("SELECT generation, mark, retired FROM pepper")?
        .query_map((), |row| {
            let (mark, retired) = (row.get(1)?, row.get(2)?);
            Ok((row.get(0)?, Kept { mark, retired }))
        })?
        .collect::<Result<_, _>>()?;
    let mut new = Vec::new();
    for (generation, mark) in marks {
        let kept = kept.get(generation);
        match kept.and_then(|kept| kept.mark) {
            Some(other) if other != *mark && keyed.contains(generation) => {
                return Ok(Found::Misfit(Misfit::Another(*generation)));
            }
            Some(same) if same == *mark && kept.is_some_and(|kept| !kept.retired) => {}
            _ => new.push((*generation, *mark)),
        }
    }
    let at_hand: Vec<u32> = marks.iter().map(|(generation, _)| *generation).collect();
    let over: Vec<u32> = keyed
        .into_iter()
        .filter(|generation| !at_hand.contains(generation))
        .filter(|generation| !kept.get(generation).is_some_and(|kept| kept.retired))
        .collect();
    let newest = at_hand.iter().max();
    if let Some(last) = over.last().filter(|last| Some(*last) > newest) {
        return Ok(Found::Misfit(Misfit::Outdated(*last)));
    }
    let contacts = match over.is_empty() {
        true => 0,
        false => keyed_without(connection, &at_hand)?,
    };
    Ok(match contacts {
        0 => Found::Fit { new, over },
        contacts => Found::Misfit(Misfit::Missing {
            generations: over,
            contacts,
        }),
    })
}

/// Reads every key once, in the order of the subjects.
fn keyed_without(connection: &Connection, generations: &[u32]) -> Result<u64, Error> {
    let generations: Vec<String> = generations.iter().map(u32::to_string).collect();
    let count: i64 = connection.query_row(
        &format!(
            "SELECT count(*) FROM (
               SELECT 1 FROM subject_key GROUP BY subject_no
               HAVING max(generation IN ({})) = 0
             )",
            generations.join(", ")
        ),
        (),
        |row| row.get(0),
    )?;
    Ok(count.cast_unsigned())
}
