//! What is recorded is never answered as if nothing was, also where the store cannot be read after it.

use serde_json::json;

use crate::letters::OUR_PAGE;
use crate::one_click::{URLENCODED, press, token};
use crate::service::Service;

const JANE: &str = "jane@client.example";

/// From the next entry on nothing can be read: it brings rules that nobody understands.
fn read_no_more(service: &Service) {
    let trigger = "CREATE TRIGGER unreadable AFTER INSERT ON ledger BEGIN
         INSERT INTO rules (digest, canonical, at, as_of) VALUES (zeroblob(32), x'00', 0, 0);
         END;";
    service.database().execute_batch(trigger).unwrap();
}

fn entries(service: &Service) -> i64 {
    let count = "SELECT count(*) FROM ledger";
    service
        .database()
        .query_row(count, (), |row| row.get(0))
        .unwrap()
}

#[tokio::test]
async fn a_choice_by_script_is_answered_with_its_reference_though_nothing_can_be_read_after_it() {
    let service = Service::start().await;
    let session = service.sign_in(JANE).await;
    read_no_more(&service);
    let made = service.choose(&session, json!({ "act": "object" })).await;
    assert_eq!(made.status, 200, "{}", made.text());
    assert_eq!(entries(&service), 1);
    let answer = made.json();
    assert!(!answer["reference"].as_str().unwrap().is_empty());
    assert!(!answer["undo"]["token"].as_str().unwrap().is_empty());
    assert!(answer["says"].as_str().unwrap().contains("objected"));
    assert!(answer.get("self").is_none(), "{answer}");
    service
        .own(&session)
        .await
        .is_problem(503, "store_unavailable");
}

#[tokio::test]
async fn a_choice_on_the_page_is_answered_with_its_reference_though_nothing_can_be_read_after_it() {
    let service = Service::start().await;
    let cookie = service.sign_in_on_page(JANE).await;
    let headers = [OUR_PAGE, ("cookie", &cookie)];
    read_no_more(&service);
    let made = service
        .form_with("/self/choices", &headers, &[("act", "object")])
        .await;
    assert_eq!(made.status, 200, "{}", made.text());
    assert_eq!(entries(&service), 1);
    let page = made.text();
    assert!(page.contains("You have objected"), "{page}");
    assert!(page.contains("Your reference: ") && page.contains("action=\"/self/undo\""));
}

#[tokio::test]
async fn an_erasure_is_answered_though_nothing_can_be_read_after_it() {
    let service = Service::start().await;
    service.object(JANE).await;
    let cookie = service.sign_in_on_page(JANE).await;
    let headers = [OUR_PAGE, ("cookie", &cookie)];
    read_no_more(&service);
    let erased = service.form_with("/self/erase", &headers, &[]).await;
    assert_eq!(erased.status, 200, "{}", erased.text());
    assert!(erased.text().contains("It is deleted for good."));
}

#[tokio::test]
async fn an_unsubscribe_link_is_answered_with_its_reference_though_nothing_can_be_read_after_it() {
    for body in ["stop=all", "stop=part&topic=it_strategy&until="] {
        let service = Service::start().await;
        let link = token(&service, JANE);
        read_no_more(&service);
        let stopped = press(&service, &link, &[URLENCODED], body).await;
        assert_eq!(stopped.status, 200, "{}", stopped.text());
        assert_eq!(entries(&service), 1);
        assert!(stopped.text().contains("Your reference: "));
    }
}

#[tokio::test]
async fn a_part_in_place_of_all_is_not_denied_where_the_whole_cannot_be_undone() {
    let service = Service::start().await;
    let link = token(&service, JANE);
    let page = press(&service, &link, &[URLENCODED], "stop=all")
        .await
        .text();
    let instead = crate::one_click_page::hidden(&page, "instead");
    let lost = "CREATE TRIGGER unwritable BEFORE UPDATE ON receipt
         BEGIN SELECT raise(ABORT, 'no'); END;";
    service.database().execute_batch(lost).unwrap();
    let body = format!("stop=part&topic=it_strategy&until=&instead={instead}");
    let answer = press(&service, &link, &[URLENCODED], &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(entries(&service), 2);
    assert!(answer.text().contains("still counts"), "{}", answer.text());
}
