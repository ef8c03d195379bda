//! The age of a database's newest restorable point under a schedule: the bound that an RPO is compared with.
//!
//! It counts from the beginning of the snapshot, at which the data are frozen. The published age counts from AWS's time of the
//! snapshot, and may be less by the duration of one snapshot.

mod copies;
#[cfg(test)]
mod model;
mod on_the_clock;
mod spacing;
mod sum;
mod worst;

pub use self::sum::{Sum, Term, Unbounded};
pub use self::worst::{floor, worst};
