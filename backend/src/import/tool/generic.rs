//! A table that people made: an address per row, and perhaps what happened, when, and from what.

use shared::purpose::Channel;

use super::{Reported, What};
use crate::import::problem::RowProblem;
use crate::import::row::{Row, plain};
use crate::table::words::{OptOuts, STATUSES, Says, is_blank, opts_out, says};

const WHEN: [&str; 8] = [
    "when",
    "date",
    "at",
    "created",
    "createdat",
    "unsubscribedat",
    "objectedat",
    "timestamp",
];

/// What the columns say together: one word against mailings decides, else a no in a column of opt-outs,
/// else the first word.
fn what(row: &Row) -> Result<Option<What>, RowProblem> {
    let words = words(row);
    let stop = words.iter().find_map(|(_, said)| match said {
        Says::Stop(what) => Some(*what),
        _ => None,
    });
    if stop.is_some() {
        return Ok(stop);
    }
    let answers = answers(row);
    if answers.iter().any(|(_, answer)| *answer == Answer::Yes) {
        return Ok(Some(What::Unsubscribed));
    }
    let has = |wanted| answers.iter().find(|(_, answer)| *answer == wanted);
    match (words.first(), has(Answer::No), has(Answer::Nothing)) {
        (_, Some(_), _) | (Some((_, Says::GoOn)), ..) => Ok(None),
        (Some((column, Says::Neither)), ..) => Err(RowProblem::Unclear((*column).to_owned())),
        (_, None, Some((column, _))) => Err(RowProblem::Unsaid((*column).to_owned())),
        _ => Ok(Some(What::Unsubscribed)),
    }
}

/// What the row says in the columns of one word of several: those of known names first.
fn words(row: &Row) -> Vec<(&str, Says)> {
    let mut words = Vec::new();
    for (kind, name, written, cell) in row.opt_outs() {
        if kind == OptOuts::Status && !cell.is_empty() {
            let place = STATUSES.iter().position(|known| *known == name);
            words.push((place.unwrap_or(STATUSES.len()), written, says(&plain(cell))));
        }
    }
    words.sort_by_key(|(place, ..)| *place);
    let said = words.into_iter();
    said.map(|(_, written, said)| (written, said)).collect()
}

/// What a row answers to a column of opt-outs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// The contact opted out; also any word that is no clear no.
    Yes,
    No,
    Nothing,
}

fn answers(row: &Row) -> Vec<(&str, Answer)> {
    let answer = |(kind, name, written, cell)| match (kind, is_blank(cell)) {
        // In a column of a known name nothing is no word, and every row of such a table an objection.
        (OptOuts::Status, true) if !STATUSES.contains(&name) => Some((written, Answer::Nothing)),
        (OptOuts::Status, _) => None,
        (OptOuts::Answer, true) => Some((written, Answer::Nothing)),
        (OptOuts::Answer, false) if opts_out(cell) == Some(false) => Some((written, Answer::No)),
        (OptOuts::Answer, false) => Some((written, Answer::Yes)),
    };
    row.opt_outs().filter_map(answer).collect()
}

/// Whether the row is passed over because it says no in a column of opt-outs.
pub(in crate::import) fn says_no(row: &Row) -> bool {
    let answers = answers(row);
    answers.iter().any(|(_, answer)| *answer == Answer::No)
}

/// A row of a table of objections is one, unless it says otherwise.
pub(super) fn read(row: &Row) -> Result<Vec<Reported>, RowProblem> {
    let Some(what) = what(row)? else {
        return Ok(Vec::new());
    };
    let channel = match row.get(&["channel"]) {
        None => None,
        Some(text) => {
            let known = Channel::parse(&text.to_lowercase());
            Some(known.ok_or_else(|| RowProblem::Word {
                column: "channel",
                known: Channel::ALL.map(Channel::as_str).join(", "),
            })?)
        }
    };
    Ok(vec![Reported {
        channel,
        ..Reported::new(what, row.when(&WHEN))
    }])
}
