//! The only code that talks to the network or to the window.

use std::future::Future;

use js_sys::{Array, JSON, Object, Promise, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Headers, Request, RequestCredentials, RequestInit, Response, Window};

use crate::panel::{Asking, Choices, Line, Own, OwnPress};

/// What the service says to an objection.
pub enum Answer {
    /// It holds.
    Recorded {
        /// What the person can quote.
        reference: String,
        /// Where the receipt is.
        receipt: String,
        /// Takes it back for ten minutes.
        undo_token: String,
    },
    /// What was typed is no address.
    Malformed,
    /// Too many at once; again in that many seconds.
    Wait(u32),
    /// Nothing was recorded, or nobody answered.
    Failed,
}

/// The longest wait that is obeyed, in seconds.
const LONGEST_WAIT: u32 = 300;

/// Posts an objection with the form's fields.
pub async fn object(base: &str, field: impl Fn(&str) -> String) -> Answer {
    let names = ["address", "notice", "topic", "until", "view_token"];
    let Some(response) = post(&[base, "/v1/objections"].concat(), &filled(&names, field)).await
    else {
        return Answer::Failed;
    };
    if response.status() == 429 {
        let after = response.headers().get("retry-after").ok().flatten();
        let seconds = after.and_then(|text| text.parse().ok()).unwrap_or(10);
        return Answer::Wait(seconds.clamp(1, LONGEST_WAIT));
    }
    let Some(answer) = json(&response).await else {
        return Answer::Failed;
    };
    let malformed = is_malformed(&answer);
    let recorded = || {
        Some(Answer::Recorded {
            reference: text(&answer, "reference")?,
            receipt: text(&answer, "receipt")?,
            undo_token: text(&Reflect::get(&answer, &"undo".into()).ok()?, "token")?,
        })
    };
    match response.ok() {
        true => recorded().unwrap_or(Answer::Failed),
        false if malformed => Answer::Malformed,
        false => Answer::Failed,
    }
}

/// Asks for the message that confirms a consent, with the form's fields.
pub async fn ask(base: &str, field: impl Fn(&str) -> String) -> Asking {
    let names = ["address", "notice", "purpose", "channel", "view_token"];
    match post(&[base, "/v1/consents"].concat(), &filled(&names, field)).await {
        Some(response) if response.ok() => Asking::Asked,
        Some(response) => match json(&response).await {
            Some(answer) if is_malformed(&answer) => Asking::Malformed,
            _ => Asking::Failed,
        },
        None => Asking::Failed,
    }
}

/// Asks for a code.
pub async fn link(base: &str, language: &str, address: &str, notice: &str) -> Own {
    let body = Object::new();
    set(&body, "address", address);
    set(&body, "notice", notice);
    set(&body, "language", language);
    match post(&[base, "/v1/links"].concat(), &body).await {
        Some(response) if response.ok() => Own::Asked,
        Some(response) => match json(&response).await {
            Some(answer) if is_malformed(&answer) => Own::Malformed,
            _ => Own::Failed,
        },
        None => Own::Failed,
    }
}

/// Opens one's own choices with the code that was mailed.
pub async fn open(base: &str, language: &str, address: &str, code: &str) -> Own {
    let body = Object::new();
    set(&body, "address", address);
    set(&body, "code", code);
    let Some(response) = post(&[base, "/v1/sessions"].concat(), &body).await else {
        return Own::Failed;
    };
    let answer = json(&response).await;
    if !response.ok() {
        return match response.status() {
            400..=422 => Own::WrongCode,
            _ => Own::Failed,
        };
    }
    let Some(session) = answer.and_then(|answer| text(&answer, "session")) else {
        return Own::Failed;
    };
    let url = [base, "/v1/self?lang=", language].concat();
    match send("GET", &url, Some(&session), None).await {
        Some(response) if response.ok() => json(&response)
            .await
            .and_then(|answer| choices(&answer))
            .map_or(Own::Failed, Own::Open),
        _ => Own::Failed,
    }
}

/// Sends a choice; what holds then.
pub async fn choose(base: &str, language: &str, open: &Choices, press: &OwnPress) -> Own {
    let body = Object::new();
    for (name, value) in &press.fields {
        set(&body, name, value);
    }
    _ = Reflect::set(&body, &"as_of".into(), &open.as_of.into());
    let url = [base, "/v1/self/choices?lang=", language].concat();
    let shown = match send("POST", &url, Some(&open.session), Some(&body)).await {
        Some(response) if response.ok() => json(&response)
            .await
            .and_then(|answer| choices(&Reflect::get(&answer, &"self".into()).ok()?)),
        _ => None,
    };
    shown.map_or(Own::Failed, Own::Open)
}

