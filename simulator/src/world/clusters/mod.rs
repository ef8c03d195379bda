//! DB clusters: their records, how they are created, changed and deleted, and what becomes of them in time.
//!
//! Their members are instances as any other, in `instances`; what joins clusters across Regions is in `globals`.

mod create;
mod delete;
mod listing;
mod members;
mod request;
mod snapshot;

use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::{DatabaseArn, KmsKeyArn};
use pilot_light_domain::model::database::Engine;
use pilot_light_domain::model::ids::{DatabaseKind, DatabaseName};
use pilot_light_domain::model::tags::Tags;

pub use self::request::{
    ClusterRequest, ClusterResponse, CreateDbCluster, CreateGlobalCluster, DeleteDbCluster,
    DescribeDbClusterSnapshots, DescribeDbClusters, DescribeGlobalClusters, FailoverGlobalCluster,
    ModifyDbCluster, ModifyGlobalCluster,
};
pub use self::snapshot::ClusterSnapshotRecord;

use super::World;
use super::before::{Before, Lags};
use super::error::{ApiError, cluster_not_found};
use super::lifecycle::Event;
use super::place::Place;
use super::response::Response;

/// A DB cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterRecord {
    /// Account, Region and identifier.
    pub arn: DatabaseArn,
    /// `DbClusterResourceId`.
    pub resource_id: String,
    /// Engine name.
    pub engine: Engine,
    /// Engine version.
    pub engine_version: String,
    /// Its state, as AWS spells it.
    pub status: String,
    /// When it became available for the first time.
    pub created_at: Option<Instant>,
    /// The key of its storage; absent when unencrypted.
    pub kms_key: Option<KmsKeyArn>,
    /// Name of the master user.
    pub master_username: String,
    /// Its instances, the oldest first.
    pub members: Vec<DatabaseName>,
    /// `GlobalClusterIdentifier` of the global cluster that it is in.
    pub global: Option<String>,
    /// Whether it follows the primary of that, and takes no writes.
    pub is_secondary: bool,
    /// Its tags.
    pub tags: Tags,
    /// How it was asked to run.
    pub options: ClusterOptions,
    pub(super) next: Option<(Instant, Step)>,
    pub(super) before: Before<ClusterRecord>,
}

/// How a cluster is asked to run; absent means AWS's default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClusterOptions {
    /// `Port`.
    pub port: Option<u16>,
    /// `DBSubnetGroupName`.
    pub subnet_group: Option<String>,
    /// `VpcSecurityGroupIds`.
    pub security_groups: Option<Vec<String>>,
    /// `DeletionProtection`.
    pub deletion_protection: Option<bool>,
    /// `CopyTagsToSnapshot`.
    pub copy_tags_to_snapshot: Option<bool>,
    /// `BackupRetentionPeriod` in days.
    pub backup_retention_days: Option<u32>,
    /// `EnableIAMDatabaseAuthentication`.
    pub iam_authentication: Option<bool>,
}

/// What a cluster is on its way to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Available,
    Gone,
}

impl Lags for ClusterRecord {
    fn before(&mut self) -> &mut Before<Self> {
        &mut self.before
    }
}

impl ClusterRecord {
    /// The member that takes writes. A secondary cluster has none.
    #[must_use]
    pub fn writer(&self) -> Option<&DatabaseName> {
        self.members.first().filter(|_| !self.is_secondary)
    }
}

impl World {
    pub(super) fn answer_cluster(
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
    pub(super) fn cluster(&self, place: &Place, text: &str) -> Result<&Arc<ClusterRecord>, ApiError> {
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

    pub(super) fn cluster_of(&self, arn: &DatabaseArn) -> Option<&Arc<ClusterRecord>> {
        self.places.get(&Place::of_instance(arn))?.clusters.get(&arn.id.name)
    }

    pub(super) fn cluster_mut(&mut self, arn: &DatabaseArn) -> Option<&mut ClusterRecord> {
        self.places.get_mut(&Place::of_instance(arn))?.clusters.get_mut(&arn.id.name).map(Arc::make_mut)
    }

    /// A cluster to change, which is told as it was for a while.
    pub(super) fn change_cluster(&mut self, arn: &DatabaseArn) -> Option<&mut ClusterRecord> {
        let (now, until) = (self.now, self.told_from());
        let cluster = self.cluster_mut(arn)?;
        cluster.keep_before(now, until);
        Some(cluster)
    }

    /// Puts a cluster into a status that it leaves by `step`.
    pub(super) fn send_cluster(&mut self, arn: &DatabaseArn, status: &str, step: Step) {
        let at = self.now + self.lasts(status, &arn.to_string());
        let Some(cluster) = self.change_cluster(arn) else { return };
        status.clone_into(&mut cluster.status);
        if let Some((earlier, _)) = cluster.next.replace((at, step)) {
            self.agenda.remove(&(earlier, Event::ClusterReached(arn.clone())));
        }
        self.agenda.insert((at, Event::ClusterReached(arn.clone())));
    }

    pub(super) fn reach_cluster(&mut self, arn: &DatabaseArn) {
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
