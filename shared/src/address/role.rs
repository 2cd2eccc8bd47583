//! Mailboxes of a task, which several people read: `info@`, `sales@`, `postmaster@`.

use super::Address;

/// The names that stand for a task and not for a person: those of RFC 2142, and what companies use
/// in the languages of our notices. Sorted.
const TASKS: [&str; 75] = [
    "abuse",
    "accountant",
    "accounting",
    "accounts",
    "accueil",
    "admin",
    "administration",
    "administrator",
    "anfrage",
    "billing",
    "board",
    "booking",
    "buchhaltung",
    "buero",
    "careers",
    "compliance",
    "comptabilite",
    "contact",
    "customerservice",
    "datenschutz",
    "datenschutzbeauftragter",
    "dpo",
    "einkauf",
    "empfang",
    "enquiries",
    "events",
    "feedback",
    "finance",
    "ftp",
    "gdpr",
    "hello",
    "help",
    "helpdesk",
    "hostmaster",
    "hr",
    "info",
    "information",
    "inquiries",
    "invoices",
    "it",
    "jobs",
    "kontakt",
    "legal",
    "mail",
    "mailbox",
    "marketing",
    "media",
    "news",
    "no-reply",
    "noc",
    "noreply",
    "office",
    "orders",
    "personal",
    "post",
    "postmaster",
    "poststelle",
    "press",
    "presse",
    "privacy",
    "purchasing",
    "reception",
    "rechnung",
    "recruitment",
    "root",
    "sales",
    "security",
    "service",
    "support",
    "team",
    "usenet",
    "uucp",
    "vertrieb",
    "webmaster",
    "www",
];

impl Address {
    /// Whether the mailbox is that of a task: no individual's, read by several people, of whom each
    /// can object for the mailbox. Says something to people, and decides nothing.
    #[must_use]
    pub fn is_role(&self) -> bool {
        let local = &self.normal[..self.at];
        let base = local.split_once('+').map_or(local, |(base, _)| base);
        TASKS.contains(&base)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Address;

    #[test]
    fn a_mailbox_of_a_task_is_told_from_a_persons() {
        for typed in [
            "info@x.com",
            "Sales@x.com",
            "postmaster@x.com",
            "info+list@x.com",
        ] {
            assert!(Address::parse(typed).expect(typed).is_role(), "{typed}");
        }
        for typed in ["jane@x.com", "info.jane@x.com", "saleswoman@x.com"] {
            assert!(!Address::parse(typed).expect(typed).is_role(), "{typed}");
        }
    }
}
