//! A table that people made: an address per row, and perhaps what happened, when, and from what.

use super::{Reported, What};
use crate::import::problem::RowProblem;
use crate::import::row::{Row, plain};
use crate::table::words::{OptOuts, STATUSES, Says, is_blank, objects, opts_out, says};

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

/// Statuses that say more often something else of a contact: these give way to a no.
const LESSER: [&str; 2] = ["type", "state"];
/// What a contact is to a company, which stops no mailings.
const CONTACTS: [&str; 12] = [
    "customer",
    "client",
    "lead",
    "prospect",
    "partner",
    "supplier",
    "kunde",
    "kundin",
    "interessent",
    "interessentin",
    "lieferant",
    "fournisseur",
];

/// What the columns say together: one word against mailings or one yes in a column of opt-outs decides, else
/// a no there, else the first word. Who opted out and was also said to bounce or complain did both.
fn whats(row: &Row) -> Result<Vec<What>, RowProblem> {
    let words = words(row);
    let answers = answers(row);
    let has = |wanted| answers.iter().find(|(_, answer)| *answer == wanted);
    let stops = || words.iter().filter_map(Word::stop);
    let mut whats: Vec<_> = stops().take(1).collect();
    let is_unsubscribed =
        has(Answer::Yes).is_some() || stops().any(|what| what == What::Unsubscribed);
    if is_unsubscribed && !whats.contains(&What::Unsubscribed) {
        whats.push(What::Unsubscribed);
    }
    if !whats.is_empty() {
        return Ok(whats);
    }
    let first = words.first().map(|word| (word.says, word.written));
    match (first, has(Answer::No), has(Answer::Nothing)) {
        (_, Some((no, _)), _) => match words.iter().find(|word| word.may_stop()) {
            Some(word) => Err(RowProblem::Contradicted {
                word: word.written.to_owned(),
                no: (*no).to_owned(),
            }),
            None => Ok(Vec::new()),
        },
        (Some((Says::GoOn, _)), ..) => Ok(Vec::new()),
        (Some((Says::Neither, column)), ..) => Err(RowProblem::Unclear(column.to_owned())),
        (_, None, Some((column, _))) => Err(RowProblem::Unsaid((*column).to_owned())),
        _ => Ok(vec![What::Unsubscribed]),
    }
}

/// What a row says in a column of one word of several.
struct Word<'r> {
    name: &'r str,
    written: &'r str,
    cell: &'r str,
    says: Says,
}

impl Word<'_> {
    const fn stop(&self) -> Option<What> {
        match self.says {
            Says::Stop(what) => Some(what),
            _ => None,
        }
    }

    /// Whether the word, of which nothing is known, may be one against mailings.
    fn may_stop(&self) -> bool {
        self.says == Says::Else
            && !is_blank(self.cell)
            && !LESSER.contains(&self.name)
            && !CONTACTS.contains(&plain(self.cell).as_str())
    }
}

/// What the row says in the columns of one word of several: those of known names first.
fn words(row: &Row) -> Vec<Word<'_>> {
    let filled = row
        .opt_outs()
        .filter(|(kind, _, _, cell)| *kind == OptOuts::Status && !cell.is_empty());
    let mut words: Vec<_> = filled
        .map(|(_, name, written, cell)| Word {
            name,
            written,
            cell,
            says: says(&plain(cell)),
        })
        .collect();
    words.sort_by_key(|word| {
        let place = STATUSES.iter().position(|known| *known == word.name);
        place.unwrap_or(STATUSES.len())
    });
    words
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
        (OptOuts::Answer, false) if objects(cell) => Some((written, Answer::Yes)),
        (OptOuts::Answer, false) => Some((written, Answer::No)),
    };
    row.opt_outs().filter_map(answer).collect()
}

/// Whether the row is passed over because it says no in a column of opt-outs.
pub(in crate::import) fn says_no(row: &Row) -> bool {
    let answers = answers(row);
    answers.iter().any(|(_, answer)| *answer == Answer::No)
}

/// What headings hold that are about mailings and not about sales.
const OF_MAIL: [&str; 3] = ["mail", "marketing", "newsletter"];

/// Whether a column that the tool of the table did not write says that the contact wants no mail.
pub(super) fn objects_beside(row: &Row, is_the_tools: impl Fn(&str) -> bool) -> bool {
    let mut beside = row.opt_outs().filter(|(_, name, _, _)| !is_the_tools(name));
    beside.any(|(kind, name, _, cell)| match kind {
        // In sales an objection is what somebody says against buying.
        OptOuts::Answer
            if name.contains("objection") && !OF_MAIL.iter().any(|word| name.contains(word)) =>
        {
            opts_out(cell) == Some(true)
        }
        OptOuts::Answer => objects(cell),
        OptOuts::Status => {
            !name.contains("sms") && says(&plain(cell)) == Says::Stop(What::Unsubscribed)
        }
    })
}

/// A row of a table of objections is one, unless it says otherwise.
pub(super) fn read(row: &Row) -> Result<Vec<Reported>, RowProblem> {
    let when = row.when(&WHEN);
    let whats = whats(row)?.into_iter();
    Ok(whats.map(|what| Reported::new(what, when)).collect())
}
