//! A case, as it is opened over HTTP.

use serde::{Deserialize, Serialize};
use shared::time::Timestamp;
use utoipa::ToSchema;

/// A case to open.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct CaseRequest {
    /// `objection` (Art. 21(1)) or `complaint`.
    #[schema(example = "complaint")]
    pub kind: String,
    /// Where the answer goes.
    #[schema(example = "jane.doe@example.com")]
    pub address: String,
    /// The notice that was shown.
    #[schema(example = "corporate-clients")]
    pub notice: String,
    /// For an objection, the purpose.
    #[schema(example = "security_risk")]
    pub purpose: Option<String>,
    /// The person's own words, at most 4,000 characters.
    pub text: String,
    /// The token of the page that was shown.
    pub view_token: Option<String>,
}

/// The case is open. The same for every address.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct CaseAnswer {
    /// What the person can quote.
    #[schema(example = "7K3M-Q9XD")]
    pub reference: String,
    /// Until when it is answered; for a complaint, acknowledged.
    #[schema(value_type = String, example = "2026-12-24T00:00:00.000Z")]
    pub by: Timestamp,
}
