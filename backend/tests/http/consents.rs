//! Consent with confirmation: asked for by anybody, given by the holder of the mailbox alone.

use backend::clock::World as _;
use serde_json::{Value, json};
use shared::entry::{Act, Assurance};

use crate::letters::Mailed;
use crate::service::{Answer, NOTICE, PURPOSE, Service};

const JANE: &str = "jane@client.example";
const DAY: i64 = 24 * 60 * 60 * 1000;

fn asked(address: &str) -> Value {
    json!({
        "address": address, "notice": NOTICE, "purpose": PURPOSE,
        "topic": "it_strategy", "channel": "email",
    })
}

pub(crate) async fn ask(service: &Service) -> Mailed {
    let answer = service.post("/v1/consents", &asked(JANE)).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    assert_eq!(answer.json(), json!({}));
    service.mailed().await
}

pub(crate) async fn open(service: &Service, link: &Mailed) -> Answer {
    let fields = [("token", link.token.as_str()), ("lang", "en")];
    service.form("/consent/open", &fields).await
}

/// The hidden fields of the page's form for confirming.
fn fields(page: &Answer) -> Vec<(String, String)> {
    let text = page.text();
    let form = text.split("action=\"/consent/confirm\"").nth(1).unwrap();
    let form = form.split("</form>").next().unwrap();
    let inputs = form.split("<input type=\"hidden\" ").skip(1);
    let part = |input: &str, name: &str| {
        let value = input.split(&format!("{name}=\"")).nth(1).unwrap_or("");
        value.split('"').next().unwrap().to_owned()
    };
    inputs
        .map(|input| (part(input, "name"), part(input, "value")))
        .collect()
}

pub(crate) async fn confirm(service: &Service, page: &Answer, more: &[(&str, &str)]) -> Answer {
    let kept = fields(page);
    let kept = kept
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let all: Vec<_> = kept.chain(more.iter().copied()).collect();
    service.form("/consent/confirm", &all).await
}

async fn decided(service: &Service) -> Value {
    let more = json!({ "topic": "it_strategy" });
    service.decide_about(JANE, more).await
}

#[tokio::test]
async fn a_consent_is_given_by_the_press_after_the_mail_and_not_before() {
    let service = Service::with(|config| config.default_country = None).await;
    let token = service.view_token();
    let mut request = asked(JANE);
    request["view_token"] = json!(token);
    let answer = service.post("/v1/consents", &request).await;
    assert_eq!(answer.status, 202);
    let link = service.mailed().await;
    assert_eq!(decided(&service).await["reasons"], json!(["no_consent"]));
    let state = service.state();
    for path in ["/consent", "/consent?t=x"] {
        assert_eq!(service.get(path).await.status, 200);
    }
    let page = open(&service, &link).await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert_eq!(service.state(), state, "looking gives nothing");
    for said in [
        "IT strategies and solutions",
        "email",
        "withdraw",
        "Give consent",
    ] {
        assert!(page.text().contains(said), "{said}: {}", page.text());
    }
    service.world.pass(DAY);
    let page = open(&service, &link).await;
    let given = confirm(&service, &page, &[]).await;
    assert_eq!(given.status, 200, "{}", given.text());
    assert!(given.text().contains("You have given your consent"));
    assert_eq!(decided(&service).await["reasons"], json!(["consent"]));
    let entries = service.entries().await;
    let acts: Vec<Act> = entries.iter().map(|entry| entry.act).collect();
    assert_eq!(acts, [Act::ConsentRequested, Act::ConsentGiven]);
    assert_eq!(entries[0].evidence.assurance, Assurance::Unverified);
    assert_eq!(entries[1].evidence.assurance, Assurance::LinkVerified);
    assert_eq!(entries[1].recorded_at, service.world.now());
    assert_eq!(entries[0].scope, entries[1].scope);
    let mut kept = Vec::new();
    for entry in &entries {
        assert_eq!(entry.evidence.notice, Some(service.in_force()));
        let text = entry.evidence.control_text.unwrap();
        let text = service.store.text(text).await.unwrap().unwrap();
        kept.push(String::from_utf8(text).unwrap());
    }
    let asked = [
        "If you would like our mailings",
        "With your consent, Example Managed IT Ltd sends you information about its services by \
         email. You can withdraw your consent at any time, by the link in every mailing or on this \
         page, as easily as you give it.",
        "Your work email address",
        "Ask for the mailings",
    ];
    assert_eq!(kept[0].lines().collect::<Vec<_>>(), asked);
    assert!(kept[1].contains("\nGive consent\n"), "{}", kept[1]);
    let again = confirm(&service, &page, &[]).await;
    assert_eq!(again.status, 404, "a link works once");
    assert!(
        again
            .text()
            .contains("your choices show what the first press did")
    );
    assert!(again.text().contains("/self?lang="));
    assert_eq!(service.entries().await.len(), 2);
}

