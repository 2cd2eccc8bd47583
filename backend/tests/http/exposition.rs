//! The text format of Prometheus, version 0.0.4, read strictly.

use std::collections::{BTreeMap, BTreeSet};

/// Everything that was written, by name and labels.
#[derive(Debug, Default)]
pub(crate) struct Exposition(BTreeMap<(String, String), f64>);

impl Exposition {
    /// The numbers of that name whose labels hold this text.
    pub(crate) fn of(&self, name: &str, labels: &str) -> Vec<f64> {
        let found = self.0.iter();
        let found = found.filter(|((named, held), _)| named == name && held.contains(labels));
        found.map(|(_, number)| *number).collect()
    }

    /// The one number of that name and those labels, in the order of their names.
    #[track_caller]
    pub(crate) fn one(&self, name: &str, labels: &str) -> f64 {
        let place = (name.to_owned(), labels.to_owned());
        let number = self.0.get(&place);
        *number.unwrap_or_else(|| panic!("no {name}{{{labels}}} in {self:#?}"))
    }

    /// The names of all labels.
    pub(crate) fn labels(&self) -> BTreeSet<String> {
        let held = self.0.keys().flat_map(|(_, labels)| labels.split(','));
        let named = held.filter_map(|label| label.split_once('='));
        named.map(|(name, _)| name.to_owned()).collect()
    }
}

/// Reads the text, and fails where Prometheus would.
#[track_caller]
pub(crate) fn read(text: &str) -> Exposition {
    assert!(text.ends_with('\n') && !text.contains('\r'));
    let mut found = Exposition::default();
    let (mut told, mut kinds) = (BTreeSet::new(), BTreeMap::new());
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, words) = help.split_once(' ').unwrap();
            assert!(told.insert(name.to_owned()), "said twice: {line}");
            assert!(is_name(name) && words.len() > 10, "{line}");
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').unwrap();
            assert!(told.contains(name), "no words before {line}");
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            kinds.insert(name.to_owned(), kind.to_owned());
        } else {
            let (series, number) = line.rsplit_once(' ').unwrap();
            let (name, labels) = match series.split_once('{') {
                Some((name, labels)) => (name, labels.strip_suffix('}').unwrap()),
                None => (series, ""),
            };
            assert!(name.starts_with("sayso_"), "{line}");
            let family = family(name, &kinds).unwrap_or_else(|| panic!("no kind of {line}"));
            assert_eq!(
                kinds[family] == "counter",
                name.ends_with("_total"),
                "{line}"
            );
            let mut labels: Vec<_> = labels
                .split(',')
                .filter(|label| !label.is_empty())
                .collect();
            labels.sort_unstable();
            for label in &labels {
                let (name, value) = label.split_once('=').unwrap();
                assert!(is_name(name) && value.len() > 2, "{line}");
                assert!(value.starts_with('"') && value.ends_with('"'), "{line}");
            }
            let number: f64 = number.parse().unwrap();
            assert!(number.is_finite() && number >= 0.0, "{line}");
            let place = (name.to_owned(), labels.join(","));
            assert_eq!(found.0.insert(place, number), None, "said twice: {line}");
        }
    }
    check_histograms(&found, &kinds);
    found
}

/// What the series belongs to: itself, or a histogram.
fn family<'n>(name: &'n str, kinds: &BTreeMap<String, String>) -> Option<&'n str> {
    let parts = ["", "_bucket", "_count", "_sum"];
    let named = parts.iter().filter_map(|part| name.strip_suffix(part));
    named.into_iter().find(|name| kinds.contains_key(*name))
}

fn is_name(name: &str) -> bool {
    let mut letters = name.bytes();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_lowercase())
        && letters
            .all(|letter| letter.is_ascii_lowercase() || letter == b'_' || letter.is_ascii_digit())
}

/// Buckets grow, and the last one holds all.
fn check_histograms(found: &Exposition, kinds: &BTreeMap<String, String>) {
    for (name, _) in kinds.iter().filter(|(_, kind)| *kind == "histogram") {
        let part = |part: &str| {
            let name = format!("{name}{part}");
            let series = found.0.iter();
            series.filter(move |((one, _), _)| *one == name)
        };
        for ((_, labels), all) in part("_count") {
            let mut buckets: Vec<(f64, f64)> = Vec::new();
            for ((_, held), number) in part("_bucket") {
                let (bound, rest) = held.split_once(',').unwrap();
                let bound = bound.strip_prefix("le=\"").unwrap().strip_suffix('"');
                if rest == labels {
                    buckets.push((bound.unwrap().parse().unwrap(), *number));
                }
            }
            buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
            assert!(buckets.is_sorted_by(|one, other| one.1 <= other.1));
            assert_eq!(buckets.last(), Some(&(f64::INFINITY, *all)), "{labels}");
        }
    }
}
