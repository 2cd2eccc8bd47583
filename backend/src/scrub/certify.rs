//! The certificate of a scrub, filled in and signed.

use anyhow::Context as _;
use shared::certificate::{
    Asked, Certificate, Column, Columns, FORMAT, Issuer, List, ListFormat, SignedCertificate,
    Validity,
};
use shared::decision::Question;
use shared::purpose::PurposeKey;

use super::{ListColumns, Progress, Scrub, Totals};
use crate::clock::World;
use crate::secrets::Secrets;
use crate::shelf::{Shelf, ShelfError, ShelfKeeper};
use crate::signature::sign_certificate;
use crate::table::{self, Table};

/// Who certifies, and for how long.
pub struct Certifier<'a> {
    /// What is published: names who is responsible.
    pub shelf: &'a ShelfKeeper,
    /// The public URL of the deployment.
    pub origin: Option<String>,
    /// For how long the list may be used.
    pub validity: Validity,
    /// Signs.
    pub secrets: &'a Secrets,
    /// The clock.
    pub world: &'a dyn World,
}

impl Certifier<'_> {
    /// States what was decided about the list that was read to its end.
    ///
    /// # Errors
    /// Where the question names no purpose, or the notices cannot be read.
    pub async fn certify(
        &self,
        scrub: &Scrub,
        totals: &Totals,
        read: &Progress,
    ) -> anyhow::Result<SignedCertificate> {
        let asked = asked(&scrub.order().question, scrub.named.clone());
        let asked = asked.context("name a purpose")?;
        let controller = self.controller(&asked.purpose).await?;
        let issued_at = self.world.now();
        let certificate = Certificate {
            as_of: scrub.image().as_of(),
            asked,
            at: scrub.at(),
            counts: totals.counts.clone(),
            format: FORMAT.to_owned(),
            id: self.world.entry_id(issued_at),
            issued_at,
            issuer: Issuer {
                controller,
                origin: self.origin.clone(),
            },
            list: List {
                bytes: read.bytes(),
                format: scrub.format,
                rows: totals.rows,
                sha256: read.digest(),
            },
            rules: scrub.image().rules().map(|stored| stored.digest),
            valid_until: self.validity.end(scrub.at()),
            verdicts: totals.verdicts.clone(),
        };
        Ok(sign_certificate(certificate, &self.secrets.signing))
    }

    /// Who is responsible for mailings of that purpose, as a notice in force names them.
    async fn controller(&self, purpose: &PurposeKey) -> anyhow::Result<String> {
        match self.shelf.shelf().await {
            Ok(shelf) => Ok(responsible(&shelf, purpose)),
            Err(ShelfError::Empty) => Ok(String::new()),
            Err(error) => Err(error.into()),
        }
    }
}

fn responsible(shelf: &Shelf, purpose: &PurposeKey) -> String {
    shelf
        .stating(purpose)
        .or_else(|| shelf.structured_in_force().next())
        .and_then(|(_, notice)| notice.slots.controller.filled())
        .map_or_else(String::new, |controller| controller.name.clone())
}

/// The question as a certificate states it; `None` where it names no purpose.
pub(super) fn asked(question: &Question, columns: Columns) -> Option<Asked> {
    Some(Asked {
        channel: question.channel,
        columns,
        country: question.stated.country,
        first_contact: question.first_contact,
        purpose: question.purpose.clone()?,
        subscriber: question.stated.subscriber,
        topic: question.topic.clone(),
    })
}

/// The columns as a certificate names them: by a heading only where that finds the same column again.
pub(super) fn named(table: &Table, columns: &ListColumns) -> Columns {
    let all = table.columns();
    let named = |column: &table::Column| {
        let heading = all.is_named().then(|| column.name());
        let heading = heading.filter(|name| all.named(name).is_ok_and(|found| found == *column));
        Column::new(heading, column.index() + 1)
    };
    Columns {
        address: named(&columns.address),
        country: columns.country.as_ref().map(named),
        subscriber: columns.subscriber.as_ref().map(named),
    }
}

/// How the list is written, as a certificate says it.
pub(super) fn format(table: &Table) -> ListFormat {
    if table.format().is_json() {
        ListFormat::Ndjson
    } else {
        ListFormat::Csv
    }
}
