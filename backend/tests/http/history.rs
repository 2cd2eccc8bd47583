//! What is kept about a contact: complete, theirs alone, to take along, to erase.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::digest::Digest;
use shared::entry::{Act, Assurance};

use crate::cases::{TEXT, complaint, objection as weighed};
use crate::letters::OUR_PAGE;
use crate::service::{Answer, NOTICE, Service};

const JANE: &str = "jane@client.example";
const OTHER: &str = "other@client.example";

async fn read(service: &Service, session: &str, path: &str) -> Answer {
    let bearer = format!("Bearer {session}");
    service.get_with(path, &[("authorization", &bearer)]).await
}

/// Two people who both do a little of everything.
async fn busy() -> Service {
    let service = Service::start().await;
    for address in [JANE, OTHER] {
        let seen = json!({ "view_token": service.view_token() });
        service.object_to(address, seen).await;
        let pause = json!({ "topic": "it_strategy", "until": "2027-02-23" });
        let answer = service.object_to(address, pause).await;
        service.undo(&answer.at("/undo/token")).await;
        service
            .post("/v1/cases", &weighed(address, "security_risk"))
            .await;
        service.post("/v1/cases", &complaint(address)).await;
        while service.letter().await.is_some() {}
    }
    service
}

fn ids(export: &Value) -> BTreeSet<String> {
    let records = export["records"].as_array().unwrap();
    let id = |record: &Value| record["entry"]["id"].as_str().unwrap().to_owned();
    records.iter().map(id).collect()
}