#[tokio::test]
async fn without_a_script_address_and_code_confirm() {
    let service = Service::start().await;
    let link = ask(&service).await;
    let typed = [("address", JANE), ("code", link.code.as_str())];
    let page = service.form("/consent/open", &typed).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let given = confirm(&service, &page, &[]).await;
    assert_eq!(given.status, 200, "{}", given.text());
    assert_eq!(decided(&service).await["reasons"], json!(["consent"]));
}

#[tokio::test]
async fn a_request_is_over_after_seven_days() {
    let service = Service::start().await;
    let link = ask(&service).await;
    let page = open(&service, &link).await;
    service.world.pass(7 * DAY);
    let late = open(&service, &link).await;
    assert_eq!(late.status, 404);
    assert!(late.text().contains("This link or code does not work"));
    let late = confirm(&service, &page, &[]).await;
    assert_ne!(late.status, 200);
    assert_eq!(service.entries().await.len(), 1);
}

#[tokio::test]
async fn each_link_serves_its_own_purpose() {
    let service = Service::start().await;
    let consent = ask(&service).await;
    let own = service.link(JANE).await;
    let answer = service
        .post("/v1/sessions", &json!({ "token": consent.token }))
        .await;
    answer.is_problem(404, "unknown_token");
    let typed = json!({ "address": JANE, "code": consent.code });
    let answer = service.post("/v1/sessions", &typed).await;
    answer.is_problem(404, "unknown_token");
    assert_eq!(open(&service, &own).await.status, 404);
    assert_eq!(open(&service, &consent).await.status, 200);
}

#[tokio::test]
async fn consents_to_several_topics_are_confirmed_one_by_one() {
    let service = Service::start().await;
    let first = ask(&service).await;
    let mut other = asked(JANE);
    other["topic"] = json!("other_services");
    service.post("/v1/consents", &other).await;
    let second = service.mailed().await;
    for link in [&first, &second] {
        let page = open(&service, link).await;
        assert_eq!(confirm(&service, &page, &[]).await.status, 200);
    }
    let again = ask(&service).await;
    assert_eq!(open(&service, &again).await.status, 200);
}

