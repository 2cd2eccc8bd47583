//! What a page still shows after the notice has stopped stating it: an objection to it is never lost,
//! and is recorded as it was said, with what was shown.

use serde_json::{Value, json};
use shared::digest::Digest;
use shared::entry::{Act, Entry};

use crate::consents::{ask, confirm, open};
use crate::publishing::{publish_beside, publish_with};
use crate::self_choices::{about_it, choose};
use crate::service::{NOTICE, PURPOSE, Service, folder, objection};

const JANE: &str = "jane@client.example";
/// The purpose that has its topics in a later version.
const OTHER: &str = "news_of_ours";
const DAY: i64 = 24 * 60 * 60 * 1000;

/// The acts that restrict, each with its purpose and topic.
async fn said(service: &Service) -> Vec<(String, String)> {
    let text = |key: Option<String>| key.unwrap_or_default();
    let entries = service.entries().await.into_iter();
    entries
        .filter(|entry| entry.act == Act::Objected)
        .map(|entry| {
            let purpose = entry.scope.purpose.map(|key| key.to_string());
            let topic = entry.scope.topic.map(|key| key.to_string());
            (text(purpose), text(topic))
        })
        .collect()
}

/// Whether the gate lets mail about that topic go out under that purpose, over that channel.
async fn goes(service: &Service, purpose: &str, topic: &str, channel: &str) -> bool {
    let question = json!({ "purpose": purpose, "topic": topic, "channel": channel });
    let decision = service.decide_about(JANE, question).await;
    decision["proceed"].as_bool().unwrap()
}

fn about(purpose: &str, topic: &str) -> (String, String) {
    (purpose.to_owned(), topic.to_owned())
}

async fn last(service: &Service) -> Entry {
    service.entries().await.pop().unwrap()
}

