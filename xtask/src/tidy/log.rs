//! Nothing personal in a log: no field of a tracing macro may hold an address, a token or an IP.

use super::Finding;
use super::file::File;

const MACROS: [&str; 12] = [
    "trace!(",
    "debug!(",
    "info!(",
    "warn!(",
    "error!(",
    "event!(",
    "span!(",
    "trace_span!(",
    "debug_span!(",
    "info_span!(",
    "warn_span!(",
    "error_span!(",
];
const PERSONAL: [&str; 13] = [
    "address",
    "email",
    "e_mail",
    "mail_address",
    "recipient",
    "ip",
    "ip_address",
    "client_ip",
    "peer",
    "remote",
    "token",
    "typed",
    "to",
];
const WHY: &str = "may hold something personal, and a log keeps it: log the reason, the purpose or a count instead \
                   (an address to listen on is called `listen`)";

/// Checks the fields and the interpolations of every tracing macro, and that spans take no arguments unasked.
pub(crate) fn check(file: &File) -> Vec<Finding> {
    if !file.is("rs") || file.is_rule() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (start, line) in file.lines() {
        if line.contains("instrument")
            && line.trim_start().starts_with("#[")
            && !line.contains("skip_all")
        {
            found.push(file.at(
                start,
                "a span takes every argument, also an address: add skip_all and name the fields",
            ));
        }
        let Some(call) = call(file, start, line) else {
            continue;
        };
        if let Some(word) = PERSONAL.iter().find(|word| names(&call, word)) {
            found.push(file.at(start, format!("`{word}` in a tracing macro {WHY}")));
        }
    }
    found
}

/// The text of the macro call that opens in this line, to its closing parenthesis.
fn call(file: &File, start: usize, line: &str) -> Option<String> {
    let opening = MACROS
        .iter()
        .filter_map(|name| line.find(name).map(|at| at + name.len()))
        .min()?;
    let from: usize = file
        .text
        .lines()
        .take(start - 1)
        .map(|line| line.len() + 1)
        .sum::<usize>()
        + opening;
    let rest = file.text.get(from..)?;
    let mut depth = 1;
    let end = rest.find(|letter| {
        depth += match letter {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    });
    Some(rest[..end.unwrap_or(rest.len())].to_owned())
}

/// Whether the word is a field (`word =`, `%word`, `?word`, `word,`), a last part (`.word`) or `{word}`.
fn names(call: &str, word: &str) -> bool {
    let part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut quoted = false;
    let mut from = 0;
    while let Some(at) = call[from..].find(word).map(|at| at + from) {
        quoted ^= call[from..at].matches('"').count() % 2 == 1;
        from = at + word.len();
        let before = call[..at].chars().next_back();
        let after = call[from..].trim_start().chars().next();
        let alone = !before.is_some_and(part) && !call[from..].starts_with(part);
        let used = if quoted {
            before == Some('{') && matches!(after, Some('}' | ':'))
        } else {
            matches!(after, None | Some('=' | ',' | '.'))
        };
        if alone && used {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> usize {
        check(&File::new("backend/src/http.rs", text)).len()
    }

    #[test]
    fn an_address_as_a_field_is_found() {
        assert_eq!(
            count("tracing::info!(address = %request.address, \"objected\");"),
            1
        );
        assert_eq!(
            count("tracing::warn!(\n    %address,\n    \"objected\"\n);"),
            1
        );
        assert_eq!(count("error!(error, client_ip = ?peer);"), 1);
    }

    #[test]
    fn an_address_in_the_message_is_found() {
        assert_eq!(count("tracing::info!(\"objected: {address}\");"), 1);
        assert_eq!(
            count("tracing::info!(\"objected: {}\", request.address);"),
            1
        );
    }

    #[test]
    fn a_message_may_speak_of_addresses() {
        assert_eq!(
            count("tracing::info!(reason = %reason, \"the address was refused, no token\");"),
            0
        );
        assert_eq!(count("tracing::info!(listen = %local, \"listening\");"), 0);
        assert_eq!(count("tracing::info!(addresses = 7, \"imported\");"), 0);
    }

    #[test]
    fn a_span_takes_no_argument_unasked() {
        assert_eq!(
            count("#[tracing::instrument]\nfn object(address: &Address) {}"),
            1
        );
        assert_eq!(
            count("#[tracing::instrument(skip_all, fields(purpose))]\nfn object() {}"),
            0
        );
    }
}
