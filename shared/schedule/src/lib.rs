//! The consequences of a schedule: the worst age of a recovery point, the snapshots held, and the cost.
//!
//! The sums keep their terms, so that a person can check them. [`age`] is the sum for the RPO, [`quota`] counts
//! snapshots, [`cost`] adds up prices, and [`proposal`] finds the cheapest schedule. No worker uses this crate. The
//! simulation, and not this crate, shows the effects of faults.

pub mod age;
pub mod conditions;
pub mod configuration;
pub mod cost;
pub mod expression;
pub mod proposal;
pub mod quota;
#[cfg(test)]
mod tests;