async fn text(service: &Service, entry: &Entry) -> String {
    let digest = entry.evidence.control_text.unwrap();
    let text = service.store.text(digest).await.unwrap().unwrap();
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn an_objection_on_a_page_that_is_still_open_counts_after_its_topic_is_gone() {
    let service = Service::start().await;
    let (token, shown) = (service.view_token(), service.in_force());
    publish_with(&service, "industry_updates", "industry_news").await;
    let from_page = json!({ "topic": "industry_updates", "view_token": token });
    service.object_to(JANE, from_page).await;
    let whole = json!({ "purpose": PURPOSE, "topic": "industry_updates", "view_token": token });
    service.object_to(JANE, whole).await;
    let fields = [
        ("address", JANE),
        ("notice", NOTICE),
        ("topic", "industry_updates"),
        ("view_token", token.as_str()),
    ];
    let page = service.form("/object", &fields).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let expected = vec![about(PURPOSE, "industry_updates"); 3];
    assert_eq!(said(&service).await, expected);
    for entry in service.entries().await {
        assert_eq!(entry.evidence.notice, Some(shown));
    }
    assert!(!service.proceeds(JANE).await);
}

#[tokio::test]
async fn a_page_that_was_left_open_longer_than_its_token_loses_no_objection_either() {
    let service = Service::start().await;
    let token = service.view_token();
    publish_with(&service, "industry_updates", "industry_news").await;
    service.world.pass(2 * DAY);
    let from_page = json!({ "topic": "industry_updates", "view_token": token });
    service.object_to(JANE, from_page).await;
    let whole = json!({ "purpose": PURPOSE, "topic": "industry_updates" });
    service.object_to(JANE, whole).await;
    let expected = vec![about(PURPOSE, "industry_updates"); 2];
    assert_eq!(said(&service).await, expected);
    let evidence = last(&service).await.evidence;
    assert_eq!(evidence.notice, Some(service.in_force()));
    assert_eq!(evidence.view_token, None);
}

#[tokio::test]
async fn an_objection_to_a_purpose_that_is_gone_counts() {
    let service = Service::start().await;
    let token = service.view_token();
    publish_with(&service, PURPOSE, OTHER).await;
    for token in [token.as_str(), ""] {
        assert!(goes(&service, OTHER, "it_strategy", "email").await);
        let whole = json!({ "purpose": PURPOSE, "topic": "it_strategy", "view_token": token });
        let answer = service.object_to(JANE, whole).await;
        assert!(!goes(&service, OTHER, "it_strategy", "email").await);
        assert!(goes(&service, OTHER, "industry_updates", "email").await);
        service.undo(&answer.at("/undo/token")).await;
    }
    let both = [PURPOSE, OTHER].map(|purpose| about(purpose, "it_strategy"));
    assert_eq!(said(&service).await, [both.clone(), both].concat());
    assert!(goes(&service, OTHER, "it_strategy", "email").await);
}

#[tokio::test]
async fn an_objection_to_a_whole_purpose_that_is_gone_stops_its_topics_wherever_they_are() {
    let service = Service::start().await;
    publish_with(&service, PURPOSE, OTHER).await;
    service.object_to(JANE, json!({ "purpose": PURPOSE })).await;
    for topic in ["it_strategy", "industry_updates"] {
        assert!(!goes(&service, OTHER, topic, "email").await, "{topic}");
    }
}

#[tokio::test]
async fn a_topic_that_another_purpose_has_by_now_stops_both() {
    let service = Service::start().await;
    let token = service.view_token();
    publish_with(&service, PURPOSE, OTHER).await;
    let from_page = json!({ "topic": "it_strategy", "view_token": token });
    service.object_to(JANE, from_page).await;
    let both = [PURPOSE, OTHER].map(|purpose| about(purpose, "it_strategy"));
    assert_eq!(said(&service).await, both);
    assert!(!goes(&service, OTHER, "it_strategy", "email").await);
}

#[tokio::test]
async fn a_name_that_no_notice_ever_had_is_refused_and_asks_for_no_consent() {
    let service = Service::start().await;
    publish_with(&service, "industry_updates", "industry_news").await;
    let state = service.state();
    for (more, code) in [
        (json!({ "topic": "industry_update" }), "unknown_topic"),
        (
            json!({ "purpose": PURPOSE, "topic": "industry_update" }),
            "unknown_topic",
        ),
        (json!({ "purpose": "info_about_u" }), "unknown_purpose"),
        (json!({ "purpose": "business_admin" }), "case_needed"),
    ] {
        for token in ["", &service.view_token()] {
            let mut body = objection(JANE, more.clone());
            body["view_token"] = json!(token);
            let answer = service.post("/v1/objections", &body).await;
            answer.is_problem(422, code);
        }
    }
    let consent = json!({
        "address": JANE, "notice": NOTICE, "purpose": PURPOSE,
        "topic": "industry_updates", "channel": "email",
    });
    let answer = service.post("/v1/consents", &consent).await;
    answer.is_problem(422, "unknown_topic");
    let fields = consent.as_object().unwrap().iter();
    let fields: Vec<_> = fields
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect();
    let page = service.form("/consent", &fields).await;
    assert_eq!(page.status, 422);
    let says = "This consent is no longer asked for";
    assert!(page.text().contains(says), "{}", page.text());
    assert_eq!(service.state(), state);
}

#[tokio::test]
async fn a_consent_to_a_topic_that_is_gone_by_the_press_is_not_given() {
    let service = Service::start().await;
    let link = ask(&service).await;
    let page = open(&service, &link).await;
    publish_with(&service, "it_strategy", "it_plans").await;
    let state = service.state();
    assert_eq!(confirm(&service, &page, &[]).await.status, 409);
    assert_eq!(open(&service, &link).await.status, 409);
    assert_eq!(service.state(), state);
}

#[tokio::test]
async fn a_form_that_cannot_be_taken_keeps_the_address() {
    let service = Service::start().await;
    let state = service.state();
    let gone = "What you chose is not on offer";
    let end = "A pause ends on a day in the future";
    for (name, value, says) in [
        ("topic", "nothing", gone),
        ("purpose", "nothing", gone),
        ("channel", "fax", gone),
        ("until", "2020-01-01", end),
        ("until", "soon", end),
        ("notice", "nothing", gone),
    ] {
        let fields = [("notice", NOTICE), ("address", JANE), (name, value)];
        let fields = &fields[usize::from(name == "notice")..];
        let page = service.form("/object", fields).await;
        assert_eq!(page.status, 422, "{name}");
        let page = page.text();
        assert!(page.contains("value=\"jane@client.example\""), "{page}");
        assert!(page.contains("role=\"alert\""), "{page}");
        assert!(page.contains(says), "{name}: {page}");
        assert!(page.contains("Your address is kept"), "{page}");
        assert!(!page.contains(&format!("value=\"{value}\"")), "{page}");
    }
    assert_eq!(service.state(), state);
}

#[tokio::test]
async fn a_form_about_a_legal_duty_keeps_the_address_and_says_why_not() {
    let service = Service::start().await;
    let source = &folder().0["notice.toml"];
    let start = source.find("key = \"legal_compliance\"").unwrap();
    let end = start + source[start..].find("[[purpose]]").unwrap();
    let both = &source[start..end];
    let assessed = both.lines().find(|line| line.starts_with("assessment"));
    let duty = both.replace("\"legitimate_interest\"", "\"other\"");
    let duty = duty.replace("\"case\"", "\"none\"");
    let duty = duty.replace(assessed.unwrap(), "");
    let (duty, _) = duty.rsplit_once("[[purpose.bases]]").unwrap();
    publish_with(&service, both, duty).await;
    let state = service.state();
    let fields = [
        ("notice", NOTICE),
        ("address", JANE),
        ("purpose", "legal_compliance"),
    ];
    let page = service.form("/object", &fields).await;
    assert_eq!(page.status, 422);
    let page = page.text();
    assert!(page.contains("rests on a legal duty"), "{page}");
    assert!(page.contains("value=\"jane@client.example\""), "{page}");
    assert_eq!(service.state(), state);
}

#[tokio::test]
async fn the_answer_names_a_topic_that_is_gone_as_it_was_shown() {
    let service = Service::start().await;
    let token = service.view_token();
    publish_with(&service, "industry_updates", "industry_news").await;
    let fields = [
        ("address", JANE),
        ("notice", NOTICE),
        ("topic", "industry_updates"),
        ("view_token", token.as_str()),
    ];
    let page = service.form("/object", &fields).await.text();
    assert!(page.contains("Industry updates and insights"), "{page}");
    assert!(!page.contains("industry_updates"), "{page}");
}

#[tokio::test]
async fn on_ones_own_page_an_objection_counts_after_its_topic_or_purpose_is_gone() {
    let moved = [PURPOSE, OTHER].map(|purpose| about(purpose, "it_strategy"));
    for (old, new, expected) in [
        ("it_strategy", "it_plans", &moved[..1]),
        (PURPOSE, OTHER, &moved[..]),
    ] {
        let service = Service::start().await;
        let session = service.sign_in(JANE).await;
        let token = service.view_token();
        publish_with(&service, old, new).await;
        choose(&service, &session, about_it("object", &token)).await;
        assert_eq!(said(&service).await, expected);
        let unknown = service.choose(&session, about_it("object", "")).await;
        assert_eq!(unknown.status, 200, "what was ever published is no typo");
    }
}

#[tokio::test]
async fn on_ones_own_page_a_topic_that_another_purpose_has_by_now_is_stopped_there_and_undone() {
    for until in [None, Some("2027-02-23")] {
        let service = Service::start().await;
        let session = service.sign_in(JANE).await;
        let token = service.view_token();
        publish_with(&service, PURPOSE, OTHER).await;
        assert!(goes(&service, OTHER, "it_strategy", "email").await);
        let mut object = about_it("object", &token);
        object["until"] = json!(until);
        let made = choose(&service, &session, object).await;
        assert!(!goes(&service, OTHER, "it_strategy", "email").await);
        assert!(goes(&service, OTHER, "it_strategy", "post").await);
        let undo = made["undo"]["token"].as_str().unwrap();
        assert_eq!(service.undo(undo).await.status, 202);
        assert!(goes(&service, OTHER, "it_strategy", "email").await);
    }
}

/// Each act on a page of the older version names that version, its token and its words.
#[tokio::test]
async fn on_ones_own_page_the_evidence_is_what_was_shown() {
    let service = Service::start().await;
    let session = service.sign_in(JANE).await;
    let (token, shown) = (service.view_token(), service.in_force());
    let made = choose(&service, &session, about_it("give", &token)).await;
    let title = "IT strategies and solutions";
    publish_with(&service, title, "IT plans").await;
    let mut pause = about_it("object", &token);
    pause["until"] = json!("2027-02-23");
    let mut lift = about_it("lift", &token);
    lift["kind"] = json!("pause");
    let mut as_of: Value = made["self"]["as_of"].clone();
    for (mut choice, act, button) in [
        (
            about_it("refuse", &token),
            Act::ConsentRefused,
            "Refuse consent",
        ),
        (
            about_it("withdraw", &token),
            Act::ConsentWithdrawn,
            "Withdraw consent",
        ),
        (
            pause,
            Act::Paused,
            "Pause for 3 months, until 23 February 2027",
        ),
        (lift, Act::ObjectionLifted, "End this pause"),
        (about_it("object", &token), Act::Objected, "Object"),
    ] {
        if act == Act::ObjectionLifted {
            choice["as_of"] = as_of.clone();
        }
        as_of = choose(&service, &session, choice).await["self"]["as_of"].clone();
        let entry = last(&service).await;
        assert_eq!(entry.act, act);
        assert_eq!(entry.evidence.notice, Some(shown), "{act:?}");
        let digest = Digest::of(token.as_bytes());
        assert_eq!(entry.evidence.view_token, Some(digest), "{act:?}");
        let words = text(&service, &entry).await;
        assert!(words.contains(title), "{words}");
        assert_eq!(words.lines().next_back(), Some(button), "{words}");
    }
    let again = service.choose(&session, about_it("give", &token)).await;
    again.is_problem(409, "changed_meanwhile");
    choose(&service, &session, about_it("object", "forged")).await;
    let entry = last(&service).await;
    assert_eq!(entry.evidence.notice, Some(service.in_force()));
    assert_eq!(entry.evidence.view_token, None);
    assert_eq!(entry.evidence.control_text, None);
}

#[tokio::test]
async fn a_stop_of_another_notice_is_kept_in_that_notices_words() {
    let service = Service::start().await;
    publish_beside(&service, "event-guests", "event_news", "fairs").await;
    let session = service.sign_in(JANE).await;
    let own = service.own(&session).await.json();
    let token = own["purposes"][0]["view_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let named = own["purposes"][1]["title"].as_str().unwrap().to_owned();
    let purpose = own["purposes"][1]["choices"][0]["purpose"].clone();
    let object = json!({ "act": "object", "purpose": purpose, "view_token": token });
    choose(&service, &session, object).await;
    let entry = last(&service).await;
    let digest = Digest::of(token.as_bytes());
    assert_eq!(entry.evidence.view_token, Some(digest));
    assert_eq!(text(&service, &entry).await, format!("{named}\nObject"));
}
