//! The deployment's Ed25519 signature over canonical bytes: made by the service, checked by anybody
//! who has the public keys.

use anyhow::Context as _;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::{Signature as Ed25519, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use shared::certificate::{Certificate, SignedCertificate};
use shared::digest::Digest;
use shared::receipt::{Receipt, Signature, SignedReceipt};
use utoipa::ToSchema;

const ALGORITHM: &str = "Ed25519";

/// The public keys of a deployment.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PublicKeys {
    /// The newest first.
    pub keys: Vec<PublicKey>,
}

/// A key that signs receipts and certificates.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PublicKey {
    /// The first 16 hex digits of the SHA-256 of the public key.
    pub key: String,
    /// `Ed25519`.
    pub algorithm: String,
    /// The 32 bytes in base64.
    pub public: String,
}

/// Why a signature is not one over these bytes by one of these keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Forged {
    /// None of the keys made it.
    #[error("it was signed with another key")]
    OtherKey,
    /// The bytes are not those that were signed.
    #[error("it was changed after it was signed")]
    Changed,
}

/// Keys that signatures are checked with.
#[derive(Debug, Clone)]
pub struct Checker(Vec<VerifyingKey>);

/// Signs a receipt.
#[must_use]
pub fn sign_receipt(receipt: Receipt, key: &SigningKey) -> SignedReceipt {
    SignedReceipt {
        signature: sign(&receipt.canonical(), key),
        receipt,
    }
}

/// Signs a certificate.
#[must_use]
pub fn sign_certificate(certificate: Certificate, key: &SigningKey) -> SignedCertificate {
    SignedCertificate {
        signature: sign(&certificate.canonical(), key),
        certificate,
    }
}

fn sign(canonical: &[u8], key: &SigningKey) -> Signature {
    Signature {
        algorithm: ALGORITHM.to_owned(),
        key: name(&key.verifying_key()),
        value: BASE64_STANDARD.encode(key.sign(canonical).to_bytes()),
    }
}

/// The name of a public key.
fn name(key: &VerifyingKey) -> String {
    Digest::of(key.as_bytes()).to_string()[..16].to_owned()
}

impl PublicKeys {
    /// The public half of the key that signs.
    #[must_use]
    pub fn of(key: &SigningKey) -> Self {
        let public = key.verifying_key();
        Self {
            keys: vec![PublicKey {
                key: name(&public),
                algorithm: ALGORITHM.to_owned(),
                public: BASE64_STANDARD.encode(public.as_bytes()),
            }],
        }
    }
}

impl Checker {
    /// Reads what `/log/key` answers.
    pub fn read(json: &[u8]) -> anyhow::Result<Self> {
        let keys: PublicKeys =
            serde_json::from_slice(json).context("--keys is the JSON that /log/key answers")?;
        let read = |text: &str| {
            let bytes = BASE64_STANDARD.decode(text).ok()?;
            VerifyingKey::from_bytes(&bytes.try_into().ok()?).ok()
        };
        keys.keys
            .iter()
            .map(|key| read(&key.public).context("--keys holds a key that is no Ed25519 key"))
            .collect::<anyhow::Result<_>>()
            .map(Self)
    }

    /// The deployment's own key.
    #[must_use]
    pub fn of(key: &SigningKey) -> Self {
        Self(vec![key.verifying_key()])
    }

    /// Whether one of the keys signed this receipt.
    pub fn receipt(&self, signed: &SignedReceipt) -> Result<(), Forged> {
        self.check(&signed.receipt.canonical(), &signed.signature)
    }

    /// Whether one of the keys signed this certificate.
    pub fn certificate(&self, signed: &SignedCertificate) -> Result<(), Forged> {
        self.check(&signed.certificate.canonical(), &signed.signature)
    }

    fn check(&self, canonical: &[u8], signature: &Signature) -> Result<(), Forged> {
        let key = self.0.iter().find(|key| name(key) == signature.key);
        let key = key.ok_or(Forged::OtherKey)?;
        BASE64_STANDARD
            .decode(&signature.value)
            .ok()
            .and_then(|bytes| Ed25519::from_slice(&bytes).ok())
            .filter(|signature| key.verify_strict(canonical, signature).is_ok())
            .map(|_| ())
            .ok_or(Forged::Changed)
    }
}
