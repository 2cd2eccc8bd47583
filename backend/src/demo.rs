//! The demonstration: an empty data directory becomes a working deployment.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use shared::digest::Digest;
use shared::notice::settings::Settings;
use shared::time::Timestamp;

use crate::assets;
use crate::clock::World;
use crate::config::{CONFIG_FILE, Config, SECRETS_FILE};
use crate::http::access::{PREFIX, Scope};
use crate::publishing::{Folder, publish};
use crate::secrets::SecretsText;
use crate::store::{ApiKey, Write};

/// Where the demonstration keeps the API key that it shows.
pub const KEY_FILE: &str = "demo-api-key.txt";

/// Where it notes at which address it was started last, for commands that make links.
const URL_FILE: &str = "demo-url.txt";

const CONFIG: &str = "\
# A demonstration of Sayso. Every value below is an example: nothing here is a real company.
demo = true

# A contact about whom nothing else is known counts as a UK company's: the gate says yes until
# somebody objects.
default_country = \"GB\"
default_subscriber = \"corporate\"

";

/// Writes secrets and configuration of a demonstration, unless the directory has them. A directory
/// that belongs to a real deployment is refused.
pub fn prepare(data: &Path, world: &dyn World) -> anyhow::Result<()> {
    fs::create_dir_all(data)
        .with_context(|| format!("the directory {} cannot be made", data.display()))?;
    let secrets = data.join(SECRETS_FILE);
    if !secrets.exists() {
        SecretsText::generate(world).write_new(&secrets)?;
    }
    let config = data.join(CONFIG_FILE);
    if config.exists() {
        let existing = Config::load(data, None)?;
        if !existing.demo {
            bail!(
                "{} is the configuration of a real deployment; name another directory with --data",
                config.display()
            );
        }
        return Ok(());
    }
    let settings = Settings {
        assessments_reviewed_at: Some(world.now().date()),
        ..Settings::example()
    };
    #[derive(serde::Serialize)]
    struct Part {
        notice: Settings,
    }
    let part = toml::to_string(&Part { notice: settings })
        .context("the example settings cannot be written")?;
    fs::write(&config, format!("{CONFIG}{part}"))
        .with_context(|| format!("{} cannot be written", config.display()))
}

/// Publishes the notices that come with Sayso and makes an API key, once. Returns the key.
pub async fn fill(
    store: &Arc<dyn Write>,
    config: &Config,
    data: &Path,
    world: &dyn World,
) -> anyhow::Result<String> {
    let now = world.now();
    let published = store.notices().await?;
    for (notice, folder) in included() {
        if !published.iter().any(|one| one.notice == notice) {
            publish(store, &[folder], &[], config, now).await?;
        }
    }
    let file = data.join(KEY_FILE);
    if let Ok(key) = fs::read_to_string(&file) {
        return Ok(key.trim().to_owned());
    }
    let scopes = [Scope::GateCheck, Scope::ScrubRun, Scope::ChangesRead];
    let key = make_key(store, "demonstration", &scopes, None, now, world).await?;
    fs::write(&file, format!("{key}\n"))
        .with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(key)
}

/// Notes where the demonstration is reached.
pub fn note_url(data: &Path, url: &str) -> anyhow::Result<()> {
    let file = data.join(URL_FILE);
    fs::write(&file, format!("{url}\n"))
        .with_context(|| format!("{} cannot be written", file.display()))
}

/// Where the demonstration of that directory is reached, if it ever was started.
#[must_use]
pub fn noted_url(data: &Path) -> Option<String> {
    let noted = fs::read_to_string(data.join(URL_FILE)).ok()?;
    Some(noted.trim().to_owned())
}

/// Makes an API key with those scopes and returns it; it is shown once and kept only as a hash.
pub async fn make_key(
    store: &Arc<dyn Write>,
    label: &str,
    scopes: &[Scope],
    expires_at: Option<Timestamp>,
    now: Timestamp,
    world: &dyn World,
) -> anyhow::Result<String> {
    let key = format!(
        "{PREFIX}{}",
        BASE64_URL_SAFE_NO_PAD.encode(world.bytes::<32>())
    );
    store
        .add_api_key(ApiKey {
            hash: Digest::of(key.as_bytes()),
            label: label.to_owned(),
            last4: key[key.len() - 4..].to_owned(),
            scopes: scopes
                .iter()
                .map(|scope| scope.as_str().to_owned())
                .collect(),
            created_at: now,
            expires_at,
            revoked_at: None,
        })
        .await?;
    Ok(key)
}

/// The notices that the binary carries, by key.
#[must_use]
pub fn included() -> Vec<(String, Folder)> {
    let mut folders: std::collections::BTreeMap<String, Folder> = std::collections::BTreeMap::new();
    for file in assets::notice_files() {
        let text = String::from_utf8_lossy(file.bytes).into_owned();
        let folder = folders.entry(file.notice.to_owned()).or_default();
        folder.0.insert(file.name.to_owned(), text);
    }
    folders.into_iter().collect()
}
