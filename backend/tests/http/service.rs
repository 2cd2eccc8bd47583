//! The service under test: the real router over a real database in a directory of its own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::response::Response;
use backend::clock::World;
use backend::config::{Config, Site};
use backend::demo::{included, make_key};
use backend::http::access::Scope;
use backend::http::{AppState, Surrounded, router};
use backend::metrics::Metrics;
use backend::publishing::{Folder, publish};
use backend::secrets::SecretsText;
use backend::store::Write;
use backend::store::sqlite::{Options, Sqlite};
use http_body_util::BodyExt as _;
use rusqlite::types::Value as Cell;
use serde_json::{Value, json};
use shared::digest::Digest;
use shared::entry::Entry;
use shared::facts::{Country, Subscriber};
use shared::notice::settings::Settings;
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::world::{Manual, listen};

/// The notice of every test.
pub(crate) const NOTICE: &str = "corporate-clients";
/// The purpose of its mailings.
pub(crate) const PURPOSE: &str = "info_about_us";
/// Where the service is reached.
pub(crate) const BASE: &str = "https://privacy.example.com";
/// A website that embeds the widget.
pub(crate) const SITE: &str = "https://www.example.com";

/// A running service.
pub(crate) struct Service {
    directory: TempDir,
    pub(crate) config: Config,
    pub(crate) world: Arc<Manual>,
    pub(crate) store: Arc<dyn Write>,
    pub(crate) secrets: backend::secrets::Secrets,
    pub(crate) metrics: Arc<Metrics>,
    router: Surrounded,
    pub(crate) key: String,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The header, empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The text at a JSON pointer.
    pub(crate) fn at(&self, pointer: &str) -> String {
        let value = self.json();
        let text = value.pointer(pointer).and_then(Value::as_str);
        text.unwrap_or_else(|| panic!("nothing at {pointer}: {value}"))
            .to_owned()
    }

    /// Asserts that this is a whole problem document of that status and code.
    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16, code: &str) {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.header("cache-control"), "no-store");
        let problem = self.json();
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["type"], format!("/docs#{code}"), "{problem}");
        for member in ["title", "detail"] {
            let words = problem[member].as_str().unwrap_or_default();
            assert!(!words.is_empty(), "{member} says nothing: {problem}");
        }
    }
}

