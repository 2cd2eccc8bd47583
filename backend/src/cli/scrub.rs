//! `sayso scrub IN.csv --purpose P`: a list through the gate, and the certificate of it.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use clap::Args;
use clap::builder::ArgPredicate::IsPresent;
use shared::certificate::{SignedCertificate, Validity};
use shared::decision::{Question, Stated};
use shared::facts::{Country, Subscriber};
use shared::purpose::{Channel, PurposeKey, TopicKey};

use self::files::Files;
use self::interruption::Interruption;
use self::summary::Summary;
use super::{Ending, Place, usage, world};
use crate::scrub::{
    Added, Certifier, Digesting, Links, Order, Progress, Render, Scrub, ScrubError, Totals,
};
use crate::shelf::ShelfKeeper;
use crate::store::Read;
use crate::table::Table;

mod afar;
mod files;
mod interruption;
mod meter;
mod since;
mod summary;

/// Puts a list through the gate: what may be mailed into one file, the rest with reasons into another.
#[derive(Debug, Args)]
pub(super) struct Command {
    /// The list, as your tool exports it (CSV or NDJSON); - for standard input.
    list: PathBuf,
    /// The purpose of the mailing, such as `info_about_us`.
    #[arg(
        long,
        required = false,
        required_unless_present = "since",
        default_value_if("since", IsPresent, "of_the_certificate"),
        value_parser = PurposeKey::parse
    )]
    purpose: PurposeKey,
    /// One topic; without it the question is about anything of the purpose.
    #[arg(long, value_parser = TopicKey::parse)]
    topic: Option<TopicKey>,
    /// email, phone, post or sms.
    #[arg(long, default_value = "email", value_parser = usage::channel)]
    channel: Channel,
    /// Where the rows go that may be mailed.
    #[arg(
        long,
        value_name = "FILE",
        required = false,
        required_unless_present = "since",
        default_value_if("since", IsPresent, "-")
    )]
    kept: PathBuf,
    /// Where the others go, with the reasons in `sayso_reason`.
    #[arg(long, value_name = "FILE")]
    withheld: PathBuf,
    /// Where the certificate goes: what was decided, on which state, valid until when.
    #[arg(
        long,
        value_name = "FILE",
        required = false,
        required_unless_present = "since",
        default_value_if("since", IsPresent, "-")
    )]
    certificate: PathBuf,
    /// Only who must be taken off since this certificate of the same list, into --withheld. The
    /// question is the certificate's.
    #[arg(
        long,
        value_name = "CERT",
        conflicts_with_all = [
            "purpose", "topic", "channel", "valid_hours", "kept", "certificate", "column", "country", "country_column",
            "subscriber", "subscriber_column", "first_contact", "obligations", "unsubscribe_links",
            "duplicates", "report",
        ]
    )]
    since: Option<PathBuf>,
    /// With --since, the public keys of the certificate's time, as saved from /log/key; without it, those
    /// of now.
    #[arg(long, value_name = "FILE", requires = "since")]
    keys: Option<PathBuf>,
    /// The column with the addresses, by name or number; else it is found.
    #[arg(long, value_name = "NAME")]
    column: Option<String>,
    /// The country of every contact, as two letters, if you know it.
    #[arg(long, conflicts_with = "country_column", value_parser = Country::parse)]
    country: Option<Country>,
    /// The column with the countries.
    #[arg(long, value_name = "NAME")]
    country_column: Option<String>,
    /// corporate or individual, if you know it of every contact.
    #[arg(long, conflicts_with = "subscriber_column", value_parser = usage::subscriber)]
    subscriber: Option<Subscriber>,
    /// The column that says corporate or individual.
    #[arg(long, value_name = "NAME")]
    subscriber_column: Option<String>,
    /// This mailing tells everybody of the right to object, set apart from all else.
    #[arg(long)]
    first_contact: bool,
    /// Add a column that says what each message must do.
    #[arg(long)]
    obligations: bool,
    /// Add columns with a link and the headers that unsubscribe, for each recipient of an e-mail.
    #[arg(long)]
    unsubscribe_links: bool,
    /// The mailing's name, kept with an objection that comes by such a link: 1 to 64 letters from A to Z,
    /// digits, dots, _ and -.
    #[arg(long, value_name = "NAME", requires = "unsubscribe_links")]
    mailing: Option<String>,
    /// Look for repeated addresses however long the list is; without it in the first 1.5 million rows.
    #[arg(long)]
    duplicates: bool,
    /// Where all remarks go, by line: no address, repeated address, uneven row.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// For how many hours the kept rows may be mailed: 1 to 48.
    #[arg(
        long,
        value_name = "HOURS",
        default_value = "24",
        value_parser = clap::value_parser!(u8).range(1..=48)
    )]
    valid_hours: u8,
    /// Ask this Sayso over the network instead of a data directory.
    #[arg(long, value_name = "URL", requires = "key", env = "SAYSO_SERVER")]
    server: Option<String>,
    /// The API key for --server, with the scope scrub:run, and gate:check for --unsubscribe-links.
    #[arg(long, env = "SAYSO_KEY", hide_env_values = true)]
    key: Option<String>,
}

