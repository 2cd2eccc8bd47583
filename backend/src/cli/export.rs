//! `sayso export ADDRESS --reason TEXT`: what is kept of an address, for somebody who asked by
//! letter or by phone.

use std::sync::Arc;

use clap::Args;
use frontend::catalogue::Language;
use frontend::surroundings::Surroundings;

use super::{Ending, Place, print, usage, world};
use crate::cases::Desk;
use crate::person::{Person, table};
use crate::recording::Recorder;
use crate::shelf::ShelfKeeper;
use crate::store::Read;

/// Prints what is kept of an address, as JSON or as CSV.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// The e-mail address, exactly.
    address: String,
    /// Why you look: where the request is kept. No names, no addresses.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// As a table of the entries instead.
    #[arg(long)]
    csv: bool,
    /// The language of the words: en, de or fr.
    #[arg(long, default_value = "en")]
    language: String,
}

pub(super) async fn run(place: &Place, export: Export) -> anyhow::Result<Ending> {
    let secrets = Arc::new(place.load()?.secrets.check()?);
    let reason = usage::evidence(&export.reason)?;
    let store = place.open_with(&secrets).await?;
    let address = usage::known_address(&export.address, &*store, &secrets).await?;
    let world = world();
    let reading: Arc<dyn Read> = store.clone();
    let shelf = ShelfKeeper::new(reading.clone()).shelf().await?;
    let desk = Desk::new(
        Recorder::new(store, world.clone()),
        secrets.clone(),
        world.clone(),
    );
    let now = world.now();
    let around = Surroundings {
        base: String::new(),
        language: Language::parse(&export.language).unwrap_or_default(),
        now,
        view_token: None,
        widget_css: String::new(),
        page_css: String::new(),
    };
    let keys = secrets.keys(&address);
    let person = Person::of(&*reading, &shelf, &desk, &keys, now, &around).await?;
    place.note_view("export", person.pii_principal_id, &reason, now)?;
    if export.csv {
        print(&table::csv(&person))?;
    } else {
        print(&format_args!(
            "{}\n",
            serde_json::to_string_pretty(&person)?
        ))?;
    }
    Ok(Ending::of(person.pii_principal_id.is_some()))
}
