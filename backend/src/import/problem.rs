//! Why a row is not taken over. Never repeats what the row says.

use shared::address::InvalidAddress;
use shared::facts::{CrmReference, InvalidCrmReference};

use crate::table::Doubt;

/// What is wrong with a row, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum RowProblem {
    /// No address, or none that mail can use.
    #[error(transparent)]
    Address(#[from] InvalidAddress),
    /// It may be about somebody else, or about more than one.
    #[error(transparent)]
    Doubt(#[from] Doubt),
    /// A reason that this tool does not document.
    #[error("its reason is none that {0} documents: name what the row says with --from generic")]
    Reason(&'static str),
    /// A word that may say something else than that mail may go on.
    #[error(
        "{0} says active, enabled or confirmed, which is no word about mailings: write subscribed or \
         unsubscribed there, or leave the column out if every row is an objection"
    )]
    Unclear(String),
    /// A column of opt-outs that is empty: the row may be one of somebody who did not opt out.
    #[error(
        "{0} is empty, which is neither yes nor no: write one there, or leave the column out if every row is \
         an objection"
    )]
    Unsaid(String),
    /// A word that may stop mailings beside a no in a column of opt-outs.
    #[error(
        "{word} holds a word that may stop mailings, and {no} says no: write subscribed or unsubscribed in \
         {word}, or leave out the one of them that does not tell who wants no mail"
    )]
    Contradicted {
        /// The column of the word.
        word: String,
        /// The column of opt-outs.
        no: String,
    },
    /// A word that is none of a few.
    #[error("{column} is none of {known}")]
    Word {
        /// The column.
        column: &'static str,
        /// The words that it can hold.
        known: String,
    },
    /// A purpose, topic or channel that the notice does not state.
    #[error("{0}")]
    Scope(String),
    /// A moment that cannot be read.
    #[error("{0} is no date: write it as 2026-11-20 or 2026-11-20T10:00:00Z")]
    Date(&'static str),
    /// An end in the table of a tool, where such a column is a field of the company's own.
    #[error("{0} is not read in the table of a tool")]
    NotRead(&'static str),
    /// A moment that has not come.
    #[error("{0} lies in the future")]
    Future(&'static str),
    /// A consent without a part of its evidence (LAW-02, LAW-03).
    #[error("a consent needs {0}: without it nobody could show that it was given (Art. 7(1))")]
    NoEvidence(&'static str),
    /// Consent by doing nothing (LAW-02).
    #[error("{0} is no consent: it takes a positive act (Art. 4(11))")]
    NoAct(&'static str),
    /// A fact that loosens, without evidence (LAW-40, LAW-42).
    #[error("facts that allow mailings need evidence: a column `evidence`, or --evidence")]
    NoFactEvidence,
    /// Evidence that holds personal data.
    #[error(
        "the evidence is too long or holds an address: write where it is kept, not what it says"
    )]
    EvidenceText,
    /// No id of a record.
    #[error("crm_reference: {0}")]
    CrmReference(#[from] InvalidCrmReference),
    /// More records than one contact has.
    #[error(
        "this address has {} CRM references already: one for many people is none",
        CrmReference::MOST
    )]
    Full,
    /// No column with a fact says anything.
    #[error("it states no fact")]
    NoFact,
    /// The notice has changed since.
    #[error("the notice has changed since then: this person has to be told again")]
    OldNotice,
    /// A notice version that is not published here.
    #[error("notice names no version that is published here, such as corporate-clients/1")]
    Notice,
    /// No domain.
    #[error(
        "it names no domain: write what stands behind the @ alone, such as client.example, without www; \
         addresses are imported with --as objections"
    )]
    Domain,
    /// A company's objection without evidence (LAW-45).
    #[error("a company's objection needs evidence: a column `evidence`, or --evidence")]
    NoDomainEvidence,
    /// A domain of which no company speaks for the people.
    #[error(
        "this domain gives mailboxes to everybody, and no company speaks for its users: import their \
         addresses with --as objections"
    )]
    Everybodys,
    /// A fact to which the same file said no before.
    #[error(
        "an earlier row of the file denies a fact of the soft opt-in that this one states, so that it was \
         not taken: correct the one that is wrong"
    )]
    DeniedBefore,
    /// A fact that is recorded and cannot be taken back.
    #[error(
        "it denies a fact of the soft opt-in that is recorded: record an objection if this person \
         must not be mailed"
    )]
    Denied,
}

/// Why an objection counts for more than its row may mean: what it says of its reach cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{problem}; it was taken to be for {reach}")]
pub(super) struct Wider {
    /// What cannot be read.
    pub(super) problem: RowProblem,
    /// What it counts for.
    pub(super) reach: &'static str,
}
