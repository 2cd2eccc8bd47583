//! HTTP: one flat table of routes, thin handlers, problem documents.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, RwLock};

use axum::Router;
use axum::middleware;
use axum::routing::{get, post};
use chrono::NaiveDate;
use frontend::catalogue::Language;
use frontend::surroundings::Surroundings;
use shared::digest::Digest;
use shared::time::Timestamp;
use tokio::sync::Semaphore;

use crate::assets;
use crate::cases::Desk;
use crate::clock::World;
use crate::config::{Config, Switch};
use crate::gate::Gate;
use crate::links::{Links, Minter};
use crate::mail::Post;
use crate::metrics::Metrics;
use crate::recording::Recorder;
use crate::secrets::Secrets;
use crate::shelf::{Shelf, ShelfKeeper, Shelved};
use crate::sinks::Sinks;
use crate::store::{Read, Write};
use crate::view_token::slot_start;

pub mod access;
mod around;
mod body;
mod cases;
mod changes;
mod choices;
mod client;
mod confirm;
mod connections;
mod consents;
mod decisions;
mod embed;
mod endings;
mod exports;
mod forms;
mod headers;
mod health;
mod history;
mod language;
mod metrics;
mod notices;
mod objections;
mod one_click;
mod onward;
mod openapi;
mod origin;
mod own;
mod pages;
mod path;
mod posted;
mod problem;
mod receipts;
mod rendered;
mod scrubs;
mod session;
mod shown;
mod sign_in;
mod signal;
mod turns;
mod unsubscribe_links;
mod wire;

pub use around::Surrounded;
pub use connections::serve;
pub use problem::{Code, Problem};
pub use scrubs::{ScrubbedRow, TakenOff};
pub use wire::{CheckRequest, DecisionAnswer, DecisionsAnswer, DecisionsRequest};

use client::Limits;
use origin::Origins;
use problem::Problem as P;
use rendered::RenderedCache;

/// Everything handlers share. Cloning is cheap.
pub type App = Arc<AppState>;

/// The parts of a running service. The gate can only read; only the recorder can append.
pub struct AppState {
    store: Arc<dyn Read>,
    gate: Gate,
    recorder: Recorder,
    links: Links,
    minter: Minter,
    post: Post,
    desk: Desk,
    /// Whether those are written to whose address somebody objected with.
    tells: bool,
    shelf: ShelfKeeper,
    secrets: Arc<Secrets>,
    world: Arc<dyn World>,
    base: String,
    /// The mailbox to unsubscribe by mail.
    unsubscribe: Option<String>,
    demo: bool,
    gpc_since: Option<NaiveDate>,
    origins: Origins,
    limits: Limits,
    turns: turns::Turns,
    /// Lists that may still be scrubbed at once.
    scrubs: Arc<Semaphore>,
    rendered: RenderedCache,
    /// The control texts that are known to be in the store.
    control_texts: RwLock<BTreeMap<shown::Shown, Digest>>,
    build: String,
    metrics: Arc<Metrics>,
    /// The sinks of the configuration, by name.
    sinks: Vec<String>,
}

