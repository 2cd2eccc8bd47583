//! Mail that Sayso sends: what a letter says, and how it is kept until it is sent.

mod letter;

pub use letter::{Kind, Letter, Post};
