//! Letters that a demonstration writes to files instead of sending them.

use std::path::PathBuf;

use crate::{Sayso, wait};

/// What a letter brings.
pub struct Letter {
    /// The link that it mails.
    pub link: String,
    /// The code that it mails.
    pub code: String,
}

/// Waits for one more letter than there were, and reads its link and code.
pub async fn letter(sayso: &Sayso, before: usize) -> anyhow::Result<Letter> {
    let folder = sayso.data().join("mail");
    let newest = wait::until("a letter", async || {
        let Ok(files) = std::fs::read_dir(&folder) else {
            return Ok(None);
        };
        let mut files: Vec<PathBuf> = files
            .filter_map(|file| Some(file.ok()?.path()))
            .filter(|file| file.extension().is_some_and(|extension| extension == "eml"))
            .collect();
        files.sort_by_key(|file| file.metadata().and_then(|data| data.modified()).ok());
        Ok(Some(files.split_off(before.min(files.len()))).and_then(|mut new| new.pop()))
    })
    .await?;
    let text = std::fs::read_to_string(newest)?.replace("\r\n", "\n");
    let text = text.replace("=\n", "").replace("=3D", "=");
    let link = text
        .lines()
        .find(|line| line.starts_with("http") && line.contains("#t="))
        .unwrap_or_default();
    let is_code = |word: &&str| {
        word.len() == 11 && word.as_bytes()[5] == b'-' && word.to_uppercase() == *word
    };
    let code = text.split_whitespace().find(is_code).unwrap_or_default();
    assert!(!link.is_empty() && !code.is_empty(), "{text}");
    Ok(Letter {
        link: link.to_owned(),
        code: code.to_owned(),
    })
}
