//! The resources of the fake world, and the effect of each change on them.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;
use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::database::Engine;
use pilot_light_domain::model::ids::{DatabaseName, Region};
use pilot_light_domain::model::snapshot::{Snapshot, SnapshotStatus};
use pilot_light_domain::model::tags;
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::recovery::{Change, DbInstance};
use pilot_light_domain::testing::{at, snapshot};

use super::{ACCOUNT, HERE, SOURCE, THERE};

/// The whole fake world.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    pub(crate) instances: Vec<DbInstance>,
    /// The instances that lists return, if the lists lag behind.
    pub(crate) listed: Option<Vec<DbInstance>>,
    pub(crate) snapshots: Vec<Arc<Snapshot>>,
    /// Changes that took effect, in words.
    pub(crate) done: Vec<String>,
    /// The number of requested changes.
    pub(crate) requested: usize,
    /// The number of changes after which the caller is dead. No later change takes effect.
    pub(crate) dies_before: Option<usize>,
    /// The error codes with which changes are refused, by action.
    pub(crate) refusals: BTreeMap<&'static str, &'static str>,
    /// The error codes with which lists are refused, by action and Region.
    pub(crate) unreadable: BTreeMap<(&'static str, String), &'static str>,
    pub(crate) exports: BTreeMap<String, String>,
    pub(crate) ssm: BTreeMap<String, String>,
    pub(crate) parameters: BTreeMap<String, String>,
    /// Reads, by action.
    pub(crate) reads: BTreeMap<&'static str, usize>,
    pub(crate) next_id: usize,
}

/// An available instance in the worker's account.
pub(crate) fn instance(region: &str, name: &str) -> DbInstance {
    DbInstance {
        arn: format!("arn:aws:rds:{region}:{ACCOUNT}:db:{name}").parse().unwrap(),
        status: "available".to_owned(),
        engine: Engine("postgres".into()),
        class: "db.r6g.large".to_owned(),
        resource_id: format!("db-{name}-{region}"),
        created_at: Some(at("2020-01-01T00:00:00Z")),
        cluster: None,
        replica_of: None,
        replicas: vec![],
        deletion_protection: false,
        multi_az: None,
        kms_key: None,
        endpoint: None,
        backup_retention_days: Some(0),
        tags: Tags::new(),
    }
}

/// A usable copy made by Pilot Light, of a database in the source account.
pub(crate) fn our_copy(id: &str, database: &str, taken: &str) -> Snapshot {
    let mut copy = snapshot(&format!("arn:aws:rds:{HERE}:{ACCOUNT}:snapshot:{id}"), database);
    let origin = format!("arn:aws:rds:{THERE}:{SOURCE}:snapshot:{id}");
    copy.tags = tags::of([(tags::COPIED_BY, tags::TOOL), (tags::SOURCE_SNAPSHOT_ARN, &origin)]);
    copy.original_created_at = Some(at(taken));
    copy
}

/// A usable snapshot of the worker's own account.
pub(crate) fn own_snapshot(id: &str, database: &str, taken: &str) -> Snapshot {
    let mut own = snapshot(&format!("arn:aws:rds:{HERE}:{ACCOUNT}:snapshot:{id}"), database);
    own.original_created_at = Some(at(taken));
    own
}

fn error(action: &'static str, code: &str, message: &str) -> GatewayError {
    GatewayError::of_code(action, code, message)
}

impl World {
    pub(crate) fn find(&self, region: &str, name: &str) -> Option<&DbInstance> {
        self.instances.iter().find(|found| is(found, region, name))
    }

    pub(crate) fn get(&mut self, region: &str, name: &str) -> &mut DbInstance {
        self.instances.iter_mut().find(|found| is(found, region, name)).unwrap()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.instances.iter().map(|found| found.arn.id.name.to_string()).collect();
        names.sort();
        names
    }

    /// Time passes, and the changes under way are done.
    pub(crate) fn tick(&mut self) {
        self.instances.retain(|found| found.status != "deleting");
        for found in &mut self.instances {
            let status = found.status.clone();
            match status.as_str() {
                "creating" | "modifying" => found.status = "available".to_owned(),
                "promoting" => {
                    found.status = "available".to_owned();
                    found.replica_of = None;
                }
                renaming => {
                    if let Some(name) = renaming.strip_prefix("renaming ") {
                        found.arn.id.name = name.parse().unwrap();
                        found.status = "available".to_owned();
                    }
                }
            }
        }
        if let Some(listed) = &mut self.listed {
            *listed = self.instances.clone();
        }
    }

    pub(crate) fn change(&mut self, region: &Region, change: &Change) -> Result<(), GatewayError> {
        let action = change.action();
        self.requested += 1;
        if self.dies_before.is_some_and(|last| self.requested > last) {
            return Err(error(action, "timeout", "the caller is dead")).map_err(|mut dead: GatewayError| {
                dead.kind = pilot_light_domain::aws::error::GatewayErrorKind::Unavailable;
                dead
            });
        }
        if let Some(code) = self.refusals.get(action) {
            return Err(error(action, code, "refused by the test"));
        }
        let words = self.effect(region.as_str(), action, change)?;
        self.done.push(words);
        Ok(())
    }

