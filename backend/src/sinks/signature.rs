//! Signatures by Standard Webhooks 1.0.0, and the keyed hash of an address, under a sink's secret.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use shared::address::Address;
use shared::time::Timestamp;

/// What every secret begins with.
const PREFIX: &str = "whsec_";

/// A secret that signs what one sink is told. It is never shown.
#[derive(Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Signing(Vec<u8>);

/// A text that is no such secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a sink's secret is whsec_ and 24 to 64 random bytes in base64: openssl rand -base64 32")]
pub struct InvalidSigning;

impl TryFrom<String> for Signing {
    type Error = InvalidSigning;

    fn try_from(text: String) -> Result<Self, InvalidSigning> {
        let bytes = text
            .strip_prefix(PREFIX)
            .and_then(|text| BASE64_STANDARD.decode(text).ok())
            .ok_or(InvalidSigning)?;
        match bytes.len() {
            24..=64 => Ok(Self(bytes)),
            _ => Err(InvalidSigning),
        }
    }
}

impl From<Signing> for String {
    fn from(secret: Signing) -> Self {
        format!("{PREFIX}{}", BASE64_STANDARD.encode(&secret.0))
    }
}

impl fmt::Debug for Signing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Signing(…)")
    }
}

impl Signing {
    /// The signature of a message with that id, sent at that second: `v1,` and base64.
    #[must_use]
    pub fn sign(&self, id: &str, at: Timestamp, body: &str) -> String {
        let seconds = at.as_millis().div_euclid(1000);
        let signed = self.mac(format!("{id}.{seconds}.{body}").as_bytes());
        format!("v1,{}", BASE64_STANDARD.encode(signed))
    }

    /// The address in its normal form, hashed under this secret, in hexadecimal digits.
    #[must_use]
    pub fn hash(&self, address: &Address) -> String {
        let hash = self.mac(address.reveal().as_bytes());
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    fn mac(&self, text: &[u8]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key of any length");
        mac.update(text);
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use shared::address::Address;
    use shared::time::Timestamp;

    use super::Signing;

    fn secret() -> Signing {
        let text = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        Signing::try_from(text.to_owned()).expect("a secret")
    }

    #[test]
    fn the_vector_of_standard_webhooks_holds() {
        let at = Timestamp::from_millis(1_614_265_330_000);
        let signed = secret().sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, "{\"test\": 2432232314}");
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn an_address_has_one_hash_in_every_spelling_as_another_program_computes_it() {
        let hash = |typed| secret().hash(&Address::parse(typed).expect(typed));
        assert_eq!(hash("Jane.Doe@EXAMPLE.com"), hash("jane.doe@example.com"));
        // printf %s jane.doe@example.com | openssl dgst -sha256 -mac HMAC -macopt hexkey:31f2…
        assert_eq!(
            hash("jane.doe@example.com"),
            "3c9418afa1880d2f611084f7dca1c1d4e507a59cbb13512246e0a32799176d92"
        );
    }

    #[test]
    fn a_secret_is_not_shown() {
        assert!(!format!("{:?}", secret()).contains("MfKQ"));
    }
}
