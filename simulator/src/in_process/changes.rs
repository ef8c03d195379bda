//! From a change to its request, the same one that the real gateway makes.

use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::ids::{DatabaseName, SnapshotId};
use pilot_light_domain::recovery::{
    Change, CreateClusterInstance, CreateReplica, CreateSecondaryCluster, RestoreInstance,
};

use crate::world::{
    CacheRequest, ClusterOptions, ClusterRequest, CreateDbCluster, CreateDbInstance,
    CreateDbInstanceReadReplica, CreateGlobalCluster, DeleteDbCluster, DeleteDbInstance,
    FailoverGlobalCluster, FailoverGlobalReplicationGroup, InstanceOptions, ModifyDbCluster,
    ModifyDbInstance, Request, RestoreDbInstance,
};

/// The request of a change.
pub(super) fn request(change: &Change) -> Request {
    match change {
        Change::RestoreInstance(ask) => Request::RestoreDbInstanceFromDbSnapshot(restore(ask)),
        Change::CreateReplica(ask) => Request::CreateDbInstanceReadReplica(replica(ask)),
        Change::PromoteReplica(name) => Request::PromoteReadReplica(name.to_string(), None),
        Change::RenameInstance { from, to } => rename(from, to),
        Change::ProtectInstance { instance, protected } => protect(instance, *protected),
        Change::KeepBackups { instance, days } => keep_backups(instance, *days),
        Change::StandBy(instance) => stand_by(instance),
        Change::DeleteInstance { instance, final_snapshot, .. } => delete(instance, final_snapshot.as_ref()),
        Change::TagDatabase { database, tags } => {
            Request::AddTagsToResource(database.to_string(), tags.clone())
        }
        Change::TagSnapshot { snapshot, tags } => {
            Request::AddTagsToResource(snapshot.to_string(), tags.clone())
        }
        Change::DeleteSnapshot(id) => Request::DeleteDbSnapshot(id.to_string()),
        Change::CreateClusterInstance(ask) => Request::CreateDbInstance(member(ask)),
        Change::CreateSecondaryCluster(ask) => about(ClusterRequest::CreateDbCluster(secondary(ask))),
        Change::ProtectCluster { cluster, protected } => protect_cluster(cluster, *protected),
        Change::DeleteCluster { cluster, final_snapshot } => delete_cluster(cluster, final_snapshot),
        Change::CreateGlobalCluster { id, primary } => create_global(id, primary),
        Change::RemoveFromGlobalCluster { id, cluster } => {
            about(ClusterRequest::RemoveFromGlobalCluster(id.clone(), cluster.to_string()))
        }
        Change::DeleteGlobalCluster(id) => about(ClusterRequest::DeleteGlobalCluster(id.clone())),
        Change::SwitchoverGlobalCluster { id, target } => {
            about(ClusterRequest::SwitchoverGlobalCluster(id.clone(), target.to_string()))
        }
        Change::FailoverGlobalCluster { id, target } => fail_over(id, target),
        Change::FailoverReplicationGroup { id, region, group } => {
            let (id, region, group) = (id.clone(), region.to_string(), group.clone());
            let ask = FailoverGlobalReplicationGroup { id, region, group };
            Request::Cache(Box::new(CacheRequest::FailoverGlobalReplicationGroup(ask)))
        }
    }
}

fn about(request: ClusterRequest) -> Request {
    Request::Cluster(Box::new(request))
}

fn rename(from: &DatabaseName, to: &DatabaseName) -> Request {
    Request::ModifyDbInstance(ModifyDbInstance {
        name: from.to_string(),
        new_name: Some(to.to_string()),
        apply_immediately: true,
        ..Default::default()
    })
}

fn keep_backups(instance: &DatabaseName, days: u16) -> Request {
    Request::ModifyDbInstance(ModifyDbInstance {
        name: instance.to_string(),
        apply_immediately: true,
        options: InstanceOptions { backup_retention_days: Some(u32::from(days)), ..Default::default() },
        ..Default::default()
    })
}

fn protect(instance: &DatabaseName, protected: bool) -> Request {
    Request::ModifyDbInstance(ModifyDbInstance {
        name: instance.to_string(),
        apply_immediately: true,
        options: InstanceOptions { deletion_protection: Some(protected), ..Default::default() },
        ..Default::default()
    })
}

fn stand_by(instance: &DatabaseName) -> Request {
    Request::ModifyDbInstance(ModifyDbInstance {
        name: instance.to_string(),
        apply_immediately: true,
        options: InstanceOptions { multi_az: Some(true), ..Default::default() },
        ..Default::default()
    })
}

fn delete(instance: &DatabaseName, final_snapshot: Option<&SnapshotId>) -> Request {
    Request::DeleteDbInstance(DeleteDbInstance {
        name: instance.to_string(),
        skip_final_snapshot: final_snapshot.is_none(),
        final_snapshot: final_snapshot.map(ToString::to_string),
    })
}

