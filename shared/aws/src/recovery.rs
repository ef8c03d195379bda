//! RDS and ElastiCache in one account and Region, as recovery needs them, over the SDKs. The gateway reads all pages and
//! converts the answers. The SDKs repeat failed calls.
//!
//! The lists for the check of a manifest are in [`lookups`]. The requests for changes are in [`change`] and [`create`]. The worker decides which change comes next.

mod change;
#[cfg(test)]
mod contract;
mod convert;
mod create;
mod ec2;
mod lookups;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use pilot_light_domain::aws::error::{GatewayError, GatewayErrorKind};
use pilot_light_domain::model::ids::{DatabaseName, Region};
use pilot_light_domain::model::listing::Listing;
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::recovery::{
    CacheEndpoint, Change, DbCluster, DbInstance, Found, GlobalCluster, GlobalReplicationGroup, Lookup,
    RecoveryGateway,
};

use crate::clients::{Clients, Regional};
use crate::convert::listed_snapshot;
use crate::rds::PAGE;
use crate::sdk_error::of_sdk;

/// RDS and ElastiCache in one account and Region.
#[derive(Debug, Clone)]
pub struct AwsRecovery {
    clients: Arc<Clients>,
    regional: Arc<Regional>,
}

impl AwsRecovery {
    pub(crate) fn new(clients: &Arc<Clients>, region: &Region) -> Self {
        Self { clients: Arc::clone(clients), regional: clients.regional(region) }
    }

    fn rds(&self) -> &aws_sdk_rds::Client {
        &self.regional.rds
    }
}

impl RecoveryGateway for AwsRecovery {
    fn region(&self) -> &Region {
        &self.regional.region
    }

    async fn db_instances(&self) -> Result<Listing<DbInstance>, GatewayError> {
        const ACTION: &str = "DescribeDBInstances";
        let mut pages = self.rds().describe_db_instances().max_records(PAGE).into_paginator().send();
        let mut found = Listing::default();
        while let Some(page) = pages.next().await {
            for instance in page.map_err(of_sdk(ACTION))?.db_instances() {
                found.add(convert::instance(ACTION, instance));
            }
        }
        Ok(found)
    }

    async fn db_clusters(&self) -> Result<Listing<DbCluster>, GatewayError> {
        const ACTION: &str = "DescribeDBClusters";
        let mut pages = self.rds().describe_db_clusters().max_records(PAGE).into_paginator().send();
        let mut found = Listing::default();
        while let Some(page) = pages.next().await {
            for cluster in page.map_err(of_sdk(ACTION))?.db_clusters() {
                found.add(convert::cluster(ACTION, cluster));
            }
        }
        Ok(found)
    }

    async fn global_clusters(&self) -> Result<Listing<GlobalCluster>, GatewayError> {
        const ACTION: &str = "DescribeGlobalClusters";
        let mut pages = self.rds().describe_global_clusters().max_records(PAGE).into_paginator().send();
        let mut found = Listing::default();
        while let Some(page) = pages.next().await {
            for cluster in page.map_err(of_sdk(ACTION))?.global_clusters() {
                found.add(convert::global_cluster(ACTION, cluster));
            }
        }
        Ok(found)
    }

    async fn replication_groups(&self) -> Result<Listing<GlobalReplicationGroup>, GatewayError> {
        const ACTION: &str = "DescribeGlobalReplicationGroups";
        let request = self.regional.elasticache().describe_global_replication_groups();
        let mut pages = request.show_member_info(true).max_records(PAGE).into_paginator().send();
        let mut found = Listing::default();
        while let Some(page) = pages.next().await {
            for group in page.map_err(of_sdk(ACTION))?.global_replication_groups() {
                found.add(convert::replication_group(ACTION, group));
            }
        }
        Ok(found)
    }

    async fn cache_endpoints(&self) -> Result<Listing<CacheEndpoint>, GatewayError> {
        const ACTION: &str = "DescribeReplicationGroups";
        let request = self.regional.brief_elasticache().describe_replication_groups();
        let mut pages = request.max_records(PAGE).into_paginator().send();
        let mut found = Listing::default();
        while let Some(page) = pages.next().await {
            for group in page.map_err(of_sdk(ACTION))?.replication_groups() {
                found.add(convert::cache_endpoint(ACTION, group));
            }
        }
        Ok(found)
    }

    /// Without a snapshot type, RDS returns the manual and the automated snapshots, and none of other accounts.
    async fn snapshots(&self, of: Option<&DatabaseName>) -> Result<Listing<Arc<Snapshot>>, GatewayError> {
        const ACTION: &str = "DescribeDBSnapshots";
        let request = self.rds().describe_db_snapshots();
        let request = request.set_db_instance_identifier(of.map(ToString::to_string));
        let mut pages = request.max_records(PAGE).into_paginator().send();
        let mut found = Listing::default();
        while let Some(page) = pages.next().await {
            let page = match page.map_err(of_sdk(ACTION)) {
                // An instance that never existed has no snapshots.
                Err(error) if of.is_some() && error.kind == GatewayErrorKind::NotFound => break,
                page => page?,
            };
            for each in page.db_snapshots() {
                found.add(listed_snapshot(ACTION, each).map(Arc::new));
            }
        }
        Ok(found)
    }

    async fn look_up(&self, lookup: &Lookup) -> Result<Found, GatewayError> {
        self.found(lookup).await
    }

    async fn change(&self, change: &Change) -> Result<(), GatewayError> {
        self.carry_out(change).await
    }
}