/// Ends the session.
pub async fn leave(base: &str, session: &str) {
    let url = [base, "/v1/sessions"].concat();
    _ = send("DELETE", &url, Some(session), None).await;
}

fn choices(answer: &JsValue) -> Option<Choices> {
    let as_of = Reflect::get(answer, &"as_of".into()).ok()?.as_f64()?;
    let lines = list(answer, "lines").into_iter().map(|line| {
        let presses = list(&line, "presses").into_iter().map(|press| OwnPress {
            label: text(&press, "label").unwrap_or_default(),
            fields: ["act", "purpose", "topic", "channel", "view_token"]
                .into_iter()
                .filter_map(|name| Some((name.to_owned(), text(&press, name)?)))
                .collect(),
        });
        Line {
            says: text(&line, "says").unwrap_or_default(),
            beside: text(&line, "beside").unwrap_or_default(),
            presses: presses.collect(),
        }
    });
    Some(Choices {
        session: text(answer, "session")?,
        as_of,
        lines: lines.collect(),
    })
}

fn list(object: &JsValue, name: &str) -> Vec<JsValue> {
    Reflect::get(object, &name.into())
        .map_or_else(|_| Vec::new(), |value| Array::from(&value).iter().collect())
}

/// Whether the browser sends Global Privacy Control (GPC-02).
pub fn gpc() -> bool {
    let navigator = window().and_then(|window| Reflect::get(&window, &"navigator".into()).ok());
    navigator
        .and_then(|navigator| Reflect::get(&navigator, &"globalPrivacyControl".into()).ok())
        .is_some_and(|signal| signal == JsValue::TRUE)
}

/// Takes back the objection of that token; whether it worked.
pub async fn undo(base: &str, token: &str) -> bool {
    let body = Object::new();
    set(&body, "token", token);
    let response = post(&[base, "/v1/objections/undo"].concat(), &body).await;
    response.is_some_and(|response| response.ok())
}

/// Runs a task beside what the person does.
pub fn spawn(task: impl Future<Output = ()> + 'static) {
    spawn_local(task);
}

/// Waits.
pub async fn sleep(seconds: u32) {
    let millis = i32::try_from(seconds.saturating_mul(1000)).unwrap_or(i32::MAX);
    let wait = Promise::new(&mut |done, _| {
        if let Some(window) = window() {
            _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&done, millis);
        }
    });
    _ = JsFuture::from(wait).await;
}

/// Opens the browser's print dialogue.
pub fn print() {
    if let Some(window) = window() {
        _ = window.print();
    }
}

fn window() -> Option<Window> {
    js_sys::global().dyn_into().ok()
}

async fn post(url: &str, body: &Object) -> Option<Response> {
    send("POST", url, None, Some(body)).await
}

async fn send(
    method: &str,
    url: &str,
    session: Option<&str>,
    body: Option<&Object>,
) -> Option<Response> {
    let headers = Headers::new().ok()?;
    headers.set("x-sayso-client", "1").ok()?;
    if let Some(session) = session {
        let bearer = ["Bearer ", session].concat();
        headers.set("authorization", &bearer).ok()?;
    }
    let with = RequestInit::new();
    with.set_method(method);
    with.set_credentials(RequestCredentials::Omit);
    if let Some(body) = body {
        headers.set("content-type", "application/json").ok()?;
        with.set_body(&JSON::stringify(body).ok()?.into());
    }
    with.set_headers(&headers);
    let request = Request::new_with_str_and_init(url, &with).ok()?;
    JsFuture::from(window()?.fetch_with_request(&request))
        .await
        .ok()?
        .dyn_into()
        .ok()
}

async fn json(response: &Response) -> Option<JsValue> {
    JsFuture::from(response.json().ok()?).await.ok()
}

/// The fields of these names; an empty one is left out.
fn filled(names: &[&str], field: impl Fn(&str) -> String) -> Object {
    let body = Object::new();
    for name in names {
        let value = field(name);
        if !value.is_empty() {
            set(&body, name, &value);
        }
    }
    body
}

fn is_malformed(answer: &JsValue) -> bool {
    text(answer, "code").is_some_and(|code| code == "invalid_address")
}

fn set(object: &Object, name: &str, value: &str) {
    _ = Reflect::set(object, &name.into(), &value.into());
}

fn text(object: &JsValue, name: &str) -> Option<String> {
    Reflect::get(object, &name.into()).ok()?.as_string()
}
