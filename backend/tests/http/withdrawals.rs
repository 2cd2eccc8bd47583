//! A consent can be withdrawn as long as it holds, whatever the notice says by now (Art. 7(3)).

use serde_json::{Value, json};

use crate::letters::OUR_PAGE;
use crate::publishing::publish_with;
use crate::self_choices::{about_it, choose};
use crate::service::{PURPOSE, Service};

const JANE: &str = "jane@client.example";
/// What makes consent a basis of the mailings.
const BASIS: &str = "[[purpose.bases]]
basis = \"consent\"
part = \"purpose.info_about_us.part.individual\"
withdrawal = \"purpose.info_about_us.withdrawal\"
";
/// What a later version can leave out of all that a consent to a topic by email needs.
const LEFT_OUT: [(&str, &str); 4] = [
    (BASIS, ""),
    (
        "channels = [\"email\", \"phone\", \"post\"]",
        "channels = [\"phone\", \"post\"]",
    ),
    ("it_strategy", "it_plans"),
    (PURPOSE, "news_of_ours"),
];

/// Somebody who consented, beside a notice that leaves that out by now; and their session.
async fn consenting(left_out: (&str, &str)) -> (Service, String) {
    let service = Service::with(|config| config.default_country = None).await;
    let session = service.sign_in(JANE).await;
    choose(&service, &session, about_it("give", &service.view_token())).await;
    publish_with(&service, left_out.0, left_out.1).await;
    (service, session)
}

/// The withdrawals that the widget's list offers.
async fn offered(service: &Service, session: &str) -> Vec<Value> {
    let own = service.own(session).await.json();
    let lines = own["lines"].as_array().unwrap().clone();
    let presses = lines.iter().flat_map(|line| line["presses"].as_array());
    let presses = presses.flatten();
    presses
        .filter(|press| press["act"] == "withdraw")
        .cloned()
        .collect()
}

#[tokio::test]
async fn a_consent_is_withdrawn_after_the_notice_dropped_its_basis_channel_topic_or_purpose() {
    for left_out in LEFT_OUT {
        let (service, session) = consenting(left_out).await;
        let own = service.own(&session).await.json();
        assert_eq!(own["consents"].as_array().unwrap().len(), 1, "{own}");
        assert_eq!(own["consents"][0]["topic"], "it_strategy");
        assert_eq!(own["consents"][0]["by"]["act"], "consent_given");
        let offered_before = offered(&service, &session).await;
        assert_eq!(offered_before.len(), 1, "{left_out:?}: {own}");
        let mut press = offered_before[0].clone();
        press.as_object_mut().unwrap().remove("label");
        let made = choose(&service, &session, press).await;
        assert_eq!(made["self"]["consents"], json!([]));
        assert_eq!(offered(&service, &session).await, [] as [Value; 0]);
        let entry = service.entries().await.pop().unwrap();
        assert!(entry.evidence.view_token.is_some(), "{left_out:?}");
        // The version that asks for it again finds no consent.
        publish_with(&service, "P7Y", "P9Y").await;
        let more = json!({ "topic": "it_strategy" });
        let decision = service.decide_about(JANE, more).await;
        assert_eq!(decision["reasons"][0], "consent_withdrawn", "{decision}");
    }
}

#[tokio::test]
async fn the_own_page_has_a_button_for_every_consent_that_holds() {
    for left_out in LEFT_OUT {
        let (service, _) = consenting(left_out).await;
        let cookie = service.sign_in_on_page(JANE).await;
        let headers = [("cookie", cookie.as_str()), OUR_PAGE];
        let page = service.get_with("/self", &headers[..1]).await.text();
        assert_eq!(page.matches("Withdraw consent").count(), 1, "{page}");
        let form = page.split("Withdraw consent").next().unwrap();
        let form = form.rsplit("<form").next().unwrap();
        let part = |input: &str, name: &str| {
            let value = input.split(&format!("{name}=\"")).nth(1).unwrap();
            value.split('"').next().unwrap().to_owned()
        };
        let inputs = form.split("type=\"hidden\"").skip(1);
        let fields: Vec<_> = inputs
            .map(|input| (part(input, "name"), part(input, "value")))
            .collect();
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let done = service.form_with("/self/choices", &headers, &fields).await;
        assert_eq!(done.status, 200, "{}", done.text());
        let page = done.text();
        let says = "You have withdrawn your consent: IT strategies and solutions, by email.";
        assert!(page.contains(says), "{page}");
        assert!(!page.contains("Withdraw consent"), "{page}");
        assert!(
            !page.contains("give this consent again"),
            "the notice asks for no such consent: {page}"
        );
    }
}

#[tokio::test]
async fn a_consent_to_a_whole_purpose_is_withdrawn_as_a_whole() {
    let service = Service::start().await;
    let session = service.sign_in(JANE).await;
    let token = service.view_token();
    let whole = json!({
        "act": "give", "purpose": PURPOSE, "channel": "email", "view_token": token,
    });
    choose(&service, &session, whole).await;
    publish_with(&service, BASIS, "").await;
    let own = service.own(&session).await.json();
    assert_eq!(own["consents"][0].get("topic"), None, "{own}");
    let all = offered(&service, &session).await;
    assert_eq!(all.len(), 4, "the consent, and each of its topics: {own}");
    let withdraw = json!({ "act": "withdraw", "purpose": PURPOSE, "channel": "email" });
    choose(&service, &session, withdraw).await;
    assert_eq!(offered(&service, &session).await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_withdrawal_of_what_no_notice_ever_stated_is_refused_and_the_consent_holds() {
    let service = Service::start().await;
    let session = service.sign_in(JANE).await;
    let mut whole = about_it("give", &service.view_token());
    whole.as_object_mut().unwrap().remove("topic");
    choose(&service, &session, whole).await;
    let state = service.state();
    let mut typo = about_it("withdraw", "");
    typo["topic"] = json!("it_strategie");
    let answer = service.choose(&session, typo).await;
    answer.is_problem(422, "unknown_topic");
    assert_eq!(service.state(), state);
}

#[tokio::test]
async fn what_is_no_consent_of_theirs_is_not_withdrawn() {
    let (service, session) = consenting((BASIS, "")).await;
    let state = service.state();
    for (more, code) in [
        (
            json!({ "purpose": PURPOSE, "channel": "post" }),
            "no_consent_asked",
        ),
        (json!({ "purpose": PURPOSE }), "invalid_request"),
        (json!({ "channel": "email" }), "invalid_request"),
        (
            json!({ "purpose": "nothing", "channel": "email" }),
            "unknown_purpose",
        ),
    ] {
        let mut withdraw = json!({ "act": "withdraw" });
        let fields = withdraw.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        let answer = service.choose(&session, withdraw).await;
        answer.is_problem(422, code);
    }
    for act in ["give", "refuse"] {
        let answer = service
            .choose(&session, about_it(act, &service.view_token()))
            .await;
        answer.is_problem(422, "no_consent_asked");
    }
    assert_eq!(service.state(), state);
}
