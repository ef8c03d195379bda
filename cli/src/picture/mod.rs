//! Pictures of a simulation: one page of HTML, and two rows of a terminal.

mod axis;
mod escape;
mod frame;
mod layers;
pub(crate) mod page;
mod plot;
pub(crate) mod sparkline;
#[cfg(test)]
mod tests;
