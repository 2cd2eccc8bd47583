//! My choices: each act by the verified person, its evidence, its way back.

use backend::clock::World as _;
use serde_json::{Value, json};
use shared::digest::Digest;
use shared::entry::{Act, Assurance, Entry};

use crate::letters::OUR_PAGE;
use crate::service::{NOTICE, PURPOSE, Service};

const JANE: &str = "jane@client.example";

/// A choice about e-mail on IT strategy.
pub(crate) fn about_it(act: &str, view_token: &str) -> Value {
    json!({
        "act": act, "purpose": PURPOSE, "topic": "it_strategy", "channel": "email",
        "view_token": view_token,
    })
}

pub(crate) async fn choose(service: &Service, session: &str, choice: Value) -> Value {
    let made = service.choose(session, choice).await;
    assert_eq!(made.status, 200, "{}", made.text());
    made.json()
}

/// What the person's page says of e-mail on IT strategy.
pub(crate) async fn row(service: &Service, session: &str) -> Value {
    let own = service.own(session).await.json();
    let rows = own["purposes"][0]["choices"].as_array().unwrap().clone();
    let about_it = |row: &&Value| row["topic"] == "it_strategy" && row["channel"] == "email";
    rows.iter().find(about_it).unwrap().clone()
}

async fn last(service: &Service) -> Entry {
    service.entries().await.pop().unwrap()
}

async fn proceeds(service: &Service) -> Value {
    let more = json!({ "topic": "it_strategy" });
    service.decide_about(JANE, more).await["proceed"].clone()
}

#[tokio::test]
async fn consent_is_given_and_withdrawn_with_one_press_each_and_the_gate_follows_at_once() {
    let service = Service::with(|config| config.default_country = None).await;
    let session = service.sign_in(JANE).await;
    assert_eq!(proceeds(&service).await, false);
    assert_eq!(row(&service, &session).await["reason"], "no_consent");
    let token = service.view_token();
    choose(&service, &session, about_it("give", &token)).await;
    assert_eq!(proceeds(&service).await, true);
    let given = row(&service, &session).await;
    assert_eq!(given["reason"], "consent");
    assert_eq!(given["legal_basis"], "consent");
    assert_eq!(given["consent"], "given");
    assert_eq!(given["by"]["act"], "consent_given");
    choose(&service, &session, about_it("withdraw", &token)).await;
    assert_eq!(proceeds(&service).await, false);
    assert_eq!(row(&service, &session).await["reason"], "consent_withdrawn");
    choose(&service, &session, about_it("give", &token)).await;
    assert_eq!(proceeds(&service).await, true);
    choose(&service, &session, about_it("refuse", &token)).await;
    assert_eq!(row(&service, &session).await["reason"], "consent_refused");
}

