//! The connection to AWS Lambda, from the start of a function's process to the answer for the state machine.
//!
//! The calls that a run makes to other services of AWS are in [`crate::cloud`].

pub(crate) mod bootstrap;
mod failure;
mod invocation;
mod telemetry;
