//! Sayso: the service and its command line.

pub mod assets;
pub mod cases;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod gate;
pub mod http;
pub mod links;
pub mod mail;
pub mod mta;
pub mod one_click;
pub mod person;
pub mod publishing;
pub mod recording;
pub mod remote;
pub mod replay;
pub mod retention;
pub mod scrub;
pub mod sealing;
pub mod secrets;
pub mod shelf;
pub mod signature;
pub mod store;
pub mod table;
pub mod view_token;
