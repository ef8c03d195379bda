//! `CreateRDSReadReplica`: the old primary, which stands alone since the failover, becomes a replica of the new one.
//!
//! It is deleted with a final snapshot and created anew under its name. Deleted is only what stands alone, what
//! nobody follows, and only once the new primary is known to take its place.

use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::ids::{DatabaseKind, DatabaseName, Region};
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::recovery::{Change, CreateReplica, DbInstance};
use serde_json::Value;

use super::restoring::{is_broken, is_deleting, keep_and_delete, keeps, until_settled, until_usable};
use super::{Kind, Next};
use crate::facts::{Facts, Need, Setting};
use crate::fields::Fields;
use crate::registry::instance_in;
use crate::{names, tagging};

const INSTANCE: &str = "RDSInstanceIdentifier";
const SOURCE: &str = "SourceRDSInstanceIdentifier";
const SOURCE_REGION: &str = "SourceRegion";

/// A replica to create.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CreateRDSReadReplica {
    replica: CreateReplica,
    /// `BackupRetentionPeriod`, which `CreateDBInstanceReadReplica` does not take: it is set on the finished replica.
    backup_days: Option<u16>,
}

impl Kind for CreateRDSReadReplica {
    const NAME: &'static str = "CreateRDSReadReplica";

    /// Six hours: a final snapshot and a copy of all data to another Region.
    const POLLS: u32 = 1440;

    fn read(fields: &mut Fields, setting: &Setting) -> Option<Self> {
        let instance = fields.required_instance(&[INSTANCE]);
        let source = fields.required_parsed::<DatabaseArn>(SOURCE);
        let region = fields.parsed::<Region>(SOURCE_REGION);
        check_source(fields, source.as_ref(), region.as_ref(), setting);
        let kms_key = fields.text("KmsKeyId");
        check_encryption(fields, kms_key.as_deref());
        let mut replica = options(fields, instance.clone()?, source.clone()?);
        replica.kms_key = kms_key;
        replica.tags = tagging::ours(setting);
        let backup_days = backup_days(fields);
        Some(Self { replica, backup_days })
    }

    fn needs(&self, setting: &Setting) -> Vec<Need> {
        let there = self.replica.source.id.region.clone();
        vec![Need::Instances(setting.region.clone()), Need::Instances(there)]
    }

    fn acts_on(&self, setting: &Setting) -> Vec<String> {
        vec![instance_in(&setting.region, &self.replica.instance)]
    }

    fn obstacles(&self, facts: &Facts, _setting: &Setting) -> Vec<(&'static str, String)> {
        if facts.instance(&self.replica.instance).is_some_and(|found| self.follows(found)) {
            return vec![];
        }
        let source = self.source_fault(facts).map(|why| (SOURCE, why));
        let old = facts.instance(&self.replica.instance).and_then(keeps);
        source.into_iter().chain(old.map(|why| (INSTANCE, why))).collect()
    }

    fn next(&self, facts: &Facts, _mark: &Value, setting: &Setting) -> Next {
        let name = &self.replica.instance;
        match facts.instance(name) {
            Some(found) if is_deleting(found) => Next::Wait(format!("the old '{name}' is being deleted")),
            Some(found) if self.follows(found) => match until_usable(found) {
                Next::Done => self.keep_backups(found, setting),
                other => other,
            },
            found => match (self.source_fault(facts), found) {
                (Some(why), _) => Next::Failed(why),
                (None, Some(old)) => self.replace(old, setting),
                (None, None) => self.create(setting),
            },
        }
    }
}

impl CreateRDSReadReplica {
    fn follows(&self, found: &DbInstance) -> bool {
        found.replica_of.as_deref() == Some(self.replica.source.to_string().as_str())
    }

    /// What is wrong with the new primary: while it follows another one, it is none.
    fn source_fault(&self, facts: &Facts) -> Option<String> {
        let id = &self.replica.source.id;
        let Some(source) = facts.instance_in(&id.region, &id.name) else {
            return Some(format!("there is no instance '{}' in {}", id.name, id.region));
        };
        if let Some(followed) = &source.replica_of {
            return Some(format!("'{}' still follows {followed}; promote it first", id.name));
        }
        is_broken(source).then(|| format!("'{}' is {}; see its events", id.name, source.status))
    }

