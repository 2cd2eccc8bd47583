//! Objections that a person weighs (Art. 21(1)) and complaints (s.164A), by form and by program.

use std::sync::Arc;

use backend::cases::{CaseError, Desk, Reason};
use backend::mail::{Kind, Post};
use backend::recording::Recorder;
use backend::store::cases::{CaseKind, KeptCase};
use serde_json::{Value, json};
use shared::entry::{Act, Actor, Assurance, Evidence, Method, Surface};

use crate::service::{NOTICE, SITE, Service};

const ADDRESS: &str = "jane@client.example";
const TEXT: &str = "You scan my private tablet, which I never agreed to.";
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn complaint(address: &str) -> Value {
    json!({ "kind": "complaint", "address": address, "notice": NOTICE, "text": TEXT })
}

fn objection(address: &str, purpose: &str) -> Value {
    json!({ "kind": "objection", "address": address, "notice": NOTICE, "purpose": purpose, "text": TEXT })
}

fn desk(service: &Service) -> Desk {
    let recorder = Recorder::new(service.store.clone(), service.world.clone());
    Desk::new(
        recorder,
        Arc::new(service.secrets.clone()),
        service.world.clone(),
    )
}

fn staff() -> Evidence {
    Evidence {
        actor: Actor::Staff,
        assurance: Assurance::StaffAttested,
        surface: Surface::CommandLine,
        method: Method::ToldStaff,
        notice: None,
        control_text: None,
        build: "test".to_owned(),
        language: "en".to_owned(),
        host_origin: None,
        gpc: false,
        view_token: None,
        reference: None,
    }
}

/// Every letter that waits, to whom and about what.
async fn letters(service: &Service) -> Vec<(String, Kind)> {
    let secrets = Arc::new(service.secrets.clone());
    let post = Post::new(secrets, service.world.clone());
    let now = backend::clock::World::now(&*service.world);
    let mut letters = Vec::new();
    while let Some(due) = service
        .store
        .take_letter(now, now.plus_millis(DAY_MS))
        .await
        .unwrap()
    {
        let letter = post.open(&due.sealed).unwrap();
        letters.push((letter.to, letter.kind));
        service.store.drop_letter(due.no).await.unwrap();
    }
    letters
}

async fn only_case(service: &Service) -> KeptCase {
    let cases = service.store.cases().await.unwrap();
    assert_eq!(cases.len(), 1);
    cases.into_iter().next().unwrap()
}

#[tokio::test]
async fn a_complaint_is_acknowledged_within_thirty_days_of_its_receipt() {
    let service = Service::start().await;
    let answer = service.post("/v1/cases", &complaint(ADDRESS)).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    assert_eq!(answer.at("/by"), "2026-12-23T12:00:00.000Z");
    let case = only_case(&service).await;
    assert_eq!(case.kind, CaseKind::Complaint);
    assert_eq!(case.due, None, "the law sets no limit for the outcome");
    let shown = answer.at("/reference");
    assert_eq!(shown.replace('-', ""), case.reference);
    let told = letters(&service).await;
    assert!(matches!(
        &told[..],
        [(to, Kind::CaseReceived { reference, complaint: true, .. })]
            if to == ADDRESS && *reference == shown
    ));
}

#[tokio::test]
async fn an_objection_that_is_weighed_is_answered_within_a_month_and_restricts_meanwhile() {
    let service = Service::start().await;
    let answer = service
        .post("/v1/cases", &objection(ADDRESS, "security_risk"))
        .await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    assert_eq!(answer.at("/by"), "2026-12-24T00:00:00.000Z");
    let entries = service.entries().await;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].act, Act::CaseOpened);
    assert_eq!(
        entries[0].scope.purpose.as_ref().unwrap().as_str(),
        "security_risk"
    );
    assert!(!service.entries().await.iter().any(|entry| {
        String::from_utf8(entry.canonical())
            .unwrap()
            .contains("tablet")
    }));
    assert!(
        service.proceeds(ADDRESS).await,
        "mailings are another matter"
    );
}

