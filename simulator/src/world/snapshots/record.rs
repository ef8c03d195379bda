//! The record of a DB snapshot, and the view that one account has of it.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::{DatabaseArn, KmsKeyArn, SnapshotArn};
use pilot_light_domain::model::ids::{AccountId, DatabaseName, Region};
use pilot_light_domain::model::snapshot::{Snapshot, SnapshotStatus, TakenOf};
use pilot_light_domain::model::tags::Tags;
use serde::{Deserialize, Serialize};

use crate::world::instances::defaults::license;
use crate::world::instances::record::{InstanceOptions, Shape};
use crate::world::instances::valid::storage_type;
use crate::world::option_groups::OptionGroupRecord;
use crate::world::option_groups::record::default_of_version;
use crate::world::saved::given;

/// The party that took a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SnapshotOrigin {
    /// A caller: `CreateDBSnapshot`, `CopyDBSnapshot` or a final snapshot.
    Manual,
    /// AWS, with the instance's backups.
    Automated,
}

/// A DB snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotRecord {
    /// Owner, Region and identifier.
    pub arn: SnapshotArn,
    /// The party that took it.
    pub origin: SnapshotOrigin,
    /// The instance that it was taken of.
    pub database: DatabaseName,
    /// The properties of that instance.
    pub shape: Arc<Shape>,
    /// The options of that instance, for a restore.
    #[serde(serialize_with = "given")]
    pub options: Arc<InstanceOptions>,
    /// The instant at which that instance was created.
    pub instance_created_at: Option<Instant>,
    /// Its state.
    pub status: SnapshotStatus,
    /// The instant at which it was complete, whether snapshot or copy; absent until then.
    pub created_at: Option<Instant>,
    /// `OriginalSnapshotCreateTime`, which copies keep; absent while this snapshot is in progress.
    pub original_created_at: Option<Instant>,
    /// The instant at which its data were frozen: the beginning of the original snapshot. AWS never shows it.
    pub database_time: Instant,
    /// `SnapshotDatabaseTime`: the time of the last transaction in it, if AWS gives one.
    pub last_transaction: Option<Instant>,
    /// The snapshot that it was copied from, if the copy crossed accounts or Regions.
    pub copied_from: Option<SnapshotArn>,
    /// The Region it was created in or copied from.
    pub source_region: Region,
    /// The key it is encrypted with; absent when unencrypted.
    pub kms_key: Option<KmsKeyArn>,
    /// The option group of the instance as it was, or the one named when it was copied; absent for the default one.
    pub option_group: Option<Arc<OptionGroupRecord>>,
    /// Its tags, which only the owner sees.
    pub tags: Tags,
    /// The accounts that may copy and restore it.
    pub shared_with: BTreeSet<AccountId>,
    /// Whether every account may copy and restore it.
    pub is_public: bool,
    /// The work on it.
    pub(crate) work: Work,
    /// Its descriptions since it last changed.
    #[serde(skip)]
    pub(crate) descriptions: Descriptions,
}

/// The work on a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Work {
    Nothing,
    /// Being taken of this instance.
    Taking {
        from: Instant,
        until: Instant,
        instance: DatabaseArn,
    },
    /// A copy that waits for its turn.
    Queued,
    /// A copy in progress, which shows progress from `from` on.
    Copying {
        from: Instant,
        until: Instant,
    },
}

/// A record's descriptions, for its owner and for others, each made at its first use. Workers list every snapshot every
/// few minutes, and few change in between.
#[derive(Debug, Default)]
pub(crate) struct Descriptions {
    to_owner: OnceLock<Arc<Snapshot>>,
    to_others: OnceLock<Arc<Snapshot>>,
}

/// A record is cloned to be changed, so the clone begins without descriptions.
impl Clone for Descriptions {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// Descriptions follow from the rest of the record, so they are always equal.
impl PartialEq for Descriptions {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Descriptions {}

impl Work {
    /// The instant at which the work ends, if that is known.
    pub(crate) fn until(&self) -> Option<Instant> {
        match self {
            Self::Taking { until, .. } | Self::Copying { until, .. } => Some(*until),
            Self::Nothing | Self::Queued => None,
        }
    }

    fn percent(&self, now: Instant) -> u8 {
        match self {
            Self::Nothing => 100,
            Self::Queued => 0,
            Self::Taking { from, until, .. } | Self::Copying { from, until } => {
                let whole = (*until - *from).num_milliseconds().max(1);
                let done = (now - *from).num_milliseconds() * 100 / whole;
                u8::try_from(done.clamp(0, 99)).unwrap_or(0)
            }
        }
    }
}

impl SnapshotRecord {
    /// The record to change. Views of it keep its earlier state.
    pub(crate) fn to_change(record: &mut Arc<Self>) -> &mut Self {
        let record = Arc::make_mut(record);
        record.descriptions = Descriptions::default();
        record
    }

