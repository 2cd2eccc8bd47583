//! The forms for an objection that a person weighs, and for a complaint, and their answers.

use chrono::NaiveDate;
use leptos::prelude::*;
use shared::notice::Notice;
use shared::notice::purpose::Control;

use super::notice::owner;
use super::{Page, document, escape};
use crate::catalogue::CaseWords;
use crate::panel::fill;
use crate::purposes::text;
use crate::surroundings::{Surroundings, html};

/// Which of the two forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// An objection under Art. 21(1).
    Objection,
    /// A complaint.
    Complaint,
}

impl Form {
    /// Where the form is and is sent to.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Objection => "/object/case",
            Self::Complaint => "/complain",
        }
    }
}

/// What was typed so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filled {
    /// The address.
    pub address: String,
    /// The purpose that is objected to.
    pub purpose: String,
    /// The person's words.
    pub text: String,
}

/// What is wrong with it, in the order of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// No purpose was chosen.
    NoPurpose,
    /// No address.
    NoAddress,
    /// It is no address.
    BadAddress,
    /// Nothing was written.
    NoText,
    /// Too much was written.
    LongText,
}

impl Wrong {
    const fn field(self) -> &'static str {
        match self {
            Self::NoPurpose => "purpose",
            Self::NoAddress | Self::BadAddress => "address",
            Self::NoText | Self::LongText => "text",
        }
    }
}

/// The form, with what was typed and what is wrong with it (WCAG 3.3.1, 3.3.7). At most `most`
/// characters may be written.
#[must_use]
pub fn case_page(
    form: Form,
    notice: &Notice,
    filled: &Filled,
    wrong: &[Wrong],
    most: usize,
    around: &Surroundings,
) -> String {
    let words = &around.words().case;
    let controller = owner(notice);
    let (title, intro) = match form {
        Form::Objection => (&words.object_title, &words.object_intro),
        Form::Complaint => (&words.complain_title, &words.complain_intro),
    };
    let intro = fill(intro, "{controller}", controller);
    let said = |field: &str| {
        let first = wrong.iter().find(|wrong| wrong.field() == field)?;
        Some(reason(*first, most, around))
    };
    let content = [
        summary(wrong, most, around),
        html(|| view! { <p>{intro}</p> }),
        html(|| fields(form, notice, filled, &said, most, around)),
        html(|| other_ways(form, notice, around)),
    ]
    .concat();
    // In another language the form would be empty again: what was typed is not lost to a link.
    let path = wrong.is_empty().then(|| path(form, notice, filled));
    let head = fill(&around.words().page.error_title, "{title}", title);
    page(
        path.as_deref(),
        notice,
        title,
        (!wrong.is_empty()).then_some(head.as_str()),
        around,
        &content,
    )
}

/// The answer: the reference, and until when somebody answers.
#[must_use]
pub fn case_done_page(
    form: Form,
    notice: &Notice,
    reference: &str,
    by: NaiveDate,
    around: &Surroundings,
) -> String {
    let words = &around.words().case;
    let (title, next) = match form {
        Form::Objection => (&words.object_done, &words.object_next),
        Form::Complaint => (&words.complain_done, &words.complain_next),
    };
    let next = fill(next, "{date}", &around.words().date(by));
    let next = fill(&next, "{controller}", owner(notice));
    let reference = fill(&around.words().panel.reference, "{reference}", reference);
    let content = html(|| {
        view! {
            <div class="answer done" role="status">
                <p class="what">{reference}</p>
                <p>{next}</p>
                <p>{words.keep.as_str()}</p>
            </div>
            <p><a href=home(notice, around)>{around.words().page.back.as_str()}</a></p>
        }
    });
    page(None, notice, title, None, around, &content)
}

/// Links to both forms, for the notice page and the widget.
pub(crate) fn links(notice: &Notice, blank: bool, around: &Surroundings) -> AnyView {
    let words = &around.words().case;
    let link = |form: Form, label: &'static str| {
        let href = around.url(&format!(
            "{}?notice={}&lang={}",
            form.path(),
            notice.key,
            around.language.tag()
        ));
        view! { <a href=href target=blank.then_some("_blank")>{label}</a> }
    };
    let weighed = weighed(notice).next().is_some();
    let object = weighed.then(|| link(Form::Objection, &words.object_link));
    view! { {object} " " {link(Form::Complaint, &words.complain_link)} }.into_any()
}

fn weighed(notice: &Notice) -> impl Iterator<Item = &shared::notice::purpose::Purpose> {
    notice
        .purposes
        .iter()
        .filter(|purpose| purpose.control == Control::Case)
}

fn reason(wrong: Wrong, most: usize, around: &Surroundings) -> String {
    let (words, panel) = (&around.words().case, &around.words().panel);
    match wrong {
        Wrong::NoPurpose => words.which_missing.clone(),
        Wrong::NoAddress => panel.address_missing.clone(),
        Wrong::BadAddress => panel.address_malformed.clone(),
        Wrong::NoText => words.what_missing.clone(),
        Wrong::LongText => fill(&words.what_long, "{most}", &most.to_string()),
    }
}

fn summary(wrong: &[Wrong], most: usize, around: &Surroundings) -> String {
    if wrong.is_empty() {
        return String::new();
    }
    let lines: String = wrong
        .iter()
        .map(|one| {
            let said = escape(&reason(*one, most, around));
            format!("<p><a href=\"#{}\">{said}</a></p>", one.field())
        })
        .collect();
    format!(
        "<div class=\"summary\" role=\"alert\"><h2>{}</h2>{lines}</div>",
        escape(&around.words().page.problem)
    )
}

