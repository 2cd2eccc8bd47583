//! The page behind an unsubscribe link: its buttons, and the finer choices after them (UNS-06, UNS-13).

use serde_json::json;
use shared::entry::Method as By;

use crate::one_click::{JANE, URLENCODED, press, token};
use crate::service::{NOTICE, Service};

#[tokio::test]
async fn the_button_of_the_page_stops_shows_a_reference_and_can_be_undone() {
    let service = Service::start().await;
    let link = token(&service, JANE);
    let answer = press(&service, &link, &[URLENCODED], "stop=all&lang=de").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let page = answer.text();
    assert!(
        page.contains("lang=\"de\"") && page.contains("sind beendet"),
        "{page}"
    );
    let entry = service.entries().await.pop().unwrap();
    assert_eq!(entry.evidence.method, By::Form);
    assert_eq!(entry.evidence.language, "de");
    let words = service
        .store
        .text(entry.evidence.control_text.unwrap())
        .await
        .unwrap();
    assert!(
        String::from_utf8(words.unwrap())
            .unwrap()
            .contains("Diese E-Mails beenden")
    );
    let undo = hidden(&page, "token");
    let fields = [("token", undo.as_str()), ("notice", NOTICE), ("lang", "de")];
    assert_eq!(service.form("/object/undo", &fields).await.status, 200);
    assert!(service.proceeds(JANE).await);
    press(&service, &link, &[URLENCODED], "stop=all").await;
    let again = press(&service, &link, &[URLENCODED], "stop=all").await;
    assert!(again.text().contains("already told"), "{}", again.text());
    assert_eq!(service.entries().await.len(), 3);
}

#[tokio::test]
async fn after_stopping_all_some_topics_or_a_pause_can_be_chosen_instead() {
    let service = Service::start().await;
    let link = token(&service, JANE);
    let page = press(&service, &link, &[URLENCODED], "stop=all")
        .await
        .text();
    let instead = hidden(&page, "instead");
    let body = format!("stop=part&topic=it_strategy&topic=other_services&until=&instead={instead}");
    let answer = press(&service, &link, &[URLENCODED], &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let proceeds = async |topic: &str| {
        service.decide_about(JANE, json!({ "topic": topic })).await["proceed"] == true
    };
    assert!(proceeds("industry_updates").await);
    assert!(!proceeds("it_strategy").await && !proceeds("other_services").await);

    let other = "john@client.example";
    let link = token(&service, other);
    let page = press(&service, &link, &[URLENCODED], "stop=all")
        .await
        .text();
    let instead = hidden(&page, "instead");
    let body = format!("stop=part&until=2027-02-23&instead={instead}");
    press(&service, &link, &[URLENCODED], &body).await;
    let decision = service.decide(other).await;
    assert_eq!(decision["reasons"], json!(["paused"]), "{decision}");

    // Ten minutes later it cannot be exchanged any more: what was stopped stays stopped.
    let late = "zoe@client.example";
    let link = token(&service, late);
    let page = press(&service, &link, &[URLENCODED], "stop=all")
        .await
        .text();
    let instead = hidden(&page, "instead");
    service.world.pass(11 * 60 * 1000);
    let body = format!("stop=part&until=2027-02-23&instead={instead}");
    press(&service, &link, &[URLENCODED], &body).await;
    assert_eq!(service.decide(late).await["reasons"][0], "objected");
}

#[tokio::test]
async fn a_part_that_was_stopped_before_is_named_as_that_part_and_a_pause_with_its_end() {
    let service = Service::start().await;
    let link = token(&service, JANE);
    let twice = async |body: &str| {
        press(&service, &link, &[URLENCODED], body).await;
        let entries = service.entries().await.len();
        let page = press(&service, &link, &[URLENCODED], body).await.text();
        assert_eq!(service.entries().await.len(), entries, "{body}");
        page
    };
    let all = "Information about us and our services";
    let page = twice("stop=part&topic=it_strategy&until=").await;
    assert!(page.contains("already told"), "{page}");
    assert!(page.contains("IT strategies and solutions"), "{page}");
    assert!(!page.contains(all), "{page}");
    let page = twice("stop=part&topic=industry_updates&until=2027-02-23").await;
    assert!(page.contains("until the end of 23 February 2027"), "{page}");
    assert!(!page.contains(all), "{page}");
    let page = twice("stop=part&until=2027-02-23").await;
    assert!(page.contains(all), "{page}");
    assert!(page.contains("until the end of 23 February 2027"), "{page}");
    let page = twice("stop=all").await;
    assert!(page.contains(all) && !page.contains("2027"), "{page}");
}

/// The value of a hidden field.
pub(crate) fn hidden(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let at = page
        .find(&start)
        .unwrap_or_else(|| panic!("no {name}: {page}"));
    let rest = &page[at + start.len()..];
    rest[..rest.find('"').unwrap()].to_owned()
}
