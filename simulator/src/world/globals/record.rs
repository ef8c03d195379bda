//! The record of a global cluster, with its members and the failover in progress.

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::database::Engine;
use pilot_light_domain::model::ids::AccountId;
use serde::{Deserialize, Serialize};

use crate::world::time::lag::{Before, Lags};

/// The identity of a global cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GlobalKey {
    /// Owner.
    pub account: AccountId,
    /// `GlobalClusterIdentifier`.
    pub id: String,
}

/// A global cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GlobalRecord {
    /// Owner and identifier.
    pub key: GlobalKey,
    /// Its state, as AWS spells it.
    pub status: String,
    /// Engine name.
    pub engine: Engine,
    /// Engine version.
    pub engine_version: String,
    /// Whether its clusters are encrypted.
    pub encrypted: bool,
    /// `DeletionProtection`.
    pub deletion_protection: bool,
    /// Its clusters.
    pub members: Vec<GlobalMemberRecord>,
    /// The switchover or failover in progress.
    pub failover: Option<FailoverState>,
    pub(in crate::world) next: Option<(Instant, GlobalStep)>,
    #[serde(default, skip_serializing_if = "Before::is_absent")]
    pub(in crate::world) before: Before<GlobalRecord>,
}

/// One cluster of a global cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GlobalMemberRecord {
    /// `DBClusterArn`.
    pub cluster: DatabaseArn,
    /// `IsWriter`: it is the primary.
    pub is_writer: bool,
}

/// A switchover or failover in progress.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailoverState {
    /// The primary before.
    pub from: DatabaseArn,
    /// The primary after.
    pub to: DatabaseArn,
    /// Whether data may be lost.
    pub allows_data_loss: bool,
}

/// The next step of a global cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::world) enum GlobalStep {
    Available,
    Gone,
    /// The target of the failover is the primary.
    Moved,
}

impl Lags for GlobalRecord {
    fn before(&mut self) -> &mut Before<Self> {
        &mut self.before
    }
}

impl GlobalKey {
    pub(in crate::world) fn new(account: &AccountId, id: &str) -> Self {
        Self { account: account.clone(), id: id.to_ascii_lowercase() }
    }
}