impl AppState {
    /// A service over that store, as the configuration says, listening at that address.
    pub fn new(
        store: Arc<dyn Write>,
        config: &Config,
        secrets: Secrets,
        world: Arc<dyn World>,
        listening: SocketAddr,
    ) -> anyhow::Result<App> {
        let base = config.base_url(listening)?;
        let secrets = Arc::new(secrets);
        let reading: Arc<dyn Read> = store.clone();
        let post = Post::new(secrets.clone(), world.clone());
        let minter = Minter::new(secrets.clone(), world.clone());
        let sinks = Sinks::new(config, secrets.clone(), world.clone());
        let build = assets::ui_build();
        let metrics = Arc::new(Metrics::new(&build, world.now()));
        let recorder = Recorder::new(store.clone(), world.clone())
            .telling(sinks)
            .counting(metrics.clone());
        let limited = config.rate_limit == Switch::On;
        let limits = Limits::new(limited, config.trusted_proxies.clone(), &world);
        Ok(Arc::new(Self {
            links: Links::new(store, minter.clone(), post.clone()),
            minter,
            post,
            tells: config.tells_of_objections(),
            gate: Gate::new(reading.clone(), secrets.clone()),
            desk: Desk::new(recorder.clone(), secrets.clone(), world.clone()),
            recorder,
            shelf: ShelfKeeper::new(reading.clone()),
            store: reading,
            secrets,
            world,
            unsubscribe: config.mail.unsubscribe.clone(),
            demo: config.demo,
            gpc_since: config.gpc_since,
            origins: Origins::new(base.clone(), config.origins(listening)),
            base,
            limits,
            turns: turns::Turns::default(),
            scrubs: Arc::new(Semaphore::new(scrubs::ABREAST)),
            rendered: RenderedCache::default(),
            control_texts: RwLock::default(),
            build,
            metrics,
            sinks: config.sink.iter().map(|sink| sink.name.clone()).collect(),
        }))
    }

