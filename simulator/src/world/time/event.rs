//! The events that a world has on its agenda.
//!
//! The agenda itself is in `agenda`.

use pilot_light_domain::model::arn::{DatabaseArn, SnapshotArn};
use pilot_light_domain::model::ids::{AccountId, Region};
use serde::{Deserialize, Serialize};

use crate::world::cache::record::DatastoreKey;
use crate::world::globals::record::GlobalKey;

/// An event that happens without a request. Of several at one instant, the lesser one comes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "event", content = "of")]
pub(crate) enum Event {
    /// A pending copy begins.
    CopyBegins(SnapshotArn),
    /// A snapshot or copy is complete.
    SnapshotComplete(SnapshotArn),
    /// An instance reaches its next status.
    InstanceReached(DatabaseArn),
    /// An account sees a snapshot that was hidden from it.
    SnapshotSeen(SnapshotArn, AccountId),
    /// A snapshot is described with its new tags.
    TagsSeen(SnapshotArn),
    /// A cluster reaches its next status.
    ClusterReached(DatabaseArn),
    /// A cluster snapshot is complete.
    ClusterSnapshotComplete(SnapshotArn),
    /// A global cluster reaches its next status.
    GlobalReached(GlobalKey),
    /// A global datastore reaches its next status.
    DatastoreReached(DatastoreKey),
    /// A replication group is available.
    GroupReached(AccountId, Region, String),
    /// An imposition ends by itself.
    ImpositionOver(u64),
    /// A snapshot has its new engine version.
    SnapshotUpgraded(SnapshotArn),
    /// A blue/green deployment is switched over.
    SwitchedOver(AccountId, Region, String),
    /// A description shows the present state of a resource again.
    LagOver,
}
