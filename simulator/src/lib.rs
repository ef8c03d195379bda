//! RDS as a pure world in virtual time, and two fronts to it.
//!
//! [`world`] holds AWS's rules and nothing else: no clock, no I/O, no randomness but a seeded one.
//! [`in_process`] lets the real workers run on it; [`http`] answers any client that speaks the RDS query API.

pub mod calls;
pub mod faults;
pub mod http;
pub mod in_process;
pub mod permissions;
pub mod world;
