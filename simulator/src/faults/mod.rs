//! Adversity: the faults of a simulation, all drawn from one plan and one seed.
//!
//! - A [`FaultPlan`] gives the rates.
//! - [`Draws`] decide single occasions, as pure functions of seed and occasion.
//! - [`Strikes`] are the faults of the world as a whole, as a stream in order of time.
//! - [`Adversity`] combines them and counts.
//!
//! The effect of a fault is in the world. The driver of a simulation decides when to request the next fault.

mod adversity;
mod apply;
mod draws;
mod kind;
mod lasting;
mod limits;
mod names;
mod plan;
mod presets;
mod strikes;
mod written;

pub use self::adversity::{Adversity, CallFault};
pub use self::apply::Cast;
pub use self::draws::{Draws, Window};
pub use self::kind::{Kind, Occasion, UnknownKind};
pub use self::limits::InvalidPlan;
pub use self::names::nearest;
pub use self::plan::{FaultPlan, Scripted, Side};
pub use self::presets::{PRESETS, UnknownPreset};
pub use self::strikes::{Moment, Strike, Strikes};

#[cfg(test)]
mod tests;
