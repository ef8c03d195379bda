//! `CreateRDSReadReplica`: the old primary, which is on its own since the failover, becomes a replica of the new primary.
//!
//! The old instance is deleted with a final snapshot and created anew under its name. It is deleted only if it follows no
//! instance, no instance follows it, and the new primary can take its place.

use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::ids::{DatabaseKind, DatabaseName, Region};
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::recovery::{Change, CreateReplica, DbInstance};
use serde_json::Value;

use super::restoring::{is_broken, is_deleting, keep_and_delete, keeps, until_settled, until_usable};
use super::{Kind, Next, instance_in};
use crate::facts::{Facts, Need, Setting};
use crate::fields::Fields;
use crate::{names, tagging};

const INSTANCE: &str = "RDSInstanceIdentifier";
const SOURCE: &str = "SourceRDSInstanceIdentifier";
const SOURCE_REGION: &str = "SourceRegion";

/// A replica to create.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CreateRDSReadReplica {
    replica: CreateReplica,
    /// `BackupRetentionPeriod`. `CreateDBInstanceReadReplica` does not accept it, so it is set on the finished replica.
    backup_days: Option<u16>,
}

impl Kind for CreateRDSReadReplica {
    const NAME: &'static str = "CreateRDSReadReplica";

    /// Six hours: a final snapshot, and a copy of all data to this Region.
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
        let source = self.source_problem(facts).map(|why| (SOURCE, why));
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
            found => match (self.source_problem(facts), found) {
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

    /// The problem of the new primary, if it has one. An instance that follows another one is not a primary.
    fn source_problem(&self, facts: &Facts) -> Option<String> {
        let id = &self.replica.source.id;
        let Some(source) = facts.instance_in(&id.region, &id.name) else {
            return Some(format!(
                "there is no instance '{}' in {}; correct the identifier",
                id.name, id.region
            ));
        };
        if let Some(followed) = &source.replica_of {
            return Some(format!("'{}' still follows {followed}; promote it first", id.name));
        }
        is_broken(source).then(|| {
            format!("the new primary '{}' is '{}'; repair it first: see its events", id.name, source.status)
        })
    }

    /// Lifts the deletion protection of the old instance, then deletes it with a final snapshot.
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
                    then: format!("setting the backup retention of '{instance}' to {days} days"),
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
                "creating '{}' as a replica of '{}'",
                self.replica.instance, self.replica.source.id.name
            ),
        }
    }
}

/// Checks that the source is an instance in another Region. A new primary can only be there.
fn check_source(
    fields: &mut Fields,
    source: Option<&DatabaseArn>,
    region: Option<&Region>,
    setting: &Setting,
) {
    if let Some(region) = region.filter(|region| **region == setting.region) {
        fields.problem(
            SOURCE_REGION,
            format!("is {region}, where this recovery runs; give the Region of the new primary, another one"),
        );
    }
    let Some(source) = source else { return };
    let there = &source.id.region;
    if source.id.kind != DatabaseKind::Instance {
        fields.problem(SOURCE, "is a cluster; use CreateAuroraSecondaryDBCluster for clusters");
    }
    if *there == setting.region {
        fields.problem(
            SOURCE,
            format!("is in {there}, where this recovery runs; give the new primary, in another Region"),
        );
    }
    if region.is_some_and(|region| region != there) {
        fields.problem(SOURCE_REGION, format!("is not the Region of {SOURCE}; write {there}"));
    }
}

/// Checks the encryption. A replica is encrypted if its source is. Across Regions it needs a key of this Region.
fn check_encryption(fields: &mut Fields, kms_key: Option<&str>) {
    match (fields.boolean("StorageEncrypted"), kms_key) {
        (Some(true), None) => fields
            .problem("KmsKeyId", "is missing; give a key of this Region, because StorageEncrypted is true"),
        (Some(false), Some(_)) => {
            fields.problem("StorageEncrypted", "is false, but KmsKeyId is given; remove one of the two")
        }
        _ => {}
    }
}

fn backup_days(fields: &mut Fields) -> Option<u16> {
    const DAYS: &str = "BackupRetentionPeriod";
    let days = fields.number::<u16>(DAYS)?;
    if days > 35 {
        fields.problem(DAYS, format!("is {days}; AWS allows 0 to 35 days"));
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
