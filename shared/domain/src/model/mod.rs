//! The model: accounts, databases, snapshots, tags, and the snapshots that are recovery points.

pub mod arn;
pub mod copy_name;
pub mod database;
pub mod duration;
pub mod ids;
pub mod incarnation;
mod interning;
pub mod listing;
pub mod naming;
pub mod ownership;
pub mod recovery_point;
pub mod retention;
pub mod retirement;
pub mod snapshot;
pub mod storage_key;
pub mod tags;
