//! The AWS interface of recovery: instances with their replicas, clusters, global clusters and replication groups as
//! facts, the lists that decide whether a database can be
//! created, and every change that recovery can request as data.
//!
//! The crate `destination-recover` decides which change comes next.

mod change;
mod cloud;
mod facts;
mod lookup;

pub use self::change::{
    Change, CreateClusterInstance, CreateReplica, CreateSecondaryCluster, RestoreInstance,
};
pub use self::cloud::{Answer, Call, Operator, RecoveryCloud, RecoveryGateway};
pub use self::facts::{
    CacheEndpoint, DbCluster, DbInstance, Endpoint, GlobalCluster, GlobalMember, GlobalReplicationGroup,
    InstanceGroups, ReplicationGroupMember, ReplicationRole, Specification, StorageEncryption,
};
pub use self::lookup::{
    EngineVersion, Found, Key, Lookup, OptionGroup, Orderable, ParameterGroup, Quota, Quotas, SecurityGroup,
    SubnetGroup,
};