impl Service {
    /// The demonstration's values, one site, no limits per client.
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// The same with another configuration.
    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        listen();
        let world = Arc::new(Manual::new());
        let mut config = Config {
            public_url: Some(BASE.to_owned()),
            demo: true,
            site: vec![Site {
                origin: SITE.to_owned(),
            }],
            rate_limit: backend::config::Switch::Off,
            default_country: Some(Country::GB),
            default_subscriber: Some(Subscriber::Corporate),
            notice: Settings {
                assessments_reviewed_at: Some(world.now().date()),
                ..Settings::example()
            },
            ..Config::default()
        };
        change(&mut config);
        let secrets = match config.secrets.pepper.is_empty() {
            true => SecretsText::generate(&*world).check().unwrap(),
            false => config.secrets.check().unwrap(),
        };
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sayso.db");
        let store: Arc<dyn Write> = Arc::new(Sqlite::open(&path, Options::service()).unwrap());
        publish(&store, &[folder()], &[], &config, world.now())
            .await
            .unwrap();
        let scopes = [Scope::GateCheck];
        let key = make_key(&store, "tests", &scopes, None, world.now(), &*world)
            .await
            .unwrap();
        let listening = SocketAddr::from(([127, 0, 0, 1], 8080));
        let app = AppState::new(
            store.clone(),
            &config,
            secrets.clone(),
            world.clone(),
            listening,
        )
        .unwrap();
        Self {
            metrics: app.metrics().clone(),
            router: router(app),
            directory,
            config,
            world,
            store,
            secrets,
            key,
        }
    }

    /// Where the database is.
    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("sayso.db")
    }

    /// The directory of the database.
    pub(crate) fn directory(&self) -> PathBuf {
        self.directory.path().to_owned()
    }

    /// Another connection to the database, as an intruder or an accident would have.
    pub(crate) fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.path()).unwrap()
    }

    /// The answer as it begins.
    pub(crate) async fn begin(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.begin(request).await;
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            bytes: body.collect().await.unwrap().to_bytes().to_vec(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(request(Method::GET, path, &[], "")).await
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(request(Method::GET, path, headers, "")).await
    }

    /// Posts JSON as a program does.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_with(path, &[], body).await
    }

    pub(crate) async fn post_with(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        self.send(posted(path, headers, &body.to_string())).await
    }

    /// Objects to everything.
    pub(crate) async fn object(&self, address: &str) -> Answer {
        self.object_to(address, json!({})).await
    }

    /// Objects with more fields; the answer must be 202.
    pub(crate) async fn object_to(&self, address: &str, more: Value) -> Answer {
        let answer = self.post("/v1/objections", &objection(address, more)).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        answer
    }

    pub(crate) async fn undo(&self, token: &str) -> Answer {
        self.post("/v1/objections/undo", &json!({ "token": token }))
            .await
    }

    /// Posts a form as a browser does without scripts.
    pub(crate) async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = serde_urlencoded::to_string(fields).unwrap();
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.send(request(Method::POST, path, &headers, &body))
            .await
    }

    /// Asks the gate with these fields beside the purpose.
    pub(crate) async fn decisions(&self, question: &Value) -> Answer {
        let key = format!("Bearer {}", self.key);
        self.post_with("/v1/decisions", &[("authorization", &key)], question)
            .await
    }

    /// Posts JSON with the key of the tests.
    pub(crate) async fn asked(&self, path: &str, body: &Value) -> Answer {
        let key = format!("Bearer {}", self.key);
        self.post_with(path, &[("authorization", &key)], body).await
    }

    /// The rule set in force.
    pub(crate) fn rules(&self) -> shared::rules::Rules {
        let newest = "SELECT canonical FROM rules ORDER BY rowid DESC LIMIT 1";
        let bytes: Vec<u8> = self
            .database()
            .query_row(newest, (), |row| row.get(0))
            .unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    /// The decision about one address, about e-mail for that purpose.
    pub(crate) async fn decide(&self, address: &str) -> Value {
        self.decide_about(address, json!({})).await
    }

    /// The decision with a topic or channel.
    pub(crate) async fn decide_about(&self, address: &str, more: Value) -> Value {
        let question = json!({ "purpose": PURPOSE, "checks": [{ "address": address }] });
        let answer = self.decisions(&joined(question, more)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["decisions"][0].clone()
    }

    /// Whether the gate lets a mailing go out to the address.
    pub(crate) async fn proceeds(&self, address: &str) -> bool {
        self.decide(address).await["proceed"].as_bool().unwrap()
    }

    /// Every entry of the ledger, in order.
    pub(crate) async fn entries(&self) -> Vec<Entry> {
        let rows = self.store.ledger(0, 10_000).await.unwrap();
        rows.iter()
            .map(|row| Entry::from_canonical(&row.payload.as_ref().unwrap().1).unwrap())
            .collect()
    }

    /// The token of what is rendered now.
    pub(crate) fn view_token(&self) -> String {
        let notice = self.in_force();
        self.secrets.view.token(&notice, *b"en", self.world.now())
    }

    /// The digest of the notice in force.
    pub(crate) fn in_force(&self) -> Digest {
        let newest = "SELECT digest FROM notice WHERE notice = ?1 ORDER BY version DESC LIMIT 1";
        let bytes: Vec<u8> = self
            .database()
            .query_row(newest, [NOTICE], |row| row.get(0))
            .unwrap();
        Digest::from_bytes(bytes.try_into().unwrap())
    }

    /// A new key with those scopes.
    pub(crate) async fn key(&self, scopes: &[Scope]) -> String {
        let now = self.world.now();
        make_key(&self.store, "", scopes, None, now, &*self.world)
            .await
            .unwrap()
    }

    /// A digest of every row of every table.
    pub(crate) fn state(&self) -> Digest {
        let database = self.database();
        let mut tables = database
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
            .unwrap();
        let names: Vec<String> = tables
            .query_map((), |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert!(names.len() > 5, "{names:?}");
        let mut all = String::new();
        for name in names {
            all.push_str(&name);
            let mut rows = database
                .prepare(&format!("SELECT * FROM \"{name}\""))
                .unwrap();
            let columns = rows.column_count();
            let mut rows = rows.query(()).unwrap();
            while let Some(row) = rows.next().unwrap() {
                for column in 0..columns {
                    all.push_str(&format!("{:?},", row.get::<_, Cell>(column).unwrap()));
                }
                all.push('\n');
            }
        }
        Digest::of(all.as_bytes())
    }
}

/// The notice that the binary carries.
pub(crate) fn folder() -> Folder {
    let found = included().into_iter().find(|(key, _)| key == NOTICE);
    found.unwrap().1
}

/// The body of an objection.
pub(crate) fn objection(address: &str, more: Value) -> Value {
    joined(json!({ "address": address, "notice": NOTICE }), more)
}

fn joined(mut body: Value, more: Value) -> Value {
    let Value::Object(more) = more else {
        panic!("fields are an object")
    };
    body.as_object_mut().unwrap().extend(more);
    body
}

/// A JSON request with more headers.
pub(crate) fn posted(path: &str, headers: &[(&str, &str)], body: &str) -> Request<Body> {
    let json = [("content-type", "application/json")];
    request(Method::POST, path, &[&json, headers].concat(), body)
}

pub(crate) fn request(
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if headers.iter().all(|(name, _)| *name != "host") {
        request = request.header(header::HOST, "privacy.example.com");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::from(body.to_owned())).unwrap()
}

/// The request as it arrives from that client.
pub(crate) fn from_client(mut request: Request<Body>, client: &str) -> Request<Body> {
    let peer = SocketAddr::new(client.parse().unwrap(), 50_000);
    request.extensions_mut().insert(ConnectInfo(peer));
    request
}
