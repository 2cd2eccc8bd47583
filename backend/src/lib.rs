//! Sayso: the service and its command line.

pub mod store;
