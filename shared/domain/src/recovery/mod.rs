//! The AWS interface of recovery: instances with their replicas, clusters, global clusters and replication groups as
//! facts, and every change that recovery can request as data.
//!
//! The crate `destination-recover` decides which change comes next.

mod change;
mod cloud;
mod facts;

pub use self::change::{
    Change, CreateClusterInstance, CreateReplica, CreateSecondaryCluster, RestoreInstance,
};
pub use self::cloud::{Answer, Call, Operator, RecoveryCloud, RecoveryGateway};
pub use self::facts::{
    DbCluster, DbInstance, Endpoint, GlobalCluster, GlobalMember, GlobalReplicationGroup,
    ReplicationGroupMember, ReplicationRole,
};
