//! What the binary carries: the WASM bundle, the loader, styles, the demo page and the notice
//! sources. Nothing is read from disk at run time.

use frontend::embed::{self, Parts};
use frontend::fragment::Earlier;
use frontend::surroundings::Surroundings;
use shared::notice::Notice;

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// A file that is served.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// Its path below `public` or in the bundle: `widget.css`, `demo/demo.css`.
    pub name: &'static str,
    /// Its media type.
    pub mime: &'static str,
    /// SHA-256 of its bytes, 64 hex digits.
    pub sha256: &'static str,
    /// Its bytes.
    pub raw: &'static [u8],
    /// The same, compressed with brotli.
    pub brotli: &'static [u8],
}

/// A file of a notice's source.
#[derive(Debug, Clone, Copy)]
pub struct NoticeFile {
    /// The notice's key: `corporate-clients`.
    pub notice: &'static str,
    /// The file's path below the notice's folder: `notice.toml`, `en.toml`.
    pub name: &'static str,
    /// Its bytes.
    pub bytes: &'static [u8],
}

impl Asset {
    /// Where it is served, for ever and unchanged: `/assets/{first 16 digits}/{name}`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/assets/{}/{}", self.short_digest(), self.name)
    }

    /// The first 16 digits of its digest, which stand in its path.
    #[must_use]
    pub fn short_digest(&self) -> &'static str {
        self.sha256.get(..16).unwrap_or_default()
    }

    /// Its text; empty for what is no UTF-8.
    #[must_use]
    pub fn text(&self) -> &'static str {
        std::str::from_utf8(self.raw).unwrap_or_default()
    }

    /// Whether it is the empty stand-in for a bundle that was not built.
    #[must_use]
    pub const fn is_missing(&self) -> bool {
        self.raw.is_empty()
    }
}

/// The asset of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// The asset at `/assets/{digest}/{name}`; nothing when its content is another by now.
#[must_use]
pub fn addressed(digest: &str, name: &str) -> Option<&'static Asset> {
    named(name).filter(|asset| asset.short_digest() == digest)
}

/// The path of the asset of that name; `/assets/none/{name}`, which is not found, when there is none.
#[must_use]
pub fn path_of(name: &str) -> String {
    named(name).map_or_else(|| format!("/assets/none/{name}"), Asset::path)
}

/// The files of every notice's source, by notice and name.
#[must_use]
pub fn notice_files() -> &'static [NoticeFile] {
    NOTICE_FILES
}

/// Names the build of the interface in the ledger's entries: the digests of the bundle and the styles.
#[must_use]
pub fn ui_build() -> String {
    let digests = ["widget.wasm", "loader.js", "widget.css"].map(|name| {
        named(name)
            .and_then(|asset| asset.sha256.get(..8))
            .unwrap_or_default()
    });
    digests.join("-")
}

/// `sayso.js` of that notice in those surroundings.
#[must_use]
pub fn embed_script(notice: &Notice, earlier: Option<Earlier>, around: &Surroundings) -> String {
    let text = |name| named(name).map_or("", Asset::text);
    let (glue, wasm) = (
        around.url(&path_of("widget.js")),
        around.url(&path_of("widget.wasm")),
    );
    let parts = Parts {
        loader: text("loader.js"),
        css: text("widget.css"),
        glue: &glue,
        wasm: &wasm,
    };
    embed::embed_script(parts, notice, earlier, around)
}

/// The stylesheets' URLs that pages are rendered with: `widget.css` and `page.css`.
#[must_use]
pub fn stylesheets(base: &str) -> (String, String) {
    let url = |name| [base, &path_of(name)].concat();
    (url("widget.css"), url("page.css"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_asset_is_found_by_its_own_path() {
        for asset in ASSETS {
            let path = asset.path();
            let (digest, name) = path
                .strip_prefix("/assets/")
                .and_then(|rest| rest.split_once('/'))
                .unwrap();
            assert_eq!(addressed(digest, name).unwrap().sha256, asset.sha256);
        }
    }

    #[test]
    fn an_asset_is_not_found_under_another_digest() {
        assert!(addressed("0000000000000000", "loader.js").is_none());
    }
}
