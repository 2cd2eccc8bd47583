//! The panel's words, and how they travel from the server's page into the WASM.

/// Declares the words once: their names in the catalogue, and their order on the way.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// Every text the panel can show, in one language. `{…}` marks what is filled in.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[cfg_attr(feature = "ssr", derive(serde::Deserialize), serde(deny_unknown_fields))]
        pub struct Words {
            $($(#[$doc])* pub $name: String,)+
        }

        impl Words {
            /// The words in the order of their declaration.
            #[must_use]
            pub fn lines(&self) -> Vec<&str> {
                vec![$(self.$name.as_str(),)+]
            }

            /// Reads the words back in that order; nothing when one is missing.
            pub fn read<'a>(lines: &mut impl Iterator<Item = &'a str>) -> Option<Self> {
                Some(Self { $($name: lines.next()?.to_owned(),)+ })
            }
        }
    };
}

words! {
    /// The panel's own heading (Art. 21(4)).
    heading,
    /// What pressing the button does.
    promise,
    /// Label of the address field.
    address,
    /// Hint below that label.
    address_hint,
    /// Opens the choice of topic and time.
    narrower,
    /// Legend above the topics.
    topic,
    /// The choice of no single topic.
    every_topic,
    /// Legend above the durations.
    until,
    /// The choice of no end.
    for_good,
    /// The button.
    object,
    /// Nothing was typed.
    address_missing,
    /// What was typed is no address.
    address_malformed,
    /// The objection is on its way.
    sending,
    /// Too many requests; `{seconds}`.
    waiting,
    /// Ends the waiting.
    stop_waiting,
    /// The service refused it.
    failed,
    /// No answer came, or none that tells.
    unanswered,
    /// Too much was asked at once; nothing waits by itself.
    busy,
    /// Sends again.
    try_again,
    /// The objection holds for all mailings.
    objected,
    /// The objection holds for one topic; `{topic}`.
    objected_topic,
    /// It holds from now on, for good.
    from_now,
    /// It holds from now on, until the end of `{until}`.
    from_now_until,
    /// What goes on nevertheless.
    continues,
    /// `{reference}`.
    reference,
    /// Takes the objection back.
    undo,
    /// How long that is possible.
    undo_hint,
    /// It was taken back, and nothing older with it.
    undone,
    /// It could not be taken back.
    undo_failed,
    /// Saves the receipt.
    receipt,
    /// Prints the page.
    print,
    /// The browser sends Global Privacy Control (GPC-03).
    gpc,
    /// Heading of the request for consent.
    consent_heading,
    /// Who asks, for what, how, and how it is withdrawn (LAW-05).
    consent_promise,
    /// Asks for the message that confirms.
    consent_button,
    /// What to do now.
    consent_asked,
    /// Heading of one's own choices.
    own_heading,
    /// How they are opened.
    own_promise,
    /// Asks for a code.
    own_send,
    /// Label of the code's field.
    own_code,
    /// Opens the choices with the code.
    own_show,
    /// Something is on its way.
    own_busy,
    /// What to do with the code.
    own_asked,
    /// No code was typed.
    own_no_code,
    /// The code does not fit.
    own_wrong,
    /// The choices are shown.
    own_open,
    /// Another act came between; nothing was recorded.
    own_changed,
    /// The session is over: what to do to go on.
    own_over,
    /// Signs out.
    own_leave,
}

/// Puts a value where the text says `{name}`.
#[must_use]
pub fn fill(text: &str, name: &str, value: &str) -> String {
    match text.split_once(name) {
        Some((before, after)) => [before, value, after].concat(),
        None => text.to_owned(),
    }
}
