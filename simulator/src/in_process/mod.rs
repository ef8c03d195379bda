//! The world as the real workers see it, through their own traits: in virtual time, with a record of every call.
//!
//! A [`Simulation`] holds the world, its clock and the published metrics. A [`SimulatedCloud`] is the view of one
//! account. Every future resolves at once, or never if a [`Fault`] kills the caller. A stepping simulation waits
//! for one more poll before each call, so that runs can overlap.

mod account;
mod adversity;
mod changes;
mod cloud;
mod convert;
mod faults;
mod gateway;
mod imposed;
mod lookups;
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