#[tokio::test]
async fn a_consent_keeps_who_what_when_and_the_exact_words_and_ends_after_two_years() {
    let service = Service::start().await;
    let session = service.sign_in(JANE).await;
    choose(&service, &session, about_it("give", &service.view_token())).await;
    let entry = last(&service).await;
    assert_eq!(entry.act, Act::ConsentGiven);
    assert_eq!(entry.evidence.assurance, Assurance::LinkVerified);
    assert_eq!(entry.evidence.notice, Some(service.in_force()));
    assert_eq!(entry.until.unwrap().to_string(), "2028-11-23T00:00:00.000Z");
    let digest: Digest = entry.evidence.control_text.unwrap();
    let text = service.store.text(digest).await.unwrap().unwrap();
    let text = String::from_utf8(text).unwrap();
    let said = row(&service, &session).await["consent_words"].clone();
    assert_eq!(text, format!("{}\nGive consent", said.as_str().unwrap()));
    for part in ["email", "IT strategies and solutions", "withdraw"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let page = service.sign_in_on_page(JANE).await;
    let page = service.get_with("/self", &[("cookie", &page)]).await.text();
    assert!(page.contains("Withdraw consent"), "{page}");
}

#[tokio::test]
async fn a_consent_needs_the_words_of_the_notice_in_force() {
    let service = Service::start().await;
    let session = service.sign_in(JANE).await;
    let state = service.state();
    let mut without = about_it("give", "");
    without.as_object_mut().unwrap().remove("view_token");
    for choice in [without, about_it("give", "forged")] {
        let refused = service.choose(&session, choice).await;
        refused.is_problem(409, "changed_meanwhile");
    }
    assert_eq!(service.state(), state);
    let token = service.view_token();
    crate::publishing::publish_longer(&service, service.world.now()).await;
    let refused = service.choose(&session, about_it("give", &token)).await;
    refused.is_problem(409, "changed_meanwhile");
    let object = about_it("object", &token);
    choose(&service, &session, object).await;
}

#[tokio::test]
async fn a_consent_names_one_purpose_and_one_channel_that_the_notice_asks_for() {
    let service = Service::start().await;
    let session = service.sign_in(JANE).await;
    let token = service.view_token();
    let give = |more: Value| {
        let mut choice = json!({ "act": "give", "view_token": token });
        choice
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        choice
    };
    for (more, code) in [
        (json!({}), "invalid_request"),
        (json!({ "purpose": PURPOSE }), "invalid_request"),
        (json!({ "channel": "email" }), "invalid_request"),
        (
            json!({ "purpose": PURPOSE, "channel": "sms" }),
            "no_consent_asked",
        ),
        (
            json!({ "purpose": PURPOSE, "channel": "fax" }),
            "invalid_request",
        ),
        (
            json!({ "purpose": "nothing", "channel": "email" }),
            "unknown_purpose",
        ),
        (
            json!({ "purpose": PURPOSE, "topic": "nothing", "channel": "email" }),
            "unknown_topic",
        ),
        (
            json!({ "purpose": "business_admin", "channel": "email" }),
            "case_needed",
        ),
    ] {
        let answer = service.choose(&session, give(more)).await;
        answer.is_problem(422, code);
    }
    for act in ["", "preticked", "implied", "Give", "consent_given"] {
        let answer = service.choose(&session, about_it(act, &token)).await;
        answer.is_problem(422, "invalid_request");
    }
    assert!(service.entries().await.is_empty());
}

#[tokio::test]
async fn an_objection_stands_until_the_person_lifts_that_very_objection() {
    let service = Service::start().await;
    service.object(JANE).await;
    let session = service.sign_in(JANE).await;
    let token = service.view_token();
    let made = choose(&service, &session, about_it("give", &token)).await;
    assert_eq!(
        proceeds(&service).await,
        false,
        "consent alone lifts nothing"
    );
    assert_eq!(row(&service, &session).await["stopped"], true);
    let as_of = made["self"]["as_of"].clone();
    let mut narrower = about_it("lift", &token);
    narrower["as_of"] = as_of.clone();
    let refused = service.choose(&session, narrower).await;
    refused.is_problem(409, "changed_meanwhile");
    let lifted = choose(&service, &session, json!({ "act": "lift", "as_of": as_of })).await;
    assert_eq!(lifted["self"]["stops"], json!([]));
    let entry = last(&service).await;
    assert_eq!(entry.act, Act::ObjectionLifted);
    assert_eq!(entry.refers_to.len(), 1, "it names what it lifts");
    assert_eq!(entry.evidence.assurance, Assurance::LinkVerified);
    assert_eq!(
        row(&service, &session).await["consent"],
        "open",
        "no older consent revives"
    );
    assert_eq!(proceeds(&service).await, true);
}

#[tokio::test]
async fn a_lift_decided_on_an_older_state_lifts_nothing() {
    let service = Service::start().await;
    service.object(JANE).await;
    let session = service.sign_in(JANE).await;
    let as_of = service.own(&session).await.json()["as_of"].clone();
    service.object(JANE).await;
    let lift = json!({ "act": "lift", "as_of": as_of });
    let refused = service.choose(&session, lift).await;
    refused.is_problem(409, "changed_meanwhile");
    assert!(!service.proceeds(JANE).await);
    let refused = service.choose(&session, json!({ "act": "lift" })).await;
    refused.is_problem(422, "invalid_request");
}

#[tokio::test]
async fn nobody_but_the_signed_in_person_lifts() {
    let service = Service::start().await;
    service.object(JANE).await;
    let state = service.state();
    let lift = json!({ "act": "lift", "as_of": 1 });
    let key = service.key(&backend::http::access::Scope::ALL).await;
    let with_key = state.to_string() != service.state().to_string();
    assert!(with_key, "the key was made");
    let state = service.state();
    let answer = service.choose(&key, lift.clone()).await;
    answer.is_problem(401, "sign_in_needed");
    let answer = service.post("/v1/self/choices", &lift).await;
    answer.is_problem(401, "sign_in_needed");
    for path in ["/v1/objections", "/v1/consents"] {
        let answer = service.post(path, &lift).await;
        assert_eq!(answer.status, 422, "{path}");
    }
    assert_eq!(service.state(), state);
    let other = service.sign_in("john@client.example").await;
    let answer = service.choose(&other, lift).await;
    answer.is_problem(409, "changed_meanwhile");
    assert!(!service.proceeds(JANE).await);
}

#[tokio::test]
async fn every_act_has_its_way_back() {
    let service = Service::start().await;
    let session = service.sign_in(JANE).await;
    let token = service.view_token();
    let made = choose(&service, &session, about_it("object", &token)).await;
    undo(&service, &made).await;
    assert!(service.proceeds(JANE).await);
    let mut pause = about_it("object", &token);
    pause["until"] = json!("2027-02-23");
    let made = choose(&service, &session, pause).await;
    assert_eq!(row(&service, &session).await["reason"], "paused");
    let as_of = made["self"]["as_of"].clone();
    let lift = about_it("lift", &token);
    let lift = [lift, json!({ "as_of": as_of })].into_iter();
    let lift = lift.fold(json!({}), |mut all, part| {
        let all_fields = all.as_object_mut().unwrap();
        all_fields.extend(part.as_object().unwrap().clone());
        all
    });
    let made = choose(&service, &session, lift).await;
    assert_eq!(row(&service, &session).await["proceed"], true);
    undo(&service, &made).await;
    let again = row(&service, &session).await;
    assert_eq!(
        again["reason"], "paused",
        "a pause comes back as the pause it was"
    );
    assert_eq!(again["by"]["until"], "2027-02-24T00:00:00.000Z");
    let made = choose(&service, &session, about_it("give", &token)).await;
    undo(&service, &made).await;
    assert_eq!(row(&service, &session).await["consent"], "against");
    let made = choose(&service, &session, about_it("refuse", &token)).await;
    assert!(made["undo"].is_null());
}

async fn undo(service: &Service, made: &Value) {
    let token = made["undo"]["token"].as_str().unwrap();
    assert_eq!(service.undo(token).await.status, 202);
    assert_eq!(service.undo(token).await.status, 202, "twice is once");
}

#[tokio::test]
async fn the_page_says_for_every_topic_and_channel_what_holds_since_when_and_by_which_act() {
    let service = Service::start().await;
    let token = service.view_token();
    let more = json!({ "topic": "it_strategy", "channel": "post", "view_token": token });
    service.object_to(JANE, more).await;
    let cookie = service.sign_in_on_page(JANE).await;
    let jar = ("cookie", cookie.as_str());
    let page = service.get_with("/self", &[jar]).await.text();
    assert_eq!(page.matches("class=\"choice\"").count(), 9, "{page}");
    for said in [
        "Letters: no",
        "you objected",
        "Since 23 November 2026",
        "with a program",
        "Email: yes",
        "Legal basis: Legitimate interests, Art. 6(1)(f)",
        "Objection: IT strategies and solutions, by letters",
        "Lift this objection",
        "Object to all marketing",
        "Sign out",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert_eq!(page.matches("<h1").count(), 1);
    assert!(!page.contains("checked"), "nothing is chosen for anybody");
    let headers = [jar, OUR_PAGE];
    let fields = [
        ("act", "give"),
        ("purpose", PURPOSE),
        ("topic", "it_strategy"),
        ("channel", "post"),
        ("view_token", &service.view_token()),
    ];
    let given = service.form_with("/self/choices", &headers, &fields).await;
    let text = given.text();
    assert!(text.contains("You have given consent"), "{text}");
    assert!(
        text.contains("An objection of yours still stands"),
        "{text}"
    );
    assert!(text.contains("Undo: withdraw this consent"));
    let token = text.split("name=\"token\" value=\"").nth(1).unwrap();
    let token = token.split('"').next().unwrap();
    let undone = service
        .form_with("/self/undo", &headers, &[("token", token)])
        .await;
    assert!(undone.text().contains("Undone"), "{}", undone.text());
    let late = service
        .form_with("/self/undo", &headers, &[("token", "x")])
        .await;
    assert_eq!(late.status, 409);
}

#[tokio::test]
async fn a_stale_page_shows_what_holds_now_and_records_nothing() {
    let service = Service::start().await;
    service.object(JANE).await;
    let cookie = service.sign_in_on_page(JANE).await;
    service.object(JANE).await;
    let state = service.state();
    let headers = [("cookie", cookie.as_str()), OUR_PAGE];
    let lift = [("act", "lift"), ("as_of", "1")];
    let page = service.form_with("/self/choices", &headers, &lift).await;
    assert_eq!(page.status, 409);
    assert!(page.text().contains("nothing was recorded"));
    assert_eq!(service.state(), state);
}

#[tokio::test]
async fn an_objection_without_the_plus_sign_is_named_as_such() {
    let service = Service::start().await;
    service.object(JANE).await;
    let session = service.sign_in("jane+news@client.example").await;
    assert_eq!(row(&service, &session).await["reason"], "related");
    assert_eq!(service.own(&session).await.json()["stops"], json!([]));
}

#[tokio::test]
async fn what_is_shown_is_the_persons_own_alone() {
    let service = Service::start().await;
    service.object("john@client.example").await;
    let session = service.sign_in(JANE).await;
    let own = service.own(&session).await;
    assert!(!own.text().contains("john"));
    assert_eq!(own.json()["stops"], json!([]));
    assert_eq!(own.json()["notice"], NOTICE);
}
