//! Settings as they are read, and what is said of those that cannot be: the key, the place and what
//! is needed there, and never the value, which may be a secret.

use std::path::Path;

use anyhow::{Context as _, anyhow};
use figment::error::{Actual, Kind};
use figment::value::{Dict, Map, Value};
use figment::{Error, Figment, Metadata, Profile, Provider};

/// Settings from one place.
pub(super) struct Layer {
    place: Metadata,
    settings: Dict,
}

impl Layer {
    /// What a TOML file sets.
    ///
    /// # Errors
    /// When it cannot be read or is no TOML: names the line.
    pub(super) fn of_file(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        let table: toml::Table = toml::from_str(&text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.unwrap_or_default().matches('\n').count() + 1;
            anyhow!(
                "{} is no TOML in line {line}: {}; texts stand in quotes",
                file.display(),
                error.message()
            )
        })?;
        Ok(Self {
            place: Metadata::named(file.display().to_string()),
            settings: table
                .into_iter()
                .map(|(key, it)| (key, value(it)))
                .collect(),
        })
    }

    /// What the environment sets.
    pub(super) fn of_environment(settings: Dict) -> Self {
        Self {
            place: Metadata::named("the environment"),
            settings,
        }
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        self.place.clone()
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Map::from([(Profile::Default, self.settings.clone())]))
    }
}

fn value(written: toml::Value) -> Value {
    match written {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(yes) => yes.into(),
        toml::Value::Datetime(moment) => moment.to_string().into(),
        toml::Value::Array(list) => list.into_iter().map(value).collect::<Vec<_>>().into(),
        toml::Value::Table(table) => {
            let settings = table.into_iter().map(|(key, it)| (key, value(it)));
            settings.collect::<Dict>().into()
        }
    }
}

/// What to say of settings that cannot be taken.
pub(super) fn refusal(error: Error, settings: &Figment) -> anyhow::Error {
    let said: Vec<_> = error.into_iter().map(|one| words(&one, settings)).collect();
    anyhow!("the configuration cannot be read: {}", said.join("; "))
}

fn words(error: &Error, settings: &Figment) -> String {
    let mut key = error.path.join(".");
    let place = match &error.metadata {
        Some(place) => format!(" in {}", place.name),
        None => String::new(),
    };
    let what = match &error.kind {
        Kind::Message(text) if tells(text, at(settings, &error.path).as_ref()) => {
            "cannot be taken as it is written".to_owned()
        }
        Kind::Message(text) => text.clone(),
        Kind::InvalidType(found, needed) => {
            format!("needs {}, and {} is there", noun(needed), kind(found))
        }
        Kind::InvalidValue(_, needed) => format!("needs {}", noun(needed)),
        Kind::InvalidLength(_, needed) => format!("needs {}", noun(needed)),
        Kind::UnknownVariant(_, known) => format!("is none of {}", known.join(", ")),
        Kind::UnknownField(name, known) => {
            let name = match name.as_str() {
                "" => "one",
                name => name,
            };
            format!("has no key {name}; its keys are {}", known.join(", "))
        }
        Kind::MissingField(name) => {
            key = [error.path.as_slice(), &[name.clone().into_owned()]]
                .concat()
                .join(".");
            "is missing".to_owned()
        }
        Kind::DuplicateField(name) => format!("has {name} twice"),
        Kind::ISizeOutOfRange(_) | Kind::USizeOutOfRange(_) => "is too large".to_owned(),
        Kind::Unsupported(found) | Kind::UnsupportedKey(found, _) => {
            format!("cannot be {}", kind(found))
        }
    };
    let key = match key.as_str() {
        "" => "the configuration",
        key => key,
    };
    format!("{key}{place} {what}")
}

/// What stands at a path through tables and lists.
fn at(settings: &Figment, path: &[String]) -> Option<Value> {
    let (first, rest) = path.split_first()?;
    let whole = settings.find_value(first).ok()?;
    rest.iter().try_fold(whole, |value, step| match value {
        Value::Dict(_, mut table) => table.remove(step),
        Value::Array(_, list) => list.into_iter().nth(step.parse().ok()?),
        _ => None,
    })
}

/// Whether words hold something that the value says.
fn tells(words: &str, value: Option<&Value>) -> bool {
    match value {
        Some(Value::String(_, text)) => !text.is_empty() && words.contains(text.as_str()),
        Some(Value::Dict(_, dict)) => dict.values().any(|inner| tells(words, Some(inner))),
        Some(Value::Array(_, list)) => list.iter().any(|inner| tells(words, Some(inner))),
        _ => false,
    }
}

/// What a type calls itself, as people say it.
fn noun(needed: &str) -> &str {
    match needed {
        "a string" => "a text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "a table",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number",
        _ if needed.starts_with("struct ") => "a table",
        needed => needed,
    }
}

fn kind(found: &Actual) -> &'static str {
    match found {
        Actual::Bool(_) => "true or false",
        Actual::Unsigned(_) | Actual::Signed(_) | Actual::Float(_) => "a number",
        Actual::Char(_) | Actual::Str(_) => "a text",
        Actual::Seq => "a list",
        Actual::Map => "a table",
        Actual::Option | Actual::Unit => "nothing",
        _ => "something else",
    }
}