    /// The instant at which a copy whose turn has come is no longer `pending`.
    pub(crate) fn pending_until(&self) -> Option<Instant> {
        match self.work {
            Work::Copying { from, .. } if self.status == SnapshotStatus::Pending => Some(from),
            _ => None,
        }
    }

    pub(crate) fn is_manual(&self) -> bool {
        self.origin == SnapshotOrigin::Manual
    }

    /// True if AWS took it of this instance, under any of the instance's names.
    pub(crate) fn is_automated_of(&self, resource_id: &str) -> bool {
        self.origin == SnapshotOrigin::Automated && self.shape.resource_id == resource_id
    }

    /// True if `account` may see, copy and restore it.
    pub(crate) fn is_visible_to(&self, account: &AccountId) -> bool {
        self.arn.account == *account
            || (self.status == SnapshotStatus::Available
                && (self.is_public || self.shared_with.contains(account)))
    }
}

/// A snapshot as one account sees it at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotView {
    /// The snapshot.
    pub record: Arc<SnapshotRecord>,
    /// Whether the viewer owns it.
    pub is_own: bool,
    /// `PercentProgress`.
    pub percent: u8,
}

impl SnapshotView {
    pub(crate) fn new(record: Arc<SnapshotRecord>, viewer: &AccountId, now: Instant) -> Self {
        let percent = if record.status == SnapshotStatus::Failed { 0 } else { record.work.percent(now) };
        Self { is_own: record.arn.account == *viewer, percent, record }
    }

    /// `DBSnapshotIdentifier`, which is the ARN for another account's snapshot.
    #[must_use]
    pub fn identifier(&self) -> String {
        if self.is_own { self.record.arn.id.to_string() } else { self.record.arn.to_string() }
    }

    /// `OptionGroupName`. A copy from another place has none unless its request named one, as in the recordings of
    /// cloud-custodian's `test_rds_snapshot_region_copy`.
    #[must_use]
    pub fn option_group(&self) -> Option<String> {
        let record = &self.record;
        let default = || default_of_version(&record.shape.engine.0, &record.shape.engine_version);
        let named = record.option_group.as_ref().map(|group| group.name.clone());
        named.or_else(|| record.copied_from.is_none().then(default))
    }

    /// `SnapshotType`.
    #[must_use]
    pub fn snapshot_type(&self) -> &'static str {
        match self.record.origin {
            SnapshotOrigin::Automated => "automated",
            SnapshotOrigin::Manual if self.is_own => "manual",
            SnapshotOrigin::Manual if self.record.is_public => "public",
            SnapshotOrigin::Manual => "shared",
        }
    }

    /// `SnapshotDatabaseTime`, which AWS shows, if at all, once the snapshot is complete.
    #[must_use]
    pub fn database_time(&self) -> Option<Instant> {
        self.record.last_transaction.filter(|_| self.record.created_at.is_some())
    }

    /// `DbiResourceId`, which AWS does not show of a copy in progress.
    #[must_use]
    pub fn resource_id(&self) -> Option<&str> {
        let is_coming = self.record.copied_from.is_some() && self.record.status.in_progress();
        (!is_coming).then_some(self.record.shape.resource_id.as_str())
    }

    /// The snapshot as a gateway gives it, without the tags of another account's snapshot.
    pub(crate) fn described(&self) -> Arc<Snapshot> {
        let Descriptions { to_owner, to_others } = &self.record.descriptions;
        let description = if self.is_own { to_owner } else { to_others };
        let lasting = description.get_or_init(|| Arc::new(self.describe()));
        if !lasting.status.in_progress() {
            return Arc::clone(lasting);
        }
        Arc::new(Snapshot { percent: Some(self.percent), ..Snapshot::clone(lasting) })
    }

    fn describe(&self) -> Snapshot {
        let record = &self.record;
        Snapshot {
            arn: record.arn.clone(),
            taken_of: Arc::new(TakenOf {
                database: record.database.clone(),
                resource_id: self.resource_id().map(Into::into),
                instance_created_at: record.instance_created_at,
                engine: record.shape.engine.clone(),
                engine_version: Some(record.shape.engine_version.as_str().into()),
                license_model: Some(license(&record.shape.engine, &record.options).into()),
                storage_type: Some(storage_type(&record.options).into()),
                allocated_gib: Some(record.shape.allocated_storage),
            }),
            status: record.status.clone(),
            percent: None,
            created_at: record.created_at,
            original_created_at: record.original_created_at,
            database_time: self.database_time(),
            copied_from: record.copied_from.clone(),
            kms_key: record.kms_key.clone().map(Into::into),
            tags: self.tags().cloned().unwrap_or_default(),
        }
    }

    /// `TagList`, which only the owner sees.
    #[must_use]
    pub fn tags(&self) -> Option<&Tags> {
        self.is_own.then_some(&self.record.tags)
    }
}
