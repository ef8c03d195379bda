//! One run of a worker, from its start to its report.

pub mod announcement;
pub mod context;
pub mod effects;
pub mod error;
pub mod plan;
pub mod report;
pub mod subject;
pub mod unknown_parameters;
mod verdict;
pub mod worker;
pub mod worker_name;

pub use self::verdict::{StateNow, Verdict};
