//! `DescribeAccountAttributes`: the quotas of an account in a Region, and their use.

use super::response::{Quota, Response};
use crate::world::World;
use crate::world::place::Place;
use crate::world::{option_groups, parameter_groups, subnet_groups};

impl World {
    pub(in crate::world) fn account_attributes(&self, place: &Place) -> Response {
        let holdings = self.places.get(place);
        let count = |of: fn(&crate::world::place::Holdings) -> usize| holdings.map_or(0, of) as u64;
        let snapshots = u64::from(self.settings.quota);
        let quota = |name, used, max| Quota { name, used, max };
        Response::Quotas(vec![
            quota("DBInstances", count(|held| held.instances.len()), self.settings.instances.into()),
            quota("AllocatedStorage", self.allocated_storage(place), self.settings.storage_gib.into()),
            quota("ManualSnapshots", count(|held| held.manual_snapshots), snapshots),
            quota("ManualClusterSnapshots", count(|held| held.cluster_snapshots.len()), snapshots),
            quota(
                "DBParameterGroups",
                count(|held| held.parameter_groups.len()),
                parameter_groups::QUOTA as u64,
            ),
            quota("OptionGroups", count(|held| held.option_groups.len()), option_groups::QUOTA as u64),
            quota("DBSubnetGroups", count(|held| held.subnet_groups.len()), subnet_groups::QUOTA as u64),
        ])
    }
}
