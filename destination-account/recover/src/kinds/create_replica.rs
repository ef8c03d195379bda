//! `CreateRDSReadReplica`: the old primary, which is on its own since the failover, becomes a replica of the new primary.
//!
//! The old instance is deleted with a final snapshot and created anew under its name. It is deleted only if it follows no
//! instance, no instance follows it, and the new primary can take its place.

mod demand;

use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::ids::{DatabaseId, DatabaseKind, DatabaseName, Region};
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::recovery::{Change, CreateReplica, DbInstance};
use serde_json::Value;

use super::difference::Differences;
use super::restoring::{
    is_broken, is_deleting, keep_and_delete, keeps, outcome, until_settled, until_usable,
};
use super::{Kind, Next, instance_in, takeover};
use crate::facts::{Facts, Need, Setting};
use crate::fields::Fields;
use crate::progress::Outcome;
use crate::readiness::Demand;
use crate::{names, tagging};

const INSTANCE: &str = "RDSInstanceIdentifier";
const SOURCE: &str = "SourceRDSInstanceIdentifier";
const SOURCE_REGION: &str = "SourceRegion";
const KEY: &str = "KmsKeyId";

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
    const LIMIT_MINUTES: u64 = 360;

    fn read(fields: &mut Fields, setting: &Setting) -> Option<Self> {
        // Older manifests give it. It names nothing that a replica needs.
        fields.unused(&["TargetClusterIdentifier"]);
        let instance = fields.required_instance(&[INSTANCE]);
        let source = source(fields, setting);
        let kms_key = fields.text("KmsKeyId");
        check_encryption(fields, kms_key.as_deref());
        let options = options(fields);
        let backup_days = backup_days(fields);
        let (instance, source, tags) = (instance?, source?, tagging::ours(setting));
        Some(Self { replica: CreateReplica { kms_key, tags, ..options(instance, source) }, backup_days })
    }

    fn needs(&self, setting: &Setting) -> Vec<Need> {
        let there = self.replica.source.id.region.clone();
        vec![Need::Instances(setting.region.clone()), Need::Instances(there)]
    }

    fn acts_on(&self, setting: &Setting) -> Vec<String> {
        vec![instance_in(&setting.region, &self.replica.instance)]
    }

    fn obstacles(&self, facts: &Facts, setting: &Setting) -> Vec<(&'static str, String)> {
        if let Some(found) = facts.instance(&self.replica.instance).filter(|found| self.follows(found)) {
            return self.difference(found, setting).map(|why| (INSTANCE, why)).into_iter().collect();
        }
        let source = self.source_problem(facts).map(|why| (SOURCE, why));
        let key = self.key_problem(facts).map(|why| (KEY, why));
        let old = facts.instance(&self.replica.instance).and_then(|old| self.keeps(old, facts));
        source.into_iter().chain(key).chain(old.map(|why| (INSTANCE, why))).collect()
    }

    fn demands(&self, facts: &Facts, setting: &Setting) -> Vec<Demand> {
        let old = facts.instance(&self.replica.instance);
        if old.is_some_and(|old| self.follows(old)) {
            return Vec::new();
        }
        vec![self.demand(self.primary(facts), old.is_some(), setting)]
    }

    fn deletes(&self, facts: &Facts, _setting: &Setting) -> Option<String> {
        let name = &self.replica.instance;
        let old = facts.instance(name).filter(|old| !self.follows(old))?;
        let last = names::final_snapshot(name, &old.resource_id).ok()?;
        Some(format!("'{name}', with the final snapshot '{last}'"))
    }

    fn outcome(&self, facts: &Facts, _setting: &Setting) -> Option<Outcome> {
        facts.instance(&self.replica.instance).map(outcome)
    }

    fn next(&self, facts: &Facts, _mark: &Value, setting: &Setting) -> Next {
        let name = &self.replica.instance;
        match facts.instance(name) {
            Some(found) if is_deleting(found) => Next::Wait(format!("the old '{name}' is being deleted")),
            Some(found) if self.follows(found) => {
                match (self.difference(found, setting), until_usable(found)) {
                    (Some(why), _) => Next::Failed(why),
                    (None, Next::Done) => self.keep_backups(found, setting),
                    (None, other) => other,
                }
            }
            found => match (self.source_problem(facts).or_else(|| self.key_problem(facts)), found) {
                (Some(why), _) => Next::Failed(why),
                (None, Some(old)) => self.replace(old, facts, setting),
                (None, None) => self.create(setting),
            },
        }
    }
}

