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
        is_task(&self.normal.as_bytes()[..self.at])
    }
}

/// The names that begin with one letter.
#[derive(Clone, Copy)]
struct Group {
    start: usize,
    end: usize,
    /// What follows the first letter in them, and what follows that, as bits: tells most names of people.
    second: u32,
    third: u32,
}

const GROUPS: [Group; 26] = {
    let none = Group {
        start: 0,
        end: 0,
        second: 0,
        third: 0,
    };
    let mut groups = [none; 26];
    let mut place = 0;
    while place < TASKS.len() {
        let name = TASKS[place].as_bytes();
        let group = &mut groups[(name[0] - b'a') as usize];
        if group.end == 0 {
            group.start = place;
        }
        group.end = place + 1;
        group.second |= bit(name[1]);
        if name.len() > 2 {
            group.third |= bit(name[2]);
        }
        place += 1;
    }
    groups
};

/// A bit for each letter, one for the hyphen, and one for all that is in no name.
const fn bit(octet: u8) -> u32 {
    match octet {
        b'a'..=b'z' => 1 << (octet - b'a'),
        b'-' => 1 << 26,
        _ => 1 << 31,
    }
}

/// Whether that local part, in lower case, stands for a task, whatever its `+tag`.
pub(super) fn is_task(local: &[u8]) -> bool {
    let [first, second, rest @ ..] = local else {
        return false;
    };
    let Some(group) = GROUPS.get(usize::from(first.wrapping_sub(b'a'))) else {
        return false;
    };
    let third = match rest {
        [] | [b'+', ..] => true,
        [third, ..] => group.third & bit(*third) != 0,
    };
    if group.second & bit(*second) == 0 || !third {
        return false;
    }
    TASKS[group.start..group.end].iter().any(|name| {
        let rest = local.strip_prefix(name.as_bytes());
        rest.is_some_and(|rest| matches!(rest, [] | [b'+', ..]))
    })
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
        for name in super::TASKS {
            for local in [name.to_owned(), format!("{name}+list")] {
                assert!(super::is_task(local.as_bytes()), "{local}");
            }
            assert!(!super::is_task(format!("{name}x").as_bytes()), "{name}x");
        }
        assert!(super::TASKS.is_sorted());
        for typed in [
            "jane@x.com",
            "i@x.com",
            "4711@x.com",
            "i\u{f1}fo@x.com",
            "info.jane@x.com",
            "saleswoman@x.com",
        ] {
            assert!(!Address::parse(typed).expect(typed).is_role(), "{typed}");
        }
    }
}