    /// Deletes the old instance with a final snapshot, its protection lifted before.
    fn replace(&self, old: &DbInstance, setting: &Setting) -> Next {
        match keeps(old) {
            Some(why) => Next::Failed(why),
            None => {
                keep_and_delete(old, names::final_snapshot(&self.replica.instance, &old.resource_id), setting)
            }
        }
    }

    fn keep_backups(&self, found: &DbInstance, setting: &Setting) -> Next {
        match self.backup_days {
            Some(days) if found.backup_retention_days.is_some_and(|kept| kept != days) => {
                if let waits @ (Next::Wait(_) | Next::Failed(_)) = until_settled(found) {
                    return waits;
                }
                let instance = self.replica.instance.clone();
                Next::Ask {
                    region: setting.region.clone(),
                    then: format!("backups of '{instance}' are set to {days} days"),
                    change: Change::KeepBackups { instance, days },
                }
            }
            _ => Next::Done,
        }
    }

    fn create(&self, setting: &Setting) -> Next {
        Next::Ask {
            region: setting.region.clone(),
            change: Change::CreateReplica(Box::new(self.replica.clone())),
            then: format!(
                "'{}' is created as a replica of '{}'",
                self.replica.instance, self.replica.source.id.name
            ),
        }
    }
}

/// The source is an instance in another Region: only there can a new primary be.
fn check_source(
    fields: &mut Fields,
    source: Option<&DatabaseArn>,
    region: Option<&Region>,
    setting: &Setting,
) {
    if let Some(region) = region.filter(|region| **region == setting.region) {
        fields.fault(
            SOURCE_REGION,
            format!("is {region}, where this runs; the new primary is in another Region"),
        );
    }
    let Some(source) = source else { return };
    let there = &source.id.region;
    if source.id.kind != DatabaseKind::Instance {
        fields.fault(SOURCE, "is a cluster; see CreateAuroraSecondaryDBCluster");
    }
    if *there == setting.region {
        fields.fault(SOURCE, format!("is in {there}, where this runs; the new primary is in another Region"));
    }
    if region.is_some_and(|region| region != there) {
        fields.fault(SOURCE_REGION, format!("is not the Region of SourceRDSInstanceIdentifier, {there}"));
    }
}

/// A replica is encrypted as its source is, which across Regions takes a key of this one.
fn check_encryption(fields: &mut Fields, kms_key: Option<&str>) {
    match (fields.boolean("StorageEncrypted"), kms_key) {
        (Some(true), None) => {
            fields.fault("KmsKeyId", "is missing; StorageEncrypted needs a key of this Region")
        }
        (Some(false), Some(_)) => {
            fields.fault("StorageEncrypted", "is false, and KmsKeyId is given; leave one out")
        }
        _ => {}
    }
}

fn backup_days(fields: &mut Fields) -> Option<u16> {
    const DAYS: &str = "BackupRetentionPeriod";
    let days = fields.number::<u16>(DAYS)?;
    if days > 35 {
        fields.fault(DAYS, format!("is {days}; AWS keeps backups for 35 days at most"));
    }
    Some(days)
}

fn options(fields: &mut Fields, instance: DatabaseName, source: DatabaseArn) -> CreateReplica {
    CreateReplica {
        instance,
        source,
        class: fields.text("DBInstanceClass"),
        multi_az: fields.boolean("MultiAZ"),
        subnet_group: fields.text_of(&["DBSubnetGroup", "DBSubnetGroupName"]),
        security_groups: security_groups(fields),
        kms_key: None,
        auto_minor_version_upgrade: fields.boolean("AutoMinorVersionUpgrade"),
        port: fields.number("Port"),
        copy_tags_to_snapshot: fields.boolean("CopyTagsToSnapshot"),
        monitoring_interval: fields.number("MonitoringInterval"),
        monitoring_role: fields.text("MonitoringRoleArn"),
        iam_authentication: fields.boolean("EnableIAMDatabaseAuthentication"),
        deletion_protection: fields.boolean("DeletionProtection"),
        tags: Tags::new(),
    }
}

fn security_groups(fields: &mut Fields) -> Vec<String> {
    let (groups, longer) = (fields.list("DBSecurityGroup"), fields.list("VpcSecurityGroupIds"));
    if groups.is_empty() { longer } else { groups }
}

#[cfg(test)]
mod tests;
