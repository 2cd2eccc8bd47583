//! Fills a store with objections, through the same recorder as a server's.

use std::path::Path;
use std::sync::Arc;

use backend::clock::{System, World};
use backend::config::Config;
use backend::recording::{Objection, Recorder};
use backend::secrets::Secrets;
use backend::store::Write;
use backend::store::sqlite::{Options, Sqlite};
use shared::address::Address;

use crate::objected;

/// Objections that are on their way at once.
const ABREAST: u64 = 512;

/// Lets the contacts `0..count` object, beside a running server.
pub(crate) fn seed(
    data: &Path,
    count: u64,
    address: impl Fn(u64) -> String + Clone + Send + 'static,
) -> anyhow::Result<()> {
    let config = Config::load(data, None)?;
    let secrets = config.secrets.check()?;
    let path = data.join(backend::cli::DATABASE);
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let store: Arc<dyn Write> = Arc::new(Sqlite::open(&path, Options::service())?);
        let world: Arc<dyn World> = Arc::new(System);
        let recorder = Recorder::new(store, world);
        let mut tasks = tokio::task::JoinSet::new();
        for first in 0..ABREAST.min(count) {
            let (recorder, secrets, address) = (recorder.clone(), secrets.clone(), address.clone());
            tasks.spawn(async move {
                for number in (first..count).step_by(ABREAST as usize) {
                    recorder
                        .object(&objection(&secrets, &address(number))?)
                        .await?;
                }
                anyhow::Ok(())
            });
        }
        while let Some(done) = tasks.join_next().await {
            done??;
        }
        Ok(())
    })
}

fn objection(secrets: &Secrets, address: &str) -> anyhow::Result<Objection> {
    let address = Address::parse(address)?;
    Ok(Objection {
        keys: secrets.keys(&address),
        judged_by: None,
        scope: objected::scope()?,
        until: None,
        evidence: objected::evidence(),
    })
}
