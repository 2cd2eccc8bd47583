//! The ceiling of decisions over HTTP: the same JSON parsed and answered, nothing decided.

use axum::routing::post;
use axum::{Json, Router};
use backend::http::DecisionAnswer;
use serde::{Deserialize, Serialize};
use shared::decision::{Reason, Withheld};
use shared::digest::Digest;
use shared::time::Timestamp;
use uuid::Uuid;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "parsed as the service parses it, and not used")]
struct Question {
    purpose: String,
    topic: Option<String>,
    channel: Option<String>,
    checks: Vec<Check>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "parsed as the service parses it, and not used")]
struct Check {
    address: String,
    country: Option<String>,
    subscriber: Option<String>,
    #[serde(default)]
    first_contact: bool,
}

#[derive(Serialize)]
struct Answer {
    at: Timestamp,
    as_of: u64,
    rules: Digest,
    decisions: Vec<DecisionAnswer>,
}

/// Serves until it is killed; says where on standard output.
#[tokio::main]
pub(crate) async fn serve() -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    let router = Router::new().route("/v1/decisions", post(answer));
    Ok(axum::serve(listener, router).await?)
}

async fn answer(Json(question): Json<Question>) -> Json<Answer> {
    let withheld = |_| DecisionAnswer {
        proceed: false,
        reasons: vec![Reason::Withheld(Withheld::Objected)],
        legal_basis: None,
        obligations: Vec::new(),
        evidence: vec![Uuid::from_bytes([7; 16])],
    };
    Json(Answer {
        at: Timestamp::from_millis(1_795_000_000_000),
        as_of: 1_000,
        rules: Digest::from_bytes([7; 32]),
        decisions: question.checks.iter().map(withheld).collect(),
    })
}
