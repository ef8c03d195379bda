//! The knowledge and the decisions of Pilot Light, as pure types and functions.
//!
//! This crate reads no clock, environment, network or file. The caller passes the time as `now` and AWS as an
//! implementation of the traits of [`aws`]. The SDKs are in `pilot-light-aws`. The workers' own plans are in the
//! workers' crates.

pub mod aws;
pub mod model;
pub mod policy;
pub mod recovery;
pub mod rules;
pub mod run;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

/// An instant. Every instant in Pilot Light is in UTC.
pub type Instant = chrono::DateTime<chrono::Utc>;
