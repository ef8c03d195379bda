//! What Pilot Light knows and decides, as pure types and functions.
//!
//! Nothing here reads a clock, the environment, a network or a file: time comes in as `now`, AWS through
//! the traits of [`aws`]. SDKs live in `pilot-light-aws`, the workers' own plans in their crates.

pub mod aws;
pub mod model;
pub mod policy;
pub mod recovery;
pub mod rules;
pub mod run;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

/// An instant in UTC; every instant in Pilot Light is one.
pub type Instant = chrono::DateTime<chrono::Utc>;
