//! The conversion of descriptions by RDS and ElastiCache into recovery's facts.
//!
//! A missing or malformed field is an error that names the field and its resource. No required field has a default. A
//! record with an error becomes an [`OddRecord`] with everything that can be read.
//! Statuses are kept letter for letter, for the worker to judge.

use aws_sdk_elasticache::types as elasticache;
use aws_sdk_rds::types as rds;
use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::model::database::Engine;
use pilot_light_domain::model::listing::OddRecord;
use pilot_light_domain::recovery::{
    CacheEndpoint, DbCluster, DbInstance, Endpoint, GlobalCluster, GlobalMember, GlobalReplicationGroup,
    InstanceGroups, ReplicationGroupMember, ReplicationRole, Specification, StorageEncryption,
};

use crate::convert::{Fields, odd_instance, readable_tags};

/// Converts a DB instance.
pub(super) fn instance(action: &'static str, found: &rds::DbInstance) -> Result<DbInstance, Box<OddRecord>> {
    let odd = |error: GatewayError| odd_instance(found, error);
    readable_instance(action, found).map_err(|error| Box::new(odd(error)))
}

fn readable_instance(action: &'static str, found: &rds::DbInstance) -> Result<DbInstance, GatewayError> {
    let name = found.db_instance_identifier.as_deref().unwrap_or("a DB instance without identifier");
    let fields = Fields { action, resource: name };
    Ok(DbInstance {
        arn: fields.parsed("DBInstanceArn", found.db_instance_arn.as_deref())?,
        status: fields.text("DBInstanceStatus", found.db_instance_status.as_deref())?,
        engine: Engine(fields.text("Engine", found.engine.as_deref())?.into()),
        class: fields.text("DBInstanceClass", found.db_instance_class.as_deref())?,
        specification: Specification {
            engine_version: found.engine_version.clone(),
            license: found.license_model.clone(),
            storage_type: found.storage_type.clone(),
            gib: found.allocated_storage.and_then(|gib| gib.try_into().ok()),
            iops: found.iops.and_then(|iops| iops.try_into().ok()),
        },
        resource_id: fields.text("DbiResourceId", found.dbi_resource_id.as_deref())?,
        created_at: fields.instant("InstanceCreateTime", found.instance_create_time)?,
        cluster: fields.optional("DBClusterIdentifier", found.db_cluster_identifier.as_deref())?,
        replica_of: found
            .read_replica_source_db_instance_identifier
            .clone()
            .filter(|source| !source.is_empty()),
        replicas: found.read_replica_db_instance_identifiers().to_vec(),
        deletion_protection: fields.required("DeletionProtection", found.deletion_protection)?,
        backup_retention_days: found.backup_retention_period.and_then(|days| days.try_into().ok()),
        multi_az: found.multi_az,
        kms_key: found.kms_key_id.clone(),
        public: found.publicly_accessible,
        groups: groups(found),
        endpoint: found.endpoint.as_ref().and_then(|found| endpoint(found.address(), found.port())),
        tags: fields.tags(found.tag_list.as_deref().unwrap_or_default())?,
    })
}

/// The groups of an instance.
fn groups(found: &rds::DbInstance) -> InstanceGroups {
    let named = |name: Option<&str>, status: Option<&str>| {
        name.filter(|_| !status.is_some_and(|status| status.contains("remov"))).map(ToOwned::to_owned)
    };
    let subnet = found.db_subnet_group().and_then(|group| named(group.db_subnet_group_name(), None));
    let security = found.vpc_security_groups().iter();
    let parameter = found.db_parameter_groups().iter();
    let option = found.option_group_memberships().iter();
    InstanceGroups {
        subnet: subnet.into_iter().collect(),
        security: security.filter_map(|group| named(group.vpc_security_group_id(), group.status())).collect(),
        parameter: parameter.filter_map(|group| named(group.db_parameter_group_name(), None)).collect(),
        option: option.filter_map(|group| named(group.option_group_name(), group.status())).collect(),
    }
}

/// Converts a DB cluster.
pub(super) fn cluster(action: &'static str, found: &rds::DbCluster) -> Result<DbCluster, Box<OddRecord>> {
    let odd = |error: GatewayError| OddRecord {
        arn: found.db_cluster_arn.clone(),
        id: found.db_cluster_identifier.clone(),
        tags: readable_tags(found.tag_list.as_deref()),
        problem: error.message,
        ..OddRecord::default()
    };
    readable_cluster(action, found).map_err(|error| Box::new(odd(error)))
}

fn readable_cluster(action: &'static str, found: &rds::DbCluster) -> Result<DbCluster, GatewayError> {
    let name = found.db_cluster_identifier.as_deref().unwrap_or("a DB cluster without identifier");
    let fields = Fields { action, resource: name };
    let members = found.db_cluster_members.as_deref().unwrap_or_default().iter();
    Ok(DbCluster {
        arn: fields.parsed("DBClusterArn", found.db_cluster_arn.as_deref())?,
        status: fields.text("Status", found.status.as_deref())?,
        engine: Engine(fields.text("Engine", found.engine.as_deref())?.into()),
        engine_version: found.engine_version.clone(),
        resource_id: fields.text("DbClusterResourceId", found.db_cluster_resource_id.as_deref())?,
        created_at: fields.instant("ClusterCreateTime", found.cluster_create_time)?,
        members: members
            .map(|member| fields.parsed("DBInstanceIdentifier of a member", member.db_instance_identifier()))
            .collect::<Result<_, _>>()?,
        deletion_protection: fields.required("DeletionProtection", found.deletion_protection)?,
        encryption: encryption(found),
        endpoint: endpoint(found.endpoint(), found.port()),
        tags: fields.tags(found.tag_list.as_deref().unwrap_or_default())?,
    })
}

