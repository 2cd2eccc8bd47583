//! The interface's words in every language it speaks. The WASM does not hold them: the server
//! sends the panel's share along with the page.

use std::sync::LazyLock;

use chrono::{Datelike as _, NaiveDate};
use serde::Deserialize;

use crate::panel::{Words, fill};

/// A language of the interface. A notice's own texts may be in others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// English, where no other was asked for.
    #[default]
    En,
    /// German.
    De,
    /// French.
    Fr,
}

impl Language {
    /// Every language of the interface.
    pub const ALL: [Self; 3] = [Self::En, Self::De, Self::Fr];

    /// The language of a tag such as `de` or `de-AT`; nothing when it is not spoken here.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// The BCP 47 tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
        }
    }

    /// The writing direction, said explicitly because a host page's may differ (WCAG 3.1.2).
    #[must_use]
    pub const fn direction(self) -> &'static str {
        match self {
            Self::En | Self::De | Self::Fr => "ltr",
        }
    }

    /// The words of this language.
    #[must_use]
    pub fn words(self) -> &'static Catalogue {
        match self {
            Self::En => &EN,
            Self::De => &DE,
            Self::Fr => &FR,
        }
    }
}

static EN: LazyLock<Catalogue> = LazyLock::new(|| {
    read(
        include_str!("catalogue/en.toml"),
        include_str!("catalogue/consent/en.toml"),
    )
});
static DE: LazyLock<Catalogue> = LazyLock::new(|| {
    read(
        include_str!("catalogue/de.toml"),
        include_str!("catalogue/consent/de.toml"),
    )
});
static FR: LazyLock<Catalogue> = LazyLock::new(|| {
    read(
        include_str!("catalogue/fr.toml"),
        include_str!("catalogue/consent/fr.toml"),
    )
});

fn read(most: &str, consent: &str) -> Catalogue {
    toml::from_str(&[most, consent].concat()).expect("a catalogue lacks a word or has one too many")
}

/// Everything that the interface says in one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// The language's own name.
    pub name: String,
    months: [String; 12],
    date: String,
    /// The control panel.
    pub panel: Words,
    pause: PauseWords,
    /// Around a notice's own texts.
    pub notice: NoticeWords,
    /// Around the pages.
    pub page: PageWords,
    /// What changed between two versions.
    pub change: ChangeWords,
    /// Asking for a link to one's own pages.
    pub sign_in: SignInWords,
    /// One's own choices.
    pub own: OwnWords,
    /// The letters that are sent by mail.
    pub mail: MailWords,
    /// Asking for a consent and confirming it.
    pub consent: ConsentWords,
    /// Objections that need an answer, and complaints.
    pub case: CaseWords,
    /// What is kept about a person.
    pub history: HistoryWords,
    /// The page behind the unsubscribe link of a message.
    pub one_click: OneClickWords,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PauseWords {
    one: String,
    many: String,
}

impl Catalogue {
    /// A date in words: `23 February 2027`.
    #[must_use]
    pub fn date(&self, date: NaiveDate) -> String {
        let day = fill(&self.date, "{day}", &date.day().to_string());
        let month = self
            .months
            .get(date.month0() as usize)
            .map_or("", String::as_str);
        fill(
            &fill(&day, "{month}", month),
            "{year}",
            &date.year().to_string(),
        )
    }

    /// A pause in words: `3 months, until 23 February 2027`.
    #[must_use]
    pub fn pause(&self, months: u32, end: NaiveDate) -> String {
        let text = if months == 1 {
            &self.pause.one
        } else {
            &self.pause.many
        };
        fill(
            &fill(text, "{months}", &months.to_string()),
            "{until}",
            &self.date(end),
        )
    }
}

