//! Letters that a demonstration writes to files instead of sending them.

use std::path::Path;
use std::time::SystemTime;

use crate::{Sayso, wait};

/// What a letter brings.
pub struct Letter {
    /// The link that it mails.
    pub link: String,
    /// The code that it mails.
    pub code: String,
}

/// Waits for one more letter with a link than there were, and reads the newest.
pub async fn letter(sayso: &Sayso, before: usize) -> anyhow::Result<Letter> {
    let folder = sayso.data().join("mail");
    wait::until("a letter with a link", async || {
        let mut letters = Vec::new();
        for file in std::fs::read_dir(&folder).into_iter().flatten() {
            letters.extend(read(&file?.path())?);
        }
        letters.sort_by_key(|(written, _)| *written);
        let newer = letters.split_off(before.min(letters.len()));
        Ok(newer.into_iter().last().map(|(_, letter)| letter))
    })
    .await
}

/// When it was written, and what it brings; nothing where it mails no link or is not whole yet.
fn read(file: &Path) -> anyhow::Result<Option<(SystemTime, Letter)>> {
    if file.extension().is_none_or(|extension| extension != "eml") {
        return Ok(None);
    }
    let written = file.metadata()?.modified()?;
    let text = std::fs::read_to_string(file)?.replace("\r\n", "\n");
    let text = text.replace("=\n", "").replace("=3D", "=");
    let is_link = |line: &&str| line.starts_with("http") && line.contains("#t=");
    let is_code = |word: &&str| {
        word.len() == 11 && word.as_bytes()[5] == b'-' && word.to_uppercase() == *word
    };
    let link = text.lines().find(is_link).map(str::to_owned);
    let code = text.split_whitespace().find(is_code).map(str::to_owned);
    Ok(link
        .zip(code)
        .map(|(link, code)| (written, Letter { link, code })))
}
