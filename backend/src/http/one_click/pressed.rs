//! What was pressed: judged, recorded and answered.

use axum::response::{Html, IntoResponse as _, Response};
use frontend::catalogue::Language;
use frontend::pages::one_click::{Clicked, Stopped, one_click_done_page, one_click_text};
use frontend::pages::problem::recorded_page;
use shared::entry::{Actor, Assurance, Evidence, Method, Stay, Surface};
use shared::purpose::TopicKey;
use shared::scope::Scope;
use shared::time::Timestamp;
use uuid::Uuid;

use super::{nothing_published, notice_of, notice_to_answer};
use crate::http::App;
use crate::http::problem::Problem;
use crate::one_click::OneClick;
use crate::recording::{Objection, Recorded, may_be_undone};
use crate::store::Known;

/// What was pressed: all that the link names, or a part of it.
pub(super) struct Pressed {
    scopes: Vec<Scope>,
    part: bool,
    until: Option<Timestamp>,
    method: Method,
    language: Language,
}

impl Pressed {
    /// All that the link names.
    pub(super) fn all(one: &OneClick, method: Method, language: Language) -> Self {
        Self {
            scopes: vec![one.scope.clone()],
            part: false,
            until: None,
            method,
            language,
        }
    }

    /// The chosen topics, for good or for a while; nothing when nothing was chosen.
    pub(super) fn part(
        one: &OneClick,
        fields: &[(String, String)],
        now: Timestamp,
        language: Language,
    ) -> Option<Self> {
        let chosen = |wanted: &'static str| {
            let found = fields.iter().filter(move |(name, _)| name == wanted);
            found.map(|(_, value)| value.as_str())
        };
        let mut topics: Vec<TopicKey> = chosen("topic")
            .filter_map(|topic| TopicKey::parse(topic).ok())
            .collect();
        topics.sort();
        topics.dedup();
        let until = chosen("until")
            .find_map(|until| Timestamp::parse_end(until).ok())
            .filter(|until| *until > now);
        if topics.is_empty() && until.is_none() {
            return None;
        }
        let scopes = match topics.is_empty() || one.scope.topic.is_some() {
            true => vec![one.scope.clone()],
            false => topics
                .into_iter()
                .map(|topic| Scope {
                    topic: Some(topic),
                    ..one.scope.clone()
                })
                .collect(),
        };
        Some(Self {
            scopes,
            part: true,
            until,
            method: Method::Form,
            language,
        })
    }

    /// The page that says what holds now.
    pub(super) async fn said(
        &self,
        app: &App,
        one: &OneClick,
        token: &str,
        recorded: Option<Recorded>,
    ) -> Result<Response, Problem> {
        let around = app.surroundings(self.language, None);
        let found = match (notice_to_answer(app, &one.scope).await, &recorded) {
            (Err(_), Some(recorded)) => {
                let title = &around.words().one_click.done_title;
                let page = recorded_page(title, &recorded.reference, &around);
                return Ok(Html(page).into_response());
            }
            (found, _) => found,
        };
        let shelved = found?;
        let notice = shelved.structured().ok_or_else(nothing_published)?;
        let topic = |scope: &Scope| {
            let topic = scope.topic.as_ref().filter(|_| one.scope.topic.is_none())?;
            let key = format!("topic.{topic}.title");
            let text = notice.text(&key, self.language.tag());
            Some(text.map_or_else(|| topic.to_string(), |text| text.words.to_owned()))
        };
        let topics = self.scopes.iter().filter_map(topic).collect();
        let until = self
            .until
            .map_or_else(String::new, |until| around.words().date(until.last_day()));
        let stopped = match recorded {
            None => Stopped::Before { topics, until },
            Some(recorded) => Stopped::Now {
                reference: recorded.reference,
                undo: recorded.undo_token,
                topics,
                until,
            },
        };
        let clicked = Clicked {
            notice,
            scope: &one.scope,
            token,
        };
        Ok(Html(one_click_done_page(&clicked, &stopped, &around)).into_response())
    }

    /// Records it, unless all of it was stopped before by what nobody can take back any more: `None`
    /// then. Presses for one address wait for each other, so that of many at once the first alone
    /// writes (UNS-07).
    pub(super) async fn record(
        &self,
        app: &App,
        one: &OneClick,
        token: &str,
    ) -> Result<Option<Recorded>, Problem> {
        let keys = app.secrets.keys(&one.address);
        let _turn = app.turns.of(&keys).lock().await;
        let snapshot = app.store.look_up(std::slice::from_ref(&keys)).await?;
        let known = snapshot.known.into_iter().next().flatten();
        let stays = match known {
            Some(known) => self.settled(app, &known).await?,
            None => Vec::new(),
        };
        let covered = |scope: &Scope| stays.iter().any(|stay| self.adds_nothing(scope, stay));
        let left: Vec<Scope> = self
            .scopes
            .iter()
            .filter(|scope| !covered(scope))
            .cloned()
            .collect();
        let Some((first, further)) = left.split_first() else {
            tracing::info!("a one-click link was used again");
            return Ok(None);
        };
        let evidence = self.evidence(app, one, token).await?;
        let objection = Objection {
            keys,
            judged_by: None,
            scope: first.clone(),
            until: self.until,
            evidence,
        };
        let recorded = app
            .recorder
            .about(&one.address)
            .object_telling(&objection, further, |_| None)
            .await?;
        Ok(Some(recorded))
    }

    /// What stays restricted whatever is taken back yet. Of what this page's buttons stop, a second
    /// press may rely on the first: the same link is behind both.
    async fn settled(&self, app: &App, known: &Known) -> Result<Vec<Stay>, Problem> {
        let now = app.world.now();
        if known.standing.stays(now).is_empty() {
            return Ok(Vec::new());
        }
        let history = app.store.history(known.subject).await?;
        let own = |by: &Evidence| by.surface == Surface::OneClick && by.method == self.method;
        let may_fall = |id: Uuid| {
            let found = history.iter().find(|(_, entry)| entry.id == id);
            found.is_none_or(|(_, entry)| !own(&entry.evidence) && may_be_undone(entry, now))
        };
        Ok(known.standing.stays_without(now, may_fall))
    }

    /// Whether what stays already says it. All that the link names is said by an objection to more;
    /// a part is said by its like alone, because it may stand in place of what was just stopped.
    fn adds_nothing(&self, scope: &Scope, stay: &Stay) -> bool {
        match (self.until, stay.until) {
            (None, None) if self.part => stay.scope == *scope,
            (None, None) => stay.scope.contains(scope),
            (Some(until), Some(stays)) => stay.scope == *scope && stays >= until,
            _ => false,
        }
    }

    async fn evidence(&self, app: &App, one: &OneClick, token: &str) -> Result<Evidence, Problem> {
        let shelved = notice_of(app, &one.scope).await.ok();
        let notice = shelved.as_ref().and_then(|shelved| shelved.structured());
        // A mail provider that presses shows nothing of ours.
        let control_text = match (notice, self.method) {
            (Some(notice), Method::Form) => {
                let clicked = Clicked {
                    notice,
                    scope: &one.scope,
                    token,
                };
                let around = app.surroundings(self.language, None);
                let text = one_click_text(&clicked, &around);
                Some(app.recorder.keep_text(text).await?)
            }
            _ => None,
        };
        Ok(Evidence {
            actor: Actor::DataSubject,
            assurance: Assurance::OneClickToken,
            surface: Surface::OneClick,
            method: self.method,
            notice: shelved.map(|shelved| shelved.digest),
            control_text,
            build: app.build.clone(),
            language: self.language.tag().to_owned(),
            host_origin: None,
            gpc: false,
            view_token: None,
            reference: one.reference(),
        })
    }
}
