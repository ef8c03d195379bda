//! The requests to ElastiCache, and their answers.

use std::sync::Arc;

use super::record::{DatastoreRecord, ReplicationGroupRecord};
use crate::world::api::paging::{Listing, Page};

/// One API request of ElastiCache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CacheRequest {
    /// `CreateReplicationGroup`.
    CreateReplicationGroup(CreateReplicationGroup),
    /// `DescribeReplicationGroups`.
    DescribeReplicationGroups(DescribeReplicationGroups),
    /// `CreateGlobalReplicationGroup`.
    CreateGlobalReplicationGroup(CreateGlobalReplicationGroup),
    /// `DescribeGlobalReplicationGroups`.
    DescribeGlobalReplicationGroups(DescribeGlobalReplicationGroups),
    /// `FailoverGlobalReplicationGroup`.
    FailoverGlobalReplicationGroup(FailoverGlobalReplicationGroup),
}

/// The answer to a request of ElastiCache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CacheResponse {
    /// One replication group.
    Group(Arc<ReplicationGroupRecord>),
    /// A page of replication groups.
    Groups(Listing<Arc<ReplicationGroupRecord>>),
    /// One global datastore.
    Datastore(Arc<DatastoreRecord>),
    /// A page of global datastores.
    Datastores(Listing<Arc<DatastoreRecord>>),
}

/// A replication group to create, alone or as a secondary of a global datastore.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateReplicationGroup {
    /// `ReplicationGroupId`.
    pub id: String,
    /// `ReplicationGroupDescription`.
    pub description: String,
    /// `GlobalReplicationGroupId` of the datastore that it joins.
    pub datastore: Option<String>,
    /// `Engine`.
    pub engine: Option<String>,
    /// `CacheNodeType`.
    pub node_type: Option<String>,
}

/// Replication groups to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeReplicationGroups {
    /// `ReplicationGroupId`.
    pub id: Option<String>,
    /// The page.
    pub page: Page,
}

/// A global datastore to create around a replication group of this Region.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateGlobalReplicationGroup {
    /// `GlobalReplicationGroupIdSuffix`, to which AWS adds a prefix.
    pub suffix: String,
    /// `GlobalReplicationGroupDescription`.
    pub description: String,
    /// `PrimaryReplicationGroupId`.
    pub primary: String,
}

/// Global datastores to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeGlobalReplicationGroups {
    /// `GlobalReplicationGroupId`.
    pub id: Option<String>,
    /// `ShowMemberInfo`: without it the answer contains no members.
    pub show_members: bool,
    /// The page.
    pub page: Page,
}

/// A failover of a global datastore to another primary.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FailoverGlobalReplicationGroup {
    /// `GlobalReplicationGroupId`.
    pub id: String,
    /// `PrimaryRegion`: the one that takes over.
    pub region: String,
    /// `PrimaryReplicationGroupId`: the one that takes over.
    pub group: String,
}

impl CacheRequest {
    /// The API action, as IAM and CloudTrail name it.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::CreateReplicationGroup(_) => "CreateReplicationGroup",
            Self::DescribeReplicationGroups(_) => "DescribeReplicationGroups",
            Self::CreateGlobalReplicationGroup(_) => "CreateGlobalReplicationGroup",
            Self::DescribeGlobalReplicationGroups(_) => "DescribeGlobalReplicationGroups",
            Self::FailoverGlobalReplicationGroup(_) => "FailoverGlobalReplicationGroup",
        }
    }
}
