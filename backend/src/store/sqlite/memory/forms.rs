//! Standings as they are written, kept small: most differ in ids and moments alone, so the rest of the
//! text is kept once as a form, and of each standing only what fills its blanks.

use std::collections::HashMap;
use std::mem::size_of;

use shared::time::Timestamp;
use uuid::Uuid;

/// Forms that are kept; a text that would need a further one is kept whole.
const MOST: usize = 10_000;
/// Stands for a text that is kept whole.
const WHOLE: u32 = u32::MAX;
/// What fills blanks takes a multiple of this many bytes.
pub(super) const UNIT: usize = 8;

/// All forms of a store.
#[derive(Default)]
pub(super) struct Forms {
    forms: Vec<Form>,
    known: HashMap<Box<[u8]>, u32>,
}

/// A text with blanks.
struct Form {
    text: Box<[u8]>,
    blanks: Box<[Blank]>,
}

/// A place in a text that something else can stand in.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Blank {
    at: usize,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Id,
    Moment,
}

impl Forms {
    /// The number of the form of that text; what fills its blanks is added to `filling`.
    pub(super) fn form(&mut self, text: &[u8], filling: &mut Vec<u8>) -> u32 {
        let start = filling.len();
        let (mut bare, mut blanks) = (text.to_vec(), Vec::new());
        let mut at = 0;
        while let Some(quote) = memchr::memchr(b'"', &bare[at..]) {
            at += quote + 1;
            if let Some(kind) = Kind::take(text, at, filling) {
                bare[at..at + kind.length()].fill(b'_');
                blanks.push(Blank { at, kind });
                at += kind.length() + 1;
            }
        }
        if let Some(form) = self.known.get(&*bare)
            && *self.forms[*form as usize].blanks == *blanks
        {
            return *form;
        }
        let next = u32::try_from(self.forms.len()).unwrap_or(WHOLE);
        if self.forms.len() >= MOST || self.known.contains_key(&*bare) {
            filling.truncate(start);
            filling.extend((text.len() as u64).to_ne_bytes());
            filling.extend(text);
            filling.resize(filling.len().next_multiple_of(UNIT), 0);
            return WHOLE;
        }
        let text: Box<[u8]> = bare.into();
        self.known.insert(text.clone(), next);
        self.forms.push(Form {
            text,
            blanks: blanks.into(),
        });
        next
    }

    /// How many bytes of `filling`, which begins with it, fill the form of that number.
    pub(super) fn length(&self, form: u32, filling: &[u8]) -> usize {
        match self.forms.get(form as usize) {
            Some(form) => form.blanks.iter().map(|blank| blank.kind.width()).sum(),
            None => size_of::<u64>() + length_of_whole(filling).next_multiple_of(UNIT),
        }
    }

    /// Writes the text of that form, filled with what `filling` begins with.
    pub(super) fn write(&self, form: u32, filling: &[u8], text: &mut Vec<u8>) {
        text.clear();
        let Some(form) = self.forms.get(form as usize) else {
            let length = length_of_whole(filling);
            text.extend(&filling[size_of::<u64>()..][..length]);
            return;
        };
        text.extend(&*form.text);
        let mut from = 0;
        for blank in &form.blanks {
            let (value, place) = (&filling[from..], &mut text[blank.at..]);
            blank.kind.put(value, place);
            from += blank.kind.width();
        }
    }

    /// Bytes of memory, about.
    pub(super) fn size(&self) -> usize {
        let of = |form: &Form| 2 * form.text.len() + form.blanks.len() * size_of::<Blank>() + 64;
        self.forms.iter().map(of).sum()
    }
}

fn length_of_whole(filling: &[u8]) -> usize {
    let length = filling
        .first_chunk()
        .map(|bytes| u64::from_ne_bytes(*bytes));
    usize::try_from(length.unwrap_or(0)).unwrap_or(0)
}

impl Kind {
    /// Characters in a text.
    const fn length(self) -> usize {
        match self {
            Self::Id => 36,
            Self::Moment => 24,
        }
    }

    /// Bytes in a filling.
    const fn width(self) -> usize {
        match self {
            Self::Id => size_of::<Uuid>(),
            Self::Moment => size_of::<i64>(),
        }
    }