impl CreateRDSReadReplica {
    /// The new primary, in its own Region.
    fn primary<'a>(&self, facts: &'a Facts) -> Option<&'a DbInstance> {
        let id = &self.replica.source.id;
        facts.instance_in(&id.region, &id.name)
    }

    fn follows(&self, found: &DbInstance) -> bool {
        found.replica_of.as_deref() == Some(self.replica.source.to_string().as_str())
    }

    /// The reason that a replica of the right source is not the result: this recovery did not create it, and it differs from
    /// the requested one.
    fn difference(&self, found: &DbInstance, setting: &Setting) -> Option<String> {
        // AWS may show some properties only when the replica is up.
        if tagging::are_ours(&found.tags, setting) || until_usable(found) != Next::Done {
            return None;
        }
        let CreateReplica {
            instance,
            source,
            class,
            kms_key,
            multi_az,
            port,
            subnet_group,
            security_groups,
            deletion_protection,
            ..
        } = &self.replica;
        let differs = Differences::default()
            .compare("the class", Some(&found.class), class.as_ref())
            .compare("MultiAZ", found.multi_az, *multi_az)
            .compare("the port", found.endpoint.as_ref().map(|endpoint| endpoint.port), *port)
            .compare("DeletionProtection", Some(found.deletion_protection), *deletion_protection)
            .compare_groups("subnet group", &found.groups.subnet, subnet_group)
            .compare_groups("security groups", &found.groups.security, security_groups);
        let key = kms_key.as_ref().filter(|key| !is_key(found.kms_key.as_deref(), key));
        let key = key.map(|key| format!("the key {}, not {key}", found.kms_key.as_deref().unwrap_or("none")));
        let differs = key.iter().fold(differs, |differs, key| differs.add(key)).in_words()?;
        Some(format!(
            "'{instance}' already follows {source}, with {differs}; correct the manifest, or delete that replica"
        ))
    }

    /// The problem of the new primary, if it has one. An instance that follows another one is not a primary.
    fn source_problem(&self, facts: &Facts) -> Option<String> {
        let id = &self.replica.source.id;
        let Some(source) = self.primary(facts) else {
            return Some(format!(
                "there is no instance '{}' in {}; correct the identifier",
                id.name, id.region
            ));
        };
        if let Some(followed) = &source.replica_of {
            return Some(format!("'{}' still follows {followed}; promote it first", id.name));
        }
        let is_leaving = ["deleting", "stopped", "stopping"].contains(&source.status.as_str());
        if is_leaving || is_broken(source) {
            let said = "repair or start it first: see its events";
            return Some(format!("the new primary '{}' is '{}'; {said}", id.name, source.status));
        }
        None
    }

    /// AWS creates no encrypted replica of an instance that is not encrypted, and none across Regions without a key.
    fn key_problem(&self, facts: &Facts) -> Option<String> {
        let source = self.primary(facts)?;
        let name = &self.replica.source.id.name;
        match (&source.kms_key, &self.replica.kms_key) {
            (Some(_), None) => Some(format!(
                "'{name}' is encrypted, so its replica needs a key of this Region; give KmsKeyId"
            )),
            (None, Some(_)) => {
                Some(format!("'{name}' is not encrypted, so its replica cannot be; remove KmsKeyId"))
            }
            _ => None,
        }
    }

    /// The reason not to delete the old instance, if there is one.
    fn keeps(&self, old: &DbInstance, facts: &Facts) -> Option<String> {
        keeps(old).or_else(|| {
            let source = self.primary(facts)?;
            takeover::is_live((&old.arn, &old.tags), (&source.arn, &source.tags))
        })
    }

    /// Lifts the deletion protection of the old instance, then deletes it with a final snapshot.
    fn replace(&self, old: &DbInstance, facts: &Facts, setting: &Setting) -> Next {
        let source = self.primary(facts).map(until_usable);
        match (self.keeps(old, facts), source) {
            (Some(why), _) => Next::Failed(why),
            (None, Some(waits @ (Next::Wait(_) | Next::Failed(_)))) => waits,
            (None, _) => {
                let last = names::final_snapshot(&self.replica.instance, &old.resource_id);
                keep_and_delete(old, last, true, setting)
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

/// True if AWS's key is the one that the manifest gives by its ARN or its id. Nobody can compare an alias.
fn is_key(found: Option<&str>, given: &str) -> bool {
    let is_same = |found: &str| found == given || found.rsplit_once('/').is_some_and(|(_, id)| id == given);
    given.contains("alias/") || found.is_some_and(is_same)
}

/// The new primary: an ARN, or a name in `SourceRegion`. It can only be in another Region.
fn source(fields: &mut Fields, setting: &Setting) -> Option<DatabaseArn> {
    let region = fields.parsed::<Region>(SOURCE_REGION);
    if let Some(region) = region.as_ref().filter(|region| **region == setting.region) {
        let said =
            format!("is {region}, where this recovery runs; give the Region of the new primary, another one");
        fields.problem(SOURCE_REGION, said);
    }
    let text = fields.required(SOURCE)?;
    if !text.starts_with("arn:") {
        let name = fields.instance(SOURCE);
        if region.is_none() {
            let said = format!("is missing; give it, because {SOURCE} is a name and not an ARN");
            fields.missing(&[SOURCE_REGION], said);
        }
        return Some(arn(name?, region?, setting));
    }
    let source = fields.parsed::<DatabaseArn>(SOURCE)?;
    check_source(fields, &source, region.as_ref(), setting);
    Some(source)
}

fn arn(name: DatabaseName, region: Region, setting: &Setting) -> DatabaseArn {
    let account = setting.account.clone();
    DatabaseArn {
        partition: region.partition(),
        id: DatabaseId { account, region, kind: DatabaseKind::Instance, name },
    }
}

/// Checks that the ARN is that of an instance in another Region, and that `SourceRegion` agrees.
fn check_source(fields: &mut Fields, source: &DatabaseArn, region: Option<&Region>, setting: &Setting) {
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
        (Some(true), None) => {
            let said = "is missing; give a key of this Region, because StorageEncrypted is true";
            fields.missing(&["KmsKeyId"], said);
        }
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

/// The properties of the replica. Its name and its source are added later, so that all problems are found.
fn options(fields: &mut Fields) -> impl FnOnce(DatabaseName, DatabaseArn) -> CreateReplica + use<> {
    let class = fields.text("DBInstanceClass");
    let multi_az = fields.boolean("MultiAZ");
    let subnet_group = fields.text_of(&["DBSubnetGroup", "DBSubnetGroupName"]);
    let security_groups = fields.list(&["DBSecurityGroup", "VpcSecurityGroupIds"]);
    let auto_minor_version_upgrade = fields.boolean("AutoMinorVersionUpgrade");
    let port = fields.number("Port");
    let copy_tags_to_snapshot = fields.boolean("CopyTagsToSnapshot");
    let monitoring_interval = fields.number("MonitoringInterval");
    let monitoring_role = fields.text("MonitoringRoleArn");
    let iam_authentication = fields.boolean("EnableIAMDatabaseAuthentication");
    let deletion_protection = fields.boolean("DeletionProtection");
    move |instance, source| CreateReplica {
        instance,
        source,
        class,
        multi_az,
        subnet_group,
        security_groups,
        kms_key: None,
        auto_minor_version_upgrade,
        port,
        copy_tags_to_snapshot,
        monitoring_interval,
        monitoring_role,
        iam_authentication,
        deletion_protection,
        tags: Tags::new(),
    }
}

#[cfg(test)]
mod tests;
