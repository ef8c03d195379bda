//! The permissions for taking, listing and copying snapshots.

use std::sync::Arc;

use pilot_light_domain::model::arn::SnapshotArn;

use super::asked::Asked;
use crate::world::api::request::{CopyDbSnapshot, CreateDbSnapshot, DescribeDbSnapshots};
use crate::world::snapshots::record::SnapshotRecord;

impl Asked<'_> {
    pub(super) fn create_snapshot(&mut self, ask: &CreateDbSnapshot) {
        let tags = ask.tags.clone().unwrap_or_default();
        self.tags.clone_from(&tags);
        let snapshot = self.arn("snapshot", &ask.id);
        self.on("rds:CreateDBSnapshot", self.arn("db", &ask.database));
        self.on("rds:CreateDBSnapshot", snapshot.clone());
        self.tagged(&snapshot, &tags);
    }

    /// The reference names both kinds, but not which of them a listing needs. *Unverified*, so it needs both.
    pub(super) fn describe_snapshots(&mut self, ask: &DescribeDbSnapshots) {
        const ACTION: &str = "rds:DescribeDBSnapshots";
        if let Some(id) = &ask.id {
            return self.on(ACTION, self.arn("snapshot", id));
        }
        self.on(ACTION, self.named_or_all("db", ask.database.as_deref()));
        self.on(ACTION, self.named_or_all("snapshot", None));
    }

    /// Source and target are both of the only kind that the reference names.
    pub(super) fn copy_snapshot(&mut self, ask: &CopyDbSnapshot) {
        let tags = ask.tags.clone().unwrap_or_default();
        self.tags.clone_from(&tags);
        let (source, target) = (self.arn("snapshot", &ask.source), self.arn("snapshot", &ask.target));
        self.on("rds:CopyDBSnapshot", source.clone());
        self.on("rds:CopyDBSnapshot", target.clone());
        self.tagged(&target, &tags);
        let Some(found) = self.snapshot_at(&source) else { return };
        if found.arn.region != self.place.region {
            self.across(&source, &target);
        }
        if let Some(key) = &found.kms_key {
            self.key_through_rds(key);
        }
        self.asked_key_through_rds(ask.kms_key.as_deref());
    }

    /// The snapshot with an ARN, of any account.
    pub(super) fn snapshot_at(&self, arn: &str) -> Option<Arc<SnapshotRecord>> {
        self.world.snapshot(&arn.parse::<SnapshotArn>().ok()?).cloned()
    }
}
