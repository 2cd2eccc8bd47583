//! The only code that talks to the network or to the window.

mod reply;

use std::future::Future;

use js_sys::{Array, Function, JSON, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Headers, Request, RequestCredentials, RequestInit, Response, Window};

use reply::{MALFORMED, Reply};

use crate::panel::{Asking, Choices, Fault, Heard, Line, Made, OwnPress, Said, Undo};

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
    /// It is not known to be recorded.
    Failed(Fault),
    /// Nor did the service itself say why: scripts may have no way to it where a form has one.
    Barred,
}

/// The longest wait that is obeyed, in seconds.
const LONGEST_WAIT: u32 = 300;

/// Milliseconds until an answer is no longer waited for: who drops a request need not say so.
const PATIENCE: u32 = 30_000;

/// Posts an objection with the form's fields.
pub async fn object(base: &str, field: impl Fn(&str) -> String) -> Answer {
    let names = ["address", "notice", "topic", "until", "view_token"];
    let reply = post(&[base, "/v1/objections"].concat(), &filled(&names, field)).await;
    if reply.status == Some(429) {
        let seconds = reply.seconds.unwrap_or(10);
        return Answer::Wait(seconds.clamp(1, LONGEST_WAIT));
    }
    let recorded = || {
        Some(Answer::Recorded {
            reference: text(&reply.json, "reference")?,
            receipt: text(&reply.json, "receipt")?,
            undo_token: undo_token(&reply.json)?,
        })
    };
    match recorded().filter(|_| reply.is_done()) {
        Some(recorded) => recorded,
        None if reply.is_malformed() => Answer::Malformed,
        None => match reply.status {
            Some(500..) => Answer::Failed(reply.fault()),
            Some(status) if status != 403 && reply.json.is_object() => {
                Answer::Failed(reply.fault())
            }
            _ => Answer::Barred,
        },
    }
}

/// Asks for the message that confirms a consent, with the form's fields.
pub async fn ask(base: &str, field: impl Fn(&str) -> String) -> Asking {
    let names = ["address", "notice", "purpose", "channel", "view_token"];
    let reply = post(&[base, "/v1/consents"].concat(), &filled(&names, field)).await;
    match reply.is_done() {
        true => Asking::Asked,
        false if reply.is_malformed() => Asking::Malformed,
        false => Asking::Failed(reply.fault()),
    }
}

/// Asks for a code.
pub async fn link(base: &str, language: &str, address: &str, notice: &str) -> Heard {
    let body = Object::new();
    set(&body, "address", address);
    set(&body, "notice", notice);
    set(&body, "language", language);
    let reply = post(&[base, "/v1/links"].concat(), &body).await;
    let said = match reply.is_done() {
        true => Said::Asked,
        false if reply.is_malformed() => Said::Malformed,
        false => Said::Failed(reply.fault()),
    };
    said.into()
}

/// Opens one's own choices with the code that was mailed.
pub async fn open(base: &str, language: &str, address: &str, code: &str) -> Heard {
    let body = Object::new();
    set(&body, "address", address);
    set(&body, "code", code);
    let reply = post(&[base, "/v1/sessions"].concat(), &body).await;
    let session = text(&reply.json, "session").filter(|_| reply.is_done());
    let Some(session) = session else {
        let said = match reply.code().as_str() {
            "unknown_token" => Said::WrongCode,
            MALFORMED => Said::Malformed,
            _ => Said::Failed(reply.fault()),
        };
        return said.into();
    };
    let open = Choices {
        session,
        ..Choices::default()
    };
    match holding(base, language, &open).await {
        Some(open) => Heard {
            open: Some(open),
            ..Said::Shown.into()
        },
        None => Said::Over.into(),
    }
}

/// Sends a choice; what holds then.
pub async fn choose(base: &str, language: &str, open: &Choices, press: &OwnPress) -> Heard {
    let body = Object::new();
    for (name, value) in &press.fields {
        set(&body, name, value);
    }
    _ = Reflect::set(&body, &"as_of".into(), &open.as_of.into());
    let url = [base, "/v1/self/choices?lang=", language].concat();
    let reply = send("POST", &url, Some(&open.session), Some(&body)).await;
    let answer = Some(&reply.json).filter(|_| reply.is_done());
    let made = answer.and_then(|answer| {
        Some(Made {
            says: text(answer, "says")?,
            reference: text(answer, "reference")?,
            receipt: text(answer, "receipt")?,
            undo_token: undo_token(answer).unwrap_or_default(),
        })
    });
    let said = match &made {
        Some(_) => Said::Made,
        None => Said::of(reply.status, &reply.code()),
    };
    let shown = answer.and_then(|answer| choices(&Reflect::get(answer, &"self".into()).ok()?));
    let open = match shown {
        None => reread(base, language, open, said).await,
        shown => shown,
    };
    Heard { said, open, made }
}

