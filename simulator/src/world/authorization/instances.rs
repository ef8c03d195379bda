//! The permissions for creating, restoring, replicating, changing and deleting instances.

use std::sync::Arc;

use pilot_light_domain::model::arn::DatabaseArn;

use super::asked::Asked;
use crate::world::api::request::{
    CreateDbInstance, CreateDbInstanceReadReplica, DeleteDbInstance, ModifyDbInstance, RestoreDbInstance,
};
use crate::world::instances::record::{InstanceOptions, InstanceRecord};
use crate::world::place::Place;

/// The name of a group where the request gives none, from the examples of the RDS user guide.
const DEFAULT: &str = "default";

impl Asked<'_> {
    pub(super) fn create_instance(&mut self, ask: &CreateDbInstance) {
        const ACTION: &str = "rds:CreateDBInstance";
        self.tags.clone_from(&ask.tags);
        let instance = self.arn("db", &ask.name);
        self.on(ACTION, instance.clone());
        if let Some(cluster) = &ask.cluster {
            self.on(ACTION, self.arn("cluster", cluster));
        }
        self.groups(ACTION, &ask.options);
        self.on(ACTION, self.subnet_group(&ask.options));
        self.begun(&instance, &ask.options);
        self.asked_key_through_rds(ask.kms_key.as_deref());
    }

    pub(super) fn restore_instance(&mut self, ask: &RestoreDbInstance) {
        const ACTION: &str = "rds:RestoreDBInstanceFromDBSnapshot";
        self.tags.clone_from(&ask.tags);
        let (instance, snapshot) = (self.arn("db", &ask.name), self.arn("snapshot", &ask.snapshot));
        self.on(ACTION, instance.clone());
        self.on(ACTION, snapshot.clone());
        self.groups(ACTION, &ask.options);
        self.on(ACTION, self.subnet_group(&ask.options));
        self.begun(&instance, &ask.options);
        if let Some(key) = self.snapshot_at(&snapshot).and_then(|found| found.kms_key.clone()) {
            self.key_through_rds(&key);
        }
    }

    pub(super) fn create_replica(&mut self, ask: &CreateDbInstanceReadReplica) {
        const ACTION: &str = "rds:CreateDBInstanceReadReplica";
        self.tags.clone_from(&ask.tags);
        let (instance, source) = (self.arn("db", &ask.name), self.arn("db", &ask.source));
        self.on(ACTION, instance.clone());
        self.on(ACTION, source.clone());
        self.groups(ACTION, &ask.options);
        self.on(ACTION, self.subnet_group(&ask.options));
        self.begun(&instance, &ask.options);
        let Some(found) = self.instance_at(&source) else { return };
        if found.arn.id.region != self.place.region {
            self.across(&source, &instance);
        }
        if let Some(key) = &found.kms_key {
            self.key_through_rds(key);
        }
        self.asked_key_through_rds(ask.kms_key.as_deref());
    }

    /// It is *unverified* that AWS requires the groups of the instance, too, where the request names none of them.
    pub(super) fn modify_instance(&mut self, ask: &ModifyDbInstance) {
        const ACTION: &str = "rds:ModifyDBInstance";
        let instance = self.arn("db", &ask.name);
        let options = self.instance_at(&instance).map(|found| found.options.clone()).unwrap_or_default();
        self.on(ACTION, instance);
        self.groups(ACTION, &ask.options.clone().over(options));
    }

    /// A final snapshot needs the permissions of a new snapshot. It has the instance's tags if the instance copies them.
    pub(super) fn delete_instance(&mut self, ask: &DeleteDbInstance) {
        let instance = self.arn("db", &ask.name);
        self.on("rds:DeleteDBInstance", instance.clone());
        let Some(id) = &ask.final_snapshot else { return };
        let snapshot = self.arn("snapshot", id);
        self.on("rds:CreateDBSnapshot", instance.clone());
        self.on("rds:CreateDBSnapshot", snapshot.clone());
        let Some(found) = self.instance_at(&instance) else { return };
        if found.options.copy_tags_to_snapshot == Some(true) {
            self.tagged(&snapshot, &found.tags);
        }
    }

    /// Adds option and parameter group. The user guide's examples call them `default…` where a request names none.
    fn groups(&mut self, action: &'static str, options: &InstanceOptions) {
        for (kind, group) in [("og", &options.option_group), ("pg", &options.parameter_group)] {
            self.on(action, self.arn(kind, group.as_deref().unwrap_or(DEFAULT)));
        }
    }

    fn subnet_group(&self, options: &InstanceOptions) -> String {
        self.arn("subgrp", options.subnet_group.as_deref().unwrap_or(DEFAULT))
    }

    /// Adds the permissions for every new instance: its tags, the role of enhanced monitoring, and in an account without
    /// instances the role with which RDS runs them.
    fn begun(&mut self, instance: &str, options: &InstanceOptions) {
        let tags = self.tags.clone();
        self.tagged(instance, &tags);
        if let Some(role) = &options.monitoring_role {
            let service = [("iam:PassedToService", "monitoring.rds.amazonaws.com")];
            self.with("iam:PassRole", role.clone(), &service);
        }
        let Place { account, region } = &self.place;
        let mut holdings = self.world.places.iter().filter(|(place, _)| place.account == *account);
        if holdings.all(|(_, held)| held.instances.is_empty()) {
            let role = format!(
                "arn:{}:iam::{account}:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS",
                region.partition()
            );
            self.with("iam:CreateServiceLinkedRole", role, &[("iam:AWSServiceName", "rds.amazonaws.com")]);
        }
    }

    fn instance_at(&self, arn: &str) -> Option<Arc<InstanceRecord>> {
        let arn = arn.parse::<DatabaseArn>().ok()?;
        self.world.instance(&Place::of_instance(&arn), arn.id.name.as_str()).ok().cloned()
    }
}
