//! Sayso's components. One source gives the server's HTML (feature `ssr`) and the browser's WASM
//! (feature `hydrate`); never both in one build.
//!
//! In the browser runs the [`panel`] alone, fed by [`panel::words`]: the notice text, the pages
//! and the catalogue of words never enter the WASM.
//!
//! Reading order: [`panel`] (the control), `fragment` (the widget's first layer), `embed` (the
//! script a site loads), `pages` (the same without any script).

pub mod panel;

#[cfg(feature = "hydrate")]
pub mod attempt;
#[cfg(feature = "hydrate")]
pub mod client;

#[cfg(feature = "hydrate")]
mod visit;

#[cfg(feature = "ssr")]
pub mod catalogue;
#[cfg(feature = "ssr")]
pub mod control;
#[cfg(feature = "ssr")]
pub mod embed;
#[cfg(feature = "ssr")]
pub mod fragment;
#[cfg(feature = "ssr")]
pub mod history;
#[cfg(feature = "ssr")]
pub mod own;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
mod purposes;
#[cfg(feature = "ssr")]
pub mod surroundings;

#[cfg(all(test, feature = "ssr"))]
mod example;
