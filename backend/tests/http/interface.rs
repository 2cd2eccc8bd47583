//! The description of the interface is whole: routes, problem codes, reasons.

use backend::http::Code;
use serde_json::Value;
use shared::decision::{Ground, Withheld};

use crate::service::{BASE, Service};

/// Every route in the service's table.
pub(crate) fn routes() -> Vec<String> {
    let source = include_str!("../../src/http.rs");
    let mut routes = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find(".route(") {
        rest = &rest[at + ".route(".len()..];
        let path = rest.trim_start().strip_prefix('"').unwrap();
        routes.push(path[..path.find('"').unwrap()].to_owned());
    }
    assert!(routes.len() > 20, "{routes:?}");
    routes
}

#[tokio::test]
async fn the_description_lists_every_route_of_the_interface() {
    let service = Service::start().await;
    let answer = service.get("/openapi.json").await;
    assert_eq!(answer.header("content-type"), "application/json");
    let description = answer.json();
    assert_eq!(&description["openapi"].as_str().unwrap()[..3], "3.1");
    assert_eq!(description["servers"][0]["url"], BASE);
    let paths = description["paths"].as_object().unwrap();
    for route in routes() {
        let is_interface = route.starts_with("/v1/")
            || ["/log/key", "/healthz", "/readyz", "/metrics"].contains(&route.as_str());
        if is_interface {
            assert!(paths.contains_key(&route), "{route} is not described");
        }
    }
    for path in paths.keys() {
        assert!(routes().contains(path), "{path} is described and not there");
    }
}

#[tokio::test]
async fn the_description_says_what_lets_a_call_in() {
    let service = Service::start().await;
    let description = service.get("/openapi.json").await.json();
    let schemes = &description["components"]["securitySchemes"];
    let session = serde_json::json!([{ "session": [] }]);
    for (path, method) in [
        ("/v1/self", "get"),
        ("/v1/self/choices", "post"),
        ("/v1/sessions", "delete"),
    ] {
        let security = &description["paths"][path][method]["security"];
        assert_eq!(*security, session, "{method} {path}");
    }
    let paths = description["paths"].as_object().unwrap();
    let mut from_pages = Vec::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().unwrap() {
            let security = operation["security"].as_array().into_iter().flatten();
            let mut named = security.flat_map(|one| one.as_object().unwrap().keys());
            assert!(named.all(|name| schemes[name]["scheme"] == "bearer"));
            let mut parameters = operation["parameters"].as_array().into_iter().flatten();
            if parameters.any(|one| one["name"] == "X-Sayso-Client" && one["in"] == "header") {
                from_pages.push(format!("{method} {path}"));
            }
        }
    }
    let mut refused = Vec::new();
    let headers = [("origin", crate::service::SITE)];
    for (path, methods) in paths {
        for method in methods.as_object().unwrap().keys() {
            let verb = method.to_uppercase().parse().unwrap();
            let mut request = crate::service::posted(path, &headers, "{}");
            *request.method_mut() = verb;
            let answer = service.send(request).await;
            if answer.text().contains("client_header_missing") {
                refused.push(format!("{method} {path}"));
            }
        }
    }
    assert!(refused.len() > 4, "{refused:?}");
    for call in refused {
        assert!(from_pages.contains(&call), "{call} asks for X-Sayso-Client");
    }
}

#[tokio::test]
async fn every_reference_in_the_description_leads_somewhere() {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    if name == "$ref" {
                        found.extend(value.as_str());
                    }
                    references(value, found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let service = Service::start().await;
    let description = service.get("/openapi.json").await.json();
    let mut found = Vec::new();
    references(&description, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(description.pointer(pointer).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn every_problem_code_is_documented_under_its_own_anchor() {
    let service = Service::start().await;
    let page = service.get("/docs").await.text();
    for code in Code::ALL {
        let name = serde_json::to_value(code).unwrap();
        assert_eq!(name, code.as_str(), "one name everywhere");
        let anchor = format!("id=\"{}\"", code.as_str());
        assert_eq!(page.matches(&anchor).count(), 1, "{anchor}");
        assert!(code.status().is_client_error() || code.status().is_server_error());
    }
}

#[tokio::test]
async fn the_page_shows_every_route_of_the_interface() {
    let service = Service::start().await;
    let page = service.get("/docs").await.text();
    for route in routes().iter().filter(|route| route.starts_with("/v1/")) {
        assert!(page.contains(route.as_str()), "{route}");
    }
    let description = service.get("/openapi.json").await.json();
    let shown = |name: &str| {
        let name = format!("{name}</code>");
        [">", ".", "[]."]
            .iter()
            .any(|before| page.contains(&[before, &*name].concat()))
    };
    let schemas = description["components"]["schemas"].as_object().unwrap();
    // Problem documents are described once, by their codes.
    let told = schemas
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "Problem" | "FieldError"));
    for (schema, properties) in told {
        for field in properties["properties"].as_object().into_iter().flatten() {
            assert!(shown(field.0), "{schema}: {}", field.0);
        }
    }
    for name in ["after", "limit", "X-Sayso-Client", "checks[].address"] {
        assert!(shown(name), "{name}");
    }
    let german = service.get("/docs?lang=de").await.text();
    assert!(german.contains("<html lang=\"de\""), "{german}");
    assert!(!page.contains('`'), "code is shown as code: {page}");
}

#[test]
fn reasons_are_the_closed_list_of_the_contract() {
    let against = [
        (Withheld::InvalidAddress, "invalid_address"),
        (Withheld::Objected, "objected"),
        (Withheld::Paused, "paused"),
        (Withheld::ConsentRefused, "consent_refused"),
        (Withheld::ConsentWithdrawn, "consent_withdrawn"),
        (Withheld::ConsentExpired, "consent_expired"),
        (Withheld::NoConsent, "no_consent"),
        (Withheld::NotInformed, "not_informed"),
        (Withheld::LiaMissing, "lia_missing"),
        (Withheld::DomainObjected, "domain_objected"),
        (Withheld::Erased, "erased"),
        (Withheld::HardBounce, "hard_bounce"),
        (Withheld::SpamReported, "spam_reported"),
        (Withheld::UnknownPurpose, "unknown_purpose"),
    ];
    let documented = include_str!("../../../docs/API.md");
    for (reason, name) in against {
        // A reason that is added and not listed above does not compile.
        match reason {
            Withheld::InvalidAddress
            | Withheld::UnknownPurpose
            | Withheld::Objected
            | Withheld::Paused
            | Withheld::DomainObjected
            | Withheld::Erased
            | Withheld::HardBounce
            | Withheld::SpamReported
            | Withheld::ConsentRefused
            | Withheld::ConsentWithdrawn
            | Withheld::ConsentExpired
            | Withheld::NoConsent
            | Withheld::LiaMissing
            | Withheld::NotInformed => {}
        }
        assert_eq!(serde_json::to_value(reason).unwrap(), name);
        assert!(documented.contains(&format!("`{name}`")), "{name}");
    }
    for (ground, name) in [
        (Ground::Consent, "consent"),
        (Ground::SoftOptIn, "soft_opt_in"),
        (Ground::LegitimateInterest, "legitimate_interest"),
    ] {
        match ground {
            Ground::Consent | Ground::SoftOptIn | Ground::LegitimateInterest => {}
        }
        assert_eq!(serde_json::to_value(ground).unwrap(), name);
        assert!(documented.contains(&format!("| `{name}` |")), "{name}");
    }
}
