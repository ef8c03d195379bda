//! The rules: the selection of databases, the time of a snapshot, the retention of recovery points, and the limits of deletion.

pub mod deletion;
pub mod due;
pub mod objectives;
pub mod replicas;
pub mod retention;
pub mod safety;
pub mod selection;