    /// The public base URL.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Where it is counted what this process does.
    #[must_use]
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// Forgets clients that have not written for a while, and links and sessions that are over;
    /// called now and then.
    pub async fn tidy(&self) {
        self.limits.forget_idle();
        if let Err(error) = self.links.forget_ended().await {
            tracing::warn!(error = %error, "links that are over could not be deleted");
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn receipt_url(&self, capability: &str) -> String {
        self.url(&format!("/v1/receipts/{capability}"))
    }

    async fn shelf(&self) -> Result<Arc<Shelf>, P> {
        Ok(self.shelf.shelf().await?)
    }

    /// What the service's own pages about that notice version are rendered in, the same for ten
    /// minutes. They work under every name that the service is reached by.
    fn surroundings(&self, language: Language, shown: Option<&Shelved>) -> Surroundings {
        self.surroundings_from("", language, shown)
    }

    /// The same for what other websites embed.
    fn surroundings_abroad(&self, language: Language, shown: &Shelved) -> Surroundings {
        self.surroundings_from(&self.base, language, Some(shown))
    }

    fn surroundings_from(
        &self,
        base: &str,
        language: Language,
        shown: Option<&Shelved>,
    ) -> Surroundings {
        let now = self.world.now();
        let token = shown.map(|shown| {
            self.secrets
                .view
                .token(&shown.digest, two_letters(language), now)
        });
        self.surroundings_at(base, language, slot_start(now), token)
    }

    fn surroundings_at(
        &self,
        base: &str,
        language: Language,
        now: Timestamp,
        view_token: Option<String>,
    ) -> Surroundings {
        let (widget_css, page_css) = assets::stylesheets(base);
        Surroundings {
            base: base.to_owned(),
            language,
            now,
            view_token,
            widget_css,
            page_css,
        }
    }
}

fn two_letters(language: Language) -> [u8; 2] {
    let mut letters = [0; 2];
    letters.copy_from_slice(&language.tag().as_bytes()[..2]);
    letters
}

/// Every route of the service.
pub fn router(app: App) -> Surrounded {
    let everywhere = Router::new()
        .route("/demo", get(pages::demo))
        .route("/openapi.json", get(openapi::json))
        .route("/v1/changes", get(changes::list))
        .route("/v1/scrubs", post(scrubs::scrub))
        .route("/.well-known/gpc.json", get(signal::statement))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::read))
        .route("/log/key", get(receipts::keys))
        .route("/v1/receipts/{capability}", get(receipts::receipt))
        .route("/notices/{notice}", get(notices::in_force))
        .route("/notices/{notice}/notice.json", get(notices::in_force_json))
        .route("/notices/{notice}/notice.jsonld", get(exports::linked))
        .route("/notices/{notice}/tilt.json", get(exports::in_tilt))
        .route(
            "/notices/{notice}/versions/{version}",
            get(notices::version),
        )
        .route(
            "/notices/{notice}/versions/{version}/notice.json",
            get(notices::version_json),
        )
        .route(
            "/notices/{notice}/versions/{version}/notice.jsonld",
            get(exports::linked),
        )
        .route(
            "/notices/{notice}/versions/{version}/tilt.json",
            get(exports::in_tilt),
        )
        .route(
            "/notices/{notice}/diff/{old}/{new}",
            get(notices::difference),
        );
    let spoken = Router::new()
        .route("/", get(pages::home))
        .route(
            "/object/case",
            get(cases::objection_form).post(cases::object),
        )
        .route(
            "/complain",
            get(cases::complaint_form).post(cases::complain),
        )
        .route("/docs", get(openapi::page))
        .layer(middleware::map_response(headers::in_its_language));
    let shared = Router::new()
        .route("/embed/{notice}/sayso.js", get(embed::script))
        .route("/embed/{notice}/fragment.html", get(embed::fragment))
        .route("/assets/{digest}/{*name}", get(embed::asset))
        .route("/favicon.ico", get(embed::icon))
        .layer(middleware::map_response(headers::anyone_may_load));
    let framed = Router::new()
        .route("/frame/{notice}", get(pages::frame))
        .route("/object", get(forms::form).post(forms::object))
        .route("/object/undo", post(forms::undo))
        .route("/consent", post(consents::ask_form))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            headers::framed_by_sites,
        ));
    let cross_origin = Router::new()
        .route(
            "/v1/objections",
            post(objections::object).options(objections::preflight),
        )
        .route(
            "/v1/objections/undo",
            post(objections::undo).options(objections::preflight),
        )
        .route(
            "/v1/consents",
            post(consents::ask).options(objections::preflight),
        )
        .route(
            "/v1/links",
            post(sign_in::ask).options(objections::preflight),
        )
        .route(
            "/v1/cases",
            post(cases::open).options(objections::preflight),
        )
        .layer(middleware::from_fn_with_state(
            app.clone(),
            headers::readable_by_sites,
        ));
    let signed_in = Router::new()
        .route(
            "/v1/sessions",
            post(sign_in::open)
                .delete(sign_in::close)
                .options(objections::preflight),
        )
        .route("/v1/self", get(choices::own).options(objections::preflight))
        .route(
            "/v1/self/choices",
            post(choices::choose).options(objections::preflight),
        )
        .layer(middleware::from_fn_with_state(
            app.clone(),
            headers::readable_by_sites_signed_in,
        ));
    let own_pages = Router::new()
        .route("/self", get(sign_in::page))
        .route("/self/link", post(sign_in::ask_form))
        .route("/self/session", post(sign_in::open_form))
        .route("/self/out", post(sign_in::close_form))
        .route("/self/choices", post(choices::choose_form))
        .route("/self/undo", post(choices::undo_form))
        .route("/self/history", get(history::page))
        .route("/self/export.json", get(history::json))
        .route("/self/export.csv", get(history::csv))
        .route("/self/erase", post(history::erase))
        .layer(middleware::map_response(headers::names_itself))
        .route("/consent", get(confirm::page))
        .route("/consent/open", post(confirm::open))
        .route("/consent/confirm", post(confirm::confirm))
        .route("/consent/undo", post(confirm::undo))
        .route("/u/{token}", get(one_click::page).post(one_click::stop))
        .route("/v1/unsubscribe-links", post(unsubscribe_links::make))
        .layer(middleware::map_response(headers::kept_nowhere));
    let browsed = Router::new()
        .merge(own_pages)
        .merge(everywhere)
        .merge(spoken)
        .merge(shared)
        .merge(framed)
        .fallback(endings::not_found);
    let (metrics, gate) = (app.metrics.clone(), Some(app.clone()));
    let router = browsed
        .route("/v1/decisions", post(decisions::decide))
        .merge(signed_in)
        .merge(cross_origin)
        .method_not_allowed_fallback(endings::method_not_allowed)
        .with_state(app);
    Surrounded {
        router,
        gate,
        metrics,
    }
}
