//! The age of a database's newest restorable point under a schedule: the bound that an RPO is compared with.

mod copies;
#[cfg(test)]
mod model;
mod on_the_clock;
mod spacing;
mod sum;
mod worst;

pub use self::sum::{Sum, Term, Unbounded};
pub use self::worst::{floor, worst};
