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

/// What Postfix says of a domain that is not there or takes no mail, each under a status that says something
/// else: all that stands before the domain's name, and what stands behind it.
const NO_DOMAIN: [(u16, u16, &str, &str); 2] = [
    (
        4,
        4,
        "host or domain name not found. name service error for name=",
        " ",
    ),
    (1, 0, "domain ", " does not accept mail (nullmx)"),
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
    /// of their own over it, as 5.0.0 over every one. Where no server was reached, the domain that was not
    /// found may be one on the way to it: `is_theirs` says whether the receiver has it.
    pub(super) fn reported(self, reply: &str, is_theirs: impl Fn(&str) -> bool) -> About {
        let said = Self::of_reply(reply);
        let last = said.unwrap_or(self);
        let words = reply.to_ascii_lowercase();
        if reply.starts_with('5') && last.is_no_mailbox(&words) {
            return About::Mailbox;
        }
        if !reply.starts_with('4') && last.no_domain(&words).is_some_and(is_theirs) {
            return About::Mailbox;
        }
        match (self.about(), said) {
            (About::Unsaid, Some(said)) => said.about(),
            (About::Unsaid, None) if reply.starts_with('4') => About::Elsewhere,
            (about, _) => about,
        }
    }

    fn is_no_mailbox(self, words: &str) -> bool {
        self.about() == About::Mailbox
            || NO_MAILBOX.iter().any(|(subject, detail, said)| {
                (self.subject, self.detail) == (*subject, *detail) && words.contains(said)
            })
    }

    /// The domain that those words say is not there or takes no mail.
    fn no_domain(self, words: &str) -> Option<&str> {
        NO_DOMAIN
            .iter()
            .filter(|(subject, detail, ..)| (self.subject, self.detail) == (*subject, *detail))
            .find_map(|(_, _, before, behind)| {
                let (_, rest) = words.split_once(before)?;
                Some(rest.split_once(behind)?.0)
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
        let about = |status, reply| Status::read(status).map(|one| one.reported(reply, |_| false));
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
    fn a_domain_that_is_gone_is_about_the_mailbox_where_it_is_the_receivers() {
        let about = |status: &str, reply| {
            let is_theirs = |domain: &str| domain == "gone.example";
            Status::read(status).map(|status| status.reported(reply, is_theirs))
        };
        let found = "Host or domain name not found. Name service error for name=";
        let (gone, relay) = (
            format!("{found}Gone.example type=A: Host not found"),
            format!("{found}relay.example type=A: Host not found"),
        );
        let null = "Domain gone.example does not accept mail (nullMX)";
        for (status, reply, expected) in [
            ("5.4.4", gone.as_str(), About::Mailbox),
            ("5.1.0", null, About::Mailbox),
            ("5.4.4", relay.as_str(), About::Elsewhere),
            ("5.4.4", null, About::Elsewhere),
            ("5.4.4", "no route to host", About::Elsewhere),
            (
                "5.1.0",
                "Domain relay.example does not accept mail (nullMX)",
                About::Elsewhere,
            ),
        ] {
            assert_eq!(about(status, reply), Some(expected), "{status} {reply}");
        }
        let later = format!("450 4.4.3 {gone}");
        assert_eq!(about("5.4.4", &later), Some(About::Elsewhere));
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
