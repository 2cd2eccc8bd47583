//! What was rendered and compressed once, kept while it stays the same: ten minutes at most.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use brotli::enc::BrotliEncoderParams;
use brotli::enc::backward_references::BrotliEncoderMode;
use shared::digest::Digest;

/// Rendered texts that are kept at most.
const MOST: usize = 64;
/// Compression for what is compressed once and sent often.
const QUALITY: i32 = 11;

/// A rendered text with its compressed form. Its entity tag is weak: it names both forms.
#[derive(Debug)]
pub(super) struct Rendered {
    mime: &'static str,
    raw: Vec<u8>,
    brotli: Vec<u8>,
    etag: HeaderValue,
}

/// Rendered texts by what they were rendered from.
#[derive(Debug, Default)]
pub(super) struct RenderedCache(RwLock<BTreeMap<String, Arc<Rendered>>>);

impl RenderedCache {
    /// The text kept under that name, or a new one.
    pub(super) fn get(
        &self,
        name: String,
        mime: &'static str,
        render: impl FnOnce() -> String,
    ) -> Arc<Rendered> {
        let found = self
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&name)
            .cloned();
        if let Some(found) = found {
            return found;
        }
        let rendered = Arc::new(Rendered::new(mime, render().into_bytes()));
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(name, Arc::clone(&rendered));
        rendered
    }
}

/// Ways to guess what comes next in a text. Which one is shorter by some tens of bytes turns on a digest in
/// it.
const MODES: [BrotliEncoderMode; 2] = [
    BrotliEncoderMode::BROTLI_MODE_GENERIC,
    BrotliEncoderMode::BROTLI_MODE_FONT,
];

fn pack(raw: &[u8], mode: BrotliEncoderMode) -> Option<Vec<u8>> {
    let mut packed = Vec::new();
    let parameters = BrotliEncoderParams {
        quality: QUALITY,
        mode,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &*raw, &mut packed, &parameters).ok()?;
    Some(packed)
}

impl Rendered {
    /// Compresses a text.
    #[must_use]
    pub(super) fn new(mime: &'static str, raw: Vec<u8>) -> Self {
        let etag = HeaderValue::from_str(&format!("W/\"{}\"", &Digest::of(&raw).to_string()[..32]))
            .unwrap_or_else(|_| HeaderValue::from_static("\"\""));
        let packed = MODES.into_iter().filter_map(|mode| pack(&raw, mode));
        let brotli = packed.min_by_key(Vec::len).unwrap_or_default();
        Self {
            mime,
            raw,
            brotli,
            etag,
        }
    }

    /// The answer to a request: compressed if the client takes it, 304 if it has it already.
    #[must_use]
    pub(super) fn answer(&self, request: &HeaderMap, cache: &'static str) -> Response {
        let mut response = Response::new(Body::empty());
        let headers = response.headers_mut();
        headers.insert(header::ETAG, self.etag.clone());
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
        headers.insert(
            header::VARY,
            HeaderValue::from_static("accept-encoding, accept-language"),
        );
        if is_known(request, &self.etag) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.mime));
        if takes_brotli(request) && !self.brotli.is_empty() {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
            *response.body_mut() = Body::from(self.brotli.clone());
        } else {
            *response.body_mut() = Body::from(self.raw.clone());
        }
        response
    }
}

/// Whether the client has what that entity tag names, by weak comparison (RFC 9110, 13.1.2).
#[must_use]
pub(super) fn is_known(request: &HeaderMap, etag: &HeaderValue) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let etag = opaque(etag.to_str().unwrap_or_default());
    request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim() == "*" || opaque(known) == etag)
}

/// Whether the client accepts brotli.
#[must_use]
pub(super) fn takes_brotli(request: &HeaderMap) -> bool {
    request
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let mut parts = coding.trim().split(';');
            let refused = |part: &str| {
                let weight = part.trim().strip_prefix("q=");
                weight.is_some_and(|weight| weight.parse() == Ok(0.0_f32))
            };
            parts.next().map(str::trim) == Some("br") && !parts.any(refused)
        })
}
