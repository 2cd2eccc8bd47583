//! The status of a refusal or a delivery report (RFC 3463): what it is about.

/// Subject and detail of a status of class 5, a permanent failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Status {
    subject: u16,
    detail: u16,
}

/// What a permanent failure is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// The receiver's mailbox: it takes no letter from anybody.
    Mailbox,
    /// The letter itself.
    Letter,
    /// The sender, a policy, a server, or something that passes.
    Elsewhere,
    /// The status does not say.
    Unsaid,
}

impl Status {
    /// The status that a text begins with; `None` unless it is one of class 5.
    pub(super) fn read(text: &str) -> Option<Self> {
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
        let written = &text[..end.unwrap_or(text.len())];
        let (subject, detail) = written.strip_prefix("5.")?.split_once('.')?;
        Some(Self {
            subject: subject.parse().ok()?,
            detail: detail.trim_end_matches('.').parse().ok()?,
        })
    }

    /// The same behind the code of a reply: `550 5.1.1 no such mailbox`.
    pub(super) fn of_reply(reply: &str) -> Option<Self> {
        Self::read(reply.get(3..)?.trim_start_matches([' ', '-']))
    }

    /// What it is about. Not the mailbox, although their numbers are among those about mailboxes and
    /// addresses: 5.1.0 (as Postfix has it), 5.1.7 and 5.1.8 are about the sender, 5.1.5 and 5.1.9 tell
    /// of a good address, and a full mailbox, 5.2.2, can be emptied. What has no meaning there yet is
    /// about nothing that is known.
    pub(super) const fn about(self) -> About {
        match (self.subject, self.detail) {
            (0, _) => About::Unsaid,
            (1, 1..=4 | 6 | 10) | (2, 0 | 1 | 4) => About::Mailbox,
            (2, 3) | (3, 4) | (6, 0..=6) => About::Letter,
            _ => About::Elsewhere,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{About, Status};

    fn about(text: &str) -> Option<About> {
        Status::read(text).map(Status::about)
    }

    #[test]
    fn what_is_about_the_mailbox_is_told_from_what_is_not() {
        for text in ["5.1.1", "5.1.2 no such domain", "5.1.10", "5.2.1", "5.1.1:"] {
            assert_eq!(about(text), Some(About::Mailbox), "{text}");
        }
        for text in [
            "5.1.0", "5.1.5", "5.1.7", "5.1.8", "5.2.2", "5.4.6", "5.6.7", "5.7.1", "5.7.26",
            "5.1.90",
        ] {
            assert_eq!(about(text), Some(About::Elsewhere), "{text}");
        }
        assert_eq!(about("5.6.0 unreadable"), Some(About::Letter));
        assert_eq!(about("5.0.0"), Some(About::Unsaid));
        for text in ["", "5", "5.1", "4.1.1", "50.1.1", "no", "5..1", "550 5.1.1"] {
            assert_eq!(about(text), None, "{text}");
        }
    }

    #[test]
    fn the_status_of_a_reply_stands_behind_its_code() {
        let of = |reply| Status::of_reply(reply).map(Status::about);
        assert_eq!(of("550 5.1.1 no such mailbox"), Some(About::Mailbox));
        assert_eq!(of("550-5.7.26 not authenticated"), Some(About::Elsewhere));
        for reply in ["550 no", "55", "", "ééé"] {
            assert_eq!(of(reply), None, "{reply}");
        }
    }
}
