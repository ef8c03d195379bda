//! Attributes that AWS's answers always have, and that no rule of the world depends on.
//!
//! Their names and values are those of answers that were published between 2022 and 2026.

use crate::http::xml::Xml;
use crate::world::{InstanceRecord, SnapshotRecord};

/// The attributes of an instance.
pub(super) fn of_instance(xml: &mut Xml, record: &InstanceRecord) {
    xml.text("PreferredBackupWindow", "07:00-07:30");
    xml.text("PreferredMaintenanceWindow", "sun:05:00-sun:05:30");
    xml.text("DbInstancePort", 0);
    xml.text("CACertificateIdentifier", "rds-ca-rsa2048-g1");
    xml.text("DatabaseInsightsMode", "standard");
    xml.text("PerformanceInsightsEnabled", false);
    xml.text("CustomerOwnedIpEnabled", false);
    xml.text("NetworkType", "IPV4");
    xml.text("ActivityStreamStatus", "stopped");
    xml.text("BackupTarget", "region");
    xml.text("StorageThroughput", 0);
    xml.text("DedicatedLogVolume", false);
    xml.text("IsStorageConfigUpgradeAvailable", false);
    xml.text("EngineLifecycleSupport", "open-source-rds-extended-support");
    for list in
        ["DBSecurityGroups", "DomainMemberships", "AssociatedRoles", "ReadReplicaDBClusterIdentifiers"]
    {
        xml.element(list, |_| {});
    }
    if record.created_at.is_some() {
        xml.element("CertificateDetails", |xml| {
            xml.text("CAIdentifier", "rds-ca-rsa2048-g1");
            xml.text("ValidTill", "2061-01-01T00:00:00Z");
        });
    }
}

/// The subnet group of an instance, beyond its name.
pub(super) fn of_subnet_group(xml: &mut Xml, record: &InstanceRecord) {
    let region = &record.arn.id.region;
    xml.text("DBSubnetGroupDescription", "default");
    xml.text("VpcId", vpc());
    xml.text("SubnetGroupStatus", "Complete");
    xml.element("Subnets", |xml| {
        for zone in ["a", "b"] {
            xml.element("Subnet", |xml| {
                xml.text("SubnetIdentifier", format!("subnet-0000000000000000{zone}"));
                xml.element("SubnetAvailabilityZone", |xml| xml.text("Name", format!("{region}{zone}")));
                xml.element("SubnetOutpost", |_| {});
                xml.text("SubnetStatus", "Active");
            });
        }
    });
}

/// The attributes of a snapshot. One that comes from another Region is in no network.
pub(super) fn of_snapshot(xml: &mut Xml, record: &SnapshotRecord) {
    xml.text("SnapshotTarget", "region");
    xml.text("StorageThroughput", 0);
    xml.text("DedicatedLogVolume", false);
    xml.element("ProcessorFeatures", |_| {});
    if record.copied_from.is_none() {
        xml.text("VpcId", vpc());
        xml.text("AvailabilityZone", format!("{}a", record.arn.region));
    }
}

fn vpc() -> &'static str {
    "vpc-00000000000000000"
}