macro_rules! catalogue_words {
    ($(#[$doc:meta])* $type:ident: $($name:ident)+) => {
        $(#[$doc])*
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(missing_docs, reason = "each is named after what it says")]
        pub struct $type {
            $(pub $name: String,)+
        }
    };
}

catalogue_words! {
    /// Words around a notice's own texts.
    NoticeWords:
    uses keeping periods full changed changes contact basis interest kept right data topics
    consent contract legal_obligation vital_interests public_task legitimate_interests
    right_objection right_case right_consent right_none
    keep_for keep_while longer law_or_regulation contract_asks legal_claims or
    year years month months day days and
    not_applicable object_here
}

catalogue_words! {
    /// Words around the pages.
    PageWords:
    notice_title version_name start skip version older current versions print_hint verbatim defects
    difference from_to no_change informs before after
    objected_title paused_title undone_title undone_text undo_failed_title undo_failed_text
    problem error_title choice_gone end_unusable legal_duty busy_title busy_text back
    home_title home_text home_notices home_machines home_api home_demo
    not_found_title not_found_text broken_title broken_text broken_stop failed_title failed_text failed_kept bad_title bad_text help
}

catalogue_words! {
    /// Words for what changed between two versions.
    ChangeWords:
    first_structured first_structured_text new_purpose removed_purpose changed_class changed_basis
    longer_retention shorter_retention new_retention removed_retention wider_retention
    new_recipient removed_recipient new_transfer new_topic removed_topic new_channel
    removed_channel new_data removed_data new_controller changed_slot wording_only
}

catalogue_words! {
    /// Words for asking for a link to one's own pages.
    SignInWords:
    title intro send ask_title code_title code_hint code open linked asked_title asked_text asked_again
    again refused code_missing ended out_title out_text linked_other stay
    unrecorded_title unrecorded_text unrecorded_object
}

catalogue_words! {
    /// Words for one's own choices.
    OwnWords:
    title whose closes not_you sign_out all_title all_free object_all stops_title stop_all
    objection pause stopped_erased stopped_spam lift_objection lift_pause lift_stop lift_hint
    yes no maybe row since ends basis change
    pausing pause_for object consent_asks consent_standing give refuse withdraw withdraw_hint
    consents_title consented email phone post sms any_channel about unobjected consent soft_opt_in objected paused
    related domain_objected erased hard_bounce spam_reported consent_refused consent_withdrawn
    consent_expired no_consent if_stated lia_missing not_informed unknown by_widget
    by_widget_at by_notice_page by_self_service by_one_click by_mailto by_api by_staff by_import
    by_mail_system counts done_objected done_paused done_given done_refused done_withdrawn
    done_lifted still_stopped undo_give undo_withdraw undo_lift undone undo_failed changed
    notice_changed read_notice
}

catalogue_words! {
    /// Words of the page behind an unsubscribe link.
    OneClickWords:
    title promise stop finer rather topics until stop_part nothing_chosen done_title done before
    before_until own
}

catalogue_words! {
    /// Words of the letters that are sent by mail.
    MailWords:
    moment all_marketing topic_of over email phone post sms
    link_subject link_what link_open code once ignore
    confirm_subject confirm_what confirm_open confirm_ignore confirm_stop
    objected_subject objected_what objected_until objected_reference objected_ignore objected_open
    received_subject received_objection received_complaint
    acknowledged_subject acknowledged_what extended_subject extended_what
    decided_subject decided_accepted decided_refused decided_open decided_rights
    case_reference sender
}

catalogue_words! {
    /// Words for asking for a consent and confirming it.
    ConsentWords:
    ask_title ask asked_title asked_text open_title open_text open_again used linked open asks nothing changed
    stopped_title stopped_text base_stopped lift done_title done lifted still own undone_title undone_text
    gone_title gone_text
}

catalogue_words! {
    /// Words for objections that need an answer, and for complaints.
    CaseWords:
    complain_title complain_intro complain_what complain_send object_title object_intro
    object_which object_what object_send marketing address_hint what_hint kept other_ways by_post
    authority what_missing what_long which_missing complain_done object_done complain_next
    object_next keep complain_link object_link
}

catalogue_words! {
    /// Words for what is kept about a person.
    HistoryWords:
    whose title nothing choices json csv export_hint kept_until kept_while cases case_open case_accepted
    case_rejected case_restricted case_grounds entries erase_title erase_text stays stopped ends erase
    erased_title erased_text unverified by_self_service objected objection_lifted paused retracted
    consent_requested consent_given consent_refused consent_withdrawn notice_provided fact_recorded
    case_opened case_acknowledged case_extended case_decided erased bounced spam_reported
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_word_and_no_other() {
        for language in Language::ALL {
            assert!(!language.words().name.is_empty());
            assert!(
                language
                    .words()
                    .panel
                    .lines()
                    .iter()
                    .all(|line| !line.is_empty())
            );
        }
    }

    #[test]
    fn every_language_fills_the_same_gaps() {
        let gaps = |language: Language| -> Vec<Vec<String>> {
            let gaps = |line: &&str| {
                let mut gaps: Vec<String> = line
                    .split('{')
                    .skip(1)
                    .filter_map(|part| part.split_once('}').map(|(name, _)| name.to_owned()))
                    .collect();
                gaps.sort();
                gaps
            };
            language.words().panel.lines().iter().map(gaps).collect()
        };
        assert_eq!(gaps(Language::De), gaps(Language::En));
        assert_eq!(gaps(Language::Fr), gaps(Language::En));
    }

    const FILES: [&str; 6] = [
        include_str!("catalogue/en.toml"),
        include_str!("catalogue/consent/en.toml"),
        include_str!("catalogue/de.toml"),
        include_str!("catalogue/consent/de.toml"),
        include_str!("catalogue/fr.toml"),
        include_str!("catalogue/consent/fr.toml"),
    ];

    #[test]
    fn one_thing_has_one_name() {
        for other in [
            "privacy statement",
            "opt out",
            "opt-out",
            "subscription",
            "datenschutzhinweis",
            "datenschutzrichtlinie",
            "ihre wahl",
            "newsletter",
            "avis de confidentialité",
            "déclaration de confidentialité",
            "politique de confidentialité",
        ] {
            let said = |file: &&str| file.to_lowercase().contains(other);
            assert!(!FILES.iter().any(said), "{other:?} is a second name");
        }
    }

    #[test]
    fn nobody_is_shamed_or_asked_twice() {
        let banned = [
            "are you sure",
            "miss out",
            "unfortunately",
            "we'd hate",
            "sorry to see",
            "no thanks",
            "sind sie sicher",
            "verpassen",
            "schade",
            "êtes-vous sûr",
            "dommage",
            "manquer",
        ];
        for phrase in banned {
            let said = |file: &&str| file.to_lowercase().contains(phrase);
            assert!(
                !FILES.iter().any(said),
                "{phrase:?} is pressure, not information"
            );
        }
    }

    #[test]
    fn dates_and_pauses_are_said_in_words() {
        let end = NaiveDate::from_ymd_opt(2027, 2, 23).unwrap();
        assert_eq!(
            Language::En.words().pause(3, end),
            "3 months, until 23 February 2027"
        );
        assert_eq!(
            Language::De.words().pause(1, end),
            "1 Monat, bis 23. Februar 2027"
        );
        assert_eq!(Language::Fr.words().date(end), "23 février 2027");
    }
}
