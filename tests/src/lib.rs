//! End to end: the harness that starts the real binary, a real browser and foreign web pages.
//!
//! The tests stand in `tests/tests`, one file per noun. They need `target/release/sayso` (or what
//! `SAYSO_BIN` names), Chromium with its driver, and axe-core: `cargo xtask test --only e2e`.

pub mod axe;
pub mod browser;
pub mod dkim;
pub mod host;
pub mod letter;
pub mod page;
pub mod port;
pub mod postfix;
pub mod sayso;
pub mod wait;
pub mod widget;

pub use browser::Browser;
pub use host::Host;
pub use port::Port;
pub use postfix::Postfix;
pub use sayso::{NOTICE, PURPOSE, Sayso};

use std::path::PathBuf;

/// The workspace's `target` folder.
#[must_use]
pub fn target() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target")
}
