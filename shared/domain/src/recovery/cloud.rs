//! The AWS interface of the recover worker, and the interface of its operators.
//!
//! The real AWS is in `pilot-light-aws`, the simulated one in `pilot-light-simulator`.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;

use serde_json::Value;

use super::change::Change;
use super::facts::{CacheEndpoint, DbCluster, DbInstance, GlobalCluster, GlobalReplicationGroup};
use super::lookup::{Found, Lookup};
use crate::Instant;
use crate::aws::cloud::Cloud;
use crate::aws::error::GatewayError;
use crate::aws::metrics::Metric;
use crate::model::ids::{AccountId, DatabaseName, Region};
use crate::model::listing::Listing;
use crate::model::snapshot::Snapshot;
use crate::run::error::WorkerError;

/// RDS and ElastiCache in one account and Region, as recovery needs them. A gateway pages, retries and converts.
pub trait RecoveryGateway: Send + Sync {
    /// The Region of this gateway.
    fn region(&self) -> &Region;

    /// All DB instances (`DescribeDBInstances`).
    fn db_instances(&self) -> impl Future<Output = Result<Listing<DbInstance>, GatewayError>> + Send;

    /// All DB clusters (`DescribeDBClusters`).
    fn db_clusters(&self) -> impl Future<Output = Result<Listing<DbCluster>, GatewayError>> + Send;

    /// All global clusters (`DescribeGlobalClusters`).
    fn global_clusters(&self) -> impl Future<Output = Result<Listing<GlobalCluster>, GatewayError>> + Send;

    /// All global datastores with their members (`DescribeGlobalReplicationGroups`).
    fn replication_groups(
        &self,
    ) -> impl Future<Output = Result<Listing<GlobalReplicationGroup>, GatewayError>> + Send;

    /// The endpoints of all replication groups (`DescribeReplicationGroups`). They are for people, so a call gives up early.
    fn cache_endpoints(&self) -> impl Future<Output = Result<Listing<CacheEndpoint>, GatewayError>> + Send;

    /// The account's own snapshots, manual and automated (`DescribeDBSnapshots`): those of one instance, or all.
    fn snapshots(
        &self,
        of: Option<&DatabaseName>,
    ) -> impl Future<Output = Result<Listing<Arc<Snapshot>>, GatewayError>> + Send;

    /// One list that decides whether a database can be created. It changes nothing.
    fn look_up(&self, lookup: &Lookup) -> impl Future<Output = Result<Found, GatewayError>> + Send;

    /// Requests a change. It returns once AWS has accepted the request, which is long before the change is complete.
    fn change(&self, change: &Change) -> impl Future<Output = Result<(), GatewayError>> + Send;
}

/// AWS as the recover worker sees it.
pub trait RecoveryCloud: Cloud {
    /// The type of the gateways.
    type Recovery: RecoveryGateway;

    /// RDS and ElastiCache in `region`.
    fn recovery(&self, region: &Region) -> Self::Recovery;

    /// The CloudFormation exports of the worker's own Region, by name (`ListExports`).
    fn exports(&self) -> impl Future<Output = Result<BTreeMap<String, String>, GatewayError>> + Send;

    /// One decrypted SSM parameter, by its name or by its name and version (`NAME:VERSION`); absent if there is none.
    fn parameter(&self, name: &str) -> impl Future<Output = Result<Option<String>, GatewayError>> + Send;
}

/// The circumstances of one call of an operator, besides the event and AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The account it runs in.
    pub account: AccountId,
    /// The Region it runs in.
    pub region: Region,
    /// The one clock reading of the call.
    pub now: Instant,
}

/// The result of one call of an operator.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The output of the function.
    pub output: Value,
    /// Metrics to publish.
    pub metrics: Vec<Metric>,
    /// Structured lines for the log, one JSON object each.
    pub log: Vec<Value>,
}

/// A function that answers one event. Every step of a recovery is one.
pub trait Operator: Send + Sync {
    /// Its name, which is also the name of its binary.
    fn name(&self) -> &'static str;

    /// Answers one event.
    fn answer<C: RecoveryCloud>(
        &self,
        cloud: &C,
        call: &Call,
        event: &Value,
    ) -> impl Future<Output = Result<Answer, WorkerError>> + Send;
}
