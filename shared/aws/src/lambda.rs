//! The edge to AWS Lambda: from the start of a function's process to the answer that the state machine receives.
//!
//! The calls to AWS that a run makes are the part of [`crate::cloud`].

pub(crate) mod bootstrap;
mod failure;
mod invocation;
mod telemetry;
