//! What an entry says of the notice, the control, the page and the browser.

use backend::clock::World as _;
use backend::view_token::ViewKey;
use serde_json::{Value, json};
use shared::entry::{Act, Assurance, Entry, Method, Surface};

use crate::service::{BASE, NOTICE, PURPOSE, SITE, Service, objection};

const DAY: i64 = 24 * 60 * 60_000;

async fn entry_with(service: &Service, headers: &[(&str, &str)], more: Value) -> Entry {
    let body = objection("jane@client.example", more);
    let answer = service.post_with("/v1/objections", headers, &body).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let entries = service.entries().await;
    let last = entries.iter().rfind(|entry| entry.act == Act::Objected);
    last.unwrap().clone()
}

#[tokio::test]
async fn a_view_token_proves_notice_words_and_language() {
    let service = Service::start().await;
    let token =
        service
            .secrets
            .view
            .token(&service.in_force(), *b"de", crate::world::Manual::START);
    let entry = entry_with(&service, &[], json!({"view_token": token})).await;
    let evidence = &entry.evidence;
    assert_eq!(evidence.notice, Some(service.in_force()));
    assert_eq!(evidence.language, "de");
    assert_eq!(
        evidence.view_token,
        Some(shared::digest::Digest::of(token.as_bytes()))
    );
    assert_eq!(evidence.assurance, Assurance::Unverified);
    assert!(!evidence.build.is_empty());
    let words = service.store.text(evidence.control_text.unwrap()).await;
    let words = String::from_utf8(words.unwrap().unwrap()).unwrap();
    assert!(
        words.contains("Widersprechen") || words.contains("widersprechen"),
        "{words}"
    );
}

#[tokio::test]
async fn the_words_that_are_kept_are_the_words_on_the_page() {
    let service = Service::start().await;
    let token = service.view_token();
    let page = service
        .get("/notices/corporate-clients?lang=en")
        .await
        .text();
    assert!(page.contains(&token), "the page carries the token");
    let entry = entry_with(&service, &[], json!({"view_token": token})).await;
    let words = service
        .store
        .text(entry.evidence.control_text.unwrap())
        .await;
    let words = String::from_utf8(words.unwrap().unwrap()).unwrap();
    let plain = page
        .replace("&#39;", "'")
        .replace("&quot;", "\"")
        .replace("&amp;", "&");
    let mut rest = plain.as_str();
    for line in words.lines() {
        let at = rest.find(line);
        let at = at.unwrap_or_else(|| panic!("{line:?} is not on the page, or not in this order"));
        rest = &rest[at + line.len()..];
    }
    assert!(words.lines().count() > 10, "{words}");
}

#[tokio::test]
async fn an_act_with_a_view_token_provides_the_notice_and_a_strangers_word_loosens_nothing() {
    let service = Service::start().await;
    let address = "jane@client.example";
    let before = service.decide(address).await;
    assert_eq!(before["obligations"], json!(["inform_of_right_to_object"]));
    let token = service.view_token();
    let answer = service
        .object_to(address, json!({"view_token": token}))
        .await;
    let entries = service.entries().await;
    assert_eq!(entries[1].act, Act::NoticeProvided);
    assert_eq!(entries[1].refers_to, [entries[0].id]);
    service.undo(&answer.at("/undo/token")).await;
    let after = service.decide(address).await;
    assert_eq!(after["proceed"], true);
    // Whoever typed the address read the notice, but need not be the person.
    assert_eq!(after["obligations"], json!(["inform_of_right_to_object"]));
}

#[tokio::test]
async fn a_contact_told_in_this_very_mailing_needs_no_telling() {
    let service = Service::start().await;
    let checks = json!([{"address": "jane@client.example", "first_contact": true}]);
    let question = json!({"purpose": "info_about_us", "checks": checks});
    let answer = service.decisions(&question).await.json();
    assert_eq!(answer["decisions"][0]["obligations"], json!([]));
}

#[tokio::test]
async fn a_token_that_proves_nothing_refuses_nothing() {
    let service = Service::start().await;
    let old = service.view_token();
    service.world.pass(DAY);
    let forged =
        ViewKey::new([9; 32]).token(&service.in_force(), *b"en", crate::world::Manual::START);
    let unpublished = service.secrets.view.token(
        &shared::digest::Digest::of(b"no such notice"),
        *b"en",
        crate::world::Manual::START.plus_millis(DAY),
    );
    for token in [
        old.as_str(),
        &forged,
        &unpublished,
        "",
        "nonsense!",
        "jane@client.example",
    ] {
        let entry = entry_with(&service, &[], json!({"view_token": token})).await;
        assert_eq!(entry.evidence.view_token, None, "{token}");
        assert_eq!(entry.evidence.control_text, None, "{token}");
        assert_eq!(entry.evidence.notice, Some(service.in_force()), "in force");
    }
    let informed = |entry: &Entry| entry.act == Act::NoticeProvided;
    assert!(!service.entries().await.iter().any(informed));
}

