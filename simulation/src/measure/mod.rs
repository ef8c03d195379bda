//! The measurements of a simulation: ages, counts, and a timeline.

pub mod ages;
pub(crate) mod outages;
pub(crate) mod protection;
pub mod shortfall;
pub mod summary;
pub(crate) mod tally;
pub mod timeline;
