//! The source of a notice as its authors write it: one structure file, one text file per language.

mod draft;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;

use super::defect::{self, Defect};
use super::purpose::{Control, DataCategoryKey};
use super::retention::{EventKey, Override, Period, RuleKey};
use super::settings::Settings;
use super::slot::SlotName;
use super::text::{InvalidText, Language, TextKey, Texts};
use super::vocabulary::Term;
use super::{Notice, NoticeKey};
use crate::purpose::{Channel, PurposeClass, PurposeKey, TopicKey};

/// A notice's source: well-formed, but perhaps incomplete.
#[derive(Debug, Clone)]
pub struct Source {
    structure: Structure,
    texts: Texts,
}

/// A notice as far as its source and the settings allow, and what is wrong with it.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The notice; for preview only while [`defect::refuses`] its defects.
    pub notice: Notice,
    /// Its defects.
    pub defects: Vec<Defect>,
}

/// A source file that cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Not TOML, or not of this shape.
    #[error("{file} cannot be read; correct it there: {cause}")]
    Shape {
        /// The file.
        file: String,
        /// What and where.
        cause: String,
    },
    /// A text that is neither a string nor a table of texts.
    #[error("{file}: {key} is no text; write it as a string in quotes")]
    NoText {
        /// The file.
        file: String,
        /// The text's key.
        key: String,
    },
    /// A name that is no text key or no language tag.
    #[error("{file}: {cause}")]
    Name {
        /// The file.
        file: String,
        /// What is wrong with the name.
        cause: InvalidText,
    },
    /// The original language has no text file.
    #[error("the notice's language is {0}, but there is no {0}.toml; write it beside notice.toml")]
    NoOriginal(Language),
}

impl Source {
    /// Reads the structure (`notice.toml`) and the texts by language tag (`en` for `en.toml`).
    /// What is well-formed but wrong is left to [`Self::draft`].
    pub fn parse(structure: &str, texts: &BTreeMap<String, String>) -> Result<Self, SourceError> {
        let structure: Structure =
            toml::from_str(structure).map_err(|cause| shape("notice.toml", &cause))?;
        let mut languages = BTreeMap::new();
        for (tag, text) in texts {
            let file = format!("{tag}.toml");
            let name = |cause| SourceError::Name {
                file: file.clone(),
                cause,
            };
            let table: toml::Table = toml::from_str(text).map_err(|cause| shape(&file, &cause))?;
            let mut words = BTreeMap::new();
            flatten(&file, "", &table, &mut words)?;
            languages.insert(Language::parse(tag).map_err(name)?, words);
        }
        let original = structure.language.clone();
        if !languages.contains_key(&original) {
            return Err(SourceError::NoOriginal(original));
        }
        Ok(Self {
            structure,
            texts: Texts {
                original,
                languages,
            },
        })
    }

    /// Which notice this is the source of.
    #[must_use]
    pub const fn key(&self) -> &NoticeKey {
        &self.structure.key
    }

    /// The notice as far as source and settings allow, with every defect: what a lint reports and
    /// a preview shows.
    #[must_use]
    pub fn draft(&self, settings: &Settings, version: u32, effective: NaiveDate) -> Draft {
        draft::draft(&self.structure, &self.texts, settings, version, effective)
    }

    /// The notice that is published, or the defects that stand in the way, warnings included.
    pub fn resolve(
        &self,
        settings: &Settings,
        version: u32,
        effective: NaiveDate,
    ) -> Result<Notice, Vec<Defect>> {
        let Draft { notice, defects } = self.draft(settings, version, effective);
        if defect::refuses(&defects) {
            Err(defects)
        } else {
            Ok(notice)
        }
    }
}

pub(super) fn shape(file: &str, cause: &toml::de::Error) -> SourceError {
    SourceError::Shape {
        file: file.to_owned(),
        cause: cause.to_string(),
    }
}

fn flatten(
    file: &str,
    prefix: &str,
    table: &toml::Table,
    words: &mut BTreeMap<TextKey, String>,
) -> Result<(), SourceError> {
    for (name, value) in table {
        let key = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}")
        };
        match value {
            toml::Value::Table(inner) => flatten(file, &key, inner, words)?,
            toml::Value::String(text) => {
                let name = |cause| SourceError::Name {
                    file: file.to_owned(),
                    cause,
                };
                words.insert(TextKey::parse(&key).map_err(name)?, text.trim().to_owned());
            }
            _ => {
                return Err(SourceError::NoText {
                    file: file.to_owned(),
                    key,
                });
            }
        }
    }
    Ok(())
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Structure {
    key: NoticeKey,
    language: Language,
    #[serde(default)]
    slots: BTreeMap<SlotName, SlotSource>,
    #[serde(default)]
    data_categories: Vec<DataCategoryKey>,
    #[serde(default, rename = "purpose")]
    purposes: Vec<PurposeSource>,
    #[serde(default, rename = "retention")]
    rules: Vec<RuleSource>,
    #[serde(default)]
    terms: BTreeMap<TextKey, Vec<Term>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum SlotSource {
    Setting { setting: String },
    Text { text: TextKey },
    NotApplicable { not_applicable: String },
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct PurposeSource {
    key: PurposeKey,
    class: PurposeClass,
    control: Control,
    #[serde(default)]
    bases: Vec<BasisSource>,
    assessment: Option<AssessmentSource>,
    #[serde(default)]
    data_categories: Vec<DataCategoryKey>,
    #[serde(default)]
    retention: Vec<RuleKey>,
    #[serde(default)]
    topics: Vec<TopicKey>,
    #[serde(default)]
    channels: Vec<Channel>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct BasisSource {
    basis: String,
    part: Option<TextKey>,
    law: Option<String>,
    interest: Option<TextKey>,
    withdrawal: Option<TextKey>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct AssessmentSource {
    reference: String,
    version: String,
    review_period: Period,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleSource {
    key: RuleKey,
    period: Option<Period>,
    start: Option<EventKey>,
    lasts: Option<EventKey>,
    review: Option<Period>,
    #[serde(default)]
    overrides: Vec<Override>,
}
