//! The permissions for groups, stopping and starting, blue/green deployments, and the versions of snapshots.
//!
//! Kinds of resources and dependent actions are those of the service authorization reference.

use pilot_light_domain::model::tags::Tags;

use super::asked::Asked;
use crate::world::blue_green::{BlueGreenRequest, CreateBlueGreenDeployment};
use crate::world::option_groups::OptionGroupRequest;
use crate::world::parameter_groups::ParameterGroupRequest;
use crate::world::place::Place;
use crate::world::snapshots::modify::ModifyDbSnapshot;
use crate::world::subnet_groups::SubnetGroupRequest;

impl Asked<'_> {
    pub(super) fn option_groups(&mut self, request: &OptionGroupRequest) {
        const KIND: &str = "og";
        match request {
            OptionGroupRequest::Create(ask) => {
                self.create_group("rds:CreateOptionGroup", self.arn(KIND, &ask.name), &ask.tags);
            }
            OptionGroupRequest::Modify(ask) => self.on("rds:ModifyOptionGroup", self.arn(KIND, &ask.name)),
            OptionGroupRequest::Describe(ask) => {
                self.on("rds:DescribeOptionGroups", self.named_or_all(KIND, ask.name.as_deref()));
            }
            OptionGroupRequest::Delete(name) => self.on("rds:DeleteOptionGroup", self.arn(KIND, name)),
        }
    }

    pub(super) fn parameter_groups(&mut self, request: &ParameterGroupRequest) {
        const KIND: &str = "pg";
        match request {
            ParameterGroupRequest::Create(ask) => {
                self.create_group("rds:CreateDBParameterGroup", self.arn(KIND, &ask.name), &ask.tags);
            }
            ParameterGroupRequest::Describe(name, _) => {
                self.on("rds:DescribeDBParameterGroups", self.named_or_all(KIND, name.as_deref()));
            }
            ParameterGroupRequest::Delete(name) => {
                self.on("rds:DeleteDBParameterGroup", self.arn(KIND, name));
            }
        }
    }

    pub(super) fn subnet_groups(&mut self, request: &SubnetGroupRequest) {
        const KIND: &str = "subgrp";
        match request {
            SubnetGroupRequest::Create(ask) => {
                self.create_group("rds:CreateDBSubnetGroup", self.arn(KIND, &ask.name), &ask.tags);
            }
            SubnetGroupRequest::Describe(name, _) => {
                self.on("rds:DescribeDBSubnetGroups", self.named_or_all(KIND, name.as_deref()));
            }
            SubnetGroupRequest::Delete(name) => self.on("rds:DeleteDBSubnetGroup", self.arn(KIND, name)),
        }
    }

    fn create_group(&mut self, action: &'static str, group: String, tags: &Tags) {
        self.tags.clone_from(tags);
        self.on(action, group.clone());
        self.tagged(&group, tags);
    }

    /// A snapshot that is taken before needs the permissions of a new snapshot.
    pub(super) fn stop_instance(&mut self, name: &str, snapshot: Option<&str>) {
        let instance = self.arn("db", name);
        self.on("rds:StopDBInstance", instance.clone());
        let Some(id) = snapshot else { return };
        let snapshot = self.arn("snapshot", id);
        self.on("rds:StopDBInstance", snapshot.clone());
        self.on("rds:CreateDBSnapshot", instance);
        self.on("rds:CreateDBSnapshot", snapshot);
    }

    pub(super) fn modify_snapshot(&mut self, ask: &ModifyDbSnapshot) {
        const ACTION: &str = "rds:ModifyDBSnapshot";
        self.on(ACTION, self.arn("snapshot", &ask.id));
        if let Some(group) = &ask.option_group {
            self.on(ACTION, self.arn("og", group));
        }
    }

    pub(super) fn blue_green(&mut self, request: &BlueGreenRequest) {
        match request {
            BlueGreenRequest::Create(ask) => self.create_blue_green(ask),
            BlueGreenRequest::Describe(id, _) => {
                self.on("rds:DescribeBlueGreenDeployments", self.named_or_all("deployment", id.as_deref()));
            }
            BlueGreenRequest::Switchover(id) => self.switchover(id),
        }
    }

    /// It is *unverified* which resources the dependent actions concern. Here: the source, and any instance for the green
    /// one, whose name AWS chooses.
    fn create_blue_green(&mut self, ask: &CreateBlueGreenDeployment) {
        const ACTION: &str = "rds:CreateBlueGreenDeployment";
        self.tags.clone_from(&ask.tags);
        let deployment = self.arn("deployment", "*");
        self.on(ACTION, deployment.clone());
        self.on(ACTION, ask.source.clone());
        self.tagged(&deployment, &ask.tags);
        for dependent in ["rds:CreateDBInstance", "rds:CreateDBInstanceReadReplica"] {
            self.on(dependent, self.arn("db", "*"));
        }
    }

    fn switchover(&mut self, id: &str) {
        self.on("rds:SwitchoverBlueGreenDeployment", self.arn("deployment", id));
        let here: Place = self.place.clone();
        let Ok(found) = self.world.blue_green(&here, id).cloned() else { return };
        for arn in [&found.source, &found.target] {
            self.on("rds:ModifyDBInstance", arn.to_string());
        }
        self.on("rds:PromoteReadReplica", found.target.to_string());
    }
}
