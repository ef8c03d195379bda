//! The connection to AWS: gateways over the SDKs, parameters, metrics, logs, and the start of a worker on Lambda.
//!
//! No other crate uses the AWS SDKs or the Lambda runtime. This crate makes no decisions about snapshots. The domain
//! and the workers make them.

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
