//! Adversity: which faults strike whom and when, all of it from one plan and one seed.
//!
//! A [`FaultPlan`] says how often; [`Draws`] decide single occasions as pure functions of seed and occasion;
//! [`Strikes`] are what happens to the world, as a stream in order of time; [`Adversity`] brings them together
//! and counts. What a fault does is the world's matter, and who asks is the driver's.

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
