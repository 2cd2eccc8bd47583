//! Sayso's domain: what a notice says, what a person did, what holds now, and whether a company
//! may mail. Nothing here reads a clock, draws entropy or touches a file: now, ids and keys are
//! arguments. The same code runs in the service, the command line and replay.
//!
//! Reading order: [`purpose`] and [`legal_basis`] (the words), [`notice`] (what people read),
//! [`address`] (whom), [`entry`] (what they did), [`standing`] (what holds now), [`facts`] and
//! [`decision`] (the gate), [`certificate`] (what was decided about a list), [`receipt`] (what they
//! keep), [`statement`] (what other systems know).

pub mod address;
pub mod certificate;
pub mod decision;
pub mod digest;
pub mod entry;
pub mod facts;
pub mod legal_basis;
pub mod notice;
pub mod purpose;
pub mod receipt;
pub mod rules;
pub mod scope;
pub mod standing;
pub mod statement;
pub mod time;
