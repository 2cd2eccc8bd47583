//! No address at rest in the clear, and none in the logs (promise 4, SEC-29, SEC-69).

use std::fs;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use serde_json::json;

use crate::service::{NOTICE, PURPOSE, Service};
use crate::world::logged;

const ADDRESSES: [&str; 3] = [
    "Trillian.McMillan@client.example",
    "marvin+tag@client.example",
    "ford@b\u{fc}cher.example",
];

/// What would give the addresses away, in every spelling that a file may use.
fn traces() -> Vec<Vec<u8>> {
    let parts = [
        "Trillian.McMillan@client.example",
        "trillian.mcmillan",
        "trillian",
        "marvin+tag@client.example",
        "marvin@client.example",
        "ford@b\u{fc}cher.example",
        "ford@xn--bcher-kva.example",
        "xn--bcher-kva",
        "client.example",
    ];
    let mut traces = Vec::new();
    for part in parts {
        let bytes = part.as_bytes();
        traces.push(bytes.to_vec());
        traces.push(part.to_uppercase().into_bytes());
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        traces.push(hex.to_uppercase().into_bytes());
        traces.push(hex.into_bytes());
        traces.push(part.encode_utf16().flat_map(u16::to_le_bytes).collect());
        traces.push(part.encode_utf16().flat_map(u16::to_be_bytes).collect());
        // Base64 of a text that stands anywhere in another: three alignments, without the edges.
        for shift in 0..3 {
            let shifted = [vec![0; shift], bytes.to_vec()].concat();
            let whole = shifted.len() / 3 * 4;
            for text in [
                BASE64_STANDARD_NO_PAD.encode(&shifted),
                BASE64_URL_SAFE_NO_PAD.encode(&shifted),
            ] {
                let start = if shift == 0 { 0 } else { 4 };
                traces.push(text.as_bytes()[start..whole].to_vec());
            }
        }
    }
    traces
}

#[tokio::test]
async fn no_file_of_the_deployment_holds_an_address() {
    let service = Service::start().await;
    for address in ADDRESSES {
        let token = json!({"view_token": service.view_token()});
        let answer = service.object_to(address, token).await;
        service.undo(&answer.at("/undo/token")).await;
        service
            .object_to(address, json!({"until": "2027-02-23"}))
            .await;
        let fields = [("address", address), ("notice", NOTICE)];
        assert_eq!(service.form("/object", &fields).await.status, 200);
        assert!(!service.proceeds(address).await);
        let session = service.sign_in(address).await;
        let object = json!({"act": "object"});
        assert_eq!(service.choose(&session, object).await.status, 200);
    }
    for address in ADDRESSES {
        let consent = json!({
            "address": address, "notice": NOTICE, "purpose": PURPOSE, "channel": "email",
        });
        assert_eq!(service.post("/v1/consents", &consent).await.status, 202);
        let link = json!({"address": address});
        assert_eq!(service.post("/v1/links", &link).await.status, 202);
    }
    let mut scanned = 0;
    for file in fs::read_dir(service.directory()).unwrap() {
        let path = file.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        scanned += bytes.len();
        for trace in traces() {
            let found = bytes.windows(trace.len()).any(|window| window == trace);
            assert!(
                !found,
                "{} in {}",
                String::from_utf8_lossy(&trace),
                path.display()
            );
        }
    }
    assert!(scanned > 50_000, "{scanned} bytes");
}

#[tokio::test]
async fn tokens_and_capabilities_are_not_at_rest_either() {
    let service = Service::start().await;
    let answer = service.object("jane@client.example").await;
    let (token, receipt) = (answer.at("/undo/token"), answer.at("/receipt"));
    let secrets = [
        BASE64_URL_SAFE_NO_PAD.decode(&token).unwrap()[22..].to_vec(),
        BASE64_URL_SAFE_NO_PAD
            .decode(receipt.rsplit('/').next().unwrap())
            .unwrap()[6..]
            .to_vec(),
        token.into_bytes(),
    ];
    for file in fs::read_dir(service.directory()).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        for secret in &secrets {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret));
        }
    }
}

#[tokio::test]
async fn the_database_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let service = Service::start().await;
    service.object("jane@client.example").await;
    for file in fs::read_dir(service.directory()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.path().display());
    }
}

#[tokio::test]
async fn nothing_that_is_logged_holds_an_address_or_a_token() {
    let service = Service::start().await;
    let answer = service.object("arthur@logged.example").await;
    let token = answer.at("/undo/token");
    service.undo(&token).await;
    service.undo(&format!("{token}x")).await;
    service
        .post(
            "/v1/objections",
            &json!({"address": "arthur@logged.example", "x": 1}),
        )
        .await;
    service
        .post(
            "/v1/objections",
            &json!({"address": "arthur logged.example", "notice": NOTICE}),
        )
        .await;
    service
        .form(
            "/object",
            &[("address", "arthur@logged.example"), ("notice", "?")],
        )
        .await;
    service
        .get("/notices/arthur@logged.example?lang=arthur@logged.example")
        .await;
    service.get("/v1/receipts/arthur@logged.example").await;
    service
        .database()
        .execute_batch("PRAGMA foreign_keys = OFF; DROP TABLE subject_key; DROP TABLE receipt;")
        .unwrap();
    let body = json!({"address": "arthur@logged.example", "notice": NOTICE});
    let failed = service.post("/v1/objections", &body).await;
    failed.is_problem(503, "store_unavailable");
    service
        .undo(&token)
        .await
        .is_problem(503, "store_unavailable");

    let log = logged();
    assert!(log.contains("the store failed"), "failures are logged");
    let receipt = answer.at("/receipt");
    let capability = receipt.rsplit('/').next().unwrap();
    for secret in [
        "arthur",
        "logged.example",
        "@",
        &token,
        &token[..22],
        capability,
    ] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}
