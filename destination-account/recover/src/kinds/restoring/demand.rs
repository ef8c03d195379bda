//! The demand of a restore, from the options of the new instance and the snapshot.
//!
//! The conclusions are left to `readiness`.

use std::sync::Arc;

use pilot_light_domain::model::snapshot::Snapshot;

use super::Options;
use crate::facts::Setting;
use crate::readiness::{Class, Demand, Network, Room, Storage, of_snapshot};

impl Options {
    /// The demand of a restore of `snapshot`, which is absent if there is none to restore.
    pub(crate) fn demand(
        &self,
        snapshot: Option<&Arc<Snapshot>>,
        setting: &Setting,
        room: Room,
        serves: bool,
    ) -> Demand {
        let (origin, data, keys) = of_snapshot(snapshot);
        let class = match self.classes.as_slice() {
            [] => Class::LeftToAws,
            classes => Class::Given(classes.to_vec()),
        };
        Demand {
            region: setting.region.clone(),
            origin,
            data,
            class,
            storage: Some(Storage { kind: self.storage_type.clone(), iops: self.iops }),
            network: Network {
                subnet_group: self.subnet_group.clone().into(),
                security_groups: self.security_groups.clone(),
            },
            parameter_group: self.parameter_group.clone(),
            option_group: self.option_group.clone(),
            multi_az: self.multi_az,
            port: self.port,
            keys,
            monitoring_role: None,
            member: None,
            room,
            serves,
        }
    }
}
