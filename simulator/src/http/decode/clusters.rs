//! From the parameters of the actions on clusters and global clusters to the world's requests.

use crate::http::params::Params;
use crate::world::{
    ApiError, ClusterOptions, ClusterRequest, CreateDbCluster, CreateGlobalCluster, DeleteDbCluster,
    DescribeDbClusterSnapshots, DescribeDbClusters, DescribeGlobalClusters, FailoverGlobalCluster,
    ModifyDbCluster, ModifyGlobalCluster, Request,
};

/// The request of `action`, if it is one about clusters.
pub(in crate::http) fn request(action: &str, params: &Params) -> Option<Result<Request, ApiError>> {
    let decoded = match action {
        "CreateDBCluster" => create(params),
        "DescribeDBClusters" => describe(params),
        "ModifyDBCluster" => modify(params),
        "DeleteDBCluster" => delete(params),
        "DescribeDBClusterSnapshots" => describe_snapshots(params),
        "CreateGlobalCluster" => create_global(params),
        "DescribeGlobalClusters" => describe_globals(params),
        "ModifyGlobalCluster" => modify_global(params),
        "DeleteGlobalCluster" => {
            params.required("GlobalClusterIdentifier").map(ClusterRequest::DeleteGlobalCluster)
        }
        "RemoveFromGlobalCluster" => {
            both(params, "DbClusterIdentifier", ClusterRequest::RemoveFromGlobalCluster)
        }
        "SwitchoverGlobalCluster" => {
            both(params, "TargetDbClusterIdentifier", ClusterRequest::SwitchoverGlobalCluster)
        }
        "FailoverGlobalCluster" => failover(params),
        _ => return None,
    };
    Some(decoded.map(|request| Request::Cluster(Box::new(request))))
}

/// `PreSignedUrl` and `SourceRegion` are not read: the global cluster contains the ARN of its primary.
fn create(params: &Params) -> Result<ClusterRequest, ApiError> {
    let groups = params.list("VpcSecurityGroupIds", "VpcSecurityGroupId");
    Ok(ClusterRequest::CreateDbCluster(CreateDbCluster {
        name: params.required("DBClusterIdentifier")?,
        global: params.text("GlobalClusterIdentifier"),
        engine: params.required("Engine")?,
        engine_version: params.text("EngineVersion"),
        master_username: params.text("MasterUsername"),
        encrypted: params.parsed("StorageEncrypted")?,
        kms_key: params.text("KmsKeyId"),
        tags: params.tags()?.unwrap_or_default(),
        options: ClusterOptions {
            port: params.parsed("Port")?,
            subnet_group: params.text("DBSubnetGroupName"),
            security_groups: (!groups.is_empty()).then_some(groups),
            deletion_protection: params.parsed("DeletionProtection")?,
            copy_tags_to_snapshot: params.parsed("CopyTagsToSnapshot")?,
            backup_retention_days: params.parsed("BackupRetentionPeriod")?,
            iam_authentication: params.parsed("EnableIAMDatabaseAuthentication")?,
            most_capacity: params.text("ServerlessV2ScalingConfiguration.MaxCapacity"),
        },
    }))
}

fn describe(params: &Params) -> Result<ClusterRequest, ApiError> {
    Ok(ClusterRequest::DescribeDbClusters(DescribeDbClusters {
        name: params.text("DBClusterIdentifier"),
        filters: params.filters()?,
        page: params.page()?,
    }))
}

fn modify(params: &Params) -> Result<ClusterRequest, ApiError> {
    Ok(ClusterRequest::ModifyDbCluster(ModifyDbCluster {
        name: params.required("DBClusterIdentifier")?,
        deletion_protection: params.parsed("DeletionProtection")?,
        backup_retention_days: params.parsed("BackupRetentionPeriod")?,
        copy_tags_to_snapshot: params.parsed("CopyTagsToSnapshot")?,
    }))
}

fn delete(params: &Params) -> Result<ClusterRequest, ApiError> {
    Ok(ClusterRequest::DeleteDbCluster(DeleteDbCluster {
        name: params.required("DBClusterIdentifier")?,
        skip_final_snapshot: params.flag("SkipFinalSnapshot")?,
        final_snapshot: params.text("FinalDBSnapshotIdentifier"),
    }))
}

fn describe_snapshots(params: &Params) -> Result<ClusterRequest, ApiError> {
    Ok(ClusterRequest::DescribeDbClusterSnapshots(DescribeDbClusterSnapshots {
        id: params.text("DBClusterSnapshotIdentifier"),
        cluster: params.text("DBClusterIdentifier"),
        snapshot_type: params.text("SnapshotType"),
        page: params.page()?,
    }))
}

fn create_global(params: &Params) -> Result<ClusterRequest, ApiError> {
    Ok(ClusterRequest::CreateGlobalCluster(CreateGlobalCluster {
        id: params.required("GlobalClusterIdentifier")?,
        source: params.text("SourceDBClusterIdentifier"),
        engine: params.text("Engine"),
        engine_version: params.text("EngineVersion"),
        encrypted: params.parsed("StorageEncrypted")?,
        deletion_protection: params.parsed("DeletionProtection")?,
    }))
}

fn describe_globals(params: &Params) -> Result<ClusterRequest, ApiError> {
    let id = params.text("GlobalClusterIdentifier");
    Ok(ClusterRequest::DescribeGlobalClusters(DescribeGlobalClusters { id, page: params.page()? }))
}

fn modify_global(params: &Params) -> Result<ClusterRequest, ApiError> {
    Ok(ClusterRequest::ModifyGlobalCluster(ModifyGlobalCluster {
        id: params.required("GlobalClusterIdentifier")?,
        deletion_protection: params.parsed("DeletionProtection")?,
    }))
}

fn failover(params: &Params) -> Result<ClusterRequest, ApiError> {
    Ok(ClusterRequest::FailoverGlobalCluster(FailoverGlobalCluster {
        id: params.required("GlobalClusterIdentifier")?,
        target: params.required("TargetDbClusterIdentifier")?,
        allow_data_loss: params.parsed("AllowDataLoss")?,
        switchover: params.parsed("Switchover")?,
    }))
}

/// A request about a global cluster and one of its clusters.
fn both(
    params: &Params,
    cluster: &str,
    request: fn(String, String) -> ClusterRequest,
) -> Result<ClusterRequest, ApiError> {
    Ok(request(params.required("GlobalClusterIdentifier")?, params.required(cluster)?))
}
