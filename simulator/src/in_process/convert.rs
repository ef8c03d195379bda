//! From the world's answers to the domain's types.

use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::model::database::{Database, Primary};
use pilot_light_domain::model::ids::Region;
use pilot_light_domain::recovery::{
    CacheEndpoint, DbCluster, DbInstance, GlobalCluster, GlobalMember, GlobalReplicationGroup,
    InstanceGroups, ReplicationGroupMember, ReplicationRole, Specification, StorageEncryption,
};

use crate::world::defaults::license;
use crate::world::valid::storage_type;
use crate::world::{
    ApiError, ClusterRecord, DatastoreRecord, GlobalRecord, InstanceRecord, ReplicationGroupRecord, World,
    storage,
};

/// An instance as a gateway gives it.
pub(super) fn database(record: &InstanceRecord) -> Database {
    Database {
        arn: record.arn.clone(),
        engine: record.shape.engine.clone(),
        status: record.status.clone(),
        created_at: record.created_at,
        resource_id: Some(record.shape.resource_id.as_str().into()),
        cluster: record.cluster.clone(),
        replica_of: record.replica_source().map(|text| Primary::of(&text, &record.arn)),
        kms_key: record.kms_key.clone().map(Into::into),
        tags: record.tags.clone(),
    }
}

/// An instance as recovery sees it.
pub(super) fn db_instance(world: &World, record: &InstanceRecord) -> DbInstance {
    let placement = world.placement_of(record);
    DbInstance {
        arn: record.arn.clone(),
        status: record.status.0.clone(),
        engine: record.shape.engine.clone(),
        class: record.shape.class.clone(),
        specification: Specification {
            engine_version: Some(record.shape.engine_version.clone()).filter(|version| !version.is_empty()),
            license: Some(license(&record.shape.engine, &record.options).to_owned()),
            storage_type: Some(storage_type(&record.options).to_owned()),
            gib: Some(record.shape.allocated_storage),
            iops: storage::shown(&record.shape, &record.options).0,
        },
        resource_id: record.shape.resource_id.clone(),
        created_at: record.created_at,
        cluster: record.cluster.clone(),
        replica_of: record.replica_source(),
        replicas: record.replica_identifiers().collect(),
        deletion_protection: record.options.deletion_protection.unwrap_or(false),
        backup_retention_days: record.options.backup_retention_days.unwrap_or(0).try_into().ok(),
        multi_az: Some(record.options.multi_az.unwrap_or(false)),
        kms_key: record.kms_key.as_ref().map(ToString::to_string),
        public: Some(record.options.publicly_accessible.unwrap_or(false)),
        groups: InstanceGroups {
            subnet: placement.group.iter().map(|group| group.name.clone()).collect(),
            security: placement.security_groups,
            parameter: vec![record.parameter_group()],
            option: vec![record.option_group()],
        },
        endpoint: record.endpoint(),
        tags: record.tags.clone(),
    }
}

/// A cluster as recovery sees it.
pub(super) fn db_cluster(record: &ClusterRecord) -> DbCluster {
    DbCluster {
        arn: record.arn.clone(),
        status: record.status.clone(),
        engine: record.engine.clone(),
        engine_version: Some(record.engine_version.clone()),
        resource_id: record.resource_id.clone(),
        created_at: record.created_at,
        members: record.members.clone(),
        deletion_protection: record.options.deletion_protection.unwrap_or(false),
        encryption: Some(match &record.kms_key {
            Some(_) => StorageEncryption::Kms,
            None => StorageEncryption::Unencrypted,
        }),
        endpoint: record.endpoint(),
        tags: record.tags.clone(),
    }
}

/// A global cluster as recovery sees it.
pub(super) fn global_cluster(record: &GlobalRecord) -> GlobalCluster {
    let members = record.members.iter();
    GlobalCluster {
        id: record.key.id.clone(),
        status: record.status.clone(),
        deletion_protection: record.deletion_protection,
        members: members
            .map(|member| GlobalMember { cluster: member.cluster.clone(), is_writer: member.is_writer })
            .collect(),
    }
}

/// A global datastore as recovery sees it.
pub(super) fn datastore(record: &DatastoreRecord) -> GlobalReplicationGroup {
    let members = record.members.iter();
    GlobalReplicationGroup {
        id: record.key.id.clone(),
        status: record.status.clone(),
        members: members
            .map(|member| ReplicationGroupMember {
                id: member.id.clone(),
                region: member.region.clone(),
                role: if member.is_primary { ReplicationRole::Primary } else { ReplicationRole::Secondary },
                status: member.status.to_owned(),
            })
            .collect(),
    }
}

/// The address of a replication group as recovery sees it.
pub(super) fn cache_endpoint(record: &ReplicationGroupRecord, region: &Region) -> CacheEndpoint {
    CacheEndpoint { group: record.id.clone(), endpoint: record.endpoint(region) }
}

/// An error, by the table that the real gateway uses too.
pub(super) fn error(action: &'static str, error: &ApiError) -> GatewayError {
    GatewayError::of_code(action, error.code, &error.message)
}

/// An answer of a kind that the action never gives.
pub(super) fn unexpected(action: &'static str) -> GatewayError {
    GatewayError::of_code(action, "unexpected answer", "the simulator answered another question")
}
