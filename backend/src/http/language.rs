//! Which language a page speaks: `?lang=`, else what the browser prefers.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use frontend::catalogue::Language;

/// The query of every page. A query that cannot be read asks for nothing: the page is shown.
#[derive(Debug, Default)]
pub(super) struct LanguageQuery {
    /// A BCP 47 tag.
    pub lang: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for LanguageQuery {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        let fields: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
        let lang = fields.into_iter().find(|(name, _)| name == "lang");
        Ok(Self {
            lang: lang.map(|(_, tag)| tag),
        })
    }
}

/// The language asked for, else the browser's first one that is spoken here, else the default.
#[must_use]
pub(super) fn of(headers: &HeaderMap, asked: Option<&str>) -> Language {
    if let Some(language) = asked.and_then(Language::parse) {
        return language;
    }
    let Some(accepted) = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
    else {
        return Language::default();
    };
    let mut ranges: Vec<(Language, u32)> = accepted
        .split(',')
        .filter_map(|range| {
            let mut parts = range.split(';');
            let language = Language::parse(parts.next()?.trim())?;
            let weight = parts
                .find_map(|part| part.trim().strip_prefix("q="))
                .unwrap_or("1");
            let weight = weight.parse::<f32>().ok().filter(|weight| *weight > 0.0)?;
            #[expect(clippy::cast_possible_truncation, reason = "thousandths of at most 1")]
            #[expect(clippy::cast_sign_loss, reason = "positive by the filter")]
            Some((language, (weight.min(1.0) * 1000.0) as u32))
        })
        .collect();
    ranges.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    ranges
        .first()
        .map_or_else(Language::default, |(language, _)| *language)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, header};
    use frontend::catalogue::Language;

    use super::of;

    #[test]
    fn the_query_wins_then_the_browser_then_english() {
        let accepting = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, text.parse().expect("a header"));
            headers
        };
        assert_eq!(of(&accepting("de, fr;q=0.9"), Some("fr")), Language::Fr);
        assert_eq!(
            of(&accepting("es, fr;q=0.7, de-AT;q=0.8"), None),
            Language::De
        );
        assert_eq!(of(&accepting("de;q=0, fr"), None), Language::Fr);
        assert_eq!(of(&accepting("es"), None), Language::En);
        assert_eq!(of(&HeaderMap::new(), Some("xx")), Language::En);
    }
}
