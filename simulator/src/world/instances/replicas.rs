//! `CreateDBInstanceReadReplica` and `PromoteReadReplica`, and the relation of replicas to their sources.

use std::sync::Arc;

use pilot_light_domain::model::arn::{DatabaseArn, KmsKeyArn};
use pilot_light_domain::model::database::InstanceStatus;
use pilot_light_domain::model::ids::DatabaseKind;

use super::create::NewInstance;
use super::record::{InstanceOptions, InstanceRecord, Shape, Transition};
use super::storage;
use crate::world::World;
use crate::world::api::error::{
    ApiError, instance_not_found, instance_state, invalid_combination, invalid_value, key_not_accessible,
};
use crate::world::api::names;
use crate::world::api::request::CreateDbInstanceReadReplica;
use crate::world::api::response::Response;
use crate::world::place::Place;

impl World {
    pub(in crate::world) fn create_replica(
        &mut self,
        place: &Place,
        ask: CreateDbInstanceReadReplica,
    ) -> Result<Response, ApiError> {
        let arn = self.unused_instance(place, &ask.name)?;
        names::check_tags(&ask.tags)?;
        let source = self.replicable(place, &ask.source)?;
        let kms_key = self.replica_key(place, &source, ask.kms_key.as_deref())?;
        let shape = Shape {
            resource_id: self.resource_id(&arn),
            class: ask.class.unwrap_or_else(|| source.shape.class.clone()),
            ..Shape::clone(&source.shape)
        };
        let options = storage::over(ask.options, kept_options(&source, place));
        self.check_new(place, &options, &shape)?;
        let mut record = InstanceRecord::new(&arn, Arc::new(shape), kms_key, ask.tags, options);
        record.replica_of = Some(source.arn.clone());
        if let Some(source) = self.change_instance(&source.arn) {
            source.replicas.insert(arn.clone());
        }
        Ok(self.insert_instance(place, NewInstance { arn, record }))
    }

    /// An instance of the caller's that can have a replica now.
    pub(in crate::world) fn replicable(
        &self,
        place: &Place,
        text: &str,
    ) -> Result<Arc<InstanceRecord>, ApiError> {
        let source = match text.parse::<DatabaseArn>() {
            Ok(arn) if arn.id.account != place.account || arn.id.kind != DatabaseKind::Instance => {
                return Err(instance_not_found(text));
            }
            Ok(arn) => self.instance(&Place::of_instance(&arn), arn.id.name.as_str())?,
            Err(_) => self.instance(place, text)?,
        };
        self.check_in_service(&place.account, &source.arn.id.region)?;
        let name = &source.arn.id.name;
        if source.cluster.is_some() {
            return Err(instance_state(format!("{name} is a member of a cluster and cannot be followed.")));
        }
        if !source.status.accepts_snapshot() {
            return Err(instance_state(format!(
                "The source {name} is not in the available state: {}.",
                source.status.0
            )));
        }
        if source.options.backup_retention_days.unwrap_or(0) == 0 {
            return Err(instance_state(format!(
                "Automated backups are not enabled for the database instance {name}: modify it to have a backup \
                 retention period of at least one day."
            )));
        }
        Ok(Arc::clone(source))
    }

    /// The key of a replica: its source's key within the Region, and a key of its own Region otherwise.
    fn replica_key(
        &mut self,
        place: &Place,
        source: &InstanceRecord,
        asked: Option<&str>,
    ) -> Result<Option<KmsKeyArn>, ApiError> {
        let Some(key) = &source.kms_key else {
            let refusal =
                "An unencrypted instance can have no encrypted replica: KmsKeyId must not be given.";
            return if asked.is_some() { Err(invalid_combination(refusal)) } else { Ok(None) };
        };
        if !self.keys.can_use(&place.account, key) {
            return Err(key_not_accessible("source", &key.to_string()));
        }
        match asked {
            None if source.arn.id.region == place.region => Ok(Some(key.clone())),
            None => Err(invalid_value(
                "An encrypted replica in another Region needs KmsKeyId, a key of the replica's Region.",
            )),
            Some(text) => {
                let target = self.keys.for_encryption(place, text, self.now);
                target.map(Some).ok_or_else(|| key_not_accessible("specified", text))
            }
        }
    }

