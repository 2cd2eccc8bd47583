//! JSON as the interfaces of other systems answer it: a list, a document that holds one, or an object
//! per line. Read one element at a time.

use std::fmt;
use std::io::Read;

use anyhow::ensure;
use serde::de::{DeserializeSeed, Deserializer as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use self::element::{Element, rows};
use self::others::Others;
use self::value::Checked;
use super::row::{Row, plain};
use crate::table::{Doubt, may_be_address};

mod element;
mod others;
mod value;

/// Members of a document that hold the list.
const LISTS: [&str; 6] = [
    "suppressions",
    "data",
    "results",
    "contacts",
    "members",
    "bounces",
];
/// Where an element has its address.
const ADDRESSES: [&str; 5] = [
    "email",
    "emailaddress",
    "fieldscoreemailvalue",
    "fieldsallemail",
    "subscriberemail",
];

/// Which member of an element says whom it is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whom<'a> {
    /// The one that was named.
    pub(super) column: Option<&'a str>,
    /// Else one of these plain names, before those that tools have for an address.
    pub(super) names: &'a [&'a str],
}

impl Whom<'_> {
    fn of<'r>(&self, row: &'r Row) -> Option<&'r str> {
        match self.column {
            None => row.get(self.names).or_else(|| row.get(&ADDRESSES)),
            Some(column) => row.written(column).or_else(|| row.get(&[&*plain(column)])),
        }
    }

    /// Whether several members that are called as an address is hold different ones.
    fn is_unclear(&self, row: &Row) -> bool {
        let named = row.all().filter(|(name, ..)| ADDRESSES.contains(name));
        let mut found = named
            .map(|(.., cell)| cell)
            .filter(|cell| may_be_address(cell));
        let first = found.next();
        self.column.is_none()
            && self.names.is_empty()
            && found.any(|other| first.is_some_and(|one| !one.eq_ignore_ascii_case(other)))
    }

    /// Whether the element is about somebody, or has an address in another place.
    fn is_in(&self, element: &Element) -> bool {
        rows(0, element)
            .any(|row| self.of(&row).is_some() || row.cells.iter().any(|cell| may_be_address(cell)))
    }
}

/// Reads every element; returns the names of other members that hold addresses.
///
/// # Errors
/// Where the document is no JSON or cannot be read, and the first error of `each`.
pub(super) fn read(
    input: impl Read,
    whom: Whom<'_>,
    each: &mut dyn FnMut(Row) -> anyhow::Result<()>,
) -> anyhow::Result<Vec<String>> {
    let mut stopped = None;
    let mut count = 0;
    let mut others = Others::default();
    let mut element = |element: Element| {
        count += 1;
        for mut row in rows(count, &element) {
            row.address = whom.of(&row).unwrap_or_default().to_owned();
            if whom.is_unclear(&row) {
                row.doubt = row.doubt.or(Some(Doubt::Addresses));
            }
            if row.doubt.is_none() {
                others.take(&element, &row.address);
            }
            each(row)?;
        }
        anyhow::Ok(())
    };
    let mut json = serde_json::Deserializer::from_reader(std::io::BufReader::new(input));
    while json.end().is_err() {
        let whole = Whole {
            whom,
            element: &mut element,
            stopped: &mut stopped,
        };
        let read = json.deserialize_any(whole);
        if let Some(stopped) = stopped.take() {
            return Err(stopped);
        }
        // The message of the library may repeat what it read.
        let read = read.map_err(|error| {
            anyhow::anyhow!(
                "the file is no JSON from line {} on: export it again",
                error.line()
            )
        })?;
        ensure!(
            read == Was::Read,
            "the file has a value that is no object where one has to be: export it again"
        );
    }
    Ok(others.names())
}

/// One value of the file: a list, a document with a list in it, or an element.
struct Whole<'a> {
    whom: Whom<'a>,
    element: &'a mut dyn FnMut(Element) -> anyhow::Result<()>,
    stopped: &'a mut Option<anyhow::Error>,
}

impl Whole<'_> {
    fn give<E: serde::de::Error>(&mut self, element: Element) -> Result<(), E> {
        (self.element)(element).map_err(|error| {
            *self.stopped = Some(error);
            E::custom("stopped")
        })
    }

    fn again(&mut self) -> Whole<'_> {
        Whole {
            whom: self.whom,
            element: &mut *self.element,
            stopped: &mut *self.stopped,
        }
    }
}

/// What a value was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Was {
    /// A list or an object, whose elements were given.
    Read,
    /// A number, a text or nothing: `"bounces": 0` is no list.
    Single,
}

