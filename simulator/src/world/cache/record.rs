//! The records of replication groups and of global datastores.

use pilot_light_domain::Instant;
use pilot_light_domain::model::ids::{AccountId, Region};
use pilot_light_domain::recovery::Endpoint;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::world::time::lag::{Before, Lags};

/// The identity of a global datastore.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatastoreKey {
    /// Owner.
    pub account: AccountId,
    /// `GlobalReplicationGroupId`.
    pub id: String,
}

/// A global datastore.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatastoreRecord {
    /// Owner and identifier.
    pub key: DatastoreKey,
    /// Its description.
    pub description: String,
    /// Its state, as AWS spells it.
    pub status: String,
    /// Engine name.
    pub engine: String,
    /// Its replication groups, the primary among them.
    pub members: Vec<DatastoreMember>,
    /// The instant at which the change in progress ends, and the primary from then on.
    pub(in crate::world) next: Option<(Instant, Option<DatastoreMember>)>,
    #[serde(default, skip_serializing_if = "Before::is_absent")]
    pub(in crate::world) before: Before<DatastoreRecord>,
}

/// One of two texts. Under the name of a reference, serde would borrow it from a file.
type MemberStatus = &'static str;

/// A replication group of a global datastore.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatastoreMember {
    /// `ReplicationGroupId`.
    pub id: String,
    /// `ReplicationGroupRegion`.
    pub region: Region,
    /// Whether it is the primary: its role is `PRIMARY`, else `SECONDARY`.
    pub is_primary: bool,
    /// `associating`, then `associated`.
    #[serde(deserialize_with = "member_status")]
    pub status: MemberStatus,
}

/// A replication group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplicationGroupRecord {
    /// `ReplicationGroupId`.
    pub id: String,
    /// Its description.
    pub description: String,
    /// Its state, as AWS spells it.
    pub status: String,
    /// Engine name.
    pub engine: String,
    /// Node type.
    pub node_type: String,
    /// The global datastore that it is in.
    pub datastore: Option<String>,
}

impl ReplicationGroupRecord {
    /// The endpoint of its primary in `region`, which is absent until the group has been created.
    #[must_use]
    pub fn endpoint(&self, region: &Region) -> Option<Endpoint> {
        let address = format!("{}.simulated.ng.0001.{region}.cache.amazonaws.com", self.id);
        (self.status != "creating").then_some(Endpoint { address, port: 6379 })
    }
}

impl Lags for DatastoreRecord {
    fn before(&mut self) -> &mut Before<Self> {
        &mut self.before
    }
}

impl DatastoreKey {
    pub(in crate::world) fn new(account: &AccountId, id: &str) -> Self {
        Self { account: account.clone(), id: id.to_ascii_lowercase() }
    }
}

impl DatastoreRecord {
    /// The status while no change is in progress. A datastore without a secondary protects nothing.
    pub(in crate::world) fn settled(&self) -> &'static str {
        if self.members.len() > 1 { "available" } else { "primary-only" }
    }
}

fn member_status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<MemberStatus, D::Error> {
    let text = String::deserialize(deserializer)?;
    let known = ["associating", "associated"].into_iter().find(|status| *status == text);
    known.ok_or_else(|| D::Error::unknown_variant(&text, &["associating", "associated"]))
}
