//! Where things are: an account's share of one Region, and what it holds there.

use std::collections::BTreeMap;
use std::sync::Arc;

use pilot_light_domain::arn::{DatabaseArn, SnapshotArn, SnapshotArnParts};
use pilot_light_domain::ids::{AccountId, DatabaseId, DatabaseKind, DatabaseName, Region, SnapshotId};

use super::instance::InstanceRecord;
use super::snapshot::SnapshotRecord;

/// One account in one Region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
}

/// What an account holds in a Region. Clusters and their snapshots will stand beside these.
#[derive(Debug, Default)]
pub(crate) struct Holdings {
    pub(crate) instances: BTreeMap<DatabaseName, Arc<InstanceRecord>>,
    pub(crate) snapshots: BTreeMap<SnapshotId, Arc<SnapshotRecord>>,
    /// How many of the snapshots are manual, whatever their status: all count for the quota.
    pub(crate) manual_snapshots: usize,
}

impl Place {
    pub(crate) fn new(account: &AccountId, region: &Region) -> Self {
        Self { account: account.clone(), region: region.clone() }
    }

    pub(crate) fn of_snapshot(arn: &SnapshotArn) -> Self {
        Self::new(&arn.account, &arn.region)
    }

    pub(crate) fn of_instance(arn: &DatabaseArn) -> Self {
        Self::new(&arn.id.account, &arn.id.region)
    }

    pub(crate) fn snapshot_arn(&self, id: SnapshotId) -> SnapshotArn {
        let parts = SnapshotArnParts {
            partition: self.region.partition(),
            region: self.region.clone(),
            account: self.account.clone(),
            kind: DatabaseKind::Instance,
            id,
        };
        parts.into()
    }

    pub(crate) fn instance_arn(&self, name: DatabaseName) -> DatabaseArn {
        DatabaseArn {
            partition: self.region.partition(),
            id: DatabaseId {
                account: self.account.clone(),
                region: self.region.clone(),
                kind: DatabaseKind::Instance,
                name,
            },
        }
    }
}

/// The ARN of a DB snapshot.
pub(crate) fn snapshot_arn(account: &AccountId, region: &Region, id: SnapshotId) -> SnapshotArn {
    Place::new(account, region).snapshot_arn(id)
}
