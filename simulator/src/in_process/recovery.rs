//! [`RecoveryGateway`] over the world: the same requests as the real gateway makes, page by page.
//!
//! The request of each change is in `changes`; answers become the domain's types in `convert`.
//! The lists for the check beforehand are in `lookups`.

use std::sync::Arc;

use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::model::ids::{DatabaseName, Region};
use pilot_light_domain::model::listing::Listing;
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::recovery::{
    CacheEndpoint, Change, DbCluster, DbInstance, Found, GlobalCluster, GlobalReplicationGroup, Lookup,
    RecoveryGateway,
};

use super::gateway::SimulatedRds;
use super::{changes, convert, imposed};
use crate::world::{
    CacheRequest, CacheResponse, ClusterRequest, ClusterResponse, DescribeDbClusters, DescribeDbInstances,
    DescribeDbSnapshots, DescribeGlobalClusters, DescribeGlobalReplicationGroups, DescribeReplicationGroups,
    Listing as Answer, Page, Request, Response,
};

/// RDS and ElastiCache in one account and Region, as recovery needs them.
#[derive(Debug, Clone)]
pub struct SimulatedRecovery(pub(super) SimulatedRds);

impl SimulatedRecovery {
    /// Sends a request, once.
    pub(super) async fn send(&self, request: Request) -> Result<Response, GatewayError> {
        self.0.send(request).await
    }

    /// Every page of a list: `ask` makes the request of a page, `read` takes the list out of its answer.
    pub(super) async fn all<T>(
        &self,
        ask: impl Fn(Page) -> Request,
        read: impl Fn(Response) -> Option<Answer<T>>,
    ) -> Result<Vec<T>, GatewayError> {
        let mut all = Vec::new();
        let mut marker = None;
        loop {
            let request = ask(Page { max_records: Some(100), marker });
            let action = request.action();
            let listing = read(self.0.send(request).await?).ok_or_else(|| convert::unexpected(action))?;
            all.extend(listing.items);
            marker = listing.marker;
            if marker.is_none() {
                return Ok(all);
            }
        }
    }
}

impl RecoveryGateway for SimulatedRecovery {
    fn region(&self) -> &Region {
        self.0.here()
    }

    async fn db_instances(&self) -> Result<Listing<DbInstance>, GatewayError> {
        let ask = |page| Request::DescribeDbInstances(DescribeDbInstances { page, ..Default::default() });
        let read = |response| match response {
            Response::Instances(listing) => Some(listing),
            _ => None,
        };
        Ok(self.0.read(&self.all(ask, read).await?, imposed::db_instance))
    }

    async fn db_clusters(&self) -> Result<Listing<DbCluster>, GatewayError> {
        let ask = |page| {
            let ask = DescribeDbClusters { page, ..Default::default() };
            Request::Cluster(Box::new(ClusterRequest::DescribeDbClusters(ask)))
        };
        let read = |response| match of_clusters(response)? {
            ClusterResponse::Clusters(listing) => Some(listing),
            _ => None,
        };
        Ok(self.0.read(&self.all(ask, read).await?, imposed::db_cluster))
    }

    async fn global_clusters(&self) -> Result<Listing<GlobalCluster>, GatewayError> {
        let ask = |page| {
            let ask = DescribeGlobalClusters { id: None, page };
            Request::Cluster(Box::new(ClusterRequest::DescribeGlobalClusters(ask)))
        };
        let read = |response| match of_clusters(response)? {
            ClusterResponse::Globals(listing) => Some(listing),
            _ => None,
        };
        let all = self.all(ask, read).await?;
        Ok(all.iter().map(|record| convert::global_cluster(record)).collect::<Vec<_>>().into())
    }

    async fn replication_groups(&self) -> Result<Listing<GlobalReplicationGroup>, GatewayError> {
        let ask = |page| {
            let ask = DescribeGlobalReplicationGroups { id: None, show_members: true, page };
            Request::Cache(Box::new(CacheRequest::DescribeGlobalReplicationGroups(ask)))
        };
        let read = |response| match of_cache(response)? {
            CacheResponse::Datastores(listing) => Some(listing),
            _ => None,
        };
        let all = self.all(ask, read).await?;
        Ok(all.iter().map(|record| convert::datastore(record)).collect::<Vec<_>>().into())
    }

    async fn cache_endpoints(&self) -> Result<Listing<CacheEndpoint>, GatewayError> {
        let ask = |page| {
            let ask = DescribeReplicationGroups { id: None, page };
            Request::Cache(Box::new(CacheRequest::DescribeReplicationGroups(ask)))
        };
        let read = |response| match of_cache(response)? {
            CacheResponse::Groups(listing) => Some(listing),
            _ => None,
        };
        let all = self.all(ask, read).await?;
        let here = self.region();
        Ok(all.iter().map(|record| convert::cache_endpoint(record, here)).collect::<Vec<_>>().into())
    }

    async fn snapshots(&self, of: Option<&DatabaseName>) -> Result<Listing<Arc<Snapshot>>, GatewayError> {
        let database = of.map(ToString::to_string);
        let ask = |page| {
            let database = database.clone();
            Request::DescribeDbSnapshots(DescribeDbSnapshots { database, page, ..Default::default() })
        };
        let read = |response| match response {
            Response::Snapshots(listing) => Some(listing),
            _ => None,
        };
        Ok(self.0.described(&self.all(ask, read).await?))
    }

    async fn look_up(&self, lookup: &Lookup) -> Result<Found, GatewayError> {
        self.found(lookup).await
    }

    async fn change(&self, change: &Change) -> Result<(), GatewayError> {
        self.0.order(changes::request(change)).await
    }
}

fn of_clusters(response: Response) -> Option<ClusterResponse> {
    match response {
        Response::Cluster(answer) => Some(*answer),
        _ => None,
    }
}

fn of_cache(response: Response) -> Option<CacheResponse> {
    match response {
        Response::Cache(answer) => Some(*answer),
        _ => None,
    }
}
