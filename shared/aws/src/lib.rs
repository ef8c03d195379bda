//! Pilot Light's side of AWS: gateways over the SDKs, parameters, metrics, logs, and the bootstrap of a worker.
//!
//! The only crate with SDKs and the Lambda runtime. It decides nothing about snapshots: that is the domain's
//! and the workers' part.

mod caller;
mod clients;
mod cloud;
mod convert;
mod executions;
mod exports;
mod keys;
mod lambda;
mod metrics;
mod parameters;
mod rds;
mod recovery;
mod sdk_error;
#[cfg(test)]
mod testing;

pub use cloud::AwsCloud;
pub use executions::{Execution, ExecutionState, Executions};
pub use lambda::bootstrap::{clock, serve, serve_operator};
pub use rds::AwsRds;
pub use recovery::AwsRecovery;
