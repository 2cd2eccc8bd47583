//! Domains that objected: the rules that say so, and why.

use async_trait::async_trait;
use rusqlite::types::Type;
use rusqlite::{Connection, Error};
use shared::digest::Digest;
use shared::rules::Rules;

use super::problem::Failure;
use super::writer::Batch;
use super::{Sqlite, events, publication, rows};
use crate::store::StoreError;
use crate::store::domains::{DomainAct, DomainStep, Domains, NewStep, StepDomain};

#[async_trait]
impl Domains for Sqlite {
    async fn domain_steps(&self) -> Result<Vec<DomainStep>, StoreError> {
        self.scan(|reader| all(reader.connection())).await
    }
}

#[async_trait]
impl StepDomain for Sqlite {
    async fn step_domains(
        &self,
        decided_on: Digest,
        rules: Rules,
        steps: Vec<NewStep>,
    ) -> Result<(), StoreError> {
        self.writer
            .run(move |batch| take(batch, decided_on, &rules, &steps))
            .await
    }
}

fn take(
    batch: &mut Batch<'_>,
    decided_on: Digest,
    rules: &Rules,
    steps: &[NewStep],
) -> Result<(), Failure> {
    let Some(last) = steps.last() else {
        return Ok(());
    };
    publication::put_rules(batch, Some(decided_on), rules, last.step.at)?;
    let mut insert = batch.connection.prepare_cached(
        "INSERT INTO domain_step (domain, act, evidence, at) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for NewStep { step, events } in steps {
        insert.execute((
            &step.domain,
            step.act.as_str(),
            &step.evidence,
            step.at.as_millis(),
        ))?;
        let no = batch.connection.last_insert_rowid();
        events::insert_of_step(batch, no, step.at, events)?;
    }
    Ok(())
}

fn all(connection: &Connection) -> Result<Vec<DomainStep>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT domain, act, evidence, at FROM domain_step ORDER BY id")?;
    let steps = statement.query_map((), |row| {
        let act = DomainAct::parse(row.get_ref(1)?.as_str()?)
            .ok_or_else(|| Error::InvalidColumnType(1, "act".to_owned(), Type::Text))?;
        Ok(DomainStep {
            domain: row.get(0)?,
            act,
            evidence: row.get(2)?,
            at: rows::moment(row, 3)?,
        })
    })?;
    Ok(steps.collect::<Result<_, _>>()?)
}
