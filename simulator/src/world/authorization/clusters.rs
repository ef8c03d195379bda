//! The permissions for clusters, global clusters, replication groups and global datastores.

use std::sync::Arc;

use pilot_light_domain::model::arn::DatabaseArn;

use super::asked::Asked;
use crate::world::cache::request::CacheRequest;
use crate::world::clusters::record::ClusterRecord;
use crate::world::clusters::request::{ClusterRequest, CreateDbCluster, DeleteDbCluster};
use crate::world::globals::record::GlobalKey;
use crate::world::place::Place;

const DEFAULT: &str = "default";

impl Asked<'_> {
    pub(super) fn cluster(&mut self, request: &ClusterRequest) {
        match request {
            ClusterRequest::CreateDbCluster(ask) => self.create_cluster(ask),
            ClusterRequest::DescribeDbClusters(ask) => {
                self.on("rds:DescribeDBClusters", self.named_or_all("cluster", ask.name.as_deref()));
            }
            // It is *unverified* that AWS requires the groups of the cluster, too, where the request names none of them.
            ClusterRequest::ModifyDbCluster(ask) => {
                self.on("rds:ModifyDBCluster", self.arn("cluster", &ask.name));
                self.cluster_groups("rds:ModifyDBCluster");
            }
            ClusterRequest::DeleteDbCluster(ask) => self.delete_cluster(ask),
            ClusterRequest::DescribeDbClusterSnapshots(ask) => {
                let snapshot = self.named_or_all("cluster-snapshot", ask.id.as_deref());
                self.on("rds:DescribeDBClusterSnapshots", snapshot);
            }
            ClusterRequest::CreateGlobalCluster(ask) => {
                self.global("rds:CreateGlobalCluster", &ask.id, ask.source.as_deref());
            }
            ClusterRequest::DescribeGlobalClusters(ask) => {
                self.global("rds:DescribeGlobalClusters", ask.id.as_deref().unwrap_or("*"), None);
            }
            ClusterRequest::ModifyGlobalCluster(ask) => self.global("rds:ModifyGlobalCluster", &ask.id, None),
            ClusterRequest::DeleteGlobalCluster(id) => self.global("rds:DeleteGlobalCluster", id, None),
            ClusterRequest::RemoveFromGlobalCluster(id, cluster) => {
                self.global("rds:RemoveFromGlobalCluster", id, Some(cluster));
            }
            ClusterRequest::SwitchoverGlobalCluster(id, target) => {
                self.global("rds:SwitchoverGlobalCluster", id, Some(target));
            }
            ClusterRequest::FailoverGlobalCluster(ask) => {
                self.global("rds:FailoverGlobalCluster", &ask.id, Some(&ask.target));
            }
        }
    }

    pub(super) fn cache(&mut self, request: &CacheRequest) {
        let group = |id: &str| self.regional_arn("elasticache", "replicationgroup", id);
        let global = |id: &str| self.global_arn("elasticache", "globalreplicationgroup", id);
        let (action, resource) = match request {
            CacheRequest::CreateReplicationGroup(ask) => {
                ("elasticache:CreateReplicationGroup", group(&ask.id))
            }
            CacheRequest::DescribeReplicationGroups(ask) => {
                ("elasticache:DescribeReplicationGroups", group(ask.id.as_deref().unwrap_or("*")))
            }
            CacheRequest::CreateGlobalReplicationGroup(ask) => {
                ("elasticache:CreateGlobalReplicationGroup", global(&ask.suffix))
            }
            CacheRequest::DescribeGlobalReplicationGroups(ask) => {
                ("elasticache:DescribeGlobalReplicationGroups", global(ask.id.as_deref().unwrap_or("*")))
            }
            CacheRequest::FailoverGlobalReplicationGroup(ask) => {
                ("elasticache:FailoverGlobalReplicationGroup", global(&ask.id))
            }
        };
        self.on(action, resource);
    }

    /// It is *unverified* that a secondary cluster also needs permission for the primary in its Region.
    fn create_cluster(&mut self, ask: &CreateDbCluster) {
        const ACTION: &str = "rds:CreateDBCluster";
        self.tags.clone_from(&ask.tags);
        let cluster = self.arn("cluster", &ask.name);
        self.on(ACTION, cluster.clone());
        self.cluster_groups(ACTION);
        self.on(ACTION, self.arn("subgrp", ask.options.subnet_group.as_deref().unwrap_or(DEFAULT)));
        self.tagged(&cluster, &ask.tags);
        if let Some(id) = &ask.global {
            self.global(ACTION, id, None);
            if let Some(primary) = self.primary_of(id) {
                self.on(ACTION, primary.arn.to_string());
                if let Some(key) = &primary.kms_key {
                    self.key_through_rds(key);
                }
            }
        }
        self.asked_key_through_rds(ask.kms_key.as_deref());
    }

    /// A final snapshot needs the permissions of a new snapshot. It has the cluster's tags if the cluster copies them.
    fn delete_cluster(&mut self, ask: &DeleteDbCluster) {
        let cluster = self.arn("cluster", &ask.name);
        self.on("rds:DeleteDBCluster", cluster.clone());
        let Some(id) = &ask.final_snapshot else { return };
        let snapshot = self.arn("cluster-snapshot", id);
        self.on("rds:DeleteDBCluster", snapshot.clone());
        self.on("rds:CreateDBClusterSnapshot", cluster.clone());
        self.on("rds:CreateDBClusterSnapshot", snapshot.clone());
        let Some(found) = cluster.parse().ok().and_then(|arn| self.cluster_at(&arn)) else { return };
        if found.options.copy_tags_to_snapshot == Some(true) {
            self.tagged(&snapshot, &found.tags);
        }
    }

    fn global(&mut self, action: &'static str, id: &str, cluster: Option<&str>) {
        self.on(action, self.global_arn("rds", "global-cluster", id));
        if let Some(cluster) = cluster {
            self.on(action, self.arn("cluster", cluster));
        }
    }

    fn cluster_groups(&mut self, action: &'static str) {
        for kind in ["cluster-pg", "og"] {
            self.on(action, self.arn(kind, DEFAULT));
        }
    }

    fn primary_of(&self, global: &str) -> Option<Arc<ClusterRecord>> {
        let key = GlobalKey { account: self.place.account.clone(), id: global.to_owned() };
        let members = &self.world.globals.get(&key)?.members;
        let primary = members.iter().find(|member| member.is_writer)?;
        self.cluster_at(&primary.cluster)
    }

    fn cluster_at(&self, arn: &DatabaseArn) -> Option<Arc<ClusterRecord>> {
        self.world.places.get(&Place::of_instance(arn))?.clusters.get(&arn.id.name).cloned()
    }
}
