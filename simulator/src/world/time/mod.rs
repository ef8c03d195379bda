//! Time in the world: the agenda of coming events, draws, the delay of descriptions, and the journal.
//!
//! The effect of an event on a resource is in the module of that resource.

mod agenda;
pub(super) mod draw;
pub(super) mod event;
pub(super) mod journal;
pub(super) mod lag;
