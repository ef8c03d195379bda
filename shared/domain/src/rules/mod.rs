//! The rules: which databases are selected, when a snapshot is due, how long a recovery point is kept, and what may be deleted.

pub mod deletion;
pub mod due;
pub mod objectives;
pub mod retention;
pub mod safety;
pub mod selection;
