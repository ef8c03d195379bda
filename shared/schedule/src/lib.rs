//! The consequences of a schedule: the worst age of a recovery point, the snapshots held, and the cost.
//!
//! They are sums whose terms are kept, so that a person can check them. [`age`] is the sum behind the RPO, [`quota`]
//! counts snapshots, [`cost`] counts money, and [`proposal`] looks for the cheapest schedule. No worker uses this crate.
//! The effects of faults are left to the simulation.

pub mod age;
pub mod conditions;
pub mod configuration;
pub mod cost;
pub mod expression;
pub mod proposal;
pub mod quota;
#[cfg(test)]
mod tests;
