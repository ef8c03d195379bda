//! `DescribeAccountAttributes`: the quotas of manual snapshots and how much of them is used.

use super::response::{Quota, Response};
use crate::world::World;
use crate::world::place::Place;

impl World {
    pub(in crate::world) fn account_attributes(&self, place: &Place) -> Response {
        let holdings = self.places.get(place);
        let used = holdings.map_or(0, |holdings| holdings.manual_snapshots);
        let clusters = holdings.map_or(0, |holdings| holdings.cluster_snapshots.len());
        let max = u64::from(self.settings.quota);
        Response::Quotas(vec![
            Quota { name: "ManualSnapshots", used: used as u64, max },
            Quota { name: "ManualClusterSnapshots", used: clusters as u64, max },
        ])
    }
}
