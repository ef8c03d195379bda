//! Clusters, global clusters and global datastores as plain data, for the dump of the world.

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::ids::{AccountId, DatabaseName, Region};
use pilot_light_domain::model::tags::Tags;
use serde::Serialize;

use crate::world::cache::record::{DatastoreMember, DatastoreRecord};
use crate::world::clusters::record::ClusterRecord;
use crate::world::globals::record::GlobalRecord;

/// A cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClusterDump {
    /// Its ARN.
    pub arn: DatabaseArn,
    /// Engine name.
    pub engine: String,
    /// Its state.
    pub status: String,
    /// The instant at which it became available; absent before, and in a dump without times.
    pub created_at: Option<Instant>,
    /// Its instances, the oldest first.
    pub members: Vec<DatabaseName>,
    /// The global cluster that it is in.
    pub global: Option<String>,
    /// Whether it is a secondary there.
    pub is_secondary: bool,
    /// Whether it is protected from deletion.
    pub deletion_protection: bool,
    /// Its tags.
    pub tags: Tags,
}

/// A global cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GlobalDump {
    /// Owner.
    pub account: AccountId,
    /// Identifier.
    pub id: String,
    /// Its state.
    pub status: String,
    /// The primary.
    pub writer: Option<DatabaseArn>,
    /// All of its clusters.
    pub members: Vec<DatabaseArn>,
    /// Whether it is protected from deletion.
    pub deletion_protection: bool,
}

/// A global datastore of ElastiCache.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DatastoreDump {
    /// Owner.
    pub account: AccountId,
    /// Identifier.
    pub id: String,
    /// Its state.
    pub status: String,
    /// Its replication groups, as (Region, identifier).
    pub members: Vec<(Region, String)>,
    /// The primary among them.
    pub primary: Option<(Region, String)>,
}

impl ClusterDump {
    pub(in crate::world) fn of(record: &ClusterRecord) -> Self {
        Self {
            arn: record.arn.clone(),
            engine: record.engine.0.to_string(),
            status: record.status.clone(),
            created_at: record.created_at,
            members: record.members.clone(),
            global: record.global.clone(),
            is_secondary: record.is_secondary,
            deletion_protection: record.options.deletion_protection.unwrap_or(false),
            tags: record.tags.clone(),
        }
    }
}

impl DatastoreDump {
    pub(in crate::world) fn of(record: &DatastoreRecord) -> Self {
        let name = |member: &DatastoreMember| (member.region.clone(), member.id.clone());
        Self {
            account: record.key.account.clone(),
            id: record.key.id.clone(),
            status: record.status.clone(),
            members: record.members.iter().map(name).collect(),
            primary: record.members.iter().find(|member| member.is_primary).map(name),
        }
    }
}

impl GlobalDump {
    pub(in crate::world) fn of(record: &GlobalRecord) -> Self {
        let writer = record.members.iter().find(|member| member.is_writer);
        Self {
            account: record.key.account.clone(),
            id: record.key.id.clone(),
            status: record.status.clone(),
            writer: writer.map(|member| member.cluster.clone()),
            members: record.members.iter().map(|member| member.cluster.clone()).collect(),
            deletion_protection: record.deletion_protection,
        }
    }
}