/// `StorageEncrypted` is false for a key that AWS owns, too.
fn encryption(found: &rds::DbCluster) -> Option<StorageEncryption> {
    match (found.storage_encrypted, found.storage_encryption_type()) {
        (_, Some(rds::StorageEncryptionType::Sse)) => Some(StorageEncryption::AwsOwned),
        (Some(true), _) | (_, Some(rds::StorageEncryptionType::Cmk)) => Some(StorageEncryption::Kms),
        (Some(false), _) => Some(StorageEncryption::Unencrypted),
        (None, _) => None,
    }
}

/// An endpoint, if AWS gives both parts of it. It is for people, so its absence is no error.
fn endpoint(address: Option<&str>, port: Option<i32>) -> Option<Endpoint> {
    let port = port.and_then(|port| port.try_into().ok()).filter(|port| *port > 0)?;
    Some(Endpoint { address: address?.to_owned(), port })
}

/// Converts a global cluster with its members.
pub(super) fn global_cluster(
    action: &'static str,
    found: &rds::GlobalCluster,
) -> Result<GlobalCluster, Box<OddRecord>> {
    let odd = |error: GatewayError| OddRecord {
        arn: found.global_cluster_arn.clone(),
        id: found.global_cluster_identifier.clone(),
        problem: error.message,
        ..OddRecord::default()
    };
    readable_global_cluster(action, found).map_err(|error| Box::new(odd(error)))
}

fn readable_global_cluster(
    action: &'static str,
    found: &rds::GlobalCluster,
) -> Result<GlobalCluster, GatewayError> {
    let name = found.global_cluster_identifier.as_deref().unwrap_or("a global cluster without identifier");
    let fields = Fields { action, resource: name };
    let members = found.global_cluster_members.as_deref().unwrap_or_default().iter();
    Ok(GlobalCluster {
        id: fields.text("GlobalClusterIdentifier", found.global_cluster_identifier.as_deref())?,
        status: fields.text("Status", found.status.as_deref())?,
        deletion_protection: fields.required("DeletionProtection", found.deletion_protection)?,
        members: members.map(|member| global_member(&fields, member)).collect::<Result<_, _>>()?,
    })
}

fn global_member(
    fields: &Fields<'_>,
    member: &rds::GlobalClusterMember,
) -> Result<GlobalMember, GatewayError> {
    Ok(GlobalMember {
        cluster: fields.parsed("DBClusterArn of a member", member.db_cluster_arn())?,
        is_writer: fields.required("IsWriter of a member", member.is_writer())?,
    })
}

/// Converts a global datastore with its members.
pub(super) fn replication_group(
    action: &'static str,
    found: &elasticache::GlobalReplicationGroup,
) -> Result<GlobalReplicationGroup, Box<OddRecord>> {
    let odd = |error: GatewayError| OddRecord {
        arn: found.arn.clone(),
        id: found.global_replication_group_id.clone(),
        problem: error.message,
        ..OddRecord::default()
    };
    readable_replication_group(action, found).map_err(|error| Box::new(odd(error)))
}

fn readable_replication_group(
    action: &'static str,
    found: &elasticache::GlobalReplicationGroup,
) -> Result<GlobalReplicationGroup, GatewayError> {
    let name =
        found.global_replication_group_id.as_deref().unwrap_or("a global datastore without identifier");
    let fields = Fields { action, resource: name };
    let members = found.members.as_deref().unwrap_or_default().iter();
    Ok(GlobalReplicationGroup {
        id: fields.text("GlobalReplicationGroupId", found.global_replication_group_id.as_deref())?,
        status: fields.text("Status", found.status.as_deref())?,
        members: members.map(|member| replication_member(&fields, member)).collect::<Result<_, _>>()?,
    })
}

fn replication_member(
    fields: &Fields<'_>,
    member: &elasticache::GlobalReplicationGroupMember,
) -> Result<ReplicationGroupMember, GatewayError> {
    Ok(ReplicationGroupMember {
        id: fields.text("ReplicationGroupId of a member", member.replication_group_id())?,
        region: fields.parsed("ReplicationGroupRegion of a member", member.replication_group_region())?,
        role: role(fields, &fields.text("Role of a member", member.role())?)?,
        status: fields.text("Status of a member", member.status())?,
    })
}

/// Converts the address of a replication group. With cluster mode, each node group has a primary of its own, and clients
/// find them all through the configuration endpoint.
pub(super) fn cache_endpoint(
    action: &'static str,
    found: &elasticache::ReplicationGroup,
) -> Result<CacheEndpoint, Box<OddRecord>> {
    let fields = Fields { action, resource: "a replication group without identifier" };
    let odd = |error: GatewayError| OddRecord {
        arn: found.arn.clone(),
        problem: error.message,
        ..OddRecord::default()
    };
    let group = fields.text("ReplicationGroupId", found.replication_group_id());
    let primary = || found.node_groups().first().and_then(|group| group.primary_endpoint());
    let address = found.configuration_endpoint().or_else(primary);
    Ok(CacheEndpoint {
        group: group.map_err(|error| Box::new(odd(error)))?,
        endpoint: address.and_then(|found| endpoint(found.address(), found.port())),
    })
}

/// Converts a role. AWS documents two roles, in capitals, and no list that could grow. Any other role is an error.
fn role(fields: &Fields<'_>, text: &str) -> Result<ReplicationRole, GatewayError> {
    match text.to_ascii_uppercase().as_str() {
        "PRIMARY" => Ok(ReplicationRole::Primary),
        "SECONDARY" => Ok(ReplicationRole::Secondary),
        _ => Err(fields.malformed("Role of a member", format!("'{text}' is neither PRIMARY nor SECONDARY"))),
    }
}
