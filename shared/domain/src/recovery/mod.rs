//! What recovery reads of AWS and asks of it: instances with their replicas, clusters, global clusters and
//! replication groups as facts, and every change that can be asked for as data.
//!
//! Which change comes next is decided in the crate `destination-recover`.

mod change;
mod cloud;
mod facts;

pub use self::change::{
    Change, CreateClusterInstance, CreateReplica, CreateSecondaryCluster, RestoreInstance,
};
pub use self::cloud::{Answer, Call, Operator, RecoveryCloud, RecoveryGateway};
pub use self::facts::{
    DbCluster, DbInstance, GlobalCluster, GlobalMember, GlobalReplicationGroup, ReplicationGroupMember,
    ReplicationRole,
};
