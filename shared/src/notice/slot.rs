//! The 22 things that a notice must say (N1 to N22), each said, excused with a reason, or missing.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::party::{Authority, Contact, Controller, DataSource, Party, Recipient, Route, Transfer};
use super::text::TextKey;

/// What a notice says in one place.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "state", content = "content", rename_all = "snake_case")]
pub enum Slot<T> {
    /// It says this.
    Filled(T),
    /// It does not apply to this controller, because.
    NotApplicable {
        /// Why; shown in the notice.
        reason: String,
    },
    /// It says nothing yet; such a notice cannot be published.
    #[default]
    Empty,
}

impl<T> Slot<T> {
    /// The content, if the slot is filled.
    #[must_use]
    pub const fn filled(&self) -> Option<&T> {
        match self {
            Self::Filled(content) => Some(content),
            Self::NotApplicable { .. } | Self::Empty => None,
        }
    }

    /// The same state without the content.
    #[must_use]
    pub fn state(&self) -> SlotState<'_> {
        match self {
            Self::Filled(_) => SlotState::Filled,
            Self::NotApplicable { reason } => SlotState::NotApplicable { reason },
            Self::Empty => SlotState::Empty,
        }
    }
}

/// A slot's state without its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotState<'a> {
    /// It says something.
    Filled,
    /// It does not apply.
    NotApplicable {
        /// Why.
        reason: &'a str,
    },
    /// It says nothing.
    Empty,
}

macro_rules! slots {
    ($($(#[$doc:meta])* $field:ident $variant:ident: $content:ty = $code:literal, $article:literal;)*) => {
        /// Names a slot.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum SlotName {
            $($(#[$doc])* $variant,)*
        }

        /// Every slot of a notice. A text slot holds the key of its text; what N5, N6, N7, N8 and
        /// N11 list stands in the notice's purposes, data categories and retention rules.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Slots {
            $($(#[$doc])* pub $field: Slot<$content>,)*
        }

        impl SlotName {
            /// Every slot, N1 to N22.
            pub const ALL: [Self; 22] = [$(Self::$variant),*];

            /// The slot's name in sources, anchors and JSON: `controller`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($field),)*
                }
            }

            /// The slot's number in the list of requirements: `N1`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)*
                }
            }

            /// The law or standard that asks for it.
            #[must_use]
            pub const fn article(self) -> &'static str {
                match self {
                    $(Self::$variant => $article,)*
                }
            }
        }

        impl Slots {
            /// Whether that slot is filled, excused or empty.
            #[must_use]
            pub fn state(&self, name: SlotName) -> SlotState<'_> {
                match name {
                    $(SlotName::$variant => self.$field.state(),)*
                }
            }

            /// Whether the other notice fills that slot in another way.
            #[must_use]
            pub fn differ(&self, other: &Self, name: SlotName) -> bool {
                match name {
                    $(SlotName::$variant => self.$field != other.$field,)*
                }
            }

            /// Empties that slot.
            pub fn clear(&mut self, name: SlotName) {
                match name {
                    $(SlotName::$variant => self.$field = Slot::Empty,)*
                }
            }
        }
    };
}

slots! {
    /// N1: who the controller is.
    controller Controller: Controller = "N1", "Art. 13(1)(a), 14(1)(a)";
    /// N2: how to reach the controller.
    contact Contact: Contact = "N2", "Art. 13(1)(a), 14(1)(a)";
    /// N3: the representative under Art. 27.
    representative Representative: Party = "N3", "Art. 13(1)(a), 14(1)(a)";
    /// N4: the data protection officer.
    data_protection_officer DataProtectionOfficer: Party = "N4", "Art. 13(1)(b), 14(1)(b)";
    /// N5: what data is used for.
    purposes Purposes: TextKey = "N5", "Art. 13(1)(c), 14(1)(c)";
    /// N6: the legal basis of each purpose.
    legal_bases LegalBases: TextKey = "N6", "Art. 13(1)(c), 14(1)(c)";
    /// N7: the legitimate interests pursued.
    interests Interests: TextKey = "N7", "Art. 13(1)(d), 14(2)(b)";
    /// N8: the categories of personal data.
    data_categories DataCategories: TextKey = "N8", "Art. 14(1)(d)";
    /// N9: who receives the data.
    recipients Recipients: Vec<Recipient> = "N9", "Art. 13(1)(e), 14(1)(e)";
    /// N10: transfers to other countries and their safeguards.
    transfers Transfers: Vec<Transfer> = "N10", "Art. 13(1)(f), 14(1)(f)";
    /// N11: how long data is kept.
    retention Retention: TextKey = "N11", "Art. 13(2)(a), 14(2)(a)";
    /// N12: access, rectification, erasure, restriction, objection, portability.
    rights Rights: TextKey = "N12", "Art. 13(2)(b), 14(2)(c)";
    /// N13: withdrawing consent.
    withdrawal Withdrawal: TextKey = "N13", "Art. 13(2)(c), 14(2)(d)";
    /// N14: complaining to the supervisory authority.
    supervisory_authority SupervisoryAuthority: Authority = "N14", "Art. 13(2)(d), 14(2)(e)";
    /// N15: complaining to the controller.
    complaint Complaint: Route = "N15", "DPA 2018 s.164A";
    /// N16: whether data must be given, and what happens if not.
    obligation_to_provide ObligationToProvide: TextKey = "N16", "Art. 13(2)(e)";
    /// N17: where the data comes from.
    sources Sources: Vec<DataSource> = "N17", "Art. 14(2)(f)";
    /// N18: automated decisions and profiling.
    automated_decisions AutomatedDecisions: TextKey = "N18", "Art. 13(2)(f), 14(2)(g)";
    /// N19: use for another purpose later.
    further_processing FurtherProcessing: TextKey = "N19", "Art. 13(3), 14(4)";
    /// N20: the right to object to direct marketing, apart from everything else.
    right_to_object RightToObject: TextKey = "N20", "Art. 21(4)";
    /// N21: which version this is and since when it holds.
    version Version: TextKey = "N21", "Art. 5(2); ISO/IEC 29184 5.2.8";
    /// N22: what is stored on the visitor's device.
    device_storage DeviceStorage: TextKey = "N22", "PECR reg. 6";
}

impl SlotName {
    /// The key of the section's heading.
    #[must_use]
    pub fn title_key(self) -> String {
        format!("slot.{}.title", self.as_str())
    }

    /// The key of the section's text, which a slot filled from the settings may also have.
    #[must_use]
    pub fn text_key(self) -> String {
        format!("slot.{}.text", self.as_str())
    }
}

impl fmt::Display for SlotName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.code(), self.as_str())
    }
}
