//! Errors as problem documents (RFC 9457), each with a stable code and a next step.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::shelf::ShelfError;
use crate::store::StoreError;

/// The media type of problem documents.
pub(super) const MEDIA_TYPE: &str = "application/problem+json";

/// A problem document. Nothing in it repeats what was sent: no address, token or IP.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// Where the code is explained.
    #[serde(rename = "type")]
    kind: String,
    /// What is wrong, in a few words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// The stable code that programs compare.
    code: Code,
    /// What to do next.
    detail: String,
    /// The fields that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    #[serde(skip)]
    retry_after: Option<u64>,
}

/// One wrong field.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct FieldError {
    /// The field, as a path: `checks[3].country`.
    pub field: String,
    /// What to do about it.
    pub detail: String,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $text:literal $status:ident $title:literal,)*) => {
        /// The closed list of problem codes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code, for the documentation.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The code as programs see it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// The status that goes with it.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status),* }
            }

            /// What is wrong, in a few words.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),* }
            }
        }
    };
}

codes! {
    /// The body is not JSON.
    MalformedJson "malformed_json" BAD_REQUEST "The body is not JSON",
    /// The body is no form.
    MalformedForm "malformed_form" BAD_REQUEST "The body is not a form",
    /// The credentials are missing or not valid.
    Unauthorized "unauthorized" UNAUTHORIZED "A valid API key is needed",
    /// Nobody is signed in, or no longer.
    SignInNeeded "sign_in_needed" UNAUTHORIZED "A link or code is needed first",
    /// The key lacks the scope.
    MissingScope "missing_scope" FORBIDDEN "The API key may not do this",
    /// The page's origin is not configured.
    OriginRefused "origin_refused" FORBIDDEN "This website may not do this",
    /// A cross-origin write without the client header.
    ClientHeaderMissing "client_header_missing" FORBIDDEN "The header X-Sayso-Client is missing",
    /// Nothing is here.
    NotFound "not_found" NOT_FOUND "Nothing is here",
    /// The route has no such method.
    MethodNotAllowed "method_not_allowed" METHOD_NOT_ALLOWED "This method is not possible here",
    /// The token is not known.
    UnknownToken "unknown_token" NOT_FOUND "This token is not known",
    /// The time for undoing is over.
    UndoTooLate "undo_too_late" CONFLICT "It is too late to undo",
    /// What somebody decided on is no longer so.
    ChangedMeanwhile "changed_meanwhile" CONFLICT "Something changed meanwhile",
    /// The notice does not say what a format demands.
    NoticeLacksDetail "notice_lacks_detail" CONFLICT "The notice does not say enough for this format",
    /// The body is too large.
    TooLarge "too_large" PAYLOAD_TOO_LARGE "The body is too large",
    /// The media type is wrong.
    UnsupportedMediaType "unsupported_media_type" UNSUPPORTED_MEDIA_TYPE "The media type is wrong",
    /// Fields are missing, unknown or of the wrong type.
    InvalidRequest "invalid_request" UNPROCESSABLE_ENTITY "The request has errors",
    /// The list is no table, or has no column of addresses.
    UnreadableList "unreadable_list" UNPROCESSABLE_ENTITY "The list cannot be read",
    /// The text is no e-mail address.
    InvalidAddress "invalid_address" UNPROCESSABLE_ENTITY "This is not an e-mail address",
    /// No published notice has that name.
    UnknownNotice "unknown_notice" UNPROCESSABLE_ENTITY "No notice has this name",
    /// No notice states that purpose.
    UnknownPurpose "unknown_purpose" UNPROCESSABLE_ENTITY "No notice states this purpose",
    /// The purpose has no such topic.
    UnknownTopic "unknown_topic" UNPROCESSABLE_ENTITY "The purpose has no such topic",
    /// The purpose is objected to with a case.
    CaseNeeded "case_needed" UNPROCESSABLE_ENTITY "This objection needs an answer from a person",
    /// Nothing about the purpose can be objected to.
    NotObjectable "not_objectable" UNPROCESSABLE_ENTITY "This purpose cannot be objected to",
    /// Consent is not asked for this.
    NoConsentAsked "no_consent_asked" UNPROCESSABLE_ENTITY "Consent is not asked for this",
    /// The end of the pause is not in the future, or no date.
    InvalidUntil "invalid_until" UNPROCESSABLE_ENTITY "The end of the pause is not usable",
    /// Too many requests from one place.
    RateLimited "rate_limited" TOO_MANY_REQUESTS "Too many requests at once",
    /// Something went wrong here.
    Internal "internal" INTERNAL_SERVER_ERROR "Something went wrong here",
    /// The store cannot be read or written.
    StoreUnavailable "store_unavailable" SERVICE_UNAVAILABLE "The store cannot be reached",
    /// The request took too long.
    TimedOut "timed_out" SERVICE_UNAVAILABLE "The request took too long",
}

impl Problem {
    /// A problem of that code; `detail` says what to do next.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("/docs#{}", code.as_str()),
            title: code.title(),
            status: code.status().as_u16(),
            code,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
        }
    }

    /// With one wrong field.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>, detail: impl Into<String>) -> Self {
        self.errors.push(FieldError {
            field: field.into(),
            detail: detail.into(),
        });
        self
    }

    /// With the seconds after which to try again.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The code.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The seconds after which to try again.
    #[must_use]
    pub const fn seconds(&self) -> Option<u64> {
        self.retry_after
    }
}

impl From<StoreError> for Problem {
    /// Logs the cause for the operator; the caller learns only that nothing was decided.
    fn from(error: StoreError) -> Self {
        tracing::error!(error = %Chain(&error), "the store failed");
        Self::new(
            Code::StoreUnavailable,
            "Nothing was recorded and nothing was decided. Do not send. Try again in a moment.",
        )
        .retry_after(5)
    }
}

impl From<ShelfError> for Problem {
    fn from(error: ShelfError) -> Self {
        match error {
            ShelfError::Store(error) => error.into(),
            ShelfError::Empty | ShelfError::Unreadable(_) => {
                tracing::error!(error = %error, "the notices cannot be read");
                Self::new(
                    Code::StoreUnavailable,
                    "Nothing was recorded. The operator was told why.",
                )
                .retry_after(30)
            }
        }
    }
}

/// An error with its causes, in one line.
struct Chain<'a>(&'a (dyn std::error::Error + 'static));

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut next = Some(self.0);
        let mut first = true;
        while let Some(error) = next {
            if !first {
                out.write_str(": ")?;
            }
            write!(out, "{error}")?;
            first = false;
            next = error.source();
        }
        Ok(())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.code.status();
        let retry_after = self.retry_after;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