fn protect_cluster(cluster: &DatabaseName, protected: bool) -> Request {
    about(ClusterRequest::ModifyDbCluster(ModifyDbCluster {
        name: cluster.to_string(),
        deletion_protection: Some(protected),
        ..Default::default()
    }))
}

fn delete_cluster(cluster: &DatabaseName, final_snapshot: &SnapshotId) -> Request {
    about(ClusterRequest::DeleteDbCluster(DeleteDbCluster {
        name: cluster.to_string(),
        skip_final_snapshot: false,
        final_snapshot: Some(final_snapshot.to_string()),
    }))
}

fn create_global(id: &str, primary: &DatabaseArn) -> Request {
    about(ClusterRequest::CreateGlobalCluster(CreateGlobalCluster {
        id: id.to_owned(),
        source: Some(primary.to_string()),
        ..Default::default()
    }))
}

fn fail_over(id: &str, target: &DatabaseArn) -> Request {
    about(ClusterRequest::FailoverGlobalCluster(FailoverGlobalCluster {
        id: id.to_owned(),
        target: target.to_string(),
        allow_data_loss: Some(true),
        switchover: None,
    }))
}

fn restore(ask: &RestoreInstance) -> RestoreDbInstance {
    RestoreDbInstance {
        name: ask.instance.to_string(),
        snapshot: ask.snapshot.to_string(),
        class: ask.class.clone(),
        tags: ask.tags.clone(),
        options: InstanceOptions {
            multi_az: ask.multi_az,
            publicly_accessible: ask.public,
            port: ask.port,
            storage_type: ask.storage_type.clone(),
            iops: ask.iops,
            subnet_group: ask.subnet_group.clone(),
            security_groups: some(&ask.security_groups),
            parameter_group: ask.parameter_group.clone(),
            option_group: ask.option_group.clone(),
            deletion_protection: ask.deletion_protection,
            copy_tags_to_snapshot: ask.copy_tags_to_snapshot,
            ..Default::default()
        },
        ..Default::default()
    }
}

/// `CreateDBInstanceReadReplica` takes no `BackupRetentionPeriod`: a replica has no backups until it is modified.
fn replica(ask: &CreateReplica) -> CreateDbInstanceReadReplica {
    CreateDbInstanceReadReplica {
        name: ask.instance.to_string(),
        source: ask.source.to_string(),
        class: ask.class.clone(),
        kms_key: ask.kms_key.clone(),
        tags: ask.tags.clone(),
        options: InstanceOptions {
            multi_az: ask.multi_az,
            port: ask.port,
            subnet_group: ask.subnet_group.clone(),
            security_groups: some(&ask.security_groups),
            deletion_protection: ask.deletion_protection,
            copy_tags_to_snapshot: ask.copy_tags_to_snapshot,
            auto_minor_version_upgrade: ask.auto_minor_version_upgrade,
            monitoring_interval: ask.monitoring_interval.map(u32::from),
            monitoring_role: ask.monitoring_role.clone(),
            iam_authentication: ask.iam_authentication,
            ..Default::default()
        },
    }
}

fn secondary(ask: &CreateSecondaryCluster) -> CreateDbCluster {
    CreateDbCluster {
        name: ask.cluster.to_string(),
        global: Some(ask.global.clone()),
        engine: ask.engine.clone(),
        engine_version: ask.engine_version.clone(),
        master_username: None,
        encrypted: ask.encrypted,
        kms_key: ask.kms_key.clone(),
        tags: ask.tags.clone(),
        options: ClusterOptions {
            port: ask.port,
            subnet_group: ask.subnet_group.clone(),
            security_groups: some(&ask.security_groups),
            deletion_protection: ask.deletion_protection,
            copy_tags_to_snapshot: ask.copy_tags_to_snapshot,
            backup_retention_days: ask.backup_retention_days.map(u32::from),
            iam_authentication: ask.iam_authentication,
            most_capacity: None,
        },
    }
}

fn member(ask: &CreateClusterInstance) -> CreateDbInstance {
    CreateDbInstance {
        name: ask.instance.to_string(),
        cluster: Some(ask.cluster.to_string()),
        engine: ask.engine.clone(),
        class: ask.class.clone(),
        tags: ask.tags.clone(),
        options: InstanceOptions {
            auto_minor_version_upgrade: ask.auto_minor_version_upgrade,
            monitoring_interval: ask.monitoring_interval.map(u32::from),
            monitoring_role: ask.monitoring_role.clone(),
            ..Default::default()
        },
        ..Default::default()
    }
}

/// Without a value, AWS uses its default group.
fn some(groups: &[String]) -> Option<Vec<String>> {
    (!groups.is_empty()).then(|| groups.to_vec())
}