impl<'de> DeserializeSeed<'de> for Whole<'_> {
    type Value = Was;

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<Was, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Whole<'_> {
    type Value = Was;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Was, A::Error> {
        let mut is_doubled = false;
        while let Some(value) = list.next_element_seed(Checked(&mut is_doubled))? {
            let members = match value {
                Value::Object(members) => members,
                other => Map::from_iter([("email".to_owned(), other)]),
            };
            self.give(Element {
                members,
                is_doubled: std::mem::take(&mut is_doubled),
            })?;
        }
        Ok(Was::Read)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Was, A::Error> {
        let mut element = Element::default();
        let mut holds_a_list = false;
        while let Some(name) = map.next_key::<String>()? {
            match plain(&name).as_str() {
                "contacts" => {
                    holds_a_list = true;
                    map.next_value_seed(Named(self.again()))?;
                }
                list if LISTS.contains(&list) => {
                    holds_a_list |= map.next_value_seed(self.again())? == Was::Read;
                }
                _ => {
                    let value = map.next_value_seed(Checked(&mut element.is_doubled))?;
                    element.insert(name, value);
                }
            }
        }
        // A contact can have such a list too, often an empty one.
        if !holds_a_list || self.whom.is_in(&element) {
            self.give(element)?;
        }
        Ok(Was::Read)
    }

    fn visit_unit<E>(self) -> Result<Was, E> {
        Ok(Was::Single)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Was, E> {
        Ok(Was::Single)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Was, E> {
        Ok(Was::Single)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Was, E> {
        Ok(Was::Single)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Was, E> {
        Ok(Was::Single)
    }

    fn visit_str<E>(self, _: &str) -> Result<Was, E> {
        Ok(Was::Single)
    }
}

/// A list whose elements have names: their numbers.
struct Named<'a>(Whole<'a>);

impl<'de> DeserializeSeed<'de> for Named<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Named<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        self.0.visit_seq(list).map(drop)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while map.next_key::<IgnoredAny>()?.is_some() {
            let mut is_doubled = false;
            let Value::Object(members) = map.next_value_seed(Checked(&mut is_doubled))? else {
                return Err(serde::de::Error::custom("a contact is no object"));
            };
            self.0.give(Element {
                members,
                is_doubled,
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Whom, read};

    fn addresses(text: &str) -> Vec<(u64, String)> {
        addresses_in(text, None)
    }

    fn addresses_in(text: &str, column: Option<&str>) -> Vec<(u64, String)> {
        let mut found = Vec::new();
        let whom = Whom { column, names: &[] };
        read(text.as_bytes(), whom, &mut |row| {
            found.push((row.line, row.address));
            Ok(())
        })
        .unwrap();
        found
    }

    #[test]
    fn a_list_is_found_in_whatever_it_comes() {
        let expected = vec![(1, "a@x.com".to_owned()), (2, "b@x.com".to_owned())];
        for text in [
            r#"[{"email": "a@x.com"}, {"email": "b@x.com"}]"#,
            r#"["a@x.com", "b@x.com"]"#,
            r#"{"Suppressions": [{"EmailAddress": "a@x.com"}, {"EmailAddress": "b@x.com"}]}"#,
            r#"{"data": {"results": [{"email": "a@x.com"}, {"email": "b@x.com"}], "total": 2}}"#,
            r#"{"total": "2", "contacts": {"7": {"fields": {"all": {"email": "a@x.com"}}},
                "9": {"fields": {"core": {"email": {"value": "b@x.com"}}}}}}"#,
            "{\"email\": \"a@x.com\"}\n{\"email\": \"b@x.com\"}\n",
        ] {
            assert_eq!(addresses(text), expected, "{text}");
        }
        assert_eq!(addresses("[]"), []);
    }

    #[test]
    fn a_contact_with_a_list_of_its_own_is_one_too() {
        for text in [
            r#"{"email": "a@x.com", "bounces": []}"#,
            r#"{"members": [], "email": "a@x.com"}"#,
            r#"{"email": "a@x.com", "bounces": 0, "data": null}"#,
            r#"{"contacts": {}, "fields": {"core": {"email": {"value": "a@x.com"}}}}"#,
        ] {
            assert_eq!(addresses(text), [(1, "a@x.com".to_owned())], "{text}");
        }
        let elsewhere = addresses(r#"{"mail": "a@x.com", "bounces": []}"#);
        assert_eq!(
            elsewhere,
            [(1, String::new())],
            "it is refused and not lost"
        );
        assert_eq!(addresses(r#"{"data": [], "paging": {"next": 2}}"#), []);
    }

    #[test]
    fn the_member_that_is_named_has_the_address() {
        let text =
            r#"[{"email": "a@x.com", "Work Mail": "b@x.com", "of": {"home": "c@x.com"}}, {}]"#;
        for (column, found) in [
            ("Work Mail", "b@x.com"),
            ("work_mail", "b@x.com"),
            ("of.home", "c@x.com"),
            ("nowhere", ""),
        ] {
            let expected = [(1, found.to_owned()), (2, String::new())];
            assert_eq!(addresses_in(text, Some(column)), expected, "{column}");
        }
    }

    #[test]
    fn what_is_no_json_is_named_by_its_line_alone() {
        let error = read(
            "[{\"email\": \"jane@x.com\"},\n oops".as_bytes(),
            Whom {
                column: None,
                names: &[],
            },
            &mut |_| Ok(()),
        );
        let said = error.unwrap_err().to_string();
        assert!(said.contains("line 2") && !said.contains("jane"), "{said}");
    }
}
