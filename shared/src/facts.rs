//! Facts about a contact that decide which law applies to mailing them.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::crm::{CrmReference, InvalidCrmReference};
pub use self::obtained::{NoticeDue, Obtained};

mod crm;
mod obtained;

/// An ISO 3166-1 alpha-2 country code, upper case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

/// A text that is no country code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a country is two letters of ISO 3166-1, such as GB or DE")]
pub struct InvalidCountry;

impl Country {
    /// The United Kingdom, the one country with a profile of its own.
    pub const GB: Self = Self(*b"GB");

    /// A country that nobody has: what is not known for sure counts as one where consent is needed.
    pub const UNKNOWN: Self = Self(*b"ZZ");

    /// Reads two letters of either case; `UK` is read as `GB`.
    pub fn parse(text: &str) -> Result<Self, InvalidCountry> {
        match text.trim().as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                let code = [a.to_ascii_uppercase(), b.to_ascii_uppercase()];
                Ok(Self(if &code == b"UK" { *b"GB" } else { code }))
            }
            _ => Err(InvalidCountry),
        }
    }
}

impl fmt::Display for Country {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|&byte| write!(out, "{}", char::from(byte)))
    }
}

impl TryFrom<String> for Country {
    type Error = InvalidCountry;

    fn try_from(text: String) -> Result<Self, InvalidCountry> {
        Self::parse(&text)
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.to_string()
    }
}

/// Whose mailbox it is in the sense of PECR (LAW-40). Unknown is the absence of the fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Subscriber {
    /// A company, limited liability partnership or other body with its own legal personality.
    Corporate,
    /// A person, a sole trader or an ordinary partnership.
    Individual,
}

impl Subscriber {
    /// The class's name in JSON and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Corporate => "corporate",
            Self::Individual => "individual",
        }
    }

    /// The class of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "corporate" => Some(Self::Corporate),
            "individual" => Some(Self::Individual),
            _ => None,
        }
    }
}

/// The three facts of the soft opt-in (PECR reg. 22(3)); only all of them together count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SoftOptIn {
    /// The details were obtained in a sale or negotiations for one.
    ObtainedInSale,
    /// Only the company's own similar products and services are advertised.
    SimilarServices,
    /// A simple, free way to refuse was given at collection and in every message.
    RefusalOffered,
}

/// Facts stated or recorded together, in the order of their names: entries hold them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// The country whose law protects the contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    /// Which records of the controller's customer database are about the contact. They bear on no
    /// decision, so no standing holds them: see [`CrmReference::of`].
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub crm_references: BTreeSet<CrmReference>,
    /// That the contact came from somebody else than the person, and when.
    #[serde(default, skip_serializing_if = "Obtained::is_nothing")]
    pub obtained: Obtained,
    /// The soft opt-in facts that are evidenced.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub soft_opt_in: BTreeSet<SoftOptIn>,
    /// The subscriber class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscriber: Option<Subscriber>,
}

impl Facts {
    /// Whether a contact may be mailed on less because of these facts: they need evidence (LAW-40,
    /// LAW-42). Another country than the United Kingdom and an individual subscriber only restrict.
    #[must_use]
    pub fn loosen(&self) -> bool {
        self.country == Some(Country::GB)
            || self.subscriber == Some(Subscriber::Corporate)
            || !self.soft_opt_in.is_empty()
    }

    /// Whether a contact needs more to be mailed because of these facts than one of whom nothing is known.
    #[must_use]
    pub fn tighten(&self) -> bool {
        self.is_abroad() || self.is_individual()
    }

    /// Those of these facts that tighten, and that by now are not recorded otherwise; `None` where there is
    /// none.
    #[must_use]
    pub fn tightening(&self, by_now: &Self) -> Option<Self> {
        let country = self.country.filter(|_| self.is_abroad());
        let subscriber = self.subscriber.filter(|_| self.is_individual());
        let left = Self {
            country: country.filter(|_| by_now.country == country),
            subscriber: subscriber.filter(|_| by_now.subscriber == subscriber),
            ..Self::default()
        };
        left.tighten().then_some(left)
    }

