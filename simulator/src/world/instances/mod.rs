//! DB instances: one file for each API action, the record, and its changes over time.
//!
//! This file finds an instance, to read or to change. Clusters and their membership are in `clusters`.

pub(super) mod create;
pub(crate) mod defaults;
mod delete;
mod describe;
mod groups;
pub(crate) mod mirroring;
mod modify;
mod quotas;
pub(super) mod record;
mod rename;
mod replicas;
mod restore;
mod stop;
pub(crate) mod storage;
mod transitions;
pub(crate) mod valid;

use std::sync::Arc;

use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::ids::DatabaseName;

use self::record::InstanceRecord;
use crate::world::World;
use crate::world::api::error::{ApiError, instance_not_found};
use crate::world::place::Place;
use crate::world::time::lag::Lags;

impl World {
    pub(in crate::world) fn instance(
        &self,
        place: &Place,
        name: &str,
    ) -> Result<&Arc<InstanceRecord>, ApiError> {
        DatabaseName::new(&name.to_ascii_lowercase())
            .ok()
            .and_then(|name| self.places.get(place)?.instances.get(&name))
            .ok_or_else(|| instance_not_found(name))
    }

    pub(in crate::world) fn instance_mut(
        &mut self,
        place: &Place,
        name: &DatabaseName,
    ) -> Option<&mut InstanceRecord> {
        self.places.get_mut(place)?.instances.get_mut(name).map(Arc::make_mut)
    }

    /// An instance to change. It is described in its earlier state for a while.
    pub(in crate::world) fn change_instance(&mut self, arn: &DatabaseArn) -> Option<&mut InstanceRecord> {
        let (now, until) = (self.now, self.lag_end());
        let instance = self.instance_mut(&Place::of_instance(arn), &arn.id.name)?;
        instance.keep_before(now, until);
        Some(instance)
    }

    /// The state in which an instance is described now, if it is described.
    pub(in crate::world) fn described<'a>(
        &self,
        record: &'a Arc<InstanceRecord>,
    ) -> Option<&'a Arc<InstanceRecord>> {
        record.before.described(record, self.now)
    }
}