#[tokio::test]
async fn global_privacy_control_is_noted_when_it_is_exactly_one() {
    let service = Service::start().await;
    for (value, noted) in [
        ("1", true),
        ("0", false),
        ("", false),
        ("true", false),
        ("?1", false),
        ("1, 1", false),
        ("01", false),
        ("\u{e9}", false),
    ] {
        let entry = entry_with(&service, &[("sec-gpc", value)], json!({})).await;
        assert_eq!(entry.evidence.gpc, noted, "{value:?}");
    }
    assert!(!entry_with(&service, &[], json!({})).await.evidence.gpc);
}

#[tokio::test]
async fn the_host_is_named_for_configured_sites_alone() {
    let service = Service::start().await;
    let client = ("x-sayso-client", "1");
    let site = entry_with(&service, &[client, ("origin", SITE)], json!({})).await;
    assert_eq!(site.evidence.host_origin.as_deref(), Some(SITE));
    assert_eq!(site.evidence.surface, Surface::Widget);
    assert_eq!(site.evidence.method, Method::Script);

    let own = entry_with(&service, &[client, ("origin", BASE)], json!({})).await;
    assert_eq!(own.evidence.host_origin, None);
    assert_eq!(own.evidence.surface, Surface::Frame);

    let program = entry_with(&service, &[], json!({})).await;
    assert_eq!(program.evidence.host_origin, None);
    assert_eq!(program.evidence.surface, Surface::Api);
}

#[tokio::test]
async fn entries_hold_no_address_and_no_address_key() {
    let service = Service::start().await;
    let token = json!({"view_token": service.view_token()});
    service.object_to("jane@client.example", token).await;
    let address = shared::address::Address::parse("jane@client.example").unwrap();
    let key = service.secrets.keys(&address).0[0].1;
    let hex: String = key.as_bytes().iter().map(|b| format!("{b:02x}")).collect();
    for row in service.store.ledger(0, 10).await.unwrap() {
        let text = String::from_utf8(row.payload.unwrap().1).unwrap();
        for secret in ["jane", "client.example", "@", &hex, "seq"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

#[tokio::test]
async fn the_language_that_is_kept_is_that_of_the_page_and_not_of_the_browser() {
    let service = Service::start().await;
    let old = service
        .secrets
        .view
        .token(&service.in_force(), *b"de", service.world.now());
    service.world.pass(2 * DAY);
    let browser = ("accept-language", "en-GB, en;q=0.9");
    let kept = async || service.entries().await.pop().unwrap().evidence.language;
    for (token, lang, expected) in [
        ("", "de", "de"),
        ("nonsense", "fr", "fr"),
        (old.as_str(), "", "de"),
        (old.as_str(), "de", "de"),
        ("", "", "en"),
    ] {
        let fields = [
            ("address", "jane@client.example"),
            ("notice", NOTICE),
            ("view_token", token),
            ("lang", lang),
        ];
        let answer = service.form_with("/object", &[browser], &fields).await;
        assert_eq!(answer.status, 200);
        assert_eq!(kept().await, expected, "form {token} {lang}");
        let path = format!("/v1/objections?lang={lang}");
        let body = objection("jane@client.example", json!({"view_token": token}));
        let answer = service.post_with(&path, &[browser], &body).await;
        assert_eq!(answer.status, 202);
        assert_eq!(kept().await, expected, "JSON {token} {lang}");
    }
}

#[tokio::test]
async fn a_letter_that_asks_to_confirm_speaks_the_language_of_the_page() {
    let service = Service::start().await;
    let browser = ("accept-language", "en");
    let fields = [
        ("address", "jane@client.example"),
        ("notice", NOTICE),
        ("purpose", PURPOSE),
        ("channel", "email"),
    ];
    let form = [&fields[..], &[("lang", "de")]].concat();
    let asked = service.form_with("/consent", &[browser], &form).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    assert_eq!(service.letter().await.unwrap().language, "de");
    let body: serde_json::Map<_, _> = fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    let asked = service
        .post_with("/v1/consents?lang=fr", &[browser], &body.into())
        .await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    assert_eq!(service.letter().await.unwrap().language, "fr");
    let entries = service.entries().await;
    let languages = entries.iter().map(|entry| entry.evidence.language.as_str());
    assert_eq!(languages.collect::<Vec<_>>(), ["de", "fr"]);
}
