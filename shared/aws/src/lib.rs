//! Pilot Light's side of AWS: gateways over the SDKs, parameters, metrics, logs, and the bootstrap of a worker.
//!
//! The only crate with SDKs and the Lambda runtime. It decides nothing about snapshots: that is the domain's
//! and the workers' part.

mod bootstrap;
mod caller;
mod clients;
mod cloud;
mod convert;
mod errors;
mod executions;
mod exports;
mod failure;
mod invocation;
mod keys;
mod metrics;
mod pace;
mod paced;
mod parameters;
mod presign;
mod rds;
mod recovery;
mod telemetry;
#[cfg(test)]
mod testing;

pub use bootstrap::{clock, serve, serve_operator};
pub use cloud::AwsCloud;
pub use executions::{Execution, ExecutionState, Executions};
pub use rds::AwsRds;
pub use recovery::AwsRecovery;