#[tokio::test]
async fn the_forms_work_without_a_script_and_show_the_reference() {
    let service = Service::start().await;
    for (path, purpose) in [("/complain", ""), ("/object/case", "business_admin")] {
        let page = service
            .get(&format!("{path}?notice={NOTICE}&lang=de"))
            .await;
        assert_eq!(page.status, 200);
        let page = page.text();
        assert!(page.contains(&format!("action=\"https://privacy.example.com{path}\"")));
        assert!(
            page.contains("lang=\"de\"") && page.contains("Exampletown"),
            "a letter is possible"
        );
        let fields = [
            ("address", ADDRESS),
            ("notice", NOTICE),
            ("purpose", purpose),
            ("text", TEXT),
            ("lang", "de"),
        ];
        let done = service.form(path, &fields).await;
        assert_eq!(done.status, 200, "{}", done.text());
        let newest = service.store.cases().await.unwrap().pop().unwrap();
        let cases = service.store.cases().await.unwrap();
        assert!(
            cases
                .iter()
                .any(|case| done.text().contains(&backend::cases::shown(case)))
        );
        assert_eq!(newest.notice, NOTICE);
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_at_the_field_and_everything_typed_stays() {
    let service = Service::start().await;
    let long = "x".repeat(4_001);
    for (address, text, says) in [
        ("", TEXT, "#address"),
        ("jane", TEXT, "#address"),
        (ADDRESS, "  ", "#text"),
        (ADDRESS, &long, "#text"),
        (ADDRESS, "</textarea><script>alert(1)</script>", "#purpose"),
    ] {
        let fields = [("address", address), ("notice", NOTICE), ("text", text)];
        let page = service.form("/object/case", &fields).await;
        assert_eq!(page.status, 422);
        let page = page.text();
        assert!(page.contains(&format!("href=\"{says}\"")), "{says}: {page}");
        assert!(page.contains(&format!("value=\"{address}\"")));
        assert!(
            !page.contains("<script") && page.matches("</textarea>").count() == 1,
            "{page}"
        );
    }
    assert!(service.store.cases().await.unwrap().is_empty());
    assert!(service.entries().await.is_empty());
}

#[tokio::test]
async fn a_program_is_told_which_field_is_wrong() {
    let service = Service::start().await;
    let mut bad = complaint(ADDRESS);
    bad["kind"] = json!("question");
    service
        .post("/v1/cases", &bad)
        .await
        .is_problem(422, "invalid_request");
    for purpose in ["info_about_us", "nonsense", ""] {
        let answer = service
            .post("/v1/cases", &objection(ADDRESS, purpose))
            .await;
        answer.is_problem(422, "unknown_purpose");
    }
    let answer = service.post("/v1/cases", &complaint("nobody")).await;
    answer.is_problem(422, "invalid_address");
    let mut bad = complaint(ADDRESS);
    bad["notice"] = json!("other");
    service
        .post("/v1/cases", &bad)
        .await
        .is_problem(422, "unknown_notice");
    let stranger = [("origin", "https://evil.example"), ("x-sayso-client", "1")];
    let answer = service
        .post_with("/v1/cases", &stranger, &complaint(ADDRESS))
        .await;
    answer.is_problem(403, "origin_refused");
    let site = [("origin", SITE), ("x-sayso-client", "1")];
    let answer = service
        .post_with("/v1/cases", &site, &complaint(ADDRESS))
        .await;
    assert_eq!(answer.status, 202);
}

#[tokio::test]
async fn whoever_objects_to_what_is_weighed_gets_the_form_for_it() {
    let service = Service::start().await;
    let fields = [
        ("address", ADDRESS),
        ("notice", NOTICE),
        ("purpose", "security_risk"),
    ];
    let page = service.form("/object", &fields).await;
    let page = page.text();
    assert!(page.contains("/object/case") && page.contains(&format!("value=\"{ADDRESS}\"")));
    assert!(page.contains("checked"), "{page}");
    let wanted = json!({ "purpose": "security_risk" });
    let refused = service
        .post(
            "/v1/objections",
            &crate::service::objection(ADDRESS, wanted),
        )
        .await;
    refused.is_problem(422, "case_needed");
    assert!(refused.at("/detail").contains("/v1/cases"));
}

#[tokio::test]
async fn every_page_and_the_widget_lead_to_both_forms() {
    let service = Service::start().await;
    for path in [
        "/notices/corporate-clients",
        "/embed/corporate-clients/fragment.html",
        "/frame/corporate-clients",
    ] {
        let page = service.get(path).await.text();
        for form in [
            "/complain?notice=corporate-clients",
            "/object/case?notice=corporate-clients",
        ] {
            assert!(page.contains(form), "{form} from {path}");
        }
    }
    assert_eq!(
        service.get("/complain").await.status,
        200,
        "also without a notice"
    );
    service.get("/complain?notice=other").await;
}

#[tokio::test]
async fn a_case_answers_alike_for_every_address_and_sends_few_letters() {
    let service = Service::start().await;
    service.object(ADDRESS).await;
    let mut lengths = Vec::new();
    for address in [ADDRESS, "other@client.example"] {
        for _ in 0..5 {
            let answer = service.post("/v1/cases", &complaint(address)).await;
            assert_eq!(answer.status, 202);
            lengths.push(answer.bytes.len());
        }
    }
    lengths.dedup();
    assert_eq!(lengths.len(), 1, "{lengths:?}");
    assert_eq!(service.store.cases().await.unwrap().len(), 10);
    assert_eq!(
        letters(&service).await.len(),
        6,
        "three an hour for each address"
    );
}

#[tokio::test]
async fn contact_and_words_are_sealed_while_open_and_gone_when_decided() {
    let service = Service::start().await;
    service.post("/v1/cases", &complaint(ADDRESS)).await;
    let desk = desk(&service);
    let case = only_case(&service).await;
    let contact = desk.contact(&case).unwrap().unwrap();
    assert_eq!((contact.address.reveal(), &*contact.text), (ADDRESS, TEXT));
    let sealed = case.sealed.clone().unwrap();
    let holds = |needle: &[u8]| {
        std::fs::read_dir(service.directory()).unwrap().any(|file| {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            bytes.windows(needle.len()).any(|window| window == needle)
        })
    };
    assert!(holds(&sealed) && !holds(TEXT.as_bytes()) && !holds(ADDRESS.as_bytes()));
    let quoted = backend::cases::shown(&case).to_lowercase();
    desk.decide(&quoted, true, None, &staff()).await.unwrap();
    let case = only_case(&service).await;
    assert_eq!(desk.contact(&case).unwrap(), None);
    assert!(matches!(
        desk.decide(&quoted, true, None, &staff()).await,
        Err(CaseError::Decided)
    ));
}

#[tokio::test]
async fn an_accepted_objection_holds_and_a_rejection_needs_grounds() {
    let service = Service::start().await;
    let desk = desk(&service);
    for purpose in ["security_risk", "business_admin"] {
        let answer = service
            .post("/v1/cases", &objection(ADDRESS, purpose))
            .await;
        letters(&service).await;
        let reference = answer.at("/reference");
        let refused = desk.decide(&reference, false, Some(" "), &staff()).await;
        assert!(matches!(refused, Err(CaseError::NoGrounds)));
        let accepted = purpose == "security_risk";
        let grounds = (!accepted).then_some("The logs defend a claim.");
        let case = desk
            .decide(&reference, accepted, grounds, &staff())
            .await
            .unwrap();
        assert_eq!(desk.grounds(&case).as_deref(), grounds);
        let told = letters(&service).await;
        assert!(
            matches!(&told[..], [(_, Kind::CaseDecided { accepted: said, .. })] if *said == accepted)
        );
    }
    let acts: Vec<_> = service
        .entries()
        .await
        .iter()
        .map(|entry| entry.act)
        .collect();
    assert_eq!(
        acts,
        [
            Act::CaseOpened,
            Act::CaseDecided,
            Act::Objected,
            Act::CaseOpened,
            Act::CaseDecided
        ]
    );
    for entry in service.entries().await {
        assert!(
            !String::from_utf8(entry.canonical())
                .unwrap()
                .contains("defend")
        );
    }
    let known = service
        .store
        .look_up(&[service
            .secrets
            .keys(&shared::address::Address::parse(ADDRESS).unwrap())])
        .await
        .unwrap();
    let standing = &known.known[0].as_ref().unwrap().standing;
    let stays = standing.stays(backend::clock::World::now(&*service.world));
    assert_eq!(stays.len(), 1);
    assert_eq!(
        stays[0].scope.purpose.as_ref().unwrap().as_str(),
        "security_risk"
    );
}

#[tokio::test]
async fn time_is_extended_once_within_the_first_month_and_never_for_a_complaint() {
    let service = Service::start().await;
    let desk = desk(&service);
    let open = async |body: &Value| service.post("/v1/cases", body).await.at("/reference");
    let first = open(&objection(ADDRESS, "security_risk")).await;
    let extended = desk
        .extend(&first, Reason::Complexity, &staff())
        .await
        .unwrap();
    assert_eq!(
        extended.due.unwrap().to_string(),
        "2027-02-24T00:00:00.000Z"
    );
    let again = desk.extend(&first, Reason::Number, &staff()).await;
    assert!(matches!(again, Err(CaseError::Again)));
    let complaint = open(&complaint(ADDRESS)).await;
    let refused = desk.extend(&complaint, Reason::Number, &staff()).await;
    assert!(matches!(refused, Err(CaseError::NoLimit)));
    desk.acknowledge(&complaint, &staff()).await.unwrap();
    let late = open(&objection(ADDRESS, "business_admin")).await;
    service.world.pass(32 * DAY_MS);
    let refused = desk.extend(&late, Reason::Number, &staff()).await;
    assert!(matches!(refused, Err(CaseError::TooLate)));
    let now = backend::clock::World::now(&*service.world);
    let overdue: Vec<_> = desk.all().await.unwrap();
    let overdue: Vec<_> = overdue
        .iter()
        .filter(|case| case.is_overdue(now))
        .map(backend::cases::shown)
        .collect();
    assert_eq!(overdue, [late]);
}
