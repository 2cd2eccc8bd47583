//! What one panel offers: where it sends, what can be chosen, in which words.

use super::words::Words;

/// One radio button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is sent: a topic's key, or the date a pause ends.
    pub value: String,
    /// What is shown.
    pub label: String,
    /// How the answer names it: the topic, or the date in words.
    pub name: String,
}

/// Everything the panel needs to render, the same on the server and in the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The service's public URL, without a slash at the end.
    pub base: String,
    /// The notice's key.
    pub notice: String,
    /// Proves what was shown; may be empty.
    pub view_token: String,
    /// The panel's language.
    pub language: String,
    /// The purpose that can be agreed to; empty where none rests on consent.
    pub consent: String,
    /// The topics that can be chosen alone.
    pub topics: Vec<Choice>,
    /// The ends a pause can have.
    pub pauses: Vec<Choice>,
    /// The texts.
    pub words: Words,
}

impl Offer {
    /// Writes the offer for the browser: a line per value, a line `value⇥label⇥name` per choice,
    /// topics and pauses parted by an empty line. Texts of a catalogue or a notice that hold a
    /// line break or a tab lose it here, so that no text can pose as another.
    #[must_use]
    pub fn write(&self) -> String {
        let plain = |text: &str| text.replace(['\n', '\r', '\t'], " ");
        let choice = |choice: &Choice| {
            [&choice.value, &choice.label, &choice.name]
                .map(|part| plain(part))
                .join("\t")
        };
        let ids = [
            &self.base,
            &self.notice,
            &self.view_token,
            &self.language,
            &self.consent,
        ];
        let mut lines: Vec<String> = ids.into_iter().map(|id| plain(id)).collect();
        lines.extend(self.words.lines().into_iter().map(plain));
        lines.extend(self.topics.iter().map(choice));
        lines.push(String::new());
        lines.extend(self.pauses.iter().map(choice));
        lines.join("\n")
    }

    /// Reads what [`Offer::write`] wrote; nothing when it is something else.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut lines = text.split('\n');
        let lines = &mut lines;
        let mut id = || lines.next().map(str::to_owned);
        Some(Self {
            base: id()?,
            notice: id()?,
            view_token: id()?,
            language: id()?,
            consent: id()?,
            words: Words::read(lines)?,
            topics: choices(lines),
            pauses: choices(lines),
        })
    }
}

fn choices<'a>(lines: &mut impl Iterator<Item = &'a str>) -> Vec<Choice> {
    lines
        .map_while(|line| {
            let mut parts = line.split('\t').map(str::to_owned);
            Some(Choice {
                value: parts.next()?,
                label: parts.next()?,
                name: parts.next()?,
            })
        })
        .collect()
}
