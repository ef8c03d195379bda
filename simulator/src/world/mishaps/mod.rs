//! Events that no caller requested: failures inside AWS, actions of other parties, states set directly, and impositions.
//!
//! The fault plans that bring them about are in `crate::faults`.

mod imposed;
pub(super) mod impositions;
mod owner;
pub(super) mod rules;
pub(super) mod strangers;
