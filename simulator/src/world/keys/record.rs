//! The record of a KMS key.

use std::collections::BTreeSet;

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::KmsKeyArn;
use pilot_light_domain::model::ids::AccountId;
use serde::{Deserialize, Serialize};

/// Whether a key can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyState {
    /// The key can be used.
    Enabled,
    /// The key cannot be used until it is enabled again.
    Disabled,
    /// The key will be deleted and cannot be used.
    PendingDeletion,
}

/// The creator of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyOrigin {
    /// A customer, who may let other accounts use it.
    Customer,
    /// AWS, as an account's default key for RDS. No other account can ever use it.
    Aws,
}

/// A KMS key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRecord {
    /// Account, Region and key id.
    pub arn: KmsKeyArn,
    /// The accounts that may use it besides its owner.
    pub users: BTreeSet<AccountId>,
    /// Whether it can be used now.
    pub state: KeyState,
    /// Its creator.
    pub origin: KeyOrigin,
    /// The instant of its creation.
    pub created_at: Instant,
    /// `Description`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Its policy, if a caller gave it one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
}
