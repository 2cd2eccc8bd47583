//! Who stands in a notice beside the person: controller, officer, recipients, authority.

use serde::{Deserialize, Serialize};

/// The controller (N1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Controller {
    /// The registered name.
    pub name: String,
    /// The registered address, on one line.
    pub address: String,
    /// The country as ISO 3166-1 alpha-2: `GB`.
    pub country: String,
    /// The number in the company register, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
}

/// How to reach the controller about personal data (N2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// The e-mail address.
    pub email: String,
    /// The telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The postal address, on one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<String>,
}

/// A representative (N3) or data protection officer (N4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// The name or title.
    pub name: String,
    /// The postal address, on one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The country as ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The e-mail address.
    pub email: String,
    /// The telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// A recipient or category of recipients (N9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// Names the recipient across versions: `email_service`.
    pub key: String,
    /// The name or category, as people read it.
    pub name: String,
    /// Why it receives data.
    pub why: String,
}

/// A transfer to another country (N10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// The country as ISO 3166-1 alpha-2.
    pub country: String,
    /// What protects the data there.
    pub safeguard: String,
    /// How to get a copy of the safeguard.
    pub copy: String,
}

/// The supervisory authority (N14).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// Its name.
    pub name: String,
    /// Where it takes complaints on the web.
    pub url: String,
    /// Its telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Its postal address, on one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Its country as ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// How to complain to the controller itself (N15).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The e-mail address for complaints.
    pub email: String,
    /// The postal address, on one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<String>,
}

/// Where data comes from (N17).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSource {
    /// Names the source across versions: `clients`.
    pub key: String,
    /// The source, as people read it.
    pub name: String,
    /// Whether everyone can read it there.
    pub publicly_accessible: bool,
}
