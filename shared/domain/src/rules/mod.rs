//! The rules: the selection of databases, the time of a snapshot, the retention of recovery points, copy slots, sharing, and
//! the limits of deletion.

mod clock;
pub mod copy_slots;
pub mod deletion;
pub mod due;
pub mod lateness;
pub mod objectives;
pub mod replicas;
pub mod retention;
pub mod retire;
mod retired;
pub mod safety;
pub mod selection;
pub mod sharing;
