//! The world as the real workers see it: their own traits, in virtual time, with a record of every call.
//!
//! A [`Simulation`] holds the world, its clock and what was published; a [`SimulatedCloud`] is one account's sight
//! of it. Every future resolves at once, or never: where a [`Fault`] kills the caller. (One that is stepping rests
//! once before each call, so that executions can overlap.)

mod account;
mod adversity;
mod changes;
mod cloud;
mod convert;
mod faults;
mod gateway;
mod principal;
mod recording;
mod recovery;
mod run;
mod simulation;
mod values;

pub use self::cloud::SimulatedCloud;
pub use self::faults::{Effect, Fault};
pub use self::gateway::SimulatedRds;
pub use self::recovery::SimulatedRecovery;
pub use self::simulation::{Published, Simulation};

#[cfg(test)]
mod recovery_tests;
#[cfg(test)]
mod tests;
