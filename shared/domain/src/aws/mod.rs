//! AWS as the workers use it: traits, errors and metrics, without an SDK.

pub mod cloud;
pub mod error;
pub mod error_codes;
pub mod gateway;
pub mod metrics;
