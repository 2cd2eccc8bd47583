//! Numbers with what they count, for people.

/// `1 entry`, `2 entries`.
#[must_use]
pub fn counted(number: impl TryInto<u64>, one: &str, many: &str) -> String {
    match number.try_into().unwrap_or(u64::MAX) {
        1 => format!("1 {one}"),
        number => format!("{number} {many}"),
    }
}

/// `line 5`, `lines 5, 9` or `lines 5, 9, …`: the first of so many lines, as far as they are shown.
#[must_use]
pub fn lines(shown: &[String], all: usize) -> String {
    let noun = if all == 1 { "line" } else { "lines" };
    let more = if all > shown.len() { ", …" } else { "" };
    format!("{noun} {}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::{counted, lines};

    #[test]
    fn one_is_counted_in_the_singular() {
        let said = [0_u64, 1, 2].map(|number| counted(number, "entry", "entries"));
        assert_eq!(said, ["0 entries", "1 entry", "2 entries"]);
        let shown = ["5".to_owned(), "9".to_owned()];
        assert_eq!(lines(&shown[..1], 1), "line 5");
        assert_eq!(lines(&shown, 2), "lines 5, 9");
        assert_eq!(lines(&shown, 3), "lines 5, 9, …");
    }
}
