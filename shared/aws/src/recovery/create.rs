//! The requests that create a database: restores, replicas, secondary clusters, instances of clusters.
//!
//! An absent option is not sent, so that AWS takes its value from the snapshot or the source.

use aws_sdk_rds::operation::create_db_cluster::builders::CreateDBClusterFluentBuilder;
use aws_sdk_rds::operation::create_db_instance::builders::CreateDBInstanceFluentBuilder;
use aws_sdk_rds::operation::create_db_instance_read_replica::builders::CreateDBInstanceReadReplicaFluentBuilder;
use aws_sdk_rds::operation::restore_db_instance_from_db_snapshot::builders::RestoreDBInstanceFromDBSnapshotFluentBuilder;
use aws_sdk_rds::types::Tag;
use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::recovery::{
    CreateClusterInstance, CreateReplica, CreateSecondaryCluster, RestoreInstance,
};

use super::AwsRecovery;
use crate::rds::presign::{self, Crossing};
use crate::rds::sdk_tags;

impl AwsRecovery {
    pub(super) fn restore(&self, restore: &RestoreInstance) -> RestoreDBInstanceFromDBSnapshotFluentBuilder {
        let request = self.rds().restore_db_instance_from_db_snapshot();
        request
            .db_instance_identifier(restore.instance.as_str())
            .db_snapshot_identifier(restore.snapshot.to_string())
            .set_db_instance_class(restore.class.clone())
            .set_db_subnet_group_name(restore.subnet_group.clone())
            .set_vpc_security_group_ids(unless_empty(&restore.security_groups))
            .set_db_parameter_group_name(restore.parameter_group.clone())
            .set_option_group_name(restore.option_group.clone())
            .set_db_capacity_reservation_identifier(restore.capacity_reservation.clone())
            .set_multi_az(restore.multi_az)
            .set_publicly_accessible(restore.public)
            .set_port(restore.port.map(i32::from))
            .set_storage_type(restore.storage_type.clone())
            .set_iops(restore.iops.map(whole))
            .set_deletion_protection(restore.deletion_protection)
            .set_copy_tags_to_snapshot(restore.copy_tags_to_snapshot)
            .set_tags(tags_if_any(&restore.tags))
    }

    pub(super) fn replica(&self, create: &CreateReplica) -> CreateDBInstanceReadReplicaFluentBuilder {
        let request = self.rds().create_db_instance_read_replica();
        request
            .db_instance_identifier(create.instance.as_str())
            .source_db_instance_identifier(create.source.to_string())
            .set_db_instance_class(create.class.clone())
            .set_multi_az(create.multi_az)
            .set_db_subnet_group_name(create.subnet_group.clone())
            .set_vpc_security_group_ids(unless_empty(&create.security_groups))
            .set_kms_key_id(create.kms_key.clone())
            .set_auto_minor_version_upgrade(create.auto_minor_version_upgrade)
            .set_port(create.port.map(i32::from))
            .set_copy_tags_to_snapshot(create.copy_tags_to_snapshot)
            .set_monitoring_interval(create.monitoring_interval.map(i32::from))
            .set_monitoring_role_arn(create.monitoring_role.clone())
            .set_enable_iam_database_authentication(create.iam_authentication)
            .set_deletion_protection(create.deletion_protection)
            .set_tags(tags_if_any(&create.tags))
    }

    pub(super) fn secondary(&self, create: &CreateSecondaryCluster) -> CreateDBClusterFluentBuilder {
        let request = self.rds().create_db_cluster();
        request
            .db_cluster_identifier(create.cluster.as_str())
            .global_cluster_identifier(&create.global)
            .engine(&create.engine)
            .set_engine_version(create.engine_version.clone())
            .set_port(create.port.map(i32::from))
            .set_db_subnet_group_name(create.subnet_group.clone())
            .set_vpc_security_group_ids(unless_empty(&create.security_groups))
            .set_kms_key_id(create.kms_key.clone())
            .set_storage_encrypted(create.encrypted)
            .set_backup_retention_period(create.backup_retention_days.map(i32::from))
            .set_enable_iam_database_authentication(create.iam_authentication)
            .set_deletion_protection(create.deletion_protection)
            .set_copy_tags_to_snapshot(create.copy_tags_to_snapshot)
            .set_tags(tags_if_any(&create.tags))
    }

    pub(super) fn cluster_instance(&self, create: &CreateClusterInstance) -> CreateDBInstanceFluentBuilder {
        let request = self.rds().create_db_instance();
        request
            .db_instance_identifier(create.instance.as_str())
            .db_cluster_identifier(create.cluster.as_str())
            .engine(&create.engine)
            .db_instance_class(&create.class)
            .set_auto_minor_version_upgrade(create.auto_minor_version_upgrade)
            .set_monitoring_interval(create.monitoring_interval.map(i32::from))
            .set_monitoring_role_arn(create.monitoring_role.clone())
            .set_tags(tags_if_any(&create.tags))
    }

    /// The signed URL for an encrypted replica, if it needs one.
    pub(super) async fn replica_url(&self, create: &CreateReplica) -> Result<Option<String>, GatewayError> {
        let source = create.source.to_string();
        let crossing = Crossing {
            action: "CreateDBInstanceReadReplica",
            from: &create.source.id.region,
            to: &self.regional.region,
            key: create.kms_key.as_deref(),
            fields: vec![
                ("DBInstanceIdentifier", create.instance.as_str()),
                ("SourceDBInstanceIdentifier", &source),
            ],
        };
        presign::url_if_needed(self.clients.config(), &crossing).await
    }

    /// The signed URL for an encrypted secondary cluster, if it needs one.
    pub(super) async fn secondary_url(
        &self,
        create: &CreateSecondaryCluster,
    ) -> Result<Option<String>, GatewayError> {
        let Some(from) = &create.source_region else { return Ok(None) };
        let mut fields = vec![
            ("DBClusterIdentifier", create.cluster.as_str()),
            ("GlobalClusterIdentifier", &create.global),
            ("Engine", &create.engine),
        ];
        fields.extend(create.engine_version.as_deref().map(|version| ("EngineVersion", version)));
        fields.extend(create.encrypted.map(|yes| ("StorageEncrypted", if yes { "true" } else { "false" })));
        let (to, key) = (&self.regional.region, create.kms_key.as_deref());
        let crossing = Crossing { action: "CreateDBCluster", from, to, key, fields };
        presign::url_if_needed(self.clients.config(), &crossing).await
    }
}

fn unless_empty(texts: &[String]) -> Option<Vec<String>> {
    (!texts.is_empty()).then(|| texts.to_vec())
}

fn tags_if_any(tags: &Tags) -> Option<Vec<Tag>> {
    (!tags.is_empty()).then(|| sdk_tags(tags))
}

/// Converts a number for the SDK. A number beyond the SDK's range becomes its largest number, and AWS refuses it.
fn whole(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