    /// Promotes a replica. Its backup retention is the requested one, else its own, else one day.
    pub(in crate::world) fn promote_replica(
        &mut self,
        place: &Place,
        name: &str,
        backups: Option<u32>,
    ) -> Result<Response, ApiError> {
        let found = self.instance(place, name)?;
        let arn = found.arn.clone();
        if found.replica_of.is_none() {
            return Err(instance_state(format!("DB Instance {name} is not a read replica.")));
        }
        if !found.status.accepts_snapshot() {
            return Err(instance_state(format!(
                "Instance {name} is not in available state: {}.",
                found.status.0
            )));
        }
        if let Some(replica) = self.change_instance(&arn) {
            replica.status = InstanceStatus("modifying".to_owned());
            let had = replica.options.backup_retention_days.filter(|days| *days > 0);
            replica.options.backup_retention_days = backups.or(had).or(Some(1));
        }
        self.schedule(&arn, "promote", Transition::Promoted);
        self.instance(place, name).cloned().map(Response::Instance)
    }

    /// Makes a replica independent, and reboots it.
    pub(in crate::world) fn finish_promotion(&mut self, arn: &DatabaseArn) {
        let Some(replica) = self.instance_mut(&Place::of_instance(arn), &arn.id.name) else { return };
        replica.status = InstanceStatus("rebooting".to_owned());
        if let Some(source) = replica.replica_of.take() {
            self.leave_source(arn, &source);
        }
        self.schedule(arn, "reboot", Transition::Rebooted);
    }

    fn leave_source(&mut self, replica: &DatabaseArn, source: &DatabaseArn) {
        if let Some(source) = self.change_instance(source) {
            source.replicas.remove(replica);
        }
    }

    /// Ends the relations of a deleted instance: its source no longer lists it, and its replicas in the Region are
    /// independent. Replicas in other Regions still name it until they are promoted.
    pub(in crate::world) fn forget_relations(&mut self, gone: &InstanceRecord) {
        if let Some(source) = &gone.replica_of {
            self.leave_source(&gone.arn, source);
        }
        for replica in gone.replicas.iter().filter(|replica| replica.id.region == gone.arn.id.region) {
            if let Some(replica) = self.change_instance(replica) {
                replica.replica_of = None;
            }
        }
    }

    /// Enters the new ARN of an instance in its source and its replicas.
    pub(in crate::world) fn rename_relations(&mut self, renamed: &InstanceRecord, before: &DatabaseArn) {
        if let Some(source) = renamed.replica_of.as_ref().and_then(|source| self.change_instance(source)) {
            // Another instance may have the source's name by now.
            if source.replicas.remove(before) {
                source.replicas.insert(renamed.arn.clone());
            }
        }
        for replica in &renamed.replicas {
            if let Some(replica) = self.change_instance(replica) {
                replica.replica_of = Some(renamed.arn.clone());
            }
        }
    }
}

impl InstanceRecord {
    /// `ReadReplicaSourceDBInstanceIdentifier`: an identifier within the Region, an ARN across Regions.
    #[must_use]
    pub fn replica_source(&self) -> Option<String> {
        self.replica_of.as_ref().map(|source| self.identifier_of(source))
    }

    /// `ReadReplicaDBInstanceIdentifiers`: identifiers within the Region, ARNs across Regions.
    pub fn replica_identifiers(&self) -> impl Iterator<Item = String> {
        self.replicas.iter().map(|replica| self.identifier_of(replica))
    }

    fn identifier_of(&self, other: &DatabaseArn) -> String {
        let is_here = other.id.region == self.arn.id.region;
        if is_here { other.id.name.to_string() } else { other.to_string() }
    }
}

/// The options that a replica takes from its source. Backups are off, and groups are those of its own Region.
fn kept_options(source: &InstanceRecord, place: &Place) -> InstanceOptions {
    let is_here = source.arn.id.region == place.region;
    let subnet_group = source.options.subnet_group.clone().filter(|_| is_here);
    InstanceOptions {
        port: source.options.port,
        license_model: source.options.license_model.clone(),
        storage_type: source.options.storage_type.clone(),
        iops: source.options.iops,
        storage_throughput: source.options.storage_throughput,
        subnet_group,
        backup_retention_days: Some(0),
        ..InstanceOptions::default()
    }
}
