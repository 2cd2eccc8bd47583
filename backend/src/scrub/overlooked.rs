//! Columns of a list that say something of its contacts and that no question was asked about: they are
//! told of, so that nobody takes for heeded what was not.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::countries::is_country;
use super::ListColumns;
use crate::table::words::{OptOuts, Says, opt_outs, opts_out, plain, says};
use crate::table::{Column, Columns};

mod countries;

/// A column that was not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Overlooked {
    /// Its heading.
    pub column: String,
    /// What it seems to hold.
    pub looks_like: Content,
}

/// What a column seems to hold, by its heading and its first rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Addresses: nobody asked about those.
    Addresses,
    /// Countries, and no column of countries was named.
    Countries,
    /// Subscriber classes, and no column of those was named.
    Subscribers,
    /// Who wants no mail: a scrub goes by what is recorded, and by nothing else.
    OptOuts,
}

/// Headings of countries beside those that hold the word: letters and digits alone.
const COUNTRIES: [&str; 14] = [
    "cc",
    "land",
    "ländercode",
    "laendercode",
    "länderkürzel",
    "länderkennzeichen",
    "staat",
    "nation",
    "pays",
    "codepays",
    "país",
    "pais",
    "paese",
    "nazione",
];
/// Headings of subscriber classes beside those that begin with the word.
const SUBSCRIBERS: [&str; 13] = [
    "class",
    "type",
    "contacttype",
    "contactclass",
    "customertype",
    "clienttype",
    "accounttype",
    "kontaktart",
    "kontakttyp",
    "kundenart",
    "kundentyp",
    "typedeclient",
    "typedecontact",
];
/// What columns of subscriber classes hold.
const CLASSES: [&str; 20] = [
    "corporate",
    "individual",
    "company",
    "business",
    "organisation",
    "organization",
    "consumer",
    "private",
    "privateperson",
    "person",
    "soletrader",
    "partnership",
    "firma",
    "unternehmen",
    "privat",
    "privatperson",
    "entreprise",
    "particulier",
    "b2b",
    "b2c",
];

impl ListColumns {
    /// The columns of the table that say something of its contacts and were not read.
    #[must_use]
    pub fn overlooked(&self, columns: &Columns) -> Vec<Overlooked> {
        let addresses = columns.others_with_addresses(&self.address).into_iter();
        let addresses = addresses.map(|column| Overlooked {
            column,
            looks_like: Content::Addresses,
        });
        let named = columns.is_named().then(|| columns.all());
        let others = named.into_iter().flatten().filter_map(|column| {
            Some(Overlooked {
                looks_like: self.content(columns, &column)?,
                column: column.name().to_owned(),
            })
        });
        addresses.chain(others).collect()
    }

    /// What a column seems to hold that was not read.
    fn content(&self, columns: &Columns, column: &Column) -> Option<Content> {
        let heading = plain(column.name());
        let are = |is: &dyn Fn(&str) -> bool| {
            let said = columns.samples(column);
            let (fitting, filled) = said.fold((0, 0), |(fitting, filled), cell| {
                (fitting + usize::from(is(cell)), filled + 1)
            });
            fitting > 0 && fitting * 2 >= filled
        };
        let is_country = || self.country.is_none() && tells_country(&heading) && are(&is_country);
        let is_class = || {
            self.subscriber.is_none()
                && (heading.starts_with("subscriber") || SUBSCRIBERS.contains(&&*heading))
                && are(&|cell| CLASSES.contains(&&*plain(cell)))
        };
        let is_opt_out = || match opt_outs(&heading) {
            // One word of several: a single one against mailings tells.
            Some(OptOuts::Status) => columns
                .samples(column)
                .any(|cell| matches!(says(&plain(cell)), Says::Stop(_))),
            Some(OptOuts::Answer) => are(&|cell| opts_out(cell).is_some()),
            None => false,
        };
        let contents: [(&dyn Fn() -> bool, Content); 3] = [
            (&is_country, Content::Countries),
            (&is_class, Content::Subscribers),
            (&is_opt_out, Content::OptOuts),
        ];
        let found = contents.into_iter().find(|(is, _)| is());
        found.map(|(_, content)| content)
    }
}

fn tells_country(heading: &str) -> bool {
    heading.contains("country") || COUNTRIES.contains(&heading)
}
