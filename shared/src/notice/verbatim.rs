//! A text from before the structure (NOT-10), and the defects that are known of it.

use serde::Deserialize;

use super::defect::{Defect, DefectCode, Severity};
use super::settings::{Answer, Settings};
use super::slot::SlotName;
use super::source::{SourceError, shape};

/// The known defects of a verbatim text, from its `seed-defects.toml`. Each quotation must stand
/// in the text, word for word; one that does not is a defect of the list itself.
pub fn known_defects(text: &str, list: &str) -> Result<Vec<Defect>, SourceError> {
    let list: List = toml::from_str(list).map_err(|cause| shape("seed-defects.toml", &cause))?;
    Ok(list
        .defects
        .into_iter()
        .map(|known| known.checked(text))
        .collect())
}

/// The defect of a version 0 that is `example`, the text that comes with Sayso, although these settings
/// are those of another controller than it names: what is published stays so for ever.
#[must_use]
pub fn borrowed(seed: &str, example: &str, settings: &Settings) -> Option<Defect> {
    let own = match &settings.controller {
        // Without the legal form, which a text may leave out.
        Some(Answer::Given(controller)) => {
            let name: Vec<_> = controller.name.split_whitespace().take(2).collect();
            seed.contains(&name.join(" "))
        }
        _ => false,
    };
    if seed != example || own || settings.controller == Settings::example().controller {
        return None;
    }
    let message = "this is another company's notice, which came with Sayso".to_owned();
    let advice = "put your own notice there as it was before Sayso, or delete seed.txt and \
                  seed-defects.toml";
    let code = DefectCode::BorrowedSeed;
    Some(Defect::error(code, "seed.txt", message, advice))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[serde(rename = "defect")]
    defects: Vec<Known>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    requirement: String,
    slot: Option<SlotName>,
    #[serde(default)]
    minor: bool,
    /// Absent where the text says nothing on the matter.
    quote: Option<String>,
    message: String,
    advice: String,
}

impl Known {
    fn checked(self, text: &str) -> Defect {
        let place = format!("seed.txt {}", self.requirement);
        let defect = match self.quote {
            Some(quote) if !text.contains(&quote) => {
                let message = format!("\"{quote}\" does not stand in the text");
                let advice = "correct the quotation in seed-defects.toml";
                Defect::error(DefectCode::StaleQuotation, &place, message, advice)
            }
            Some(quote) => {
                let message = format!("{} (\"{quote}\")", self.message);
                Defect::error(DefectCode::Known, &place, message, &self.advice)
            }
            None => Defect::error(DefectCode::Known, &place, self.message, &self.advice),
        };
        let minor = self.minor && defect.code == DefectCode::Known;
        let severity = if minor {
            Severity::Warning
        } else {
            Severity::Error
        };
        Defect {
            slot: self.slot,
            severity,
            ..defect
        }
    }
}
