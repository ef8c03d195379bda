//! The demand of a replica, which has the version and the storage of its source.
//!
//! The conclusions are left to `readiness`.

use pilot_light_domain::recovery::{CreateReplica, DbInstance};

use super::CreateRDSReadReplica;
use crate::facts::Setting;
use crate::readiness::{Class, Data, Demand, KeyUse, Network, Room, Storage};

impl CreateRDSReadReplica {
    /// The replica as a demand. It has the version and the storage of its source.
    pub(super) fn demand(&self, source: Option<&DbInstance>, setting: &Setting) -> Demand {
        let CreateReplica { class, subnet_group, security_groups, multi_az, port, kms_key, .. } =
            &self.replica;
        let known = source.map(|source| source.class.clone()).filter(|class| !class.is_empty());
        let inherited = known.map_or(Class::LeftToAws, Class::Inherited);
        Demand {
            region: setting.region.clone(),
            origin: format!("the source '{}'", self.replica.source.id.name),
            data: source.map(Data::of_instance).unwrap_or_default(),
            class: class.clone().map_or(inherited, |class| Class::Given(vec![class])),
            storage: Some(Storage::default()),
            network: Network {
                subnet_group: subnet_group.clone().into(),
                security_groups: security_groups.clone(),
            },
            parameter_group: None,
            option_group: None,
            multi_az: *multi_az,
            port: *port,
            keys: kms_key.iter().cloned().map(KeyUse::Given).collect(),
            monitoring_role: self.replica.monitoring_role.clone(),
            member: None,
            room: Room::Lasting,
            serves: true,
        }
    }
}