fn fields(
    form: Form,
    notice: &Notice,
    filled: &Filled,
    said: &dyn Fn(&str) -> Option<String>,
    most: usize,
    around: &Surroundings,
) -> AnyView {
    let (words, panel) = (&around.words().case, &around.words().panel);
    let (what, send) = match form {
        Form::Objection => (&words.object_what, &words.object_send),
        Form::Complaint => (&words.complain_what, &words.complain_send),
    };
    let purposes = (form == Form::Objection).then(|| purposes(notice, filled, said, words, around));
    let what_hint = fill(&words.what_hint, "{most}", &most.to_string());
    let (address_wrong, text_wrong) = (said("address"), said("text"));
    let class = |wrong: &Option<String>| {
        if wrong.is_some() {
            "field wrong"
        } else {
            "field"
        }
    };
    let error = |id: &'static str, wrong: &Option<String>| {
        let wrong = wrong.clone();
        wrong.map(|wrong| view! { <p id=id class="error">{wrong}</p> })
    };
    view! {
        <form method="post" action=around.url(form.path()) novalidate>
            <input type="hidden" name="notice" value=notice.key.to_string()/>
            <input type="hidden" name="lang" value=around.language.tag()/>
            <input type="hidden" name="view_token" value=around.view_token.clone()/>
            {purposes}
            <div class=class(&text_wrong)>
                <label for="text">{what.as_str()}</label>
                <p id="text-hint" class="hint">{what_hint}</p>
                {error("text-error", &text_wrong)}
                <textarea
                    id="text"
                    name="text"
                    rows="6"
                    required
                    aria-describedby="text-hint text-error"
                    aria-invalid=text_wrong.is_some().to_string()
                    inner_html=escape(&filled.text)
                ></textarea>
            </div>
            <div class=class(&address_wrong)>
                <label for="address">{panel.address.as_str()}</label>
                <p id="address-hint" class="hint">{words.address_hint.as_str()}</p>
                {error("address-error", &address_wrong)}
                <input
                    id="address"
                    name="address"
                    type="email"
                    autocomplete="email"
                    spellcheck="false"
                    required
                    value=filled.address.clone()
                    aria-describedby="address-hint address-error"
                    aria-invalid=address_wrong.is_some().to_string()
                />
            </div>
            <p class="hint">{words.kept.as_str()}</p>
            <button>{send.as_str()}</button>
        </form>
    }
    .into_any()
}

fn purposes(
    notice: &Notice,
    filled: &Filled,
    said: &dyn Fn(&str) -> Option<String>,
    words: &'static CaseWords,
    around: &Surroundings,
) -> AnyView {
    let wrong = said("purpose");
    let class = if wrong.is_some() { "wrong" } else { "" };
    let error = wrong.map(|wrong| view! { <p id="purpose-error" class="error">{wrong}</p> });
    let choices: Vec<_> = weighed(notice)
        .enumerate()
        .map(|(place, purpose)| {
            let id = match place {
                0 => "purpose".to_owned(),
                place => format!("purpose-{place}"),
            };
            let key = purpose.key.to_string();
            let checked = filled.purpose == key;
            let title = text(notice, &purpose.text_key("title"), around);
            view! {
                <div class="radio">
                    <input type="radio" id=id.clone() name="purpose" value=key checked=checked/>
                    <label for=id>{title}</label>
                </div>
            }
        })
        .collect();
    view! {
        <fieldset class=class>
            <legend>{words.object_which.as_str()}</legend>
            {error}
            {choices}
        </fieldset>
    }
    .into_any()
}

/// The way without e-mail (LAW-34), the authority, and marketing, which needs no case.
fn other_ways(form: Form, notice: &Notice, around: &Surroundings) -> AnyView {
    let words = &around.words().case;
    let slots = &notice.slots;
    let complaint = slots
        .complaint
        .filled()
        .and_then(|route| route.post.clone());
    let post = complaint.or_else(|| slots.contact.filled()?.post.clone());
    let post = post.or_else(|| Some(slots.controller.filled()?.address.clone()));
    let post = post.map(|post| view! { <p>{fill(&words.by_post, "{post}", &post)}</p> });
    let authority = slots.supervisory_authority.filled().map(|authority| {
        let text = fill(&words.authority, "{authority}", &authority.name);
        view! { <p>{text} " " <a href=authority.url.clone()>{authority.url.clone()}</a></p> }
    });
    let marketing = (form == Form::Objection).then(|| {
        let object = around.words().panel.object.as_str();
        let href = [&home(notice, around), "#object"].concat();
        view! { <p>{words.marketing.as_str()} " " <a href=href>{object}</a></p> }
    });
    view! {
        <section>
            <h2>{words.other_ways.as_str()}</h2>
            {marketing} {post} {authority}
        </section>
    }
    .into_any()
}

fn home(notice: &Notice, around: &Surroundings) -> String {
    around.url(&format!(
        "/notices/{}?lang={}",
        notice.key,
        around.language.tag()
    ))
}

/// Where the form of that notice is, with the purpose that is chosen in it.
fn path(form: Form, notice: &Notice, filled: &Filled) -> String {
    let chosen = weighed(notice).find(|purpose| purpose.key.as_str() == filled.purpose);
    let chosen = chosen.filter(|_| form == Form::Objection);
    let chosen = chosen.map_or_else(String::new, |purpose| format!("&purpose={}", purpose.key));
    format!("{}?notice={}{chosen}", form.path(), notice.key)
}

fn page(
    path: Option<&str>,
    notice: &Notice,
    title: &str,
    head: Option<&str>,
    around: &Surroundings,
    content: &str,
) -> String {
    let help = [home(notice, around).as_str(), "#section-contact"].concat();
    let page = Page {
        title,
        head_title: head,
        owner: owner(notice),
        path,
        help: Some(&help),
    };
    document(&page, around, content)
}
