//! The status of a refusal or a delivery report (RFC 3463): what it is about.

/// Subject and detail of a status of class 5, a permanent failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Status {
    subject: u16,
    detail: u16,
}

/// What the largest business mail hosts say of a mailbox that is not there, each under a status that says
/// something else: Exchange Online, Outlook.com and sendmail.
const NO_MAILBOX: [(u16, u16, &str); 4] = [
    (4, 1, "recipient address rejected"),
    (5, 0, "mailbox unavailable"),
    (3, 0, "no such user"),
    (3, 0, "user unknown"),
];

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

    /// What a failure is about that a delivery report gives this status, and the receiver's server gave
    /// that reply. The reply knows best whether there is a mailbox: mail systems on the way put a status
    /// of their own over it, as 5.0.0 over every one.
    pub(super) fn reported(self, reply: &str) -> About {
        let said = Self::of_reply(reply);
        let is_final = reply.starts_with('5');
        if is_final && said.unwrap_or(self).is_no_mailbox(reply) {
            return About::Mailbox;
        }
        match (self.about(), said) {
            (About::Unsaid, Some(said)) => said.about(),
            (About::Unsaid, None) if reply.starts_with('4') => About::Elsewhere,
            (about, _) => about,
        }
    }

    fn is_no_mailbox(self, reply: &str) -> bool {
        let reply = reply.to_ascii_lowercase();
        self.about() == About::Mailbox
            || NO_MAILBOX.iter().any(|(subject, detail, words)| {
                (self.subject, self.detail) == (*subject, *detail) && reply.contains(words)
            })
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
    fn a_report_is_about_the_mailbox_where_the_reply_says_so() {
        let about = |status, reply| Status::read(status).map(|status| status.reported(reply));
        for (status, reply) in [
            (
                "5.4.1",
                "550 5.4.1 Recipient address rejected: Access denied.",
            ),
            (
                "5.5.0",
                "550 5.5.0 Requested action not taken: mailbox unavailable",
            ),
            (
                "5.0.0",
                "550-5.4.1 Recipient Address Rejected: Access denied",
            ),
            ("5.7.1", "550 5.1.1 User unknown"),
            ("5.3.0", "550 No such user here"),
            ("5.1.1", "550 5.7.1 refused"),
            ("5.0.0", ""),
        ] {
            let told = about(status, reply);
            let counts = matches!(told, Some(About::Mailbox | About::Unsaid));
            assert!(counts, "{status} {reply}: {told:?}");
        }
        for (status, reply) in [
            ("5.4.1", "550 5.4.1 no answer from host"),
            ("5.5.0", "550 5.5.0 Requested action not taken"),
            (
                "5.7.1",
                "554 5.7.1 Recipient address rejected: Access denied",
            ),
            (
                "5.4.1",
                "550 5.7.1 Recipient address rejected: Access denied",
            ),
            ("5.3.0", "550 5.3.0 try another server"),
            ("5.7.1", "451 5.1.1 later"),
            ("5.4.1", ""),
        ] {
            assert_eq!(
                about(status, reply),
                Some(About::Elsewhere),
                "{status} {reply}"
            );
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
