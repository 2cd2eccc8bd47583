//! Why a sink gave no answer.

use std::error::Error;
use std::fmt;
use std::io;

use rustls::CertificateError;
use serde::Serialize;

/// Why a sink gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// It could not be reached, or broke off.
    Unreachable,
    /// It took too long.
    Late,
    /// Its certificate is by an authority that is not trusted.
    UnknownAuthority,
    /// Its certificate is for another name.
    OtherName,
    /// The time of its certificate is over or has not come.
    Expired,
    /// Its certificate is not valid for another reason.
    BadCertificate,
}

impl Trouble {
    const ALL: [Self; 6] = [
        Self::Unreachable,
        Self::Late,
        Self::UnknownAuthority,
        Self::OtherName,
        Self::Expired,
        Self::BadCertificate,
    ];

    /// Its name in JSON and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Late => "late",
            Self::UnknownAuthority => "unknown_authority",
            Self::OtherName => "other_name",
            Self::Expired => "expired",
            Self::BadCertificate => "bad_certificate",
        }
    }

    /// The trouble of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }

    /// What came instead of an answer.
    pub(super) fn of(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::Late;
        }
        let mut next: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(error) = next {
            if let Some(rustls::Error::InvalidCertificate(why)) = error.downcast_ref() {
                return Self::of_certificate(why);
            }
            let held = error
                .downcast_ref::<io::Error>()
                .and_then(io::Error::get_ref);
            next = match held {
                Some(held) => Some(held),
                None => error.source(),
            };
        }
        Self::Unreachable
    }

    const fn of_certificate(why: &CertificateError) -> Self {
        match why {
            CertificateError::UnknownIssuer => Self::UnknownAuthority,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Self::OtherName
            }
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => Self::Expired,
            _ => Self::BadCertificate,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Unreachable => "it cannot be reached, or broke off",
            Self::Late => "it did not answer in time",
            Self::UnknownAuthority => {
                "its certificate is by an authority that is not trusted here: if it is your own, name \
                 it with ca_file"
            }
            Self::OtherName => "its certificate is for another name than the one in url",
            Self::Expired => "its certificate has expired, or does not hold yet",
            Self::BadCertificate => "its certificate is not valid",
        })
    }
}