    /// What stands in the text from there to the next quote, if it would be written the same again; its
    /// value is added to `filling`.
    fn take(text: &[u8], at: usize, filling: &mut Vec<u8>) -> Option<Self> {
        let stands = |kind: Self| {
            let value = text.get(at..at + kind.length())?;
            (text.get(at + kind.length()) == Some(&b'"')).then_some(value)
        };
        let mut again = [0; 36];
        if let Some(value) = stands(Self::Id) {
            let id = Uuid::try_parse_ascii(value).ok()?;
            id.hyphenated().encode_lower(&mut again);
            filling.extend((again == *value).then_some(id.as_bytes())?);
            return Some(Self::Id);
        }
        let value = stands(Self::Moment)?;
        let moment = Timestamp::parse(str::from_utf8(value).ok()?).ok()?;
        let same = moment.to_string().as_bytes() == value;
        filling.extend(same.then_some(moment.as_millis().to_ne_bytes())?);
        Some(Self::Moment)
    }

    /// Writes what `filling` begins with where `place` begins.
    fn put(self, filling: &[u8], place: &mut [u8]) {
        match self {
            Self::Id => {
                let id = Uuid::from_bytes(*filling.first_chunk().unwrap_or(&[0; 16]));
                id.hyphenated().encode_lower(place);
            }
            Self::Moment => {
                let millis = i64::from_ne_bytes(*filling.first_chunk().unwrap_or(&[0; 8]));
                let moment = Timestamp::from_millis(millis).to_string();
                place[..moment.len()].copy_from_slice(moment.as_bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Forms, UNIT, WHOLE};

    const ID: &str = "01a206a5-58fd-733e-9df4-66305fd4b600";
    const MOMENT: &str = "2026-11-23T03:30:00.000Z";

    fn written_again(forms: &Forms, form: u32, filling: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        forms.write(form, filling, &mut text);
        text
    }

    #[test]
    fn texts_that_differ_in_ids_and_moments_alone_share_a_form() {
        let (mut forms, mut filling) = (Forms::default(), Vec::new());
        let text = |id: &str, moment: &str| format!("{{\"e\":\"{id}\",\"u\":\"{moment}\"}}");
        let other = text(&ID.replace('a', "b"), "2027-01-01T00:00:00.001Z");
        let one = forms.form(text(ID, MOMENT).as_bytes(), &mut filling);
        assert_eq!(filling.len(), 24);
        let two = forms.form(other.as_bytes(), &mut filling);
        assert_eq!(one, two);
        assert_eq!(filling.len(), 48);
        assert_eq!(written_again(&forms, two, &filling[24..]), other.as_bytes());
        // Such as would be written otherwise are no id and no moment.
        for stays in [
            text(&ID.to_uppercase(), MOMENT),
            text(ID, "2026-11-23T03:30:00.000+00:00"),
        ] {
            let mut filling = Vec::new();
            assert_ne!(forms.form(stays.as_bytes(), &mut filling), one);
        }
    }

    #[test]
    fn further_forms_than_are_kept_are_texts_kept_whole() {
        let (mut forms, mut filling) = (Forms::default(), Vec::new());
        let mut last = 0;
        for number in 0..=super::MOST {
            filling.clear();
            last = forms.form(format!("\"{number}\"").as_bytes(), &mut filling);
        }
        assert_eq!(last, WHOLE);
        assert_eq!(written_again(&forms, last, &filling), b"\"10000\"");
        assert_eq!(forms.length(last, &filling), filling.len());
    }

    /// Texts of quotes, ids, moments, halves of them and blanks.
    fn text() -> impl Strategy<Value = String> {
        let pieces = [ID, MOMENT, &ID[..20], &MOMENT[4..], "\"", "\"", "x", "_"];
        let pieces = pieces.map(str::to_owned).to_vec();
        let blank = "_".repeat(36);
        let piece = prop::sample::select([pieces, vec![blank, ID.to_uppercase()]].concat());
        prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn every_text_is_written_again_as_it_was(texts in prop::collection::vec(text(), 1..6)) {
            let (mut forms, mut filling) = (Forms::default(), Vec::new());
            let mut kept = Vec::new();
            for text in &texts {
                kept.push((filling.len(), forms.form(text.as_bytes(), &mut filling)));
            }
            prop_assert_eq!(filling.len() % UNIT, 0);
            let ends = kept.iter().skip(1).map(|one| one.0).chain([filling.len()]);
            for ((text, &(at, form)), end) in texts.iter().zip(&kept).zip(ends) {
                let filling = &filling[at..];
                prop_assert_eq!(forms.length(form, filling), end - at);
                let again = written_again(&forms, form, filling);
                prop_assert_eq!(again, text.as_bytes());
            }
        }
    }
}