#[tokio::test]
async fn an_earlier_objection_is_stated_and_lifted_only_by_its_own_tick() {
    let service = Service::start().await;
    service.object(JANE).await;
    let link = ask(&service).await;
    let page = open(&service, &link).await;
    for said in [
        "You stopped this earlier",
        "Objection: All marketing",
        "23 November 2026",
    ] {
        assert!(page.text().contains(said), "{said}: {}", page.text());
    }
    assert!(
        !page.text().contains("checked"),
        "nothing is ticked for anybody"
    );
    let given = confirm(&service, &page, &[]).await;
    assert!(given.text().contains("still holds"), "{}", given.text());
    assert_eq!(decided(&service).await["proceed"], false);
    let link = ask(&service).await;
    let page = open(&service, &link).await;
    let given = confirm(&service, &page, &[("lift", "1")]).await;
    assert!(given.text().contains("is lifted"), "{}", given.text());
    assert_eq!(decided(&service).await["reasons"], json!(["consent"]));
    let entries = service.entries().await;
    let lift = &entries[entries.len() - 2];
    assert_eq!(lift.act, Act::ObjectionLifted);
    assert_eq!(lift.refers_to, [entries[0].id]);
    let text = given.text();
    let token = text.split("name=\"token\" value=\"").nth(1).unwrap();
    let token = token.split('"').next().unwrap();
    let undone = service.form("/consent/undo", &[("token", token)]).await;
    assert_eq!(undone.status, 200);
    assert!(undone.text().contains("is undone"));
    let reasons = decided(&service).await["reasons"].clone();
    assert_eq!(reasons, json!(["objected", "consent_withdrawn"]));
    let unknown = service.form("/consent/undo", &[("token", "x")]).await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn an_objection_that_came_after_the_page_was_opened_is_not_lifted() {
    let service = Service::start().await;
    service.object(JANE).await;
    let link = ask(&service).await;
    let page = open(&service, &link).await;
    service.object(JANE).await;
    let refused = confirm(&service, &page, &[("lift", "1")]).await;
    assert_eq!(refused.status, 409);
    assert!(
        refused.text().contains("Something changed"),
        "{}",
        refused.text()
    );
    assert_eq!(decided(&service).await["proceed"], false);
    let given = confirm(&service, &refused, &[("lift", "1")]).await;
    assert_eq!(given.status, 200, "{}", given.text());
    assert_eq!(decided(&service).await["proceed"], true);
}

#[tokio::test]
async fn a_notice_that_changed_in_between_is_shown_and_recorded() {
    let service = Service::start().await;
    let asked_for = service.in_force();
    let link = ask(&service).await;
    let page = open(&service, &link).await;
    crate::publishing::publish_longer(&service, service.world.now()).await;
    let again = confirm(&service, &page, &[]).await;
    assert_eq!(again.status, 409, "what was on the page is no longer so");
    assert!(
        again.text().contains("The privacy notice changed"),
        "{}",
        again.text()
    );
    let given = confirm(&service, &again, &[]).await;
    assert_eq!(given.status, 200, "{}", given.text());
    let entries = service.entries().await;
    assert_eq!(entries[0].evidence.notice, Some(asked_for));
    assert_eq!(entries[1].evidence.notice, Some(service.in_force()));
    assert_ne!(asked_for, service.in_force());
}

#[tokio::test]
async fn consent_is_asked_only_where_the_notice_states_it_as_a_basis() {
    let service = Service::start().await;
    for (field, value, code) in [
        ("channel", "sms", "no_consent_asked"),
        ("channel", "fax", "invalid_request"),
        ("purpose", "business_admin", "case_needed"),
        ("purpose", "nothing", "unknown_purpose"),
        ("topic", "nothing", "unknown_topic"),
        ("notice", "nothing", "unknown_notice"),
        ("address", "nothing", "invalid_address"),
    ] {
        let mut request = asked(JANE);
        request[field] = json!(value);
        let answer = service.post("/v1/consents", &request).await;
        answer.is_problem(422, code);
    }
    for field in ["purpose", "channel"] {
        let mut request = asked(JANE);
        request.as_object_mut().unwrap().remove(field);
        let answer = service.post("/v1/consents", &request).await;
        answer.is_problem(422, "invalid_request");
    }
    assert!(service.entries().await.is_empty());
    assert!(service.letter().await.is_none());
}

#[tokio::test]
async fn a_form_without_an_address_keeps_what_was_chosen() {
    let service = Service::start().await;
    let fields = [
        ("notice", NOTICE),
        ("purpose", PURPOSE),
        ("topic", "it_strategy"),
        ("channel", "email"),
    ];
    for typed in ["", "nothing"] {
        let all = [&fields[..], &[("address", typed)]].concat();
        let page = service.form("/consent", &all).await;
        assert_eq!(page.status, 422);
        assert!(
            page.text().contains("value=\"it_strategy\""),
            "{}",
            page.text()
        );
        assert!(page.text().contains("role=\"alert\""));
    }
    let all = [&fields[..], &[("address", JANE)]].concat();
    let page = service.form("/consent", &all).await;
    assert_eq!(page.status, 202);
    assert!(page.text().contains("Look at your mail"));
    let link = service.mailed().await;
    assert_eq!(open(&service, &link).await.status, 200);
}

#[tokio::test]
async fn who_confirms_for_a_variant_is_told_that_what_was_stopped_for_the_address_covers_it() {
    let service = Service::start().await;
    service.object(JANE).await;
    let variant = "jane+news@client.example";
    let answer = service.post("/v1/consents", &asked(variant)).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let page = open(&service, &service.mailed().await).await;
    let said = "without the part after the plus sign were stopped";
    assert!(page.text().contains(said), "{}", page.text());
    let given = confirm(&service, &page, &[]).await;
    assert!(given.text().contains(said), "{}", given.text());
    assert_eq!(service.decide(variant).await["reasons"][0], "objected");
    let page = open(&service, &ask(&service).await).await;
    assert!(!page.text().contains(said), "{}", page.text());
}

#[tokio::test]
async fn the_page_for_confirming_names_the_company_also_without_a_letter() {
    let service = Service::start().await;
    let page = service.get("/consent?lang=en").await.text();
    assert!(
        page.contains("<p class=\"who\">Example Managed IT Ltd</p>"),
        "{page}"
    );
    assert!(
        page.contains("/notices/corporate-clients?lang=en#section-contact"),
        "{page}"
    );
}

#[tokio::test]
async fn the_page_that_gives_consent_is_framed_by_nobody() {
    let service = Service::start().await;
    let page = service.get("/consent").await;
    let policy = page.header("content-security-policy");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(page.header("cache-control"), "no-store");
    let own = service.get("/self").await;
    let policy = own.header("content-security-policy");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
}
