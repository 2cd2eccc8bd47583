//! A choice: read, checked against what holds, and recorded with its evidence.

use axum::http::HeaderMap;
use frontend::catalogue::Language;
use frontend::own::StopKind;
use frontend::pages::choices::{Pressed, control_text};
use shared::entry::{Actor, Assurance, Evidence, Method, Surface};
use shared::legal_basis::LegalBasis;
use shared::scope::Scope;
use shared::time::Timestamp;

use crate::http::App;
use crate::http::objections;
use crate::http::origin::From;
use crate::http::own::{Known, Stopped, title};
use crate::http::problem::{Code, Problem};
use crate::http::session::SignedIn;
use crate::http::wire::ObjectionRequest;
use crate::http::wire::own::ChoiceRequest;
use crate::recording::{Choice, ChoiceDeed, Recorded};
use crate::store::StoreError;

/// A choice that was recorded.
pub(super) struct Made {
    /// The button.
    pub pressed: Pressed,
    /// About what.
    pub scope: Scope,
    /// The same in words.
    pub what: String,
    /// Whether an objection still stands in the way of a consent.
    pub stopped: bool,
    /// What the person gets back.
    pub recorded: Recorded,
}

/// Records what was chosen.
pub(super) async fn make(
    app: &App,
    signed: &SignedIn,
    request: &ChoiceRequest,
    headers: &HeaderMap,
    method: Method,
    language: Language,
) -> Result<Made, Problem> {
    let now = app.world.now();
    let known = Known::of(app, &signed.address, &signed.keys).await?;
    let scope = scope(&known, request)?;
    let stops = known.stops(now);
    let is_own = |stop: &&Stopped<'_>| matches!(stop.kind, StopKind::Objection | StopKind::Pause);
    let mut own = stops.iter().filter(is_own);
    let stopped = own.any(|stop| stop.bears_on(&scope));
    let until = match request.act.as_str() {
        "object" => objections::end(request.until.as_deref(), now)?,
        _ => None,
    };
    let around = app.surroundings(language, None);
    let (deed, pressed) = match request.act.as_str() {
        "object" => (
            ChoiceDeed::Object(until),
            until.map_or(Pressed::Object, |end| {
                Pressed::Pause(around.words().date(end.plus_millis(-1).date()))
            }),
        ),
        "give" => (ChoiceDeed::Give, Pressed::Give),
        "refuse" => (ChoiceDeed::Refuse, Pressed::Refuse),
        "withdraw" => (ChoiceDeed::Withdraw, Pressed::Withdraw),
        "lift" => {
            let stop = pressed(&stops, &scope, request)?;
            (ChoiceDeed::Lift(stop.lifted()), Pressed::Lift(stop.kind))
        }
        _ => {
            let detail = "Use object, give, refuse, withdraw or lift.";
            return Err(invalid("act", detail));
        }
    };
    let evidence = evidence(
        app, &known, &scope, &pressed, request, headers, method, language,
    );
    let choice = Choice {
        keys: signed.keys.clone(),
        subject: known.subject,
        evidence: evidence.await?,
        scope: scope.clone(),
        deed,
    };
    let recorder = app.recorder.about(&signed.address);
    let recorded = match (&choice.deed, request.as_of) {
        (ChoiceDeed::Lift(_), None) => return Err(invalid("as_of", "Send what you saw.")),
        (ChoiceDeed::Lift(_), Some(seen)) => recorder.lift(&choice, seen).await,
        _ => recorder.choose(&choice).await,
    };
    let notices: Vec<_> = known.shelf.structured_in_force().collect();
    Ok(Made {
        what: title(&notices, &scope, &around),
        stopped: stopped && pressed == Pressed::Give,
        recorded: recorded.map_err(|error| match error {
            StoreError::Conflict => changed(),
            other => other.into(),
        })?,
        pressed,
        scope,
    })
}

/// The one that is to be lifted.
fn pressed<'a>(
    stops: &'a [Stopped<'a>],
    scope: &Scope,
    request: &ChoiceRequest,
) -> Result<&'a Stopped<'a>, Problem> {
    if request.as_of.is_none() {
        return Err(invalid("as_of", "Send what you saw."));
    }
    let unknown = || invalid("kind", "Use objection, pause, erased or spam_reported.");
    let kind = match request.kind.as_deref() {
        Some(name) => Some(StopKind::parse(name).ok_or_else(unknown)?),
        None => None,
    };
    let is_meant =
        |stop: &&Stopped<'_>| stop.scope == *scope && kind.is_none_or(|kind| kind == stop.kind);
    let mut meant = stops.iter().filter(is_meant);
    match (meant.next(), meant.next()) {
        (None, _) => Err(changed()),
        (Some(stop), None) => Ok(stop),
        (Some(_), Some(_)) => Err(invalid(
            "kind",
            "Several things stop this: send the kind of the one to lift.",
        )),
    }
}

