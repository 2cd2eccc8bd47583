//! A choice: read, checked against what holds, and recorded with its evidence.

use std::sync::Arc;

use axum::http::HeaderMap;
use frontend::catalogue::Language;
use frontend::own::StopKind;
use frontend::pages::choices::{Pressed, control_text};
use shared::entry::{Actor, Assurance, Evidence, Method, Surface};
use shared::legal_basis::LegalBasis;
use shared::notice::Notice;
use shared::scope::Scope;
use shared::time::Timestamp;

use crate::http::App;
use crate::http::objections::about::{Scopes, as_said, in_force, single, spelled, states};
use crate::http::objections::{end, gpc};
use crate::http::origin::From;
use crate::http::own::{Known, Stopped, title};
use crate::http::problem::{Code, Problem};
use crate::http::session::SignedIn;
use crate::http::wire::ObjectionRequest;
use crate::http::wire::own::ChoiceRequest;
use crate::recording::{Choice, ChoiceDeed, Recorded};
use crate::shelf::Shelved;
use crate::store::StoreError;
use crate::view_token::View;

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
    /// Whether the notice in force asks for consent to it.
    pub is_asked: bool,
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
    let seen = app.seen(&known.shelf, request.view_token.as_deref());
    let shown = seen.and_then(|(_, shown)| shown.structured());
    let (scope, further) = scope(&known, shown, request, now)?;
    let stops = known.stops(now);
    let is_own = |stop: &&Stopped<'_>| matches!(stop.kind, StopKind::Objection | StopKind::Pause);
    let mut own = stops.iter().filter(is_own);
    let stopped = own.any(|stop| stop.bears_on(&scope));
    let until = match request.act.as_str() {
        "object" => end(request.until.as_deref(), now)?,
        _ => None,
    };
    let around = app.surroundings(language, None);
    let (deed, pressed) = match request.act.as_str() {
        "object" => (
            ChoiceDeed::Object(until, further),
            until.map_or(Pressed::Object, |end| {
                Pressed::Pause(around.words().date(end.last_day()))
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
        app, &known, seen, &scope, &pressed, headers, method, language,
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
    Ok(Made {
        what: title(&known.shelf, None, &scope, &around),
        is_asked: consent_scope(known.rules(), &scope).is_ok(),
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

/// What the choice is about; an objection alone can be about further scopes. A consent names purpose and
/// channel, and the notice must ask for it; one that holds can be withdrawn whatever the notice says by
/// now (Art. 7(3)), as a whole or by what some notice stated of it.
fn scope(
    known: &Known,
    shown: Option<&Notice>,
    request: &ChoiceRequest,
    now: Timestamp,
) -> Result<Scopes, Problem> {
    // Whoever lifts sends back what was shown, where an empty name is one that is not there.
    let is_lift = request.act == "lift";
    let name = |text: &Option<String>| text.clone().filter(|text| !(is_lift && text.is_empty()));
    let named = ObjectionRequest {
        purpose: name(&request.purpose),
        topic: name(&request.topic),
        channel: name(&request.channel),
        ..ObjectionRequest::default()
    };
    let in_force = || single(in_force(known.rules(), None, &named)?);
    let asked = || {
        let scope = in_force()?;
        consent_scope(known.rules(), &scope)?;
        Ok(scope)
    };
    let scope = match request.act.as_str() {
        "give" | "refuse" => asked(),
        "withdraw" => asked().or_else(|problem| {
            let said = spelled(&named)?;
            let is_whole = said.purpose.is_some() && said.channel.is_some();
            let was_stated = known.shelf.ever_stated().any(|one| states(one, &said));
            let is_meant = |held: &Scope| said.contains(held) || was_stated && held.touches(&said);
            let held = known.consents(now);
            match is_whole && held.iter().any(|consent| is_meant(&consent.scope)) {
                true => Ok(said),
                false => Err(problem),
            }
        }),
        // What was stopped can be lifted when no notice states it any more.
        "lift" => in_force().or_else(|problem| {
            let said = spelled(&named)?;
            let stops = known.stops(Timestamp::from_millis(i64::MIN));
            let is_there = stops.iter().any(|stop| stop.scope == said);
            is_there.then_some(said).ok_or(problem)
        }),
        _ => return as_said(&known.shelf, shown, None, &named),
    };
    Ok((scope?, Vec::new()))
}

/// Admits the scope of a consent: one purpose or a topic of it, over one channel (LAW-01), where the
/// notice in force states all of them, and consent as a basis.
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
        let topic = scope.topic.as_ref();
        rule.bases.contains(&LegalBasis::Consent)
            && rule.channels.contains(&channel)
            && topic.is_none_or(|topic| rule.topics.contains(topic))
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
    seen: Option<(View, &Arc<Shelved>)>,
    scope: &Scope,
    pressed: &Pressed,
    headers: &HeaderMap,
    method: Method,
    language: Language,
) -> Result<Evidence, Problem> {
    let shelf = &known.shelf;
    let (in_force, _) = scope
        .purpose
        .as_ref()
        .and_then(|purpose| shelf.stating(purpose))
        .or_else(|| shelf.structured_in_force().next())
        .ok_or_else(|| Problem::new(Code::UnknownNotice, "No notice is in force."))?;
    let is_current = seen.is_some_and(|(_, shown)| shown.digest == in_force.digest);
    if *pressed == Pressed::Give && !is_current {
        return Err(Problem::new(
            Code::ChangedMeanwhile,
            "Send the view_token of what GET /v1/self shows now: the notice changed, or the token \
             is missing or too old.",
        )
        .field("view_token", "does not name the notice in force"));
    }
    let control_text = match seen.and_then(|(view, shown)| Some((view, shown.structured()?))) {
        None => None,
        Some((view, notice)) => {
            let around = app.surroundings_at("", view.language(), view.began, None);
            let controller = notice.slots.controller.filled();
            let controller = controller.map_or("", |controller| &controller.name);
            let channel = scope.channel.filter(|_| pressed.asks());
            let what = match channel {
                Some(_) => Scope {
                    channel: None,
                    ..scope.clone()
                },
                None => scope.clone(),
            };
            let what = title(shelf, Some(notice), &what, &around);
            let consent = channel.map(|channel| (controller, channel));
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
        notice: Some(seen.map_or(in_force.digest, |(_, shown)| shown.digest)),
        control_text,
        build: app.build.clone(),
        language: seen
            .map_or(language, |(view, _)| view.language())
            .tag()
            .to_owned(),
        host_origin,
        gpc: gpc(headers),
        view_token: seen.map(|(view, _)| view.digest),
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
