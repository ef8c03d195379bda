//! Pictures of a simulation's ages: an HTML page, and a chart of two rows for a terminal.

mod axis;
mod escape;
mod frame;
mod layers;
pub(crate) mod page;
mod plot;
pub(crate) mod sparkline;
#[cfg(test)]
mod tests;
