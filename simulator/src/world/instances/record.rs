//! A DB instance as it stands in the world.

use std::collections::BTreeSet;
use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::{DatabaseArn, KmsKeyArn};
use pilot_light_domain::model::database::{Engine, InstanceStatus};
use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_domain::model::tags::Tags;

use crate::world::time::lag::{Before, Lags};

/// A DB instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceRecord {
    /// Account, Region and identifier.
    pub arn: DatabaseArn,
    /// What its snapshots remember of it.
    pub shape: Arc<Shape>,
    /// Its state, as AWS spells it.
    pub status: InstanceStatus,
    /// When it became available for the first time.
    pub created_at: Option<Instant>,
    /// The cluster it is a member of.
    pub cluster: Option<DatabaseName>,
    /// The instance that it follows.
    pub replica_of: Option<DatabaseArn>,
    /// The instances that follow it.
    pub replicas: BTreeSet<DatabaseArn>,
    /// The key of its storage; absent when unencrypted.
    pub kms_key: Option<KmsKeyArn>,
    /// Its tags.
    pub tags: Tags,
    /// How it was asked to run.
    pub options: InstanceOptions,
    /// What happens to it next, and when.
    pub(crate) next: Option<(Instant, Transition)>,
    /// The status that it returns to when the snapshot in progress is done.
    pub(crate) before_snapshot: Option<InstanceStatus>,
    /// The name that it is getting.
    pub(crate) new_name: Option<DatabaseName>,
    /// What is told of it while that lags behind.
    pub(crate) before: Before<InstanceRecord>,
}

/// What a snapshot remembers of its instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// `DbiResourceId`: tells an instance from a later one of the same name.
    pub resource_id: String,
    /// Engine name.
    pub engine: Engine,
    /// Engine version.
    pub engine_version: String,
    /// Instance class, as in `db.t3.medium`.
    pub class: String,
    /// Allocated storage in GiB.
    pub allocated_storage: u32,
    /// Name of the master user.
    pub master_username: String,
}

/// How an instance is asked to run; absent means AWS's default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstanceOptions {
    /// `MultiAZ`.
    pub multi_az: Option<bool>,
    /// `PubliclyAccessible`.
    pub publicly_accessible: Option<bool>,
    /// `Port`.
    pub port: Option<u16>,
    /// `StorageType`.
    pub storage_type: Option<String>,
    /// `Iops`.
    pub iops: Option<u32>,
    /// `DBSubnetGroupName`.
    pub subnet_group: Option<String>,
    /// `VpcSecurityGroupIds`.
    pub security_groups: Option<Vec<String>>,
    /// `DBParameterGroupName`.
    pub parameter_group: Option<String>,
    /// `OptionGroupName`.
    pub option_group: Option<String>,
    /// `DeletionProtection`.
    pub deletion_protection: Option<bool>,
    /// `CopyTagsToSnapshot`.
    pub copy_tags_to_snapshot: Option<bool>,
    /// `BackupRetentionPeriod` in days; 0 takes no automated snapshot.
    pub backup_retention_days: Option<u32>,
    /// `AutoMinorVersionUpgrade`.
    pub auto_minor_version_upgrade: Option<bool>,
    /// `MonitoringInterval` in seconds.
    pub monitoring_interval: Option<u32>,
    /// `MonitoringRoleArn`.
    pub monitoring_role: Option<String>,
    /// `EnableIAMDatabaseAuthentication`.
    pub iam_authentication: Option<bool>,
}

/// What an instance is on its way to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transition {
    Available,
    Gone,
    /// It follows no other any more, and is rebooted.
    Promoted,
    /// It has its new name, and is rebooted.
    Renamed,
    Rebooted,
}

impl Lags for InstanceRecord {
    fn before(&mut self) -> &mut Before<Self> {
        &mut self.before
    }
}

impl InstanceRecord {
    pub(in crate::world) fn new(
        arn: &DatabaseArn,
        shape: Arc<Shape>,
        kms_key: Option<pilot_light_domain::model::arn::KmsKeyArn>,
        tags: pilot_light_domain::model::tags::Tags,
        options: InstanceOptions,
    ) -> Self {
        Self {
            arn: arn.clone(),
            shape,
            status: InstanceStatus("creating".to_owned()),
            created_at: None,
            cluster: None,
            replica_of: None,
            replicas: BTreeSet::new(),
            kms_key,
            tags,
            options,
            next: None,
            before_snapshot: None,
            new_name: None,
            before: Before::default(),
        }
    }
}

impl InstanceOptions {
    /// These options where they say something, `earlier` ones elsewhere.
    #[must_use]
    pub(crate) fn over(self, earlier: Self) -> Self {
        Self {
            multi_az: self.multi_az.or(earlier.multi_az),
            publicly_accessible: self.publicly_accessible.or(earlier.publicly_accessible),
            port: self.port.or(earlier.port),
            storage_type: self.storage_type.or(earlier.storage_type),
            iops: self.iops.or(earlier.iops),
            subnet_group: self.subnet_group.or(earlier.subnet_group),
            security_groups: self.security_groups.or(earlier.security_groups),
            parameter_group: self.parameter_group.or(earlier.parameter_group),
            option_group: self.option_group.or(earlier.option_group),
            deletion_protection: self.deletion_protection.or(earlier.deletion_protection),
            copy_tags_to_snapshot: self.copy_tags_to_snapshot.or(earlier.copy_tags_to_snapshot),
            backup_retention_days: self.backup_retention_days.or(earlier.backup_retention_days),
            auto_minor_version_upgrade: self
                .auto_minor_version_upgrade
                .or(earlier.auto_minor_version_upgrade),
            monitoring_interval: self.monitoring_interval.or(earlier.monitoring_interval),
            monitoring_role: self.monitoring_role.or(earlier.monitoring_role),
            iam_authentication: self.iam_authentication.or(earlier.iam_authentication),
        }
    }
}

/// The port that AWS gives an engine by default.
pub(crate) fn default_port(engine: &Engine) -> u16 {
    let name = engine.0.as_str();
    match name {
        "postgres" | "aurora-postgresql" => 5432,
        _ if name.starts_with("oracle") || name.starts_with("custom-oracle") => 1521,
        _ if name.starts_with("sqlserver") || name.starts_with("custom-sqlserver") => 1433,
        _ if name.starts_with("db2") => 50000,
        _ => 3306,
    }
}

/// The version that an instance gets when none is asked for.
pub(crate) fn default_version(engine: &Engine) -> &'static str {
    match engine.0.split('-').next() {
        Some("postgres") => "16.4",
        Some("mysql") => "8.0.39",
        Some("mariadb") => "10.11.9",
        Some("sqlserver") => "15.00.4395.2.v1",
        Some("oracle") => "19.0.0.0.ru-2024-10.rur-2024-10.r1",
        _ => "1.0",
    }
}
