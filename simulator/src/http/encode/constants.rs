//! Attributes that AWS's answers always have, and that no rule of the world depends on.
//!
//! Their names and values are those of answers that were published between 2022 and 2026.

use crate::http::xml::Xml;
use crate::world::{InstanceRecord, SnapshotRecord, World, defaults};

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
    xml.text("DedicatedLogVolume", false);
    xml.text("IsStorageConfigUpgradeAvailable", false);
    xml.text("UpgradeRolloutOrder", "second");
    if defaults::is_open_source(&record.shape.engine) {
        xml.text("EngineLifecycleSupport", "open-source-rds-extended-support");
    }
    for list in ["DBSecurityGroups", "DomainMemberships", "AssociatedRoles"] {
        xml.element(list, |_| {});
    }
    if record.created_at.is_some() {
        xml.element("CertificateDetails", |xml| {
            xml.text("CAIdentifier", "rds-ca-rsa2048-g1");
            xml.text("ValidTill", "2061-01-01T00:00:00Z");
        });
    }
}

/// The attributes of a snapshot. One that comes from another Region is in no network.
pub(super) fn of_snapshot(xml: &mut Xml, world: &World, record: &SnapshotRecord) {
    xml.text("SnapshotTarget", "region");
    xml.text("DedicatedLogVolume", false);
    xml.element("ProcessorFeatures", |_| {});
    if record.copied_from.is_none() {
        xml.text("VpcId", world.vpc_of(record));
        xml.text("AvailabilityZone", format!("{}a", record.arn.region));
    }
}
