//! What Pilot Light knows and decides, as pure types and functions.
//!
//! Nothing here reads a clock, the environment, a network or a file: time comes in as `now`, AWS through
//! the traits of [`gateway`]. SDKs live in `pilot-light-aws`, the workers' own plans in their crates.

pub mod arn;
pub mod capacity;
pub mod cloud;
pub mod database;
pub mod deletion;
pub mod effects;
pub mod error_codes;
pub mod errors;
pub mod gateway;
pub mod ids;
pub mod metrics;
pub mod naming;
pub mod objectives;
pub mod plan;
pub mod policy;
pub mod recovery;
pub mod recovery_point;
pub mod report;
pub mod retention;
pub mod safety;
pub mod schedule;
pub mod selection;
pub mod slots;
pub mod snapshot;
pub mod subject;
pub mod tags;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

/// An instant in UTC; every instant in Pilot Light is one.
pub type Instant = chrono::DateTime<chrono::Utc>;
