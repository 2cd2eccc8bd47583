//! How far a scrub has come: on a terminal, with rate and time left.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::scrub::Progress;

/// How often it is drawn.
const OFTEN: Duration = Duration::from_millis(100);

/// Draws until it is dropped.
pub(super) struct Meter {
    over: Arc<AtomicBool>,
    bar: Option<ProgressBar>,
}

impl Meter {
    /// Draws on standard error, where that is a terminal.
    pub(super) fn start(progress: &Progress, length: Option<u64>) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        if !std::io::stderr().is_terminal() {
            return Self { over, bar: None };
        }
        let (bar, style) = match length {
            Some(length) => (
                ProgressBar::new(length),
                "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
            ),
            None => (ProgressBar::no_length(), "{bytes}, {bytes_per_sec}"),
        };
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        let (drawn, progress, ended) = (bar.clone(), progress.clone(), over.clone());
        tokio::spawn(async move {
            let mut tick = tokio::time::interval(OFTEN);
            while !ended.load(Ordering::Relaxed) {
                tick.tick().await;
                drawn.set_position(progress.bytes());
            }
        });
        Self {
            over,
            bar: Some(bar),
        }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
