//! `sayso key create | list | revoke`.

use std::fmt;

use anyhow::bail;
use clap::Subcommand;
use serde::Serialize;
use shared::time::Timestamp;

use super::usage::wrong;
use super::{Ending, Place, world};
use crate::demo::make_key;
use crate::http::access::{Scope, id, is_active};
use crate::store::ApiKey;
use crate::store::sqlite::Options;

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Make a key. It is shown once and kept only as a hash.
    Create {
        /// What the key may do; can be given several times. Nothing asks for entries:read and
        /// objection:write yet.
        #[arg(long = "scope", required = true, value_name = "SCOPE", value_parser = scope)]
        scopes: Vec<Scope>,
        /// What you call the key.
        #[arg(long, default_value = "")]
        label: String,
        /// When it ends: a date or an RFC 3339 moment.
        #[arg(long, value_parser = Timestamp::parse_end)]
        expires: Option<Timestamp>,
    },
    /// List the keys, without the keys themselves.
    List,
    /// Revoke a key, at once.
    Revoke {
        /// The key itself, or the id that `key list` shows.
        key: String,
    },
}

fn scope(text: &str) -> Result<Scope, String> {
    Scope::parse(text).ok_or_else(|| {
        let names: Vec<_> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
        format!("scopes are {}", names.join(", "))
    })
}

#[derive(Debug, Serialize)]
struct Created {
    key: String,
    /// Scopes of it that nothing asks for yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    open_nothing: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
struct Listed {
    keys: Vec<Shown>,
}

#[derive(Debug, Serialize)]
struct Shown {
    id: String,
    label: String,
    ends_in: String,
    scopes: Vec<String>,
    active: bool,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
struct Revoked {
    revoked: String,
}

pub(super) async fn run(place: &Place, verb: Verb) -> anyhow::Result<Ending> {
    let world = world();
    let now = world.now();
    match verb {
        Verb::Create {
            scopes,
            label,
            expires,
        } => {
            if expires.is_some_and(|end| end <= now) {
                return Err(wrong("--expires must be in the future"));
            }
            let store = place.open_or_create(Options::command())?;
            let key = make_key(&store, &label, &scopes, expires, now, &*world).await?;
            let idle = scopes.iter().filter(|scope| !scope.opens_something());
            let open_nothing = idle.map(|scope| scope.as_str()).collect();
            let created = Created { key, open_nothing };
            // Beside the answer, which is the key alone: scripts keep it as it comes.
            eprintln!("The key is shown this once. Send it as Authorization: Bearer.");
            if !created.open_nothing.is_empty() {
                eprintln!(
                    "No call asks for {} yet.",
                    created.open_nothing.join(" or ")
                );
            }
            place.answer(&created)?;
        }
        Verb::List => {
            let keys = place.open()?.api_keys().await?;
            let keys = keys.into_iter().map(|key| shown(key, now)).collect();
            place.answer(&Listed { keys })?;
        }
        Verb::Revoke { key } => {
            let store = place.open()?;
            let keys = store.api_keys().await?;
            let hash = shared::digest::Digest::of(key.as_bytes());
            let mut found = keys
                .iter()
                .filter(|kept| kept.hash == hash || id(kept) == key);
            let (Some(kept), None) = (found.next(), found.next()) else {
                bail!("there is no such key; `sayso key list` shows the ids");
            };
            store.revoke_api_key(kept.hash, now).await?;
            place.answer(&Revoked { revoked: id(kept) })?;
        }
    }
    Ok(Ending::Yes)
}

fn shown(key: ApiKey, now: Timestamp) -> Shown {
    Shown {
        id: id(&key),
        active: is_active(&key, now),
        label: key.label,
        ends_in: key.last4,
        scopes: key.scopes,
        created_at: key.created_at,
        expires_at: key.expires_at,
        revoked_at: key.revoked_at,
    }
}

impl fmt::Display for Created {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.key)
    }
}

impl fmt::Display for Listed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.keys.is_empty() {
            return out.write_str("No keys. Make one with `sayso key create --scope gate:check`.");
        }
        for (place, key) in self.keys.iter().enumerate() {
            let state = if key.active { "active" } else { "ended" };
            let line = format!(
                "{}  …{}  {state}  {}  {}",
                key.id,
                key.ends_in,
                key.scopes.join(","),
                key.label
            );
            write!(
                out,
                "{}{}",
                if place == 0 { "" } else { "\n" },
                line.trim_end()
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for Revoked {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Revoked {}: it works no more.", self.revoked)
    }
}
