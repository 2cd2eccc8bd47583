//! When the store cannot be used: 503, and the gate never says yes (LAW-15).

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};

use serde_json::{Value, json};

use crate::scrubs::{LIST, scrub};
use crate::service::{NOTICE, PURPOSE, Service, objection};

const OBJECTED: &str = "jane@client.example";

/// Everything that answers from the store says that it cannot.
async fn cannot_answer(service: &Service) {
    let question = json!({"purpose": PURPOSE, "checks": [{"address": OBJECTED}]});
    let decisions = service.decisions(&question).await;
    decisions.is_problem(503, "store_unavailable");
    assert!(!decisions.text().contains("proceed"));
    assert!(!decisions.header("retry-after").is_empty());
    let body = objection("joe@client.example", json!({}));
    let objected = service.post("/v1/objections", &body).await;
    objected.is_problem(503, "store_unavailable");
    service
        .get("/readyz")
        .await
        .is_problem(503, "store_unavailable");
    assert_eq!(service.get("/healthz").await.status, 200);
    let fields = [("address", "joe@client.example"), ("notice", NOTICE)];
    let form = service.form("/object", &fields).await;
    assert_eq!(form.status, 503);
    assert!(form.header("content-type").starts_with("text/html"));
    assert!(!form.header("retry-after").is_empty());
    for answer in [&decisions, &objected, &form] {
        let text = answer.text().to_lowercase();
        for word in ["sqlite", "sql", "table", "sayso.db", "panicked"] {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }
    assert!(!decisions.text().contains("joe@") && !objected.text().contains("joe@"));
    assert!(
        form.text().contains("value=\"joe@client.example\""),
        "a person gets back what they typed"
    );
}

#[tokio::test]
async fn a_database_that_lost_its_tables_answers_nothing() {
    let service = Service::start().await;
    service.object(OBJECTED).await;
    let database = service.database();
    database
        .execute_batch(
            "PRAGMA foreign_keys = OFF;
             DROP TABLE subject_key; DROP TABLE subject; DROP TABLE rules; DROP TABLE api_key;",
        )
        .unwrap();
    cannot_answer(&service).await;
}

#[tokio::test]
async fn whatever_form_cannot_be_taken_its_page_keeps_all_that_was_typed() {
    let service = Service::start().await;
    let drop =
        "PRAGMA foreign_keys = OFF; DROP TABLE subject_key; DROP TABLE rules; DROP TABLE link;";
    service.database().execute_batch(drop).unwrap();
    let words = "They mailed me\nafter I had objected.";
    for path in [
        "/object",
        "/object/case",
        "/complain",
        "/consent",
        "/self/link",
    ] {
        let fields = [
            ("address", "joe@client.example"),
            ("notice", NOTICE),
            ("purpose", "security_risk"),
            ("channel", "email"),
            ("text", words),
            ("view_token", "shown-then"),
            ("lang", "de"),
        ];
        let answer = service.form(path, &fields).await;
        assert_eq!(answer.status, 503, "{path}");
        assert_eq!(answer.header("cache-control"), "no-store");
        let page = answer.text();
        assert!(page.contains("<html lang=\"de\""), "{path}");
        assert!(page.contains(&format!("action=\"{path}\"")));
        for (name, value) in fields {
            let field = page
                .split("<input")
                .find(|field| field.contains(&format!("name=\"{name}\"")));
            let field = field.unwrap_or_else(|| panic!("{path} lost {name}"));
            assert!(
                field.contains(&format!("value=\"{value}\"")),
                "{path}: {field}"
            );
        }
    }
}

#[tokio::test]
async fn whatever_table_is_missing_the_gate_does_not_say_yes() {
    for table in [
        "ledger",
        "subject",
        "subject_key",
        "payload",
        "receipt",
        "notice",
        "rules",
        "text",
        "api_key",
    ] {
        let service = Service::start().await;
        service.object(OBJECTED).await;
        let drop = format!("PRAGMA foreign_keys = OFF; DROP TABLE {table};");
        service.database().execute_batch(&drop).unwrap();
        let question = json!({"purpose": PURPOSE, "checks": [{"address": OBJECTED}]});
        let answer = service.decisions(&question).await;
        if answer.status == 200 {
            assert_eq!(answer.json()["decisions"][0]["proceed"], false, "{table}");
        } else {
            answer.is_problem(503, "store_unavailable");
        }
    }
}

#[tokio::test]
async fn a_standing_that_cannot_be_read_is_not_taken_for_none() {
    for damage in [
        "x''",
        "x'00'",
        "x'ff00ff00'",
        "zeroblob(64)",
        "randomblob(64)",
    ] {
        let service = Service::start().await;
        service.object(OBJECTED).await;
        let update = format!("UPDATE subject SET standing = {damage};");
        service.database().execute_batch(&update).unwrap();
        let question = json!({"purpose": PURPOSE, "checks": [{"address": OBJECTED}]});
        let answer = service.decisions(&question).await;
        answer.is_problem(503, "store_unavailable");
    }
}

#[tokio::test]
async fn a_database_overwritten_with_noise_answers_nothing() {
    let service = Service::start().await;
    service.object(OBJECTED).await;
    let _ = service
        .database()
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()));
    for name in ["sayso.db", "sayso.db-wal"] {
        let path = service.directory().join(name);
        let length = fs::metadata(&path).map_or(0, |file| file.len());
        let mut file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        let noise = vec![0xa5; usize::try_from(length).unwrap().max(4096)];
        file.write_all(&noise).unwrap();
        file.sync_all().unwrap();
    }
    let question = json!({"purpose": PURPOSE, "checks": [{"address": OBJECTED}]});
    for _ in 0..3 {
        let answer = service.decisions(&question).await;
        let yes = answer.status == 200 && answer.json()["decisions"][0]["proceed"] == true;
        assert!(!yes, "{}", answer.text());
    }
}

#[tokio::test]
async fn before_the_first_notice_everything_is_withheld() {
    let service = Service::start().await;
    service
        .database()
        .execute_batch(
            "DROP TRIGGER rules_are_not_deleted; DROP TRIGGER notice_is_not_deleted;
             DELETE FROM rules; DELETE FROM notice;",
        )
        .unwrap();
    let decision = service.decide("joe@client.example").await;
    assert_eq!(decision["proceed"], false);
    assert_eq!(decision["reasons"], json!(["unknown_purpose"]));
    let list = scrub(&service, "", LIST).await;
    list.is_problem(503, "store_unavailable");
    service
        .get("/readyz")
        .await
        .is_problem(503, "store_unavailable");
}

#[tokio::test]
async fn a_lapsed_assessment_withholds() {
    let service = Service::start().await;
    service.world.pass(365 * 24 * 60 * 60_000);
    let decision: Value = service.decide("joe@client.example").await;
    assert_eq!(decision["proceed"], false);
    assert_eq!(decision["reasons"], json!(["lia_missing"]));
}
