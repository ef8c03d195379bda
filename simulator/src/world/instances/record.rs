//! The record of a DB instance, with its options and their defaults.

use std::collections::BTreeSet;
use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::{DatabaseArn, KmsKeyArn};
use pilot_light_domain::model::database::{Engine, InstanceStatus};
use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::recovery::Endpoint;
use serde::{Deserialize, Serialize};

use crate::world::saved::given;
use crate::world::time::lag::{Before, Lags};

/// A DB instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstanceRecord {
    /// Account, Region and identifier.
    pub arn: DatabaseArn,
    /// The properties that its snapshots keep.
    pub shape: Arc<Shape>,
    /// Its state, as AWS spells it.
    pub status: InstanceStatus,
    /// The instant at which it first became available.
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
    /// Its requested options.
    #[serde(serialize_with = "given")]
    pub options: InstanceOptions,
    /// Its next transition, and the instant of that.
    pub(crate) next: Option<(Instant, Transition)>,
    /// The status that it returns to when the snapshot in progress is done.
    pub(crate) before_snapshot: Option<InstanceStatus>,
    /// Its future name, while it is being renamed.
    pub(crate) new_name: Option<DatabaseName>,
    /// Its earlier state, while descriptions lag behind.
    #[serde(default, skip_serializing_if = "Before::is_absent")]
    pub(crate) before: Before<InstanceRecord>,
}

/// The properties of an instance that its snapshots keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// `DbiResourceId`: distinguishes an instance from a later one of the same name.
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

/// The options of an instance; absent means AWS's default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
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
    /// `StorageThroughput` in MiB a second.
    pub storage_throughput: Option<u32>,
    /// `LicenseModel`.
    pub license_model: Option<String>,
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

/// The next transition of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Transition {
    Available,
    Gone,
    /// It is no longer a replica, and is rebooted.
    Promoted,
    /// It has its new name, and is rebooted.
    Renamed,
    Rebooted,
    Stopped,
    /// AWS starts it after seven days.
    Started,
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

impl InstanceRecord {
    /// Its endpoint, which is absent until it has been created.
    #[must_use]
    pub fn endpoint(&self) -> Option<Endpoint> {
        let id = &self.arn.id;
        let address = format!("{}.simulated.{}.rds.amazonaws.com", id.name, id.region);
        let port = self.options.port.unwrap_or_else(|| default_port(&self.shape.engine));
        self.created_at.map(|_| Endpoint { address, port })
    }
}

impl InstanceOptions {
    /// These options where they are present, and the `earlier` ones elsewhere.
    #[must_use]
    pub(crate) fn over(self, earlier: Self) -> Self {
        Self {
            multi_az: self.multi_az.or(earlier.multi_az),
            publicly_accessible: self.publicly_accessible.or(earlier.publicly_accessible),
            port: self.port.or(earlier.port),
            storage_type: self.storage_type.or(earlier.storage_type),
            iops: self.iops.or(earlier.iops),
            storage_throughput: self.storage_throughput.or(earlier.storage_throughput),
            license_model: self.license_model.or(earlier.license_model),
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

/// The version that an instance gets if the request names none.
pub(crate) fn default_version(engine: &Engine) -> &'static str {
    match engine.0.split('-').next() {
        Some("aurora") if engine.0.as_str() == "aurora-postgresql" => "16.4",
        Some("aurora") => "8.0.mysql_aurora.3.08.0",
        Some("postgres") => "16.4",
        Some("mysql") => "8.0.39",
        Some("mariadb") => "10.11.9",
        Some("sqlserver") => "15.00.4395.2.v1",
        Some("oracle") => "19.0.0.0.ru-2024-10.rur-2024-10.r1",
        _ => "1.0",
    }
}
