//! Links and sessions: asked for, used once, over in time.

use serde_json::json;

use crate::letters::{OUR_PAGE, cookie};
use crate::service::{PURPOSE, Service};

const JANE: &str = "jane@client.example";
const MINUTE: i64 = 60_000;

#[tokio::test]
async fn from_a_link_to_a_changed_choice_and_the_gates_answer() {
    let service = Service::start().await;
    assert!(service.proceeds(JANE).await);
    let session = service.sign_in(JANE).await;
    let own = service.own(&session).await;
    assert_eq!(own.status, 200, "{}", own.text());
    assert_eq!(own.json()["address"], JANE);
    assert_eq!(own.json()["stops"], json!([]));
    let made = service.choose(&session, json!({ "act": "object" })).await;
    assert_eq!(made.status, 200, "{}", made.text());
    assert!(!service.proceeds(JANE).await);
    assert_eq!(made.json()["self"]["stops"][0]["by"]["act"], "objected");
    let as_of = made.json()["self"]["as_of"].clone();
    let lift = json!({ "act": "lift", "as_of": as_of });
    let lifted = service.choose(&session, lift).await;
    assert_eq!(lifted.status, 200, "{}", lifted.text());
    assert!(service.proceeds(JANE).await);
}

#[tokio::test]
async fn a_page_shows_what_holds_and_changes_it_without_a_script() {
    let service = Service::start().await;
    let cookie = service.sign_in_on_page(JANE).await;
    let page = service.get_with("/self", &[("cookie", &cookie)]).await;
    assert_eq!(page.status, 200);
    let text = page.text();
    assert!(
        text.contains(JANE) && text.contains("Object to all marketing"),
        "{text}"
    );
    let fields = [("act", "object"), ("purpose", PURPOSE)];
    let headers = [("cookie", cookie.as_str()), OUR_PAGE];
    let answer = service.form_with("/self/choices", &headers, &fields).await;
    assert_eq!(answer.status, 200);
    assert!(
        answer.text().contains("You have objected"),
        "{}",
        answer.text()
    );
    assert!(!service.proceeds(JANE).await);
}

#[tokio::test]
async fn the_typed_code_opens_the_same_and_a_link_works_once() {
    let service = Service::start().await;
    let link = service.link(JANE).await;
    let code = link.code.to_lowercase().replace('-', " ");
    let typed = json!({ "address": "Jane@Client.Example", "code": code });
    let opened = service.post("/v1/sessions", &typed).await;
    assert_eq!(opened.status, 200, "{}", opened.text());
    for again in [typed, json!({ "token": link.token })] {
        let refused = service.post("/v1/sessions", &again).await;
        refused.is_problem(404, "unknown_token");
    }
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used_and_after_an_hour_whatever_happens() {
    let service = Service::start().await;
    let idle = service.sign_in(JANE).await;
    service.world.pass(15 * MINUTE);
    service.own(&idle).await.is_problem(401, "sign_in_needed");
    let mut session = service.sign_in(JANE).await;
    for _ in 0..5 {
        service.world.pass(10 * MINUTE);
        session = service.own(&session).await.at("/session");
    }
    service.world.pass(10 * MINUTE - 1);
    let last = service.own(&session).await.at("/session");
    service.world.pass(1);
    service.own(&last).await.is_problem(401, "sign_in_needed");
}

#[tokio::test]
async fn signing_out_ends_the_session_everywhere() {
    let service = Service::start().await;
    let cookie = service.sign_in_on_page(JANE).await;
    let headers = [("cookie", cookie.as_str()), OUR_PAGE];
    let page = service.form_with("/self/out", &headers, &[]).await;
    assert!(page.text().contains("You are signed out"));
    assert!(page.header("set-cookie").contains("Max-Age=0"));
    let after = service.get_with("/self", &[("cookie", &cookie)]).await;
    assert!(!after.text().contains(JANE));
    let session = service.sign_in(JANE).await;
    let bearer = format!("Bearer {session}");
    let request = crate::service::request(
        axum::http::Method::DELETE,
        "/v1/sessions",
        &[("authorization", &bearer)],
        "",
    );
    assert_eq!(service.send(request).await.status, 204);
    service
        .own(&session)
        .await
        .is_problem(401, "sign_in_needed");
}

#[tokio::test]
async fn the_cookie_is_bound_to_the_host_and_hidden_from_scripts_and_other_sites() {
    let service = Service::start().await;
    let link = service.link(JANE).await;
    let fields = [("token", link.token.as_str())];
    let opened = service
        .form_with("/self/session", &[OUR_PAGE], &fields)
        .await;
    let set = opened.header("set-cookie");
    assert!(set.starts_with("__Host-sayso="), "{set}");
    for part in ["; Secure", "; HttpOnly", "; SameSite=Strict", "; Path=/"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains("Domain"));
    assert!(cookie(&opened).len() > 60);
}
