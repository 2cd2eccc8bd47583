//! Ceilings: the same JSON parsed and answered, nothing decided; webhooks taken and thrown away; a mail
//! server told to go on, whoever the recipient is.

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use backend::http::DecisionAnswer;
use serde::{Deserialize, Serialize};
use shared::decision::{Reason, Withheld};
use shared::digest::Digest;
use shared::time::Timestamp;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
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
    let router = Router::new()
        .route("/v1/decisions", post(answer))
        .route("/hook", post(async |_: Bytes| StatusCode::NO_CONTENT));
    Ok(axum::serve(listener, router).await?)
}

/// The same for mail servers.
#[tokio::main]
pub(crate) async fn serve_policy() -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("at {}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(async move {
            let (reading, mut writing) = stream.into_split();
            let mut lines = BufReader::new(reading).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                if line.is_empty() && writing.write_all(b"action=DUNNO\n\n").await.is_err() {
                    return;
                }
            }
        });
    }
}

async fn answer(Json(question): Json<Question>) -> Json<Answer> {
    let withheld = |_| DecisionAnswer {
        proceed: false,
        reasons: vec![Reason::Withheld(Withheld::Objected)],
        legal_basis: None,
        obligations: Vec::new(),
        evidence: vec![Uuid::from_bytes([7; 16])],
        notice_due_by: None,
    };
    Json(Answer {
        at: Timestamp::from_millis(1_795_000_000_000),
        as_of: 1_000,
        rules: Digest::from_bytes([7; 32]),
        decisions: question.checks.iter().map(withheld).collect(),
    })
}
