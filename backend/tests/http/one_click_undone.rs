//! Who unsubscribes is unsubscribed, whatever anybody takes back that was said before (UNS-07).

use serde_json::json;
use shared::entry::{Act, Method as By};

use crate::one_click::{JANE, URLENCODED, press, token};
use crate::one_click_page::hidden;
use crate::service::{NOTICE, Service};

const POST: &str = "List-Unsubscribe=One-Click";
const MINUTE: i64 = 60 * 1000;

/// Each way to press, and what it says.
const PRESSES: [&str; 4] = [
    POST,
    "stop=all",
    "stop=part&topic=it_strategy&until=",
    "stop=part&until=2027-02-23",
];

/// What somebody may have said in jane's name just before, so that it covers the press.
fn said_before(body: &str) -> serde_json::Value {
    match body {
        "stop=part&topic=it_strategy&until=" => json!({
            "purpose": "info_about_us", "topic": "it_strategy", "channel": "email",
        }),
        "stop=part&until=2027-02-23" => json!({
            "purpose": "info_about_us", "channel": "email", "until": "2027-02-23",
        }),
        _ => json!({}),
    }
}

async fn stopped(service: &Service) -> bool {
    let about = service
        .decide_about(JANE, json!({ "topic": "it_strategy" }))
        .await;
    about["proceed"] == false
}

#[tokio::test]
async fn what_was_objected_pressed_and_undone_is_still_withheld() {
    for body in PRESSES {
        let service = Service::start().await;
        let link = token(&service, JANE);
        let objected = service.object_to(JANE, said_before(body)).await;
        let pressed = press(&service, &link, &[URLENCODED], body).await;
        assert_eq!(pressed.status, 200, "{body}");
        let undone = service.undo(&objected.at("/undo/token")).await;
        assert_eq!(undone.status, 202, "{}", undone.text());
        assert!(stopped(&service).await, "{body}");
        // What was pressed is said once, however often it is pressed again.
        let entries = service.entries().await.len();
        press(&service, &link, &[URLENCODED], body).await;
        assert_eq!(service.entries().await.len(), entries, "{body}");
    }
}

#[tokio::test]
async fn what_can_no_longer_be_undone_is_not_written_again() {
    for body in PRESSES {
        let service = Service::start().await;
        let link = token(&service, JANE);
        let objected = service.object_to(JANE, said_before(body)).await;
        service.world.pass(11 * MINUTE);
        let late = service.undo(&objected.at("/undo/token")).await;
        late.is_problem(409, "undo_too_late");
        let entries = service.entries().await.len();
        for _ in 0..20 {
            let pressed = press(&service, &link, &[URLENCODED], body).await;
            assert_eq!(pressed.status, 200, "{body}");
        }
        assert_eq!(service.entries().await.len(), entries, "{body}");
        assert!(stopped(&service).await, "{body}");
    }
}

#[tokio::test]
async fn a_mail_provider_that_presses_relies_on_no_button_that_may_be_undone() {
    let service = Service::start().await;
    let link = token(&service, JANE);
    let page = press(&service, &link, &[URLENCODED], "stop=all").await;
    let undo = hidden(&page.text(), "token");
    for _ in 0..20 {
        let pressed = press(&service, &link, &[URLENCODED], POST).await;
        assert_eq!(pressed.text(), "Unsubscribed.\n");
    }
    let fields = [("token", undo.as_str()), ("notice", NOTICE), ("lang", "en")];
    assert_eq!(service.form("/object/undo", &fields).await.status, 200);
    assert!(!service.proceeds(JANE).await);
    let entries = service.entries().await.into_iter();
    let acts: Vec<_> = entries
        .map(|entry| (entry.act, entry.evidence.method))
        .collect();
    assert_eq!(
        acts,
        [
            (Act::Objected, By::Form),
            (Act::Objected, By::OneClickPost),
            (Act::Retracted, By::Form),
        ]
    );
}