    fn effect(
        &mut self,
        region: &str,
        action: &'static str,
        change: &Change,
    ) -> Result<String, GatewayError> {
        match change {
            Change::RestoreInstance(restore) => {
                if !self.snapshots.iter().any(|found| found.arn == restore.snapshot && found.is_available()) {
                    return Err(error(action, "DBSnapshotNotFound", "no such snapshot"));
                }
                self.create(region, action, &restore.instance, &restore.tags)?;
                Ok(format!("restore {} from {}", restore.instance, restore.snapshot.id))
            }
            Change::CreateReplica(create) => {
                self.create(region, action, &create.instance, &create.tags)?;
                let made = self.get(region, create.instance.as_str());
                made.replica_of = Some(create.source.to_string());
                made.deletion_protection = create.deletion_protection.unwrap_or_default();
                Ok(format!("replica {} of {}", create.instance, create.source.id.name))
            }
            Change::PromoteReplica(name) => {
                let found = self.available(region, action, name)?;
                if found.replica_of.is_none() {
                    return Err(error(action, "InvalidDBInstanceState", "it is no replica"));
                }
                found.status = "promoting".to_owned();
                Ok(format!("promote {name}"))
            }
            Change::RenameInstance { from, to } => {
                if self.find(region, to.as_str()).is_some() {
                    return Err(error(action, "DBInstanceAlreadyExists", "the name is taken"));
                }
                self.available(region, action, from)?.status = format!("renaming {to}");
                Ok(format!("rename {from} to {to}"))
            }
            Change::ProtectInstance { instance, protected } => {
                self.available(region, action, instance)?.deletion_protection = *protected;
                Ok(format!("protect {instance} {protected}"))
            }
            Change::KeepBackups { instance, days } => {
                self.available(region, action, instance)?.backup_retention_days = Some(*days);
                Ok(format!("keep backups of {instance} for {days} days"))
            }
            Change::DeleteInstance { instance, final_snapshot, .. } => {
                let found = self.available(region, action, instance)?;
                if found.deletion_protection {
                    return Err(error(action, "InvalidParameterCombination", "it is protected"));
                }
                found.status = "deleting".to_owned();
                let resource_id = found.resource_id.clone();
                let Some(id) = final_snapshot else { return Ok(format!("delete {instance} for good")) };
                self.keep(id.as_str(), instance, resource_id)?;
                Ok(format!("delete {instance} keeping {id}"))
            }
            Change::TagSnapshot { snapshot, tags } => {
                let found = self.snapshots.iter_mut().find(|found| found.arn == *snapshot);
                let found = found.ok_or_else(|| error(action, "DBSnapshotNotFound", "there is none"))?;
                Arc::make_mut(found).tags.extend(tags.clone());
                Ok(format!("tag {}", snapshot.id))
            }
            Change::DeleteSnapshot(id) => {
                let before = self.snapshots.len();
                self.snapshots.retain(|found| found.arn.id != *id);
                let gone = || error(action, "DBSnapshotNotFound", "there is none");
                (self.snapshots.len() < before).then(|| format!("delete snapshot {id}")).ok_or_else(gone)
            }
            other => panic!("the fake knows no {}", other.action()),
        }
    }

    fn keep(&mut self, id: &str, instance: &DatabaseName, of: String) -> Result<(), GatewayError> {
        let mut kept = own_snapshot(id, instance.as_str(), "2026-01-02T00:00:00Z");
        kept.resource_id = Some(of.into());
        // Each snapshot is taken later than the earlier ones.
        self.next_id += 1;
        let later = TimeDelta::minutes(self.next_id.try_into().unwrap());
        kept.original_created_at = kept.original_created_at.map(|taken| taken + later);
        if self.snapshots.iter().any(|found| found.arn == kept.arn) {
            return Err(error("DeleteDBInstance", "DBSnapshotAlreadyExists", id));
        }
        self.snapshots.push(kept.into());
        Ok(())
    }

    fn create(
        &mut self,
        region: &str,
        action: &'static str,
        name: &DatabaseName,
        tags: &Tags,
    ) -> Result<(), GatewayError> {
        if self.find(region, name.as_str()).is_some() {
            return Err(error(action, "DBInstanceAlreadyExists", "the name is taken"));
        }
        self.next_id += 1;
        let mut made = instance(region, name.as_str());
        made.resource_id = format!("db-made-{}", self.next_id);
        made.status = "creating".to_owned();
        made.tags = tags.clone();
        self.instances.push(made);
        Ok(())
    }

    fn available(
        &mut self,
        region: &str,
        action: &'static str,
        name: &DatabaseName,
    ) -> Result<&mut DbInstance, GatewayError> {
        let found = self.instances.iter_mut().find(|found| is(found, region, name.as_str()));
        let found = found.ok_or_else(|| error(action, "DBInstanceNotFound", "there is none"))?;
        if found.status == "available" {
            Ok(found)
        } else {
            Err(error(action, "InvalidDBInstanceState", &format!("it is {}", found.status)))
        }
    }

    /// Adds snapshots.
    pub(crate) fn with_snapshots(mut self, snapshots: impl IntoIterator<Item = Snapshot>) -> Self {
        self.snapshots.extend(snapshots.into_iter().map(Arc::new));
        self
    }

    /// Adds instances.
    pub(crate) fn with_instances(mut self, instances: impl IntoIterator<Item = DbInstance>) -> Self {
        self.instances.extend(instances);
        self
    }

    /// All snapshots become unusable.
    pub(crate) fn spoil_snapshots(&mut self) {
        for found in &mut self.snapshots {
            Arc::make_mut(found).status = SnapshotStatus::Failed;
        }
    }
}

fn is(found: &DbInstance, region: &str, name: &str) -> bool {
    let DatabaseArn { id, .. } = &found.arn;
    id.region.as_str() == region && id.name.as_str() == name
}
