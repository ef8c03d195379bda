//! From the parameters of the actions on instances to the world's requests.

use crate::http::params::{Params, invalid};
use crate::world::{
    ApiError, CreateDbInstance, CreateDbInstanceReadReplica, DeleteDbInstance, DescribeDbInstances,
    InstanceOptions, ModifyDbInstance, Request, RestoreDbInstance,
};

pub(in crate::http) fn create(params: &Params) -> Result<Request, ApiError> {
    let options = options(params)?;
    check_complete(params)?;
    Ok(Request::CreateDbInstance(CreateDbInstance {
        name: params.required("DBInstanceIdentifier")?,
        cluster: params.text("DBClusterIdentifier"),
        engine: params.required("Engine")?,
        engine_version: params.text("EngineVersion"),
        class: params.required("DBInstanceClass")?,
        allocated_storage: params.parsed("AllocatedStorage")?,
        master_username: params.text("MasterUsername"),
        master_password: params.text("MasterUserPassword"),
        encrypted: params.flag("StorageEncrypted")?,
        kms_key: params.text("KmsKeyId"),
        tags: params.tags()?.unwrap_or_default(),
        // AWS's default over the API is one day of backups.
        options: InstanceOptions {
            backup_retention_days: options.backup_retention_days.or(Some(1)),
            ..options
        },
    }))
}

/// The parameters that AWS requires unless the instance is a member of a cluster, which has them.
fn check_complete(params: &Params) -> Result<(), ApiError> {
    if params.text("DBClusterIdentifier").is_some() {
        return Ok(());
    }
    let blank = "must be provided and must not be blank.";
    if params.text("AllocatedStorage").is_none() {
        return Err(invalid(
            "The parameter AllocatedStorage must be provided and must not be null.".to_owned(),
        ));
    }
    if params.text("MasterUsername").is_none() {
        return Err(invalid(format!("The parameter MasterUsername {blank}")));
    }
    let is_managed = params.flag("ManageMasterUserPassword")?;
    if params.text("MasterUserPassword").is_none() && !is_managed {
        return Err(invalid(format!("The parameter MasterUserPassword {blank}")));
    }
    Ok(())
}

pub(in crate::http) fn describe(params: &Params) -> Result<Request, ApiError> {
    Ok(Request::DescribeDbInstances(DescribeDbInstances {
        name: params.text("DBInstanceIdentifier"),
        filters: params.filters()?,
        page: params.page()?,
    }))
}

pub(in crate::http) fn modify(params: &Params) -> Result<Request, ApiError> {
    Ok(Request::ModifyDbInstance(ModifyDbInstance {
        name: params.required("DBInstanceIdentifier")?,
        class: params.text("DBInstanceClass"),
        engine_version: params.text("EngineVersion"),
        allocated_storage: params.parsed("AllocatedStorage")?,
        new_name: params.text("NewDBInstanceIdentifier"),
        apply_immediately: params.flag("ApplyImmediately")?,
        options: options(params)?,
    }))
}

pub(in crate::http) fn delete(params: &Params) -> Result<Request, ApiError> {
    Ok(Request::DeleteDbInstance(DeleteDbInstance {
        name: params.required("DBInstanceIdentifier")?,
        skip_final_snapshot: params.flag("SkipFinalSnapshot")?,
        final_snapshot: params.text("FinalDBSnapshotIdentifier"),
    }))
}

pub(in crate::http) fn restore(params: &Params) -> Result<Request, ApiError> {
    Ok(Request::RestoreDbInstanceFromDbSnapshot(RestoreDbInstance {
        name: params.required("DBInstanceIdentifier")?,
        snapshot: params.required("DBSnapshotIdentifier")?,
        class: params.text("DBInstanceClass"),
        allocated_storage: params.parsed("AllocatedStorage")?,
        tags: params.tags()?.unwrap_or_default(),
        options: options(params)?,
    }))
}

pub(in crate::http) fn create_replica(params: &Params) -> Result<Request, ApiError> {
    Ok(Request::CreateDbInstanceReadReplica(CreateDbInstanceReadReplica {
        name: params.required("DBInstanceIdentifier")?,
        source: params.required("SourceDBInstanceIdentifier")?,
        class: params.text("DBInstanceClass"),
        kms_key: params.text("KmsKeyId"),
        tags: params.tags()?.unwrap_or_default(),
        // AWS takes no `BackupRetentionPeriod` here: a replica has no backups until it is given some.
        options: InstanceOptions { backup_retention_days: None, ..options(params)? },
    }))
}

pub(in crate::http) fn promote(params: &Params) -> Result<Request, ApiError> {
    let days = params.parsed("BackupRetentionPeriod")?;
    params.required("DBInstanceIdentifier").map(|name| Request::PromoteReadReplica(name, days))
}

fn options(params: &Params) -> Result<InstanceOptions, ApiError> {
    let groups = params.list("VpcSecurityGroupIds", "VpcSecurityGroupId");
    let port = match params.parsed("Port")? {
        Some(port) => Some(port),
        None => params.parsed("DBPortNumber")?,
    };
    Ok(InstanceOptions {
        multi_az: params.parsed("MultiAZ")?,
        publicly_accessible: params.parsed("PubliclyAccessible")?,
        port,
        storage_type: params.text("StorageType"),
        iops: params.parsed("Iops")?,
        storage_throughput: params.parsed("StorageThroughput")?,
        license_model: params.text("LicenseModel"),
        subnet_group: params.text("DBSubnetGroupName"),
        security_groups: (!groups.is_empty()).then_some(groups),
        parameter_group: params.text("DBParameterGroupName"),
        option_group: params.text("OptionGroupName"),
        deletion_protection: params.parsed("DeletionProtection")?,
        copy_tags_to_snapshot: params.parsed("CopyTagsToSnapshot")?,
        backup_retention_days: params.parsed("BackupRetentionPeriod")?,
        auto_minor_version_upgrade: params.parsed("AutoMinorVersionUpgrade")?,
        monitoring_interval: params.parsed("MonitoringInterval")?,
        monitoring_role: params.text("MonitoringRoleArn"),
        iam_authentication: params.parsed("EnableIAMDatabaseAuthentication")?,
    })
}
