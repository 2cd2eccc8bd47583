//! Asking for a link to one's own pages, and using its code.

use leptos::prelude::*;

use super::{Page, Whose, document, escape};
use crate::panel::fill;
use crate::surroundings::{Surroundings, html};

/// What the page for signing in has to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignIn {
    /// Nothing yet.
    Start,
    /// A session was over.
    Ended,
    /// A session was over when a button was pressed that would have recorded something.
    Unrecorded,
    /// A link was asked for: the same for every address.
    Asked,
    /// The address field is empty.
    Missing,
    /// What was typed is no address.
    Malformed,
    /// The code field is empty.
    NoCode,
    /// The link or code does not work.
    Refused,
    /// Signed out.
    Out,
}

/// The page: a field for the address, a field for the code, and for the script that `script` names
/// a button that uses the link. `address` is what was typed.
#[must_use]
pub fn sign_in_page(
    state: SignIn,
    address: &str,
    whose: Whose<'_>,
    script: &str,
    around: &Surroundings,
) -> String {
    let notice = whose.notice;
    let words = &around.words().sign_in;
    let (panel, page) = (&around.words().panel, &around.words().page);
    let title = match state {
        SignIn::Asked => &words.asked_title,
        SignIn::Out => &words.out_title,
        _ => &words.title,
    };
    let fault = match state {
        SignIn::Missing => Some((&panel.address_missing, "#address")),
        SignIn::Malformed => Some((&panel.address_malformed, "#address")),
        SignIn::NoCode => Some((&words.code_missing, "#code")),
        SignIn::Refused => Some((&words.refused, "#code")),
        _ => None,
    };
    let summary = match (state, fault) {
        (SignIn::Unrecorded, _) => html(|| unrecorded(notice, around)),
        (_, Some((text, field))) => format!(
            "<div class=\"summary\" role=\"alert\"><h2>{}</h2><p><a href=\"{field}\">{}</a></p></div>",
            escape(&page.problem),
            escape(text)
        ),
        (_, None) => String::new(),
    };
    let intro = match state {
        SignIn::Asked => vec![fill(&words.asked_text, "{address}", address)],
        SignIn::Ended => vec![words.ended.clone()],
        SignIn::Out => vec![words.out_text.clone()],
        _ => vec![words.intro.clone()],
    };
    let intro: Vec<_> = intro
        .into_iter()
        .map(|text| view! { <p>{text}</p> })
        .collect();
    let is_another = matches!(state, SignIn::Asked | SignIn::NoCode | SignIn::Refused);
    let code = html(|| code(state, address, around));
    let forms = match is_another {
        true => [code, html(|| another(address, notice, around))],
        false => [html(|| ask(state, address, notice, around)), code],
    }
    .concat();
    let forms = html(|| intro) + &forms;
    let content = summary + &arriving(&words.linked, None, &forms, script, around);
    let is_error = fault.is_some() || state == SignIn::Unrecorded;
    let head = is_error.then(|| fill(&page.error_title, "{title}", title));
    let help = whose.help(around);
    let page = Page {
        title,
        head_title: head.as_deref(),
        owner: whose.owner,
        path: Some("/self").filter(|_| state == SignIn::Start),
        help: help.as_deref(),
    };
    document(&page, around, &content)
}

/// The content of a page where a mailed link may arrive: then the script that `script` names shows `says`
/// and the button that uses the link in place of `content`. `stay` is the way back to the content.
pub(super) fn arriving(
    says: &str,
    stay: Option<String>,
    content: &str,
    script: &str,
    around: &Surroundings,
) -> String {
    let language = around.language.tag();
    let stay = stay.map(|stay| {
        let href = ["/self?lang=", language].concat();
        view! { <p><a href=href>{stay}</a></p> }
    });
    let linked = html(|| {
        view! {
            <div id="linked" hidden>
                <p>{says.to_owned()}</p>
                <form method="post" action="/self/session">
                    <input type="hidden" id="token" name="token"/>
                    <input type="hidden" name="lang" value=language/>
                    <button>{around.words().sign_in.open.as_str()}</button>
                </form>
                {stay}
            </div>
        }
    });
    format!(
        "{linked}<div id=\"typed\">{content}</div><script src=\"{}\" defer></script>",
        escape(script)
    )
}