    /// These facts without the country and the subscriber class, where those say one.
    #[must_use]
    pub fn but_for(&self, those: &Self) -> Self {
        Self {
            country: self.country.filter(|_| those.country.is_none()),
            subscriber: self.subscriber.filter(|_| those.subscriber.is_none()),
            ..self.clone()
        }
    }

    /// Whether the contact is known to be in another country than the United Kingdom.
    #[must_use]
    pub fn is_abroad(&self) -> bool {
        self.country.is_some_and(|country| country != Country::GB)
    }

    /// Whether the contact is known to be an individual subscriber.
    #[must_use]
    pub fn is_individual(&self) -> bool {
        self.subscriber == Some(Subscriber::Individual)
    }

    /// Both together, the stricter winning where they disagree, so that their order does not matter.
    #[must_use]
    pub fn stricter(&self, other: &Self) -> Self {
        Self {
            country: [self.country, other.country]
                .into_iter()
                .flatten()
                .min_by_key(|country| (*country == Country::GB, *country)),
            crm_references: &self.crm_references | &other.crm_references,
            obtained: self.obtained.stricter(&other.obtained),
            soft_opt_in: &self.soft_opt_in | &other.soft_opt_in,
            subscriber: self.subscriber.max(other.subscriber),
        }
    }

    /// Both together, `newer` winning where they disagree.
    #[must_use]
    pub fn replaced(&self, newer: &Self) -> Self {
        Self {
            country: newer.country.or(self.country),
            crm_references: &self.crm_references | &newer.crm_references,
            obtained: self.obtained.replaced(&newer.obtained),
            soft_opt_in: &self.soft_opt_in | &newer.soft_opt_in,
            subscriber: newer.subscriber.or(self.subscriber),
        }
    }

    /// These facts without what no decision looks at.
    #[must_use]
    pub fn bearing(&self) -> Self {
        Self {
            obtained: Obtained::default(),
            ..self.clone()
        }
    }

    /// What these facts say beyond `known`.
    #[must_use]
    pub fn less(&self, known: &Self) -> Self {
        Self {
            country: self.country.filter(|_| self.country != known.country),
            crm_references: &self.crm_references - &known.crm_references,
            obtained: self.obtained.less(&known.obtained),
            soft_opt_in: &self.soft_opt_in - &known.soft_opt_in,
            subscriber: self
                .subscriber
                .filter(|_| self.subscriber != known.subscriber),
        }
    }
}

/// Which body of rules applies to a contact (OWN-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Regime {
    /// UK GDPR and PECR: corporate subscribers may be mailed on legitimate interests, individual
    /// ones on consent or the soft opt-in.
    Uk,
    /// Anywhere else, and where nothing is known: consent alone (LAW-46).
    Strict,
}

impl Regime {
    /// The regime where every known source must agree on the United Kingdom; the stricter wins.
    #[must_use]
    pub fn of(
        recorded: Option<Country>,
        stated: Option<Country>,
        fallback: Option<Country>,
    ) -> Self {
        let mut known = recorded.into_iter().chain(stated).peekable();
        let uk = if known.peek().is_some() {
            known.all(|country| country == Country::GB)
        } else {
            fallback == Some(Country::GB)
        };
        if uk { Self::Uk } else { Self::Strict }
    }
}

/// Whether the address is a corporate subscriber's, the stricter source winning. A consumer
/// mailbox is individual unless a recorded fact says otherwise (LAW-41).
#[must_use]
pub fn is_corporate(
    recorded: Option<Subscriber>,
    stated: Option<Subscriber>,
    fallback: Option<Subscriber>,
    consumer_mailbox: bool,
) -> bool {
    if consumer_mailbox && recorded.is_none() {
        return false;
    }
    let mut known = recorded.into_iter().chain(stated).peekable();
    if known.peek().is_some() {
        known.all(|class| class == Subscriber::Corporate)
    } else {
        fallback == Some(Subscriber::Corporate)
    }
}
