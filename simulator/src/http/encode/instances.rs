//! An instance as XML.

use super::constants;
use super::groups::subnet_group;
use super::parts::tags;
use crate::http::xml::Xml;
use crate::world::{InstanceRecord, Placement, World, defaults, storage};

pub(in crate::http) fn instance(xml: &mut Xml, world: &World, record: &InstanceRecord) {
    let (shape, options) = (&record.shape, &record.options);
    xml.text("DBInstanceIdentifier", &record.arn.id.name);
    xml.text("DBInstanceArn", &record.arn);
    xml.text("DbiResourceId", &shape.resource_id);
    xml.text("DBInstanceStatus", &record.status.0);
    xml.time("InstanceCreateTime", record.created_at);
    xml.text("DBInstanceClass", &shape.class);
    xml.text("Engine", &shape.engine.0);
    xml.text("EngineVersion", &shape.engine_version);
    xml.text("AllocatedStorage", shape.allocated_storage);
    xml.text("MasterUsername", &shape.master_username);
    xml.text("StorageEncrypted", record.kms_key.is_some());
    xml.optional("KmsKeyId", record.kms_key.as_ref());
    xml.optional("DBClusterIdentifier", record.cluster.as_ref());
    xml.text("AvailabilityZone", format!("{}a", record.arn.id.region));
    xml.text("MultiAZ", options.multi_az.unwrap_or(false));
    xml.text("PubliclyAccessible", options.publicly_accessible.unwrap_or(false));
    xml.text("StorageType", options.storage_type.as_deref().unwrap_or("gp3"));
    xml.text("DeletionProtection", options.deletion_protection.unwrap_or(false));
    xml.text("CopyTagsToSnapshot", options.copy_tags_to_snapshot.unwrap_or(false));
    xml.text("BackupRetentionPeriod", options.backup_retention_days.unwrap_or(0));
    xml.text("IAMDatabaseAuthenticationEnabled", options.iam_authentication.unwrap_or(false));
    xml.text("AutoMinorVersionUpgrade", options.auto_minor_version_upgrade.unwrap_or(true));
    xml.text("MonitoringInterval", options.monitoring_interval.unwrap_or(0));
    xml.optional("MonitoringRoleArn", options.monitoring_role.as_ref());
    let (iops, throughput) = storage::shown(shape, options);
    xml.optional("Iops", iops);
    xml.text("StorageThroughput", throughput);
    xml.text("LicenseModel", defaults::license(&shape.engine, options));
    constants::of_instance(xml, record);
    endpoint(xml, record);
    network(xml, &world.placement_of(record));
    groups(xml, record);
    xml.element("PendingModifiedValues", |_| {});
    xml.time("AutomaticRestartTime", record.automatic_restart());
    xml.optional("ReadReplicaSourceDBInstanceIdentifier", record.replica_source());
    xml.element("ReadReplicaDBInstanceIdentifiers", |xml| {
        for replica in record.replica_identifiers() {
            xml.text("ReadReplicaDBInstanceIdentifier", replica);
        }
    });
    tags(xml, &record.tags);
}

/// The endpoint, which is absent until the instance has been created.
fn endpoint(xml: &mut Xml, record: &InstanceRecord) {
    let Some(endpoint) = record.endpoint() else { return };
    xml.element("Endpoint", |xml| {
        xml.text("Address", endpoint.address);
        xml.text("Port", endpoint.port);
        xml.text("HostedZoneId", "Z2R2ITUGPM61AM");
    });
}

/// The subnet group and the security groups.
fn network(xml: &mut Xml, placement: &Placement) {
    if let Some(group) = &placement.group {
        xml.element("DBSubnetGroup", |xml| subnet_group(xml, group));
    }
    xml.element("VpcSecurityGroups", |xml| {
        for group in &placement.security_groups {
            xml.element("VpcSecurityGroupMembership", |xml| {
                xml.text("VpcSecurityGroupId", group);
                xml.text("Status", "active");
            });
        }
    });
}

fn groups(xml: &mut Xml, record: &InstanceRecord) {
    let parameter_group = record.parameter_group();
    xml.element("DBParameterGroups", |xml| {
        xml.element("DBParameterGroup", |xml| {
            xml.text("DBParameterGroupName", parameter_group);
            xml.text("ParameterApplyStatus", "in-sync");
        });
    });
    let option_group = record.option_group();
    xml.element("OptionGroupMemberships", |xml| {
        xml.element("OptionGroupMembership", |xml| {
            xml.text("OptionGroupName", option_group);
            xml.text("Status", "in-sync");
        });
    });
}
