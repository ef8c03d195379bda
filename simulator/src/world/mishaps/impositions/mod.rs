//! Impositions: statuses, errors and fields that a person imposes on chosen resources and actions, until they are lifted.
//!
//! They are requested one by one and follow no rule of AWS. Mishaps by rule are in `super::rules`. The effect of each
//! kind of imposition is in `statuses`, `errors` and `fields`. The notation and its checks are in `written` and `check`.

mod check;
mod errors;
pub(in crate::world) mod fields;
mod names;
pub(in crate::world) mod resource;
mod statuses;
mod written;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use serde::Serialize;

pub use self::check::InvalidImposition;
pub use self::fields::FieldEdit;
pub use self::resource::ResourceKind;
pub use self::written::{Imposed, ImposedError, ImposedField, Imposition, Selection};

use self::resource::Resource;
use self::statuses::Held;
use crate::world::World;
use crate::world::time::event::Event;

/// An imposition in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Its number, by which it is lifted.
    pub id: u64,
    /// The imposition as it was requested.
    #[serde(flatten)]
    pub imposition: Imposition,
    /// The instant at which it ends by itself; absent until it is lifted, and in a dump without times.
    pub until: Option<Instant>,
    /// The number of refusals that it caused so far. Other impositions than errors cause none.
    pub refusals: u32,
}

/// The impositions in force, and the statuses that they hide.
#[derive(Debug, Default)]
pub(crate) struct Impositions {
    latest: u64,
    standing: BTreeMap<u64, Standing>,
    /// The resources whose status is imposed.
    held: BTreeMap<Resource, Held>,
}

impl World {
    /// Puts an imposition in force, and returns its number. Of two that concern one status or field, the later one counts.
    ///
    /// # Errors
    /// [`InvalidImposition`] with the allowed values.
    pub(crate) fn impose(&mut self, imposition: Imposition) -> Result<u64, InvalidImposition> {
        imposition.check()?;
        self.hide_imposed_statuses();
        let impositions = &mut self.mishaps.impositions;
        impositions.latest += 1;
        let id = impositions.latest;
        let until = imposition.for_seconds.map(|seconds| self.now + TimeDelta::seconds(i64::from(seconds)));
        impositions.standing.insert(id, Standing { id, imposition, until, refusals: 0 });
        if let Some(until) = until {
            self.agenda.insert((until, Event::ImpositionOver(id)));
        }
        self.show_imposed_statuses();
        Ok(id)
    }

    /// Lifts an imposition; false if there is none with this number.
    pub fn lift(&mut self, id: u64) -> bool {
        self.hide_imposed_statuses();
        let lifted = self.mishaps.impositions.standing.remove(&id);
        self.show_imposed_statuses();
        if let Some(until) = lifted.as_ref().and_then(|standing| standing.until) {
            self.agenda.remove(&(until, Event::ImpositionOver(id)));
        }
        lifted.is_some()
    }

    /// The impositions in force, in the order of their numbers.
    pub fn impositions(&self) -> impl Iterator<Item = &Standing> {
        self.mishaps.impositions.standing.values()
    }
}
