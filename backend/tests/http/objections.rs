//! An objection counts at once, for what it names, until it is undone or its time is over.

use serde_json::json;
use shared::entry::Act;

use crate::publishing::publish_beside;
use crate::service::Service;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

#[tokio::test]
async fn the_very_next_decision_withholds() {
    let service = Service::start().await;
    let before = service.decide("jane@client.example").await;
    assert_eq!(before["proceed"], true, "{before}");
    assert_eq!(before["reasons"], json!(["legitimate_interest"]));
    assert_eq!(before["legal_basis"], "legitimate_interests");

    service.object("jane@client.example").await;
    let after = service.decide("jane@client.example").await;
    assert_eq!(after["proceed"], false, "{after}");
    assert_eq!(after["reasons"], json!(["objected"]));
    assert_eq!(after["evidence"].as_array().map(Vec::len), Some(1));
    assert!(service.proceeds("joe@client.example").await);
}

#[tokio::test]
async fn an_objection_meets_the_address_however_it_is_typed() {
    let service = Service::start().await;
    service.object("  Jane.Doe@BÜCHER.example ").await;
    for same in [
        "jane.doe@xn--bcher-kva.example",
        "JANE.DOE@bücher.example",
        "jane.doe@bu\u{308}cher.example",
        "jane.doe+news@bücher.example",
    ] {
        assert!(!service.proceeds(same).await, "{same}");
    }
    assert!(service.proceeds("janedoe@bücher.example").await);
}

#[tokio::test]
async fn an_objection_to_one_topic_leaves_the_others() {
    let service = Service::start().await;
    let (address, topic) = ("jane@client.example", json!({"topic": "it_strategy"}));
    service.object_to(address, topic.clone()).await;
    let about = async |topic| {
        service
            .decide_about(address, json!({ "topic": topic }))
            .await
    };
    assert_eq!(about("it_strategy").await["proceed"], false);
    assert_eq!(about("industry_updates").await["proceed"], true);
    let anything = service.decide(address).await;
    assert_eq!(anything["proceed"], false, "about anything of the purpose");
}

#[tokio::test]
async fn an_objection_to_one_channel_leaves_the_others() {
    let service = Service::start().await;
    let address = "jane@client.example";
    service
        .object_to(address, json!({"channel": "phone"}))
        .await;
    let over = async |channel| {
        service
            .decide_about(address, json!({ "channel": channel }))
            .await
    };
    assert_eq!(over("phone").await["reasons"], json!(["objected"]));
    assert_eq!(over("email").await["proceed"], true);
}

#[tokio::test]
async fn an_objection_may_name_the_purpose() {
    let service = Service::start().await;
    let purpose = json!({"purpose": "info_about_us"});
    service.object_to("jane@client.example", purpose).await;
    assert!(!service.proceeds("jane@client.example").await);
}

#[tokio::test]
async fn a_pause_ends_by_the_clock_alone() {
    let service = Service::start().await;
    let address = "jane@client.example";
    service
        .object_to(address, json!({"until": "2026-11-24"}))
        .await;
    assert_eq!(service.decide(address).await["reasons"], json!(["paused"]));
    service.world.pass(DAY + DAY / 2 - 1);
    assert!(!service.proceeds(address).await, "the last millisecond");
    let state = service.state();
    service.world.pass(1);
    assert!(service.proceeds(address).await, "00:00 of the next day");
    assert_eq!(service.state(), state, "nothing was written");
}

#[tokio::test]
async fn a_pause_does_not_shorten_an_objection() {
    let service = Service::start().await;
    let address = "jane@client.example";
    service.object(address).await;
    service
        .object_to(address, json!({"until": "2026-11-23T14:00:00+01:00"}))
        .await;
    let both = service.decide(address).await;
    assert_eq!(both["reasons"], json!(["objected", "paused"]));
    service.world.pass(2 * DAY);
    assert_eq!(
        service.decide(address).await["reasons"],
        json!(["objected"])
    );
}

#[tokio::test]
async fn undoing_within_ten_minutes_restores_and_is_an_entry() {
    let service = Service::start().await;
    let address = "jane@client.example";
    let answer = service.object(address).await;
    assert_eq!(answer.at("/undo/until"), "2026-11-23T12:10:00.000Z");
    service.world.pass(10 * MINUTE - 1);
    let undone = service.undo(&answer.at("/undo/token")).await;
    assert_eq!(undone.status, 202, "{}", undone.text());
    assert_eq!(undone.json(), json!({"undone": true}));
    assert!(service.proceeds(address).await);
    let entries = service.entries().await;
    let acts: Vec<Act> = entries.iter().map(|entry| entry.act).collect();
    assert_eq!(acts, [Act::Objected, Act::Retracted]);
    assert_eq!(entries[1].refers_to, [entries[0].id]);
    assert_eq!(entries[1].subject, entries[0].subject);
}

