//! The service through its own router: the promises of the design, one sentence each.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "http/answers.rs"]
mod answers;
#[path = "http/at_rest.rs"]
mod at_rest;
#[path = "http/case_steps.rs"]
mod case_steps;
#[path = "http/cases.rs"]
mod cases;
#[path = "http/changes.rs"]
mod changes;
#[path = "http/concurrency.rs"]
mod concurrency;
#[path = "http/consents.rs"]
mod consents;
#[path = "http/crm.rs"]
mod crm;
#[path = "http/decisions.rs"]
mod decisions;
#[path = "http/delivery.rs"]
mod delivery;
#[path = "http/described.rs"]
mod described;
#[path = "http/evidence.rs"]
mod evidence;
#[path = "http/exports.rs"]
mod exports;
#[path = "http/exposition.rs"]
mod exposition;
#[path = "http/failure.rs"]
mod failure;
#[path = "http/forms.rs"]
mod forms;
#[path = "http/frames.rs"]
mod frames;
#[path = "http/gone.rs"]
mod gone;
#[path = "http/headers.rs"]
mod headers;
#[path = "http/history.rs"]
mod history;
#[path = "http/input.rs"]
mod input;
#[path = "http/interface.rs"]
mod interface;
#[path = "http/keys.rs"]
mod keys;
#[path = "http/letters.rs"]
mod letters;
#[path = "http/lifting.rs"]
mod lifting;
#[path = "http/limits.rs"]
mod limits;
#[path = "http/lists.rs"]
mod lists;
#[path = "http/messages.rs"]
mod messages;
#[path = "http/metrics.rs"]
mod metrics;
#[path = "http/mta.rs"]
mod mta;
#[path = "http/notices_by_mail.rs"]
mod notices_by_mail;
#[path = "http/objections.rs"]
mod objections;
#[path = "http/one_click.rs"]
mod one_click;
#[path = "http/one_click_page.rs"]
mod one_click_page;
#[path = "http/one_click_undone.rs"]
mod one_click_undone;
#[path = "http/origins.rs"]
mod origins;
#[path = "http/outgoing.rs"]
mod outgoing;
#[path = "http/pages.rs"]
mod pages;
#[path = "http/postbox.rs"]
mod postbox;
#[path = "http/publishing.rs"]
mod publishing;
#[path = "http/reading.rs"]
mod reading;
#[path = "http/receipts.rs"]
mod receipts;
#[path = "http/receiver.rs"]
mod receiver;
#[path = "http/reconciling.rs"]
mod reconciling;
#[path = "http/recorded.rs"]
mod recorded;
#[path = "http/replaying.rs"]
mod replaying;
#[path = "http/retention.rs"]
mod retention;
#[path = "http/rotation.rs"]
mod rotation;
#[path = "http/scrubs.rs"]
mod scrubs;
#[path = "http/self_choices.rs"]
mod self_choices;
#[path = "http/self_links.rs"]
mod self_links;
#[path = "http/self_sessions.rs"]
mod self_sessions;
#[path = "http/self_shown.rs"]
mod self_shown;
#[path = "http/service.rs"]
mod service;
#[path = "http/signal.rs"]
mod signal;
#[path = "http/since.rs"]
mod since;
#[path = "http/sinks.rs"]
mod sinks;
#[path = "http/sinks_tls.rs"]
mod sinks_tls;
#[path = "http/sinks_told.rs"]
mod sinks_told;
#[path = "http/withdrawals.rs"]
mod withdrawals;
#[path = "http/world.rs"]
mod world;