/// What became of a button that was pressed too late, and the way to object all the same.
fn unrecorded(notice: &str, around: &Surroundings) -> impl IntoView + use<> {
    let words = &around.words().sign_in;
    let object = (!notice.is_empty()).then(|| {
        let language = around.language.tag();
        let href = around.url(&format!("/notices/{notice}?lang={language}#object"));
        view! { <p><a href=href>{words.unrecorded_object.as_str()}</a></p> }
    });
    view! {
        <div class="summary" role="alert">
            <h2>{words.unrecorded_title.as_str()}</h2>
            <p>{words.unrecorded_text.as_str()}</p>
            {object}
        </div>
    }
}

fn ask(state: SignIn, address: &str, notice: &str, around: &Surroundings) -> impl IntoView + use<> {
    let words = &around.words().sign_in;
    let panel = &around.words().panel;
    let error = match state {
        SignIn::Missing => panel.address_missing.clone(),
        SignIn::Malformed => panel.address_malformed.clone(),
        _ => String::new(),
    };
    let wrong = !error.is_empty();
    let button = match state {
        SignIn::Start | SignIn::Missing | SignIn::Malformed => words.send.clone(),
        _ => words.again.clone(),
    };
    view! {
        <form method="post" action="/self/link" novalidate>
            <input type="hidden" name="notice" value=notice.to_owned()/>
            <input type="hidden" name="lang" value=around.language.tag()/>
            {address_field("address", address, error, wrong, around)}
            <button>{button}</button>
        </form>
    }
}

/// The form for one more link, below that for the code.
fn another(address: &str, notice: &str, around: &Surroundings) -> impl IntoView + use<> {
    let words = &around.words().sign_in;
    view! {
        <section>
            <h2>{words.ask_title.as_str()}</h2>
            <p>{words.asked_again.as_str()}</p>
            <form method="post" action="/self/link" novalidate>
                <input type="hidden" name="notice" value=notice.to_owned()/>
                <input type="hidden" name="lang" value=around.language.tag()/>
                {address_field("address", address, String::new(), false, around)}
                <button class="quiet">{words.again.as_str()}</button>
            </form>
        </section>
    }
}

fn code(state: SignIn, address: &str, around: &Surroundings) -> impl IntoView + use<> {
    let words = &around.words().sign_in;
    let error = match state {
        SignIn::NoCode => words.code_missing.clone(),
        SignIn::Refused => words.refused.clone(),
        _ => String::new(),
    };
    let wrong = !error.is_empty();
    view! {
        <section>
            <h2>{words.code_title.as_str()}</h2>
            <form method="post" action="/self/session" novalidate>
                <input type="hidden" name="lang" value=around.language.tag()/>
                {address_field("address-code", address, String::new(), false, around)}
                {code_field(error, wrong, around)}
                <button>{words.open.as_str()}</button>
            </form>
        </section>
    }
}

/// The field for an address, with what is wrong with it.
pub(super) fn address_field(
    id: &'static str,
    address: &str,
    error: String,
    wrong: bool,
    around: &Surroundings,
) -> impl IntoView + use<> {
    let error_id = [id, "-error"].concat();
    view! {
        <div class="field" class:wrong=wrong>
            <label for=id>{around.words().panel.address.as_str()}</label>
            <p id=error_id.clone() class="error">{error}</p>
            <input
                id=id
                name="address"
                type="email"
                autocomplete="email"
                spellcheck="false"
                required
                value=address.to_owned()
                aria-describedby=error_id
                aria-invalid=wrong.to_string()
            />
        </div>
    }
}

/// The field for a code, with what is wrong with it.
pub(super) fn code_field(
    error: String,
    wrong: bool,
    around: &Surroundings,
) -> impl IntoView + use<> {
    let words = &around.words().sign_in;
    view! {
        <div class="field" class:wrong=wrong>
            <label for="code">{words.code.as_str()}</label>
            <p id="code-hint" class="hint">{words.code_hint.as_str()}</p>
            <p id="code-error" class="error">{error}</p>
            <input
                id="code"
                name="code"
                type="text"
                class="code"
                autocomplete="one-time-code"
                autocapitalize="characters"
                spellcheck="false"
                required
                aria-describedby="code-hint code-error"
                aria-invalid=wrong.to_string()
            />
        </div>
    }
}
