//! DB clusters: one file for each API action, the record, members, snapshots, and changes over time.
//!
//! This file passes each request on to its action. Members are ordinary instances, in `instances`. Global clusters, which
//! join clusters of several Regions, are in `globals`.

mod create;
mod delete;
mod describe;
mod members;
mod modify;
pub(super) mod record;
pub(super) mod request;
mod snapshot;

use std::sync::Arc;

use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::ids::{DatabaseKind, DatabaseName};

pub use self::record::{ClusterOptions, ClusterRecord, ClusterSnapshotRecord};
pub use self::request::{
    ClusterRequest, ClusterResponse, CreateDbCluster, CreateGlobalCluster, DeleteDbCluster,
    DescribeDbClusterSnapshots, DescribeDbClusters, DescribeGlobalClusters, FailoverGlobalCluster,
    ModifyDbCluster, ModifyGlobalCluster,
};

use self::record::Step;
use crate::world::World;
use crate::world::api::error::{ApiError, cluster_not_found};
use crate::world::api::response::Response;
use crate::world::place::Place;
use crate::world::time::event::Event;
use crate::world::time::lag::Lags;

impl World {
    pub(in crate::world) fn answer_cluster(
        &mut self,
        place: &Place,
        request: ClusterRequest,
    ) -> Result<Response, ApiError> {
        let answer = match request {
            ClusterRequest::CreateDbCluster(ask) => self.create_cluster(place, ask),
            ClusterRequest::DescribeDbClusters(ask) => self.describe_clusters(place, &ask),
            ClusterRequest::ModifyDbCluster(ask) => self.modify_cluster(place, &ask),
            ClusterRequest::DeleteDbCluster(ask) => self.delete_cluster(place, &ask),
            ClusterRequest::DescribeDbClusterSnapshots(ask) => self.describe_cluster_snapshots(place, &ask),
            ClusterRequest::CreateGlobalCluster(ask) => self.create_global(place, ask),
            ClusterRequest::DescribeGlobalClusters(ask) => self.describe_globals(place, &ask),
            ClusterRequest::ModifyGlobalCluster(ask) => self.modify_global(place, &ask),
            ClusterRequest::DeleteGlobalCluster(id) => self.delete_global(place, &id),
            ClusterRequest::RemoveFromGlobalCluster(id, cluster) => {
                self.remove_from_global(place, &id, &cluster)
            }
            ClusterRequest::SwitchoverGlobalCluster(id, target) => {
                self.switch_global_over(place, &id, &target)
            }
            ClusterRequest::FailoverGlobalCluster(ask) => self.fail_global_over(place, &ask),
        };
        answer.map(|answer| Response::Cluster(Box::new(answer)))
    }

    /// A cluster of this place, by its identifier or ARN.
    pub(in crate::world) fn cluster(
        &self,
        place: &Place,
        text: &str,
    ) -> Result<&Arc<ClusterRecord>, ApiError> {
        let name = match text.parse::<DatabaseArn>() {
            Ok(arn) if arn.id.kind == DatabaseKind::Cluster && Place::of_instance(&arn) == *place => {
                Some(arn.id.name)
            }
            Ok(_) => None,
            Err(_) => DatabaseName::new(&text.to_ascii_lowercase()).ok(),
        };
        name.and_then(|name| self.places.get(place)?.clusters.get(&name))
            .ok_or_else(|| cluster_not_found(text))
    }

    pub(in crate::world) fn cluster_of(&self, arn: &DatabaseArn) -> Option<&Arc<ClusterRecord>> {
        self.places.get(&Place::of_instance(arn))?.clusters.get(&arn.id.name)
    }

    pub(in crate::world) fn cluster_mut(&mut self, arn: &DatabaseArn) -> Option<&mut ClusterRecord> {
        self.places.get_mut(&Place::of_instance(arn))?.clusters.get_mut(&arn.id.name).map(Arc::make_mut)
    }

    /// A cluster to change. It is described in its earlier state for a while.
    pub(in crate::world) fn change_cluster(&mut self, arn: &DatabaseArn) -> Option<&mut ClusterRecord> {
        let (now, until) = (self.now, self.lag_end());
        let cluster = self.cluster_mut(arn)?;
        cluster.keep_before(now, until);
        Some(cluster)
    }

    /// Puts a cluster into a status that it leaves by `step`.
    pub(in crate::world) fn send_cluster(&mut self, arn: &DatabaseArn, status: &str, step: Step) {
        let at = self.now + self.lasts(status, &arn.to_string());
        let Some(cluster) = self.change_cluster(arn) else { return };
        status.clone_into(&mut cluster.status);
        if let Some((earlier, _)) = cluster.next.replace((at, step)) {
            self.agenda.remove(&(earlier, Event::ClusterReached(arn.clone())));
        }
        self.agenda.insert((at, Event::ClusterReached(arn.clone())));
    }

    pub(in crate::world) fn reach_cluster(&mut self, arn: &DatabaseArn) {
        let now = self.now;
        let Some(cluster) = self.cluster_mut(arn) else { return };
        match cluster.next.take() {
            Some((_, Step::Available)) => {
                "available".clone_into(&mut cluster.status);
                cluster.created_at.get_or_insert(now);
            }
            Some((_, Step::Gone)) => self.remove_empty_cluster(arn),
            None => {}
        }
    }
}
