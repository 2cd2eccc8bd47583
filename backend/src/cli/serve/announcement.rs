//! What `sayso serve` says once it is ready: where it is and, in the demonstration, what to try.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::Path;

use super::super::{DATA, Place};
use crate::config::Config;

/// What there is to say.
pub(super) struct Announcement<'a> {
    pub(super) place: &'a Place,
    pub(super) config: &'a Config,
    /// Where contacts reach the service.
    pub(super) base: &'a str,
    pub(super) listening: SocketAddr,
    /// The API key of the demonstration, if this is one.
    pub(super) demo_key: Option<&'a str>,
    /// Whether letters become files instead of leaving.
    pub(super) filed: bool,
}

impl Announcement<'_> {
    /// Says it on standard output.
    pub(super) fn print(&self) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "Sayso is ready at {}", self.base)?;
        if self.config.public_url.is_some() {
            writeln!(out, "It listens on {}", self.listening)?;
        }
        for mta in &self.config.mta {
            writeln!(out, "Mail servers ask at {}", mta.listen)?;
        }
        let Some(key) = self.demo_key else {
            return Ok(());
        };
        let (port, asking) = (self.listening.port(), self.asking());
        writeln!(
            out,
            "\n  Open this page, type an address and press Object:\n    http://localhost:{port}/demo\n  \
             Then ask whether that address may be mailed:\n    {asking}\n  \
             The API key of this demonstration, for POST /v1/decisions:\n    {key}"
        )?;
        if self.filed {
            let mail = near(&self.place.data.join("mail"));
            writeln!(
                out,
                "  No mail leaves: each message is a file in {mail}, and its link is shown here."
            )?;
        }
        writeln!(out)
    }

    /// The command that asks about an address, as it can be typed where this one was.
    fn asking(&self) -> String {
        let program = std::env::args()
            .next()
            .unwrap_or_else(|| "sayso".to_owned());
        let program = near(Path::new(&program));
        let data = match self.place.data == Path::new(DATA) {
            true => String::new(),
            false => format!(" --data {}", near(&self.place.data)),
        };
        format!("{program} check ADDRESS --purpose info_about_us{data}")
    }
}

/// The path from the current directory, where it lies below it.
fn near(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here)
        .unwrap_or(path)
        .display()
        .to_string()
}
