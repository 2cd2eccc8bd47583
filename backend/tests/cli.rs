//! The command line: the real binary, its exit codes and what it prints.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "cli/asked.rs"]
mod asked;
#[path = "cli/called.rs"]
mod called;
#[path = "cli/carrying.rs"]
mod carrying;
#[path = "cli/cases.rs"]
mod cases;
#[path = "cli/certificates.rs"]
mod certificates;
#[path = "cli/clients.rs"]
mod clients;
#[path = "cli/columns.rs"]
mod columns;
#[path = "cli/deployment.rs"]
mod deployment;
#[path = "cli/documents.rs"]
mod documents;
#[path = "cli/domains.rs"]
mod domains;
#[path = "cli/doubtful.rs"]
mod doubtful;
#[path = "cli/dues.rs"]
mod dues;
#[path = "cli/erasing.rs"]
mod erasing;
#[path = "cli/evidenced.rs"]
mod evidenced;
#[path = "cli/exports.rs"]
mod exports;
#[path = "cli/gate.rs"]
mod gate;
#[path = "cli/hook.rs"]
mod hook;
#[path = "cli/imports.rs"]
mod imports;
#[path = "cli/incoming.rs"]
mod incoming;
#[path = "cli/keys.rs"]
mod keys;
#[path = "cli/mail.rs"]
mod mail;
#[path = "cli/notices.rs"]
mod notices;
#[path = "cli/opted_out.rs"]
mod opted_out;
#[path = "cli/outdated.rs"]
mod outdated;
#[path = "cli/peppers.rs"]
mod peppers;
#[path = "cli/published.rs"]
mod published;
#[path = "cli/publishing.rs"]
mod publishing;
#[path = "cli/reconciling.rs"]
mod reconciling;
#[path = "cli/refusals.rs"]
mod refusals;
#[path = "cli/replaying.rs"]
mod replaying;
#[path = "cli/scrub.rs"]
mod scrub;
#[path = "cli/scrub_again.rs"]
mod scrub_again;
#[path = "cli/scrub_ends.rs"]
mod scrub_ends;
#[path = "cli/scrub_targets.rs"]
mod scrub_targets;
#[path = "cli/sending_times.rs"]
mod sending_times;
#[path = "cli/serving.rs"]
mod serving;
#[path = "cli/settings.rs"]
mod settings;
#[path = "cli/since.rs"]
mod since;
#[path = "cli/singular.rs"]
mod singular;
#[path = "cli/sinks.rs"]
mod sinks;
#[path = "cli/verifying.rs"]
mod verifying;