pub(super) async fn run(place: &Place, command: Command) -> anyhow::Result<Ending> {
    if let Some(certificate) = &command.since {
        return since::run(place, &command, certificate).await;
    }
    usage::mailing(command.mailing.as_deref())?;
    if command.unsubscribe_links && command.channel != Channel::Email {
        return Err(usage::wrong(
            "--unsubscribe-links makes links that stop e-mail alone: leave it out for any other channel, \
             and say in the message how to object",
        ));
    }
    let interruption = Interruption::listen()?;
    let files = Files::check(&command)?;
    let unfinished = files.unfinished();
    let progress = Progress::default();
    let work = async {
        match (&command.server, &command.key) {
            (Some(server), Some(key)) => afar::run(server, key, &command, files, &progress).await,
            _ => here(place, &command, files, &progress).await,
        }
    };
    let done = interruption.or(unfinished, work).await?;
    done.files.finish(&done.signed)?;
    place.answer(&done.summary)?;
    Ok(Ending::Yes)
}

/// A list of which all rows are decided and written, into files that have no names yet.
struct Done {
    files: Files,
    signed: SignedCertificate,
    summary: Summary,
}

/// With the gate of the data directory.
async fn here(
    place: &Place,
    command: &Command,
    mut files: Files,
    progress: &Progress,
) -> anyhow::Result<Done> {
    let validity = Validity::hours(command.valid_hours)?;
    let order = command.order();
    let config = place.load()?;
    let secrets = Arc::new(place.secrets(&config)?);
    let store: Arc<dyn Read> = place.open_with(&secrets).await?;
    let world = world();
    let mut table = command.open(progress).await?;
    let now = world.now();
    let scrub = Scrub::prepare(&mut table, order, &*store, secrets.clone(), now).await;
    let scrub = scrub.map_err(|error| match error {
        ScrubError::Unknown(unknown) => usage::wrong(unknown),
        error => error.into(),
    })?;
    let base = place.base_url(&config);
    let links = match command.unsubscribe_links {
        false => None,
        true => Some(Links {
            rules: scrub
                .image()
                .rules()
                .context("no notice is published yet: run `sayso notice publish DIR`")?
                .clone(),
            purpose: command.purpose.to_string(),
            topic: command.topic.as_ref().map(ToString::to_string),
            mailing: command.mailing.clone(),
            base: base
                .as_ref()
                .map_err(|error| anyhow::anyhow!("{error}"))?
                .clone(),
            mailbox: config.mail.unsubscribe.clone(),
            secrets: secrets.clone(),
            world: world.clone(),
        }),
    };
    let render = Render::new(&table, command.added())?;
    let meter = command.meter(progress);
    let work = move || -> Result<(Scrub, Table, Totals, Files), ScrubError> {
        files
            .begin(&render.heads(&table))
            .map_err(ScrubError::Out)?;
        let totals = scrub.run(&mut table, Some(&render), links.as_ref(), |part, notes| {
            files.write(&part.kept, &part.withheld, notes)
        })?;
        Ok((scrub, table, totals, files))
    };
    let (scrub, table, totals, files) = blocking(work).await?;
    drop(meter);
    let certifier = Certifier {
        shelf: &ShelfKeeper::new(store),
        origin: base.ok(),
        validity,
        secrets: &secrets,
        world: &*world,
    };
    let signed = certifier.certify(&scrub, &totals, progress).await?;
    let summary = Summary::new(&table, scrub.columns(), &signed, totals.notes);
    Ok(Done {
        files,
        signed,
        summary,
    })
}

/// Runs what blocks on a thread of its own.
async fn blocking<T: Send + 'static, E>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> anyhow::Result<T>
where
    E: Send + 'static,
    anyhow::Error: From<E>,
{
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.context("a thread stopped: nothing was written")??)
}

/// What a list is read from.
fn input(list: &Path) -> anyhow::Result<Box<dyn io::Read + Send>> {
    if is_standard_input(list) {
        return Ok(Box::new(io::stdin()));
    }
    let file = File::open(list).with_context(|| format!("{} cannot be read", list.display()))?;
    ensure!(
        !file.metadata()?.is_dir(),
        "{} is a directory: name a file",
        list.display()
    );
    Ok(Box::new(file))
}

fn is_standard_input(list: &Path) -> bool {
    list.as_os_str() == "-"
}

impl Command {
    fn order(&self) -> Order {
        Order {
            question: Question {
                purpose: Some(self.purpose.clone()),
                topic: self.topic.clone(),
                channel: self.channel,
                stated: Stated {
                    country: self.country,
                    subscriber: self.subscriber,
                },
                first_contact: self.first_contact,
            },
            address: self.column.clone(),
            country: self.country_column.clone(),
            subscriber: self.subscriber_column.clone(),
            all_repeats: self.duplicates,
        }
    }

    /// The columns that kept rows get.
    const fn added(&self) -> Added {
        Added {
            obligations: self.obligations,
            links: self.unsubscribe_links,
        }
    }

    fn is_standard_input(&self) -> bool {
        is_standard_input(&self.list)
    }

    /// Whether the list is gone when it was read: it comes from another program.
    fn is_read_once(&self) -> bool {
        let is_stream = |list: Metadata| !list.is_file() && !list.is_dir();
        self.is_standard_input() || fs::metadata(&self.list).is_ok_and(is_stream)
    }

    /// Opens the list. Whoever writes it may be long in coming.
    async fn open(&self, progress: &Progress) -> anyhow::Result<Table> {
        let (list, progress) = (self.list.clone(), progress.clone());
        let open = move || -> anyhow::Result<_> {
            Ok(Table::open(Digesting::new(input(&list)?, &progress))?)
        };
        blocking(open).await
    }

    fn meter(&self, progress: &Progress) -> meter::Meter {
        let length = fs::metadata(&self.list).ok().map(|file| file.len());
        meter::Meter::start(progress, length.filter(|_| !self.is_standard_input()))
    }
}
