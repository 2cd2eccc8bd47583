//! What must hold of the fold for any acts, by anyone, in any order.

#[path = "standing/acts.rs"]
mod acts;
#[path = "standing/asking.rs"]
mod asking;
#[path = "standing/bearing.rs"]
mod bearing;
#[path = "standing/deny.rs"]
mod deny;
#[path = "standing/erasure.rs"]
mod erasure;
#[path = "standing/history.rs"]
mod history;
#[path = "standing/imports.rs"]
mod imports;
#[path = "standing/joined.rs"]
mod joined;
#[path = "standing/lift.rs"]
mod lift;
#[path = "standing/obtained.rs"]
mod obtained;
#[path = "standing/retraction.rs"]
mod retraction;
#[path = "sample/rules.rs"]
mod rules;
#[path = "sample/entry.rs"]
mod sample;