#[tokio::test]
async fn undoing_twice_is_undoing_once() {
    let service = Service::start().await;
    let token = service
        .object("jane@client.example")
        .await
        .at("/undo/token");
    let first = service.undo(&token).await;
    service.world.pass(DAY);
    let second = service.undo(&token).await;
    assert_eq!((first.status, &first.bytes), (second.status, &second.bytes));
    assert_eq!(service.entries().await.len(), 2);
}

#[tokio::test]
async fn after_ten_minutes_the_objection_stands() {
    let service = Service::start().await;
    let answer = service.object("jane@client.example").await;
    service.world.pass(10 * MINUTE);
    let state = service.state();
    let late = service.undo(&answer.at("/undo/token")).await;
    late.is_problem(409, "undo_too_late");
    assert_eq!(service.state(), state);
    assert!(!service.proceeds("jane@client.example").await);
}

#[tokio::test]
async fn a_forged_undo_is_unknown_and_its_answer_says_nothing() {
    let service = Service::start().await;
    let answer = service.object("jane@client.example").await;
    let other = service.object("joe@client.example").await;
    let (token, foreign) = (answer.at("/undo/token"), other.at("/undo/token"));
    let end = token.len() - 1;
    let state = service.state();
    // The name of one act with the secret of another; a changed secret; nonsense of several kinds.
    let forged = [
        format!("{}{}", &token[..30], &foreign[30..]),
        format!("{}{}", &token[..end - 4], "AAAAA"),
        token[..end].to_owned(),
        format!("{token}A"),
        "A".repeat(token.len()),
        "jane@client.example".to_owned(),
        String::new(),
    ];
    let mut answers = Vec::new();
    for forged in &forged {
        let refused = service.undo(forged).await;
        refused.is_problem(404, "unknown_token");
        answers.push(refused.bytes);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "always the same bytes");
    assert_eq!(service.state(), state);
    assert!(!service.proceeds("jane@client.example").await);
}

#[tokio::test]
async fn undoing_leaves_what_was_there_before() {
    let service = Service::start().await;
    let address = "jane@client.example";
    service.object(address).await;
    let second = service.object(address).await;
    let undone = service.undo(&second.at("/undo/token")).await;
    assert_eq!(undone.status, 202);
    let decision = service.decide(address).await;
    assert_eq!(decision["reasons"], json!(["objected"]), "the older one");
    let acts: Vec<_> = service.entries().await.iter().map(|e| e.act).collect();
    assert_eq!(acts, [Act::Objected, Act::Objected, Act::Retracted]);
}

#[tokio::test]
async fn undoing_a_pause_ends_it() {
    let service = Service::start().await;
    let address = "jane@client.example";
    let until = json!({"until": "2027-02-23"});
    let token = service.object_to(address, until).await.at("/undo/token");
    assert_eq!(service.undo(&token).await.status, 202);
    assert!(service.proceeds(address).await);
}

#[tokio::test]
async fn a_topic_of_several_purposes_is_that_of_the_named_notice_else_that_of_all() {
    let service = Service::start().await;
    publish_beside(&service, "events", "news", "it_strategy").await;
    publish_beside(&service, "gardens", "plants", "gardening").await;
    let stopped = async |address: &str| {
        let asked = ["info_about_us", "news"].map(|purpose| {
            json!({ "purpose": purpose, "topic": "it_strategy", "checks": [{ "address": address }] })
        });
        let mut stopped = Vec::new();
        for question in &asked {
            let decision = service.decisions(question).await.json()["decisions"][0].clone();
            stopped.push(decision["proceed"] == false);
        }
        stopped
    };
    for (address, notice, stops) in [
        ("jane@client.example", "corporate-clients", [true, false]),
        ("john@client.example", "events", [false, true]),
        ("zoe@client.example", "gardens", [true, true]),
    ] {
        let by_topic = json!({ "notice": notice, "topic": "it_strategy" });
        let taken = service.object_to(address, by_topic).await;
        assert_eq!(stopped(address).await, stops, "{notice}");
        let undone = service.undo(&taken.at("/undo/token")).await;
        assert_eq!(undone.status, 202, "{}", undone.text());
        assert_eq!(stopped(address).await, [false, false], "{notice}");
        let fields = [
            ("address", address),
            ("notice", notice),
            ("topic", "it_strategy"),
        ];
        let page = service.form("/object", &fields).await;
        assert_eq!(page.status, 200, "{}", page.text());
        let all = "must stop sending you these mailings";
        assert!(!page.text().contains(all), "{}", page.text());
        assert_eq!(stopped(address).await, stops, "{notice}");
    }
    let none = json!({ "address": "joe@client.example", "notice": "events", "topic": "cars" });
    let refused = service.post("/v1/objections", &none).await;
    refused.is_problem(422, "unknown_topic");
}
