//! The interface to AWS that the workers use: traits, errors and metrics, without an SDK.

pub mod cloud;
pub mod error;
pub mod error_codes;
pub mod gateway;
pub mod metrics;
pub mod retries;
