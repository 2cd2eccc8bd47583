//! View tokens: proof of which notice version was rendered, in which language, and when.
//!
//! One token per version, language and ten minutes, so that what is rendered stays cacheable. A
//! valid token makes the evidence of an act stronger; its absence never refuses an act.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use frontend::catalogue::Language;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use shared::digest::Digest;
use shared::time::Timestamp;

/// How long one token serves.
const SLOT_MS: i64 = 10 * 60 * 1000;
/// How long after its slot began a token still proves something: a page left open over a day.
const LIFE_MS: i64 = 24 * 60 * 60 * 1000;
const MAC_LEN: usize = 16;
/// Notice digest (first half), slot, language.
const BODY_LEN: usize = 16 + 4 + 2;

/// The secret that signs view tokens.
#[derive(Clone)]
pub struct ViewKey([u8; 32]);

/// What a valid token proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// The first 16 bytes of the digest of the notice version.
    pub notice: [u8; 16],
    /// The interface language, two letters.
    pub language: [u8; 2],
    /// When the ten minutes of the rendering began: the "now" of everything on the page.
    pub began: Timestamp,
    /// The digest of the token itself, which the entry keeps.
    pub digest: Digest,
}

impl View {
    /// Whether the token is about that version.
    #[must_use]
    pub fn shows(&self, notice: &Digest) -> bool {
        notice.as_bytes()[..16] == self.notice
    }

    /// The language in which it was shown.
    #[must_use]
    pub fn language(&self) -> Language {
        let tag = std::str::from_utf8(&self.language).ok();
        tag.and_then(Language::parse).unwrap_or_default()
    }
}

impl ViewKey {
    /// The key of those 32 secret bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The token for what is rendered now; the same for ten minutes.
    #[must_use]
    pub fn token(&self, notice: &Digest, language: [u8; 2], now: Timestamp) -> String {
        let mut bytes = Vec::with_capacity(BODY_LEN + MAC_LEN);
        bytes.extend_from_slice(&notice.as_bytes()[..16]);
        bytes.extend_from_slice(&slot(now).to_be_bytes());
        bytes.extend_from_slice(&language);
        let mac = self.mac(&bytes);
        bytes.extend_from_slice(&mac);
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What the token proves; `None` when it is forged, damaged, from the future or too old.
    #[must_use]
    pub fn verify(&self, token: &str, now: Timestamp) -> Option<View> {
        let view = self.opened(token)?;
        let age = now.as_millis() - view.began.as_millis();
        (0..LIFE_MS).contains(&age).then_some(view)
    }

    /// In which language a page with that token was shown, however long ago; `None` when the token is
    /// forged or damaged.
    #[must_use]
    pub fn language(&self, token: &str) -> Option<Language> {
        Some(self.opened(token)?.language())
    }

    fn opened(&self, token: &str) -> Option<View> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
        let (body, mac) = bytes.split_at_checked(BODY_LEN)?;
        self.started(body)
            .verify_truncated_left(mac)
            .ok()
            .filter(|()| mac.len() == MAC_LEN)?;
        let began = i64::from(u32::from_be_bytes(body[16..20].try_into().ok()?)) * SLOT_MS;
        Some(View {
            notice: body[..16].try_into().ok()?,
            language: body[20..22].try_into().ok()?,
            began: Timestamp::from_millis(began),
            digest: Digest::of(token.as_bytes()),
        })
    }

    fn started(&self, body: &[u8]) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("any key length");
        mac.update(b"view1\x1f");
        mac.update(body);
        mac
    }

    fn mac(&self, body: &[u8]) -> [u8; MAC_LEN] {
        let mut mac = [0; MAC_LEN];
        mac.copy_from_slice(&self.started(body).finalize().into_bytes()[..MAC_LEN]);
        mac
    }
}

/// When the ten minutes began in which `now` lies: the moment that pages are rendered for, so that
/// their bytes stay the same meanwhile.
#[must_use]
pub fn slot_start(now: Timestamp) -> Timestamp {
    Timestamp::from_millis(i64::from(slot(now)) * SLOT_MS)
}

fn slot(now: Timestamp) -> u32 {
    u32::try_from(now.as_millis() / SLOT_MS).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use shared::digest::Digest;
    use shared::time::Timestamp;

    use super::{LIFE_MS, SLOT_MS, ViewKey};

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_123);

    #[test]
    fn a_token_proves_what_was_rendered_and_stays_the_same_for_ten_minutes() {
        let key = ViewKey::new([1; 32]);
        let notice = Digest::of(b"notice");
        let token = key.token(&notice, *b"en", NOW);
        let view = key.verify(&token, NOW).expect("valid");
        assert!(view.shows(&notice) && !view.shows(&Digest::of(b"other")));
        assert_eq!(view.language, *b"en");
        assert_eq!(key.token(&notice, *b"en", NOW.plus_millis(1000)), token);
        assert_ne!(key.token(&notice, *b"en", NOW.plus_millis(SLOT_MS)), token);
    }

    #[test]
    fn forged_damaged_early_and_old_tokens_prove_nothing() {
        let key = ViewKey::new([1; 32]);
        let token = key.token(&Digest::of(b"notice"), *b"en", NOW);
        assert!(ViewKey::new([2; 32]).verify(&token, NOW).is_none());
        assert!(key.verify(&token[..token.len() - 2], NOW).is_none());
        assert!(key.verify("", NOW).is_none());
        assert!(key.verify("!!", NOW).is_none());
        assert!(key.verify(&token, NOW.plus_millis(-SLOT_MS)).is_none());
        assert!(key.verify(&token, NOW.plus_millis(LIFE_MS)).is_none());
        let flipped = token.replacen(
            &token[..1],
            if token.starts_with('A') { "B" } else { "A" },
            1,
        );
        assert!(key.verify(&flipped, NOW).is_none());
    }
}
