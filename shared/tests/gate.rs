//! The gate as a table: every branch, every pair of branches, every regime.

#[path = "gate/case.rs"]
mod case;
#[path = "gate/consent.rs"]
mod consent;
#[path = "gate/contact.rs"]
mod contact;
#[path = "gate/informed.rs"]
mod informed;
#[path = "gate/order.rs"]
mod order;
#[path = "gate/regime.rs"]
mod regime;
#[path = "sample/rules.rs"]
mod rules;
#[path = "sample/entry.rs"]
mod sample;
#[path = "gate/scope.rs"]
mod scope;