#[tokio::test]
async fn an_export_holds_all_of_theirs_and_nothing_of_anothers() {
    let service = busy().await;
    let mut exports = Vec::new();
    for address in [JANE, OTHER] {
        let session = service.sign_in(address).await;
        let export = read(&service, &session, "/self/export.json").await;
        assert_eq!(export.status, 200);
        assert!(
            export
                .header("content-disposition")
                .starts_with("attachment")
        );
        assert_eq!(export.header("cache-control"), "no-store");
        exports.push(export.json());
    }
    let all: BTreeSet<_> = service
        .entries()
        .await
        .iter()
        .map(|entry| entry.id.to_string())
        .collect();
    let (jane, other) = (ids(&exports[0]), ids(&exports[1]));
    assert!(jane.is_disjoint(&other) && jane.len() >= 6);
    assert_eq!(jane.union(&other).cloned().collect::<BTreeSet<_>>(), all);
    assert_ne!(
        exports[0]["pii_principal_id"],
        exports[1]["pii_principal_id"]
    );
    let jane = &exports[0];
    assert!(
        !jane.to_string().contains("@client.example"),
        "the principal is a random id"
    );
    assert_eq!(
        (&jane["suppressed"], &jane["erased"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        jane["kept_until"],
        json!(null),
        "the objection has to be respected"
    );
    assert_eq!(jane["holds"][0]["what"], "objection");
    let cases = jane["cases"].as_array().unwrap();
    // Both were opened at the same moment: either may stand first.
    let restricted: Vec<_> = cases
        .iter()
        .filter(|case| case["restricted"] == true)
        .collect();
    assert_eq!((cases.len(), restricted.len()), (2, 1));
    assert_eq!(restricted[0]["text"], TEXT);
    assert!(!jane["recipients"].as_array().unwrap().is_empty());
    assert!(!jane["retention"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn notices_are_named_by_version_and_digest_with_the_text_that_the_digest_names() {
    let service = busy().await;
    let session = service.sign_in(JANE).await;
    let export = read(&service, &session, "/self/export.json").await.json();
    let notices = export["notices"].as_array().unwrap();
    assert!(!notices.is_empty());
    for notice in notices {
        let text = notice["text"].as_str().unwrap();
        assert_eq!(notice["sha256"], Digest::of(text.as_bytes()).to_string());
    }
    for control in export["controls"].as_array().unwrap() {
        let text = control["text"].as_str().unwrap();
        assert_eq!(control["sha256"], Digest::of(text.as_bytes()).to_string());
    }
    let shown = &export["records"][0]["notice"];
    assert_eq!(
        (&shown["notice"], &shown["version"]),
        (&json!(NOTICE), &json!(1))
    );
}

#[tokio::test]
async fn an_objection_is_the_exercise_of_a_right_and_never_a_consent() {
    let service = busy().await;
    let session = service.sign_in(JANE).await;
    let export = read(&service, &session, "/self/export.json").await.json();
    for record in export["records"].as_array().unwrap() {
        let act = record["entry"]["act"].as_str().unwrap();
        let expected = match act {
            "objected" | "paused" | "retracted" | "case_opened" => "RightExerciseRecord",
            "notice_provided" => "Record",
            _ => panic!("{act}"),
        };
        assert_eq!(record["type"], expected, "{act}");
        if act == "objected" {
            assert_eq!(record["status"], "LegitimateInterestObjected");
        }
    }
}

#[tokio::test]
async fn the_table_has_a_line_for_every_record() {
    let service = busy().await;
    let session = service.sign_in(JANE).await;
    let export = read(&service, &session, "/self/export.json").await.json();
    let table = read(&service, &session, "/self/export.csv?lang=fr").await;
    assert!(table.header("content-type").starts_with("text/csv"));
    let table = table.text();
    let lines: Vec<_> = table.trim_end().split("\r\n").collect();
    assert_eq!(lines.len(), 1 + ids(&export).len());
    for id in ids(&export) {
        assert_eq!(table.matches(&id).count(), 1);
    }
    assert!(table.contains("Opposition"), "{table}");
}

#[tokio::test]
async fn the_table_says_which_facts_were_recorded() {
    let service = Service::start().await;
    let facts = format!("email,country,evidence\n{JANE},DE,CRM 1\n");
    let report = crate::crm::import(&service, &facts).await;
    assert_eq!(report.recorded, 1, "{report:?}");
    let session = service.sign_in(JANE).await;
    let table = read(&service, &session, "/self/export.csv").await.text();
    let (head, row) = table.trim_end().split_once("\r\n").unwrap();
    assert!(head.contains(",facts,"), "{head}");
    assert!(row.contains("{\"\"country\"\":\"\"DE\"\""), "{row}");
}

#[tokio::test]
async fn nobody_reads_or_erases_without_being_signed_in() {
    let service = busy().await;
    let state = service.state();
    for path in ["/self/history", "/self/export.json", "/self/export.csv"] {
        let answer = service.get(path).await;
        assert_eq!(answer.status, 401, "{path}");
        assert!(!answer.text().contains("objected"), "{path}");
        let stale = read(&service, "bm90IGEgc2Vzc2lvbg", path).await;
        assert_eq!(stale.status, 401, "{path}");
    }
    let answer = service.form_with("/self/erase", &[OUR_PAGE], &[]).await;
    assert_eq!(answer.status, 401);
    assert_eq!(service.state(), state);
}

#[tokio::test]
async fn history_says_in_words_what_happened_and_how_it_was_proven() {
    let service = busy().await;
    let cookie = service.sign_in_on_page(JANE).await;
    let page = service
        .get_with("/self/history?lang=en", &[("cookie", &cookie)])
        .await;
    assert_eq!(page.status, 200);
    let page = page.text();
    for said in [
        "Objection: All marketing",
        "Pause until 23 February 2027",
        "not verified",
        "Taken back",
        "Security, quality and risk management",
        "/self/export.json",
        "Until then this use of your data is restricted.",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("<script"));
    let nobody = service.sign_in_on_page("nobody@client.example").await;
    let page = service
        .get_with("/self/history", &[("cookie", &nobody)])
        .await
        .text();
    assert!(page.contains("Nothing is kept") && !page.contains("/self/erase"));
    assert!(!page.contains("This is kept as long"), "{page}");
}

#[tokio::test]
async fn erasure_by_the_person_keeps_the_restriction_and_says_so() {
    let service = busy().await;
    let cookie = service.sign_in_on_page(JANE).await;
    let gone: Vec<Vec<u8>> = service
        .entries()
        .await
        .iter()
        .filter(|entry| entry.act != Act::Erased)
        .map(shared::entry::Entry::canonical)
        .collect();
    let foreign = service
        .form_with(
            "/self/erase",
            &[("cookie", &cookie), ("sec-fetch-site", "cross-site")],
            &[],
        )
        .await;
    assert_eq!(foreign.status, 403, "another website's page erases nothing");
    let erased = service
        .form_with(
            "/self/erase",
            &[OUR_PAGE, ("cookie", &cookie)],
            &[("lang", "en")],
        )
        .await;
    assert_eq!(erased.status, 200, "{}", erased.text());
    assert!(erased.text().contains("stays stopped") && erased.text().contains("All marketing"));
    let decision = service.decide(JANE).await;
    assert_eq!(decision["reasons"], json!(["objected", "erased"]));
    let rows = service.store.ledger(0, 1_000).await.unwrap();
    let left: Vec<_> = rows.iter().filter_map(|row| row.payload.as_ref()).collect();
    let left: BTreeSet<_> = left.iter().map(|(_, bytes)| bytes.clone()).collect();
    let (theirs, others): (Vec<_>, Vec<_>) =
        gone.into_iter().partition(|bytes| !left.contains(bytes));
    assert!(theirs.len() >= 6 && others.len() >= 6);
    for file in std::fs::read_dir(service.directory()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for one in &theirs {
            assert!(!bytes.windows(one.len()).any(|window| window == one));
        }
    }
    let page = service
        .get_with("/self/history", &[("cookie", &cookie)])
        .await
        .text();
    assert!(page.contains("Data erased") && !page.contains("Pause until"));
    let last = rows.last().unwrap().payload.as_ref().unwrap();
    let last = shared::entry::Entry::from_canonical(&last.1).unwrap();
    assert_eq!(
        (last.act, last.evidence.assurance),
        (Act::Erased, Assurance::LinkVerified)
    );
    assert!(service.proceeds("new@client.example").await);
}