/// What the choice is about. A consent names purpose and channel, and the notice must ask for it.
fn scope(known: &Known, request: &ChoiceRequest) -> Result<Scope, Problem> {
    let scope = objections::scope(
        known.rules(),
        &ObjectionRequest {
            purpose: request.purpose.clone(),
            topic: request.topic.clone(),
            channel: request.channel.clone(),
            ..ObjectionRequest::default()
        },
    );
    match request.act.as_str() {
        "give" | "refuse" | "withdraw" => {
            let scope = scope?;
            consent_scope(known.rules(), &scope)?;
            Ok(scope)
        }
        // What was stopped can be lifted when no notice states it any more.
        "lift" => scope.or_else(|problem| {
            let stops = known.stops(Timestamp::from_millis(i64::MIN));
            let same = |text: &Option<String>, key: Option<String>| {
                text.clone().filter(|text| !text.is_empty()) == key
            };
            stops
                .into_iter()
                .map(|stop| stop.scope)
                .find(|stop| {
                    same(
                        &request.purpose,
                        stop.purpose.as_ref().map(ToString::to_string),
                    ) && same(&request.topic, stop.topic.as_ref().map(ToString::to_string))
                        && same(
                            &request.channel,
                            stop.channel.as_ref().map(ToString::to_string),
                        )
                })
                .ok_or(problem)
        }),
        _ => scope,
    }
}

/// Admits the scope of a consent: one purpose over one channel (LAW-01), where the notice in force
/// states consent as a basis.
pub(in crate::http) fn consent_scope(
    rules: &shared::rules::Rules,
    scope: &Scope,
) -> Result<(), Problem> {
    let Some(purpose) = &scope.purpose else {
        return Err(invalid(
            "purpose",
            "Name the purpose that the consent is for.",
        ));
    };
    let Some(channel) = scope.channel else {
        return Err(invalid(
            "channel",
            "Name the channel that the consent is for.",
        ));
    };
    let asked = rules.purposes.get(purpose).is_some_and(|rule| {
        rule.bases.contains(&LegalBasis::Consent) && rule.channels.contains(&channel)
    });
    if asked {
        Ok(())
    } else {
        Err(Problem::new(
            Code::NoConsentAsked,
            "The notice in force does not ask for consent to this, or not over this channel.",
        ))
    }
}

#[expect(clippy::too_many_arguments, reason = "each is a part of the evidence")]
async fn evidence(
    app: &App,
    known: &Known,
    scope: &Scope,
    pressed: &Pressed,
    request: &ChoiceRequest,
    headers: &HeaderMap,
    method: Method,
    language: Language,
) -> Result<Evidence, Problem> {
    let now = app.world.now();
    let notices: Vec<_> = known.shelf.structured_in_force().collect();
    let stating = |purpose| {
        notices
            .iter()
            .find(|(_, notice)| notice.purpose(purpose).is_some())
    };
    let (shelved, notice) = scope
        .purpose
        .as_ref()
        .and_then(stating)
        .or(notices.first())
        .ok_or_else(|| Problem::new(Code::UnknownNotice, "No notice is in force."))?;
    let token = request.view_token.as_deref();
    let view = token.and_then(|token| app.secrets.view.verify(token, now));
    let shown = view.filter(|view| view.shows(&shelved.digest));
    if *pressed == Pressed::Give && shown.is_none() {
        return Err(Problem::new(
            Code::ChangedMeanwhile,
            "Send the view_token of what GET /v1/self shows now: the notice changed, or the token \
             is missing or too old.",
        )
        .field("view_token", "does not name the notice in force"));
    }
    let controller = notice.slots.controller.filled();
    let controller = controller.map_or("", |controller| &controller.name);
    let control_text = match shown {
        None => None,
        Some(view) => {
            let around = app.surroundings_at("", view.language(), view.began, None);
            let is_consent = matches!(pressed, Pressed::Give | Pressed::Refuse | Pressed::Withdraw);
            let what = match is_consent {
                true => Scope {
                    channel: None,
                    ..scope.clone()
                },
                false => scope.clone(),
            };
            let what = title(&notices, &what, &around);
            let consent = scope.channel.filter(|_| is_consent);
            let consent = consent.map(|channel| (controller, channel));
            let text = control_text(pressed, scope, &what, consent, &around);
            Some(app.recorder.keep_text(text).await?)
        }
    };
    let (surface, host_origin) = match app.origins.of(headers) {
        From::Site(origin) => (Surface::Widget, Some(origin.to_owned())),
        From::Nowhere if method == Method::Script => (Surface::Api, None),
        _ => (Surface::SelfService, None),
    };
    Ok(Evidence {
        actor: Actor::DataSubject,
        assurance: Assurance::LinkVerified,
        surface,
        method,
        notice: Some(shelved.digest),
        control_text,
        build: app.build.clone(),
        language: shown
            .map_or(language, |view| view.language())
            .tag()
            .to_owned(),
        host_origin,
        gpc: objections::gpc(headers),
        view_token: shown.map(|view| view.digest),
        reference: None,
    })
}

pub(in crate::http) fn invalid(field: &str, detail: &str) -> Problem {
    Problem::new(
        Code::InvalidRequest,
        "Nothing was recorded. Mend the field below.",
    )
    .field(field, detail)
}

pub(in crate::http) fn changed() -> Problem {
    Problem::new(
        Code::ChangedMeanwhile,
        "Nothing was recorded. Read what holds now, and decide again.",
    )
}
