//! `CreateRDSReadReplica`: the old primary, which is on its own since the failover, becomes a replica of the new primary.
//!
//! The old instance is deleted with a final snapshot and created anew under its name. It is deleted only if it follows no
//! instance, no instance follows it, and the new primary can take its place. Reading the parameters is left to `parameters`.

mod demand;
mod parameters;

use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_domain::recovery::{Change, CreateReplica, DbInstance};
use serde_json::Value;

use super::difference::Differences;
use super::restoring::{adjusted, is_broken, is_deleting, keep_and_delete, keeps, outcome, until_usable};
use super::{Kind, Next, instance_in, takeover};
use crate::facts::{Facts, Need, Setting};
use crate::fields::Fields;
use crate::problems::counted;
use crate::progress::Outcome;
use crate::readiness::{Demand, Removal, When};
use crate::{names, tagging};

const INSTANCE: &str = "RDSInstanceIdentifier";
const SOURCE: &str = "SourceRDSInstanceIdentifier";
const SOURCE_REGION: &str = "SourceRegion";
const KEY: &str = "KmsKeyId";
const DAYS: &str = "BackupRetentionPeriod";

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
        parameters::read(fields, setting)
    }

    fn needs(&self, setting: &Setting) -> Vec<Need> {
        let there = self.replica.source.id.region.clone();
        vec![Need::Instances(setting.region.clone()), Need::Instances(there)]
    }

    fn acts_on(&self, setting: &Setting) -> Vec<String> {
        vec![instance_in(&setting.region, &self.replica.instance)]
    }

    fn obstacles(&self, facts: &Facts, setting: &Setting) -> Vec<(&'static str, String)> {
        if !setting.knows(&[SOURCE, SOURCE_REGION]) {
            return vec![];
        }
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
        vec![self.demand(self.primary(facts), setting)]
    }

    fn removals(&self, facts: &Facts, _: &Setting) -> Vec<Removal> {
        let old = facts.instance(&self.replica.instance).filter(|old| !self.follows(old));
        old.map(|old| Removal::of(old, When::First)).into_iter().collect()
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
                let difference = self.difference(found, setting).map(Next::Failed);
                difference.unwrap_or_else(|| self.keep_backups(found, setting))
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
            .compare_protection(found.deletion_protection, *deletion_protection)
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
        if source.backup_retention_days == Some(0) {
            return Some(format!(
                "the new primary '{}' has no automated backups, and AWS replicates only databases that have them; set its BackupRetentionPeriod to 1 or more",
                id.name
            ));
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
        let of_cluster = |cluster: &DatabaseName| {
            let name = &old.arn.id.name;
            format!(
                "'{name}' is a member of cluster '{cluster}' and is not changed; use CreateAuroraSecondaryDBCluster for a cluster"
            )
        };
        old.cluster.as_ref().map(of_cluster).or_else(|| keeps(old)).or_else(|| {
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
        let Some(days) = self.backup_days else { return until_usable(found) };
        let instance = self.replica.instance.clone();
        let adjustment = Next::Adjust {
            region: setting.region.clone(),
            first: None,
            then: format!("setting the backup retention of '{instance}' to {}", counted(days, "day")),
            change: Change::KeepBackups { instance, days },
            without: without_backups(days),
        };
        let is_due = found.backup_retention_days.is_some_and(|kept| kept != days);
        adjusted(found, (&without_backups(days), false), is_due.then_some(adjustment), setting)
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

/// A replica for which AWS refuses the retention of its backups.
fn without_backups(days: u16) -> String {
    format!("without its {DAYS} of {}", counted(days, "day"))
}

/// True if AWS's key is the one that the manifest gives by its ARN or its id. Nobody can compare an alias.
fn is_key(found: Option<&str>, given: &str) -> bool {
    let is_same = |found: &str| found == given || found.rsplit_once('/').is_some_and(|(_, id)| id == given);
    given.contains("alias/") || found.is_some_and(is_same)
}

#[cfg(test)]
mod tests;
