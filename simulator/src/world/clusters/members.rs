//! The instances of a cluster: they join it, are renamed in it, and leave it.

use std::sync::Arc;

use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::ids::DatabaseName;

use super::record::ClusterRecord;
use crate::world::World;
use crate::world::api::error::{ApiError, cluster_state, invalid_combination};
use crate::world::api::names;
use crate::world::api::request::CreateDbInstance;
use crate::world::api::response::Response;
use crate::world::instances::create::NewInstance;
use crate::world::instances::record::{InstanceOptions, InstanceRecord, Shape};
use crate::world::orderable::classes;
use crate::world::place::Place;

impl World {
    /// Creates an instance in a cluster. The cluster gives it its storage, user and backups.
    pub(in crate::world) fn create_member(
        &mut self,
        place: &Place,
        cluster: &str,
        ask: CreateDbInstance,
    ) -> Result<Response, ApiError> {
        let arn = self.unused_instance(place, &ask.name)?;
        names::check_tags(&ask.tags)?;
        let cluster = Arc::clone(self.cluster(place, cluster)?);
        check_takes_member(&cluster, &ask)?;
        let record = new_member(&arn, self.resource_id(&arn), &cluster, ask);
        self.check_orderable(place, &record.shape, &record.options)?;
        self.check_instance_quota(place, &record.shape, &record.options)?;
        if let Some(cluster) = self.change_cluster(&cluster.arn) {
            cluster.members.push(arn.id.name.clone());
        }
        Ok(self.insert_instance(place, NewInstance { arn, record }))
    }

    pub(in crate::world) fn members_of<'a>(
        &'a self,
        cluster: &'a ClusterRecord,
    ) -> impl Iterator<Item = &'a Arc<InstanceRecord>> {
        let holdings = self.places.get(&Place::of_instance(&cluster.arn));
        cluster.members.iter().filter_map(move |name| holdings?.instances.get(name))
    }

    /// Removes a deleted instance from its cluster. A cluster that waited for this is removed, too.
    pub(in crate::world) fn leave_cluster(&mut self, gone: &InstanceRecord) {
        let Some(arn) = cluster_arn(gone) else { return };
        if let Some(cluster) = self.change_cluster(&arn) {
            cluster.members.retain(|member| *member != gone.arn.id.name);
            self.remove_empty_cluster(&arn);
        }
    }

    /// Enters the new name of a member.
    pub(in crate::world) fn rename_member(&mut self, renamed: &InstanceRecord, before: &DatabaseName) {
        let Some(cluster) = cluster_arn(renamed).and_then(|arn| self.change_cluster(&arn)) else { return };
        for member in cluster.members.iter_mut().filter(|member| *member == before) {
            *member = renamed.arn.id.name.clone();
        }
    }
}

fn check_takes_member(cluster: &ClusterRecord, ask: &CreateDbInstance) -> Result<(), ApiError> {
    if cluster.status != "available" {
        let ClusterRecord { arn, status, .. } = cluster;
        return Err(cluster_state(format!("DB cluster {} is {status}.", arn.id.name)));
    }
    if ask.engine != cluster.engine.0 {
        return Err(invalid_combination(format!(
            "The engine name requested for your DB instance doesn't match the engine name of your DB cluster ({}).",
            cluster.engine.0
        )));
    }
    check_class(cluster, &ask.class)
}

fn check_class(cluster: &ClusterRecord, class: &str) -> Result<(), ApiError> {
    if cluster.global.is_some() && !classes::runs_globally(class) {
        // The text is recorded: terraform-provider-aws issue 27736.
        return Err(invalid_combination(format!(
            "The requested instance class is not supported by global databases: {class}"
        )));
    }
    if classes::is_serverless(class) && cluster.options.most_capacity.is_none() {
        // The text is recorded: terraform-aws-rds-aurora issue 537.
        return Err(cluster_state(
            "Set the Serverless v2 scaling configuration on the parent DB cluster before creating a Serverless v2 DB instance.",
        ));
    }
    Ok(())
}

fn new_member(
    arn: &DatabaseArn,
    resource_id: String,
    cluster: &ClusterRecord,
    ask: CreateDbInstance,
) -> InstanceRecord {
    let shape = Shape {
        resource_id,
        engine: cluster.engine.clone(),
        engine_version: cluster.engine_version.clone(),
        class: ask.class,
        allocated_storage: 1,
        master_username: cluster.master_username.clone(),
    };
    let options = InstanceOptions {
        port: cluster.options.port,
        subnet_group: cluster.options.subnet_group.clone(),
        security_groups: cluster.options.security_groups.clone(),
        backup_retention_days: None,
        ..ask.options
    };
    let mut record = InstanceRecord::new(arn, Arc::new(shape), cluster.kms_key.clone(), ask.tags, options);
    record.cluster = Some(cluster.arn.id.name.clone());
    record
}

fn cluster_arn(member: &InstanceRecord) -> Option<DatabaseArn> {
    let name = member.cluster.clone()?;
    Some(Place::of_instance(&member.arn).cluster_arn(name))
}