/// Takes the choice of that token back; what holds then.
pub async fn unmake(base: &str, language: &str, open: &Choices, token: &str) -> Heard {
    let said = match undo(base, token).await {
        Undo::Undone => Said::Undone,
        Undo::Failed => Said::UndoFailed,
        _ => Said::Failed(Fault::Unanswered),
    };
    Heard {
        open: reread(base, language, open, said).await,
        ..said.into()
    }
}

/// What holds, read again where the last answer leaves that open.
async fn reread(base: &str, language: &str, open: &Choices, said: Said) -> Option<Choices> {
    match said {
        Said::Over | Said::Failed(Fault::Refused | Fault::Busy) => None,
        _ => holding(base, language, open).await,
    }
}

/// What holds for who has that session.
async fn holding(base: &str, language: &str, open: &Choices) -> Option<Choices> {
    let url = [base, "/v1/self?lang=", language].concat();
    let reply = send("GET", &url, Some(&open.session), None).await;
    match reply.is_done() {
        true => choices(&reply.json),
        false => None,
    }
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
            fields: ["act", "purpose", "topic", "channel", "kind", "view_token"]
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
    navigator("globalPrivacyControl") == Some(JsValue::TRUE)
}

/// Whether the browser knows that it has no network: to leave the page then would lose it.
pub fn is_offline() -> bool {
    navigator("onLine") == Some(JsValue::FALSE)
}

fn navigator(name: &str) -> Option<JsValue> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
    Reflect::get(&navigator, &name.into()).ok()
}

/// Takes back the act of that token; what became of that.
pub async fn undo(base: &str, token: &str) -> Undo {
    let body = Object::new();
    set(&body, "token", token);
    let reply = post(&[base, "/v1/objections/undo"].concat(), &body).await;
    let undone = Reflect::get(&reply.json, &"undone".into());
    let is_undone = reply.is_done() && undone == Ok(JsValue::TRUE);
    Undo::of(is_undone, &reply.code())
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

/// Calls whenever the page goes away, also where the browser keeps it to show it again.
pub fn on_leaving(then: impl Fn() + 'static) {
    let listener = Closure::<dyn Fn()>::new(then);
    if let Some(window) = window() {
        let listener = listener.as_ref().unchecked_ref();
        _ = window.add_event_listener_with_callback("pagehide", listener);
    }
    listener.forget();
}

fn window() -> Option<Window> {
    js_sys::global().dyn_into().ok()
}

async fn post(url: &str, body: &Object) -> Reply {
    send("POST", url, None, Some(body)).await
}

async fn send(method: &str, url: &str, session: Option<&str>, body: Option<&Object>) -> Reply {
    match fetch(method, url, session, body).await {
        Some(response) => Reply::read(response).await,
        None => Reply::default(),
    }
}

/// The answer, if one comes. What is sent goes out also where the page is closed meanwhile.
async fn fetch(
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
    let is_write = method != "GET";
    _ = Reflect::set(&with, &"keepalive".into(), &is_write.into());
    if let Some(signal) = patience() {
        _ = Reflect::set(&with, &"signal".into(), &signal);
    }
    let request = Request::new_with_str_and_init(url, &with).ok()?;
    JsFuture::from(window()?.fetch_with_request(&request))
        .await
        .ok()?
        .dyn_into()
        .ok()
}

/// A signal that ends the waiting; none in browsers that know none.
fn patience() -> Option<JsValue> {
    let signal = Reflect::get(&js_sys::global(), &"AbortSignal".into()).ok()?;
    let timeout: Function = Reflect::get(&signal, &"timeout".into())
        .ok()?
        .dyn_into()
        .ok()?;
    timeout.call1(&signal, &PATIENCE.into()).ok()
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

fn undo_token(answer: &JsValue) -> Option<String> {
    text(&Reflect::get(answer, &"undo".into()).ok()?, "token")
}

fn set(object: &Object, name: &str, value: &str) {
    _ = Reflect::set(object, &name.into(), &value.into());
}

fn text(object: &JsValue, name: &str) -> Option<String> {
    Reflect::get(object, &name.into()).ok()?.as_string()
}
