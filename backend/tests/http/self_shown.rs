//! My choices: what the page says is what the gate does, and what is kept is what the button said.

use serde_json::json;

use crate::self_choices::{about_it, choose, row};
use crate::service::{PURPOSE, Service};

const JANE: &str = "jane@client.example";

/// Who sends may state country and subscriber with each question.
#[tokio::test]
async fn what_may_be_sent_on_what_a_sender_states_is_shown_and_can_be_objected_to() {
    let service = Service::with(|config| {
        config.default_country = None;
        config.default_subscriber = None;
    })
    .await;
    let sent = async |address: &str| {
        let stated = json!({ "address": address, "country": "GB", "subscriber": "corporate" });
        let question = json!({ "purpose": PURPOSE, "topic": "it_strategy", "checks": [stated] });
        service.decisions(&question).await.json()["decisions"][0]["proceed"] == true
    };
    assert!(sent(JANE).await);
    let session = service.sign_in(JANE).await;
    let shown = row(&service, &session).await;
    assert_eq!(shown["proceed"], false, "{shown}");
    assert_eq!(shown["reason"], "no_consent", "{shown}");
    assert_eq!(shown["proceed_if_stated"], true, "{shown}");
    assert_eq!(shown["legal_basis"], "legitimate_interests", "{shown}");
    let own = service.own(&session).await.json();
    let lines = own["lines"].as_array().unwrap();
    let says = "IT strategies and solutions, by email: possible, unless you object.";
    let line = lines.iter().find(|line| line["says"] == says);
    let line = line.unwrap_or_else(|| panic!("{own}"));
    let presses = line["presses"].as_array().unwrap();
    assert!(presses.iter().any(|press| press["act"] == "object"));
    let page = service.sign_in_on_page(JANE).await;
    let page = service.get_with("/self", &[("cookie", &page)]).await.text();
    let says = "<strong>Email: possible</strong>, unless you object.";
    assert!(page.contains(says), "{page}");

    choose(
        &service,
        &session,
        about_it("object", &service.view_token()),
    )
    .await;
    let shown = row(&service, &session).await;
    assert_eq!(shown["reason"], "objected", "{shown}");
    assert_eq!(shown["proceed_if_stated"], false, "{shown}");
    assert!(!sent(JANE).await);

    // Nobody can state that of a consumer's mailbox.
    let zoe = "zoe@gmail.com";
    assert!(!sent(zoe).await);
    let session = service.sign_in(zoe).await;
    assert_eq!(row(&service, &session).await["proceed_if_stated"], false);
}

#[tokio::test]
async fn the_words_that_are_kept_are_those_of_the_button() {
    let service = Service::start().await;
    let session = service.sign_in(JANE).await;
    let token = service.view_token();
    let kept = async || {
        let entries = service.entries().await.into_iter();
        let digest = entries
            .filter_map(|entry| entry.evidence.control_text)
            .next_back();
        let text = service.store.text(digest.unwrap()).await.unwrap().unwrap();
        String::from_utf8(text)
            .unwrap()
            .lines()
            .next_back()
            .unwrap()
            .to_owned()
    };
    let mut pause = about_it("object", &token);
    pause["until"] = json!("2027-02-23");
    let made = choose(&service, &session, pause.clone()).await;
    assert_eq!(kept().await, "Pause for 3 months, until 23 February 2027");
    let mut lift = about_it("lift", &token);
    lift["as_of"] = made["self"]["as_of"].clone();
    choose(&service, &session, lift.clone()).await;
    assert_eq!(kept().await, "End this pause");
    let made = choose(&service, &session, about_it("object", &token)).await;
    assert_eq!(kept().await, "Object");
    lift["as_of"] = made["self"]["as_of"].clone();
    choose(&service, &session, lift).await;
    assert_eq!(kept().await, "Lift this objection");
    let all = json!({ "act": "object", "view_token": token });
    choose(&service, &session, all).await;
    assert_eq!(kept().await, "Object to all marketing");
}
