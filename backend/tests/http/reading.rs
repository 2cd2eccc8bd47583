//! Reading changes nothing: after any GET, HEAD or OPTIONS every table holds the same bytes (SEC-20).

use axum::http::Method;

use crate::service::{NOTICE, SITE, Service, request};

/// The routes of the service as its source lists them, with real names in the places of parameters.
fn routes(service: &Service, receipt: &str) -> Vec<String> {
    let asset = backend::assets::named("widget.css").unwrap().path();
    let mut parts = asset.trim_start_matches("/assets/").splitn(2, '/');
    let (digest, name) = (parts.next().unwrap(), parts.next().unwrap());
    let capability = receipt.rsplit('/').next().unwrap();
    assert!(service.config.demo);
    crate::interface::routes()
        .into_iter()
        .map(|route| {
            route
                .replace("{notice}", NOTICE)
                .replace("{version}", "1")
                .replace("{old}", "0")
                .replace("{new}", "1")
                .replace("{digest}", digest)
                .replace("{*name}", name)
                .replace("{capability}", capability)
                .replace(
                    "{token}",
                    &crate::one_click::token(service, "jane@client.example"),
                )
        })
        .collect()
}

#[tokio::test]
async fn no_table_differs_after_reading_every_route() {
    let service = Service::start().await;
    let token = service.view_token();
    let answer = service
        .object_to(
            "jane@client.example",
            serde_json::json!({ "view_token": token }),
        )
        .await;
    let (receipt, undo) = (answer.at("/receipt"), answer.at("/undo/token"));
    let key = service.key(&[backend::http::access::Scope::Admin]).await;
    let bearer = format!("Bearer {key}");
    let callers: [&[(&str, &str)]; 4] = [
        &[],
        &[("accept", "text/html"), ("accept-language", "fr")],
        // A mail scanner that opens every link of a message before the person does.
        &[
            ("user-agent", "Mozilla/5.0 (compatible; LinkScanner/1.0)"),
            ("purpose", "prefetch"),
            ("sec-purpose", "prefetch"),
        ],
        &[
            ("authorization", &bearer),
            ("origin", SITE),
            ("x-sayso-client", "1"),
            ("access-control-request-method", "POST"),
        ],
    ];
    let queries = ["", "?token=", "?address=jane%40client.example&token="];
    let state = service.state();
    let mut answered = 0;
    for route in routes(&service, &receipt) {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            for headers in callers {
                for query in queries {
                    let token = if query.is_empty() { "" } else { undo.as_str() };
                    let path = format!("{route}{query}{token}");
                    let request = request(method.clone(), &path, headers, "");
                    let answer = service.send(request).await;
                    assert!(answer.status.as_u16() < 500, "{method} {path}");
                    answered += u32::from(answer.status.is_success());
                }
            }
        }
    }
    assert!(answered > 100, "{answered} requests were answered");
    assert_eq!(service.state(), state);
}

#[tokio::test]
async fn a_body_on_a_get_changes_nothing_either() {
    let service = Service::start().await;
    let state = service.state();
    let body = crate::service::objection("jane@client.example", serde_json::json!({}));
    for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
        for path in ["/v1/objections", "/object/undo", "/v1/decisions"] {
            let headers = [("content-type", "application/json")];
            let request = request(method.clone(), path, &headers, &body.to_string());
            let answer = service.send(request).await;
            answer.is_problem(405, "method_not_allowed");
            assert_eq!(answer.header("allow").split(',').next(), Some("POST"));
        }
    }
    assert_eq!(service.state(), state);
}

#[tokio::test]
async fn methods_cannot_be_smuggled_past_the_router() {
    let service = Service::start().await;
    let state = service.state();
    let headers = [("x-http-method-override", "POST"), ("x-method", "POST")];
    let path = "/v1/objections?_method=POST&address=jane%40client.example";
    let answer = service.get_with(path, &headers).await;
    answer.is_problem(405, "method_not_allowed");
    assert_eq!(service.state(), state);
}
