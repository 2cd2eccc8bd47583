//! Pages: cacheable, compressed, in the language asked for, the same bytes for ten minutes.

use crate::service::{NOTICE, Service};

const PAGES: [&str; 5] = [
    "/notices/corporate-clients",
    "/notices/corporate-clients/versions/0",
    "/embed/corporate-clients/sayso.js",
    "/embed/corporate-clients/fragment.html",
    "/frame/corporate-clients",
];

#[tokio::test]
async fn what_is_known_already_is_not_sent_again() {
    let service = Service::start().await;
    for path in PAGES {
        let first = service.get(path).await;
        assert_eq!(first.status, 200, "{path}");
        let etag = first.header("etag").to_owned();
        assert!(etag.ends_with('"') && etag.len() > 10, "{path}: {etag}");
        for known in [
            etag.clone(),
            format!("\"other\", {etag}"),
            format!("W/{etag}").replace("W/W/", "W/"),
            "*".to_owned(),
        ] {
            let again = service.get_with(path, &[("if-none-match", &known)]).await;
            assert_eq!(again.status, 304, "{path} {known}");
            assert!(again.bytes.is_empty());
            assert_eq!(again.header("etag"), etag);
            assert_eq!(again.header("vary"), first.header("vary"));
        }
        let other = service
            .get_with(path, &[("if-none-match", "\"other\"")])
            .await;
        assert_eq!(other.bytes, first.bytes);
        assert!(
            first.header("cache-control").contains("max-age=600"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn browsers_that_take_brotli_get_it() {
    let service = Service::start().await;
    for path in PAGES {
        let plain = service.get(path).await;
        assert_eq!(plain.header("content-encoding"), "");
        for accepted in ["br", "gzip, deflate, br, zstd", "gzip;q=0.5, br;q=0.9"] {
            let answer = service
                .get_with(path, &[("accept-encoding", accepted)])
                .await;
            assert_eq!(answer.header("content-encoding"), "br", "{path} {accepted}");
            assert!(
                answer
                    .header("vary")
                    .to_lowercase()
                    .contains("accept-encoding")
            );
            let mut unpacked = Vec::new();
            brotli::BrotliDecompress(&mut answer.bytes.as_slice(), &mut unpacked).unwrap();
            assert_eq!(unpacked, plain.bytes, "{path}");
        }
        for refused in ["", "gzip", "br;q=0", "br;q=0.0", "brotli"] {
            let answer = service
                .get_with(path, &[("accept-encoding", refused)])
                .await;
            assert_eq!(answer.header("content-encoding"), "", "{path} {refused}");
        }
    }
}

#[tokio::test]
async fn the_query_chooses_the_language_then_the_browser() {
    let service = Service::start().await;
    for path in [
        "/",
        "/notices/corporate-clients",
        "/frame/corporate-clients",
    ] {
        for (query, accepted, lang) in [
            ("", "", "en"),
            ("?lang=de", "", "de"),
            ("?lang=de", "fr", "de"),
            ("", "fr-CA, fr;q=0.9, en;q=0.8", "fr"),
            ("?lang=xx", "de", "de"),
            ("", "xx, yy;q=0.5", "en"),
        ] {
            let headers = [("accept-language", accepted)];
            let answer = service.get_with(&format!("{path}{query}"), &headers).await;
            let page = answer.text();
            let html = page
                .find("<html")
                .map(|at| &page[at..at + 30])
                .unwrap_or_default();
            assert!(
                html.contains(&format!("lang=\"{lang}\"")),
                "{path}{query} {accepted}: {html}"
            );
            let vary = answer.header("vary").to_lowercase();
            assert!(vary.contains("accept-language"), "{path}: {vary:?}");
        }
    }
}

#[tokio::test]
async fn two_renderings_of_the_same_ten_minutes_are_the_same_bytes() {
    let (one, other) = (Service::start().await, Service::start().await);
    other.world.pass(9 * 60_000 + 59_000);
    for path in PAGES {
        let (first, second) = (one.get(path).await, other.get(path).await);
        assert_eq!(
            first.bytes, second.bytes,
            "{path}: two processes, two moments"
        );
        assert_eq!(first.header("etag"), second.header("etag"));
    }
    let before = one.get("/embed/corporate-clients/sayso.js").await;
    one.world.pass(10 * 60_000);
    let after = one.get("/embed/corporate-clients/sayso.js").await;
    assert_ne!(before.bytes, after.bytes, "a new token");
}

#[tokio::test]
async fn the_token_on_a_page_is_valid_evidence() {
    let service = Service::start().await;
    for path in [
        "/embed/corporate-clients/sayso.js",
        "/frame/corporate-clients",
        "/notices/corporate-clients",
    ] {
        let page = service.get(path).await.text();
        assert!(page.contains(&service.view_token()), "{path}");
    }
}

#[tokio::test]
async fn the_notice_page_needs_no_script() {
    let service = Service::start().await;
    let page = service.get("/notices/corporate-clients").await.text();
    assert!(!page.contains("<script"), "free of script");
    assert!(page.contains("<form") && page.contains("method=\"post\""));
    assert!(page.contains("action=\"/object\""));
    assert!(
        !page.contains("style=\""),
        "no inline style, which the policy would block"
    );
}

#[tokio::test]
async fn the_canonical_bytes_are_what_the_digest_names() {
    let service = Service::start().await;
    let digest = service.in_force().to_string();
    for path in [
        "/notices/corporate-clients/notice.json",
        "/notices/corporate-clients/versions/1/notice.json",
    ] {
        let answer = service.get(path).await;
        assert_eq!(
            shared::digest::Digest::of(&answer.bytes).to_string(),
            digest
        );
        assert_eq!(answer.header("etag"), format!("\"{digest}\""));
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.json()["key"], NOTICE);
        let etag = format!("\"{digest}\"");
        let known = service.get_with(path, &[("if-none-match", &etag)]).await;
        assert_eq!(known.status, 304, "{path}");
    }
    let seed = service
        .get("/notices/corporate-clients/versions/0/notice.json")
        .await;
    assert_eq!(seed.header("content-type"), "text/plain; charset=utf-8");
    let original = include_bytes!("../../../public/notices/corporate-clients/seed.txt");
    assert_eq!(seed.bytes, original, "version 0, byte for byte");
}

#[tokio::test]
async fn people_get_pages_and_programs_get_documents_when_nothing_is_there() {
    let service = Service::start().await;
    for path in [
        "/nowhere",
        "/notices/nowhere",
        "/notices/corporate-clients/versions/9",
    ] {
        service.get(path).await.is_problem(404, "not_found");
        let page = service
            .get_with(path, &[("accept", "text/html,*/*;q=0.8")])
            .await;
        assert_eq!(page.status, 404);
        assert!(page.header("content-type").starts_with("text/html"));
    }
}

#[tokio::test]
async fn files_of_the_binary_are_served_for_ever_under_their_digest() {
    let service = Service::start().await;
    let asset = backend::assets::named("widget.css").unwrap();
    let answer = service.get(&asset.path()).await;
    assert_eq!(answer.bytes, asset.raw);
    assert!(answer.header("cache-control").contains("immutable"));
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let stale = service.get("/assets/0000000000000000/widget.css").await;
    stale.is_problem(404, "not_found");
}

#[tokio::test]
async fn the_icon_that_browsers_look_for_beside_every_page_is_there() {
    let service = Service::start().await;
    let icon = service.get("/favicon.ico").await;
    assert_eq!(icon.status, 200);
    assert_eq!(icon.header("content-type"), "image/svg+xml");
    assert!(icon.text().starts_with("<svg xmlns="), "{}", icon.text());
    assert_eq!(
        icon.header("cross-origin-resource-policy"),
        "cross-origin",
        "the demonstration page comes from another name"
    );
    for path in PAGES {
        let content = service.get(path).await;
        let content = content.header("content-security-policy");
        assert!(content.contains("img-src 'self'"), "{path}: {content}");
    }
}

#[tokio::test]
async fn a_head_has_the_headers_of_the_get_and_no_body() {
    let service = Service::start().await;
    for path in PAGES {
        let head = crate::service::request(axum::http::Method::HEAD, path, &[], "");
        let (head, get) = (service.send(head).await, service.get(path).await);
        assert_eq!(head.status, get.status);
        assert_eq!(head.header("etag"), get.header("etag"));
        assert!(head.bytes.is_empty());
    }
}

/// Every address of the service in the page's links, forms and styles.
fn links(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    for attribute in [" href=\"", " action=\"", " src=\""] {
        for part in page.split(attribute).skip(1) {
            let link = part.split('"').next().unwrap().replace("&amp;", "&");
            if let Some(path) = link.strip_prefix(crate::service::BASE) {
                found.push(if path.is_empty() {
                    "/".to_owned()
                } else {
                    path.to_owned()
                });
            } else if link.starts_with('#') || link.starts_with('/') {
                found.push(link);
            }
        }
    }
    found
}

#[tokio::test]
async fn no_link_of_any_page_is_dead() {
    let service = Service::start().await;
    let mut open = vec!["/".to_owned(), "/demo".to_owned()];
    let mut read = std::collections::BTreeMap::new();
    while let Some(path) = open.pop() {
        if read.contains_key(&path) {
            continue;
        }
        let answer = service.get_with(&path, &[("accept", "text/html")]).await;
        // What is only posted to says so, or leads to its form; everything else is there.
        assert!(
            matches!(answer.status.as_u16(), 200 | 303 | 405),
            "{path}: {}",
            answer.status
        );
        if answer.status == 303 {
            open.push(answer.header("location").to_owned());
        }
        let html = answer.header("content-type").starts_with("text/html");
        let page = if html { answer.text() } else { String::new() };
        for link in links(&page) {
            let (to, anchor) = link.split_once('#').unwrap_or((&link, ""));
            if to.is_empty() {
                let id = format!("id=\"{anchor}\"");
                assert!(page.contains(&id), "{path} has no place {anchor}");
            } else {
                open.push(to.to_owned());
            }
        }
        read.insert(path, page);
    }
    let pages = read.values().filter(|page| !page.is_empty()).count();
    assert!(pages > 20, "{:?}", read.keys());
    for (path, page) in &read {
        for link in links(page).iter().filter(|link| !link.starts_with('#')) {
            let Some((to, anchor)) = link.split_once('#') else {
                continue;
            };
            let id = format!("id=\"{anchor}\"");
            assert!(
                read[to].contains(&id),
                "{path} links to {link}, which is no place there"
            );
        }
    }
}

#[tokio::test]
async fn pages_lead_to_the_name_they_were_reached_under_and_what_is_embedded_to_the_public_one() {
    for demo in [true, false] {
        let service = Service::with(|config| config.demo = demo).await;
        for path in [
            "/",
            "/docs",
            "/self",
            "/consent",
            "/nowhere",
            "/frame/corporate-clients",
            "/notices/corporate-clients?lang=de",
            "/notices/corporate-clients/versions/0",
        ] {
            let headers = [("host", "proxied:1"), ("accept", "text/html")];
            let page = service.get_with(path, &headers).await;
            assert!(!page.status.is_redirection(), "{path}");
            let page = page.text();
            assert!(page.contains("<link rel=\"stylesheet\" href=\"/"), "{path}");
            assert!(!page.contains(crate::service::BASE), "{path}: {page}");
        }
        let script = "/embed/corporate-clients/sayso.js";
        let embedded = service.get_with(script, &[("host", "proxied:1")]).await;
        assert!(embedded.text().contains(crate::service::BASE));
    }
}
