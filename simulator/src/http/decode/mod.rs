//! From the parameters of an action to the world's request.

mod cache;
mod clusters;
mod events;
mod groups;
mod instances;
mod objects;

use crate::http::ec2;
use crate::http::params::Params;
use crate::http::service::Service;
use crate::world::{
    ApiError, CopyDbSnapshot, CreateDbSnapshot, DescribeDbSnapshots, ModifyDbSnapshotAttribute, Request,
};

/// The request that the parameters describe.
pub(in crate::http) fn request(service: Service, params: &Params) -> Result<Request, ApiError> {
    let action = params.text("Action").filter(|action| !action.is_empty()).ok_or_else(|| ApiError {
        code: "MissingAction",
        message: "The request must contain the parameter Action.".to_owned(),
        http_status: 400,
    })?;
    let version = params.text("Version").unwrap_or_else(|| service.version().to_owned());
    if version != service.version() {
        return Err(unknown(&action, &version));
    }
    let decoded = match service {
        Service::Ec2 => ec2::decode::request(&action, params),
        Service::ElastiCache => cache::request(&action, params),
        Service::Rds => clusters::request(&action, params)
            .or_else(|| events::request(&action, params))
            .or_else(|| groups::request(&action, params))
            .or_else(|| objects::request(&action, params))
            .or_else(|| of_rds(&action, params)),
    };
    decoded.unwrap_or_else(|| Err(unknown(&action, &version)))
}

/// The request of an action on instances, snapshots, tags or the account.
fn of_rds(action: &str, params: &Params) -> Option<Result<Request, ApiError>> {
    Some(match action {
        "CreateDBInstance" => instances::create(params),
        "DescribeDBInstances" => instances::describe(params),
        "ModifyDBInstance" => instances::modify(params),
        "DeleteDBInstance" => instances::delete(params),
        "RestoreDBInstanceFromDBSnapshot" => instances::restore(params),
        "CreateDBInstanceReadReplica" => instances::create_replica(params),
        "PromoteReadReplica" => instances::promote(params),
        "CreateDBSnapshot" => create(params),
        "DescribeDBSnapshots" => describe(params),
        "CopyDBSnapshot" => copy(params),
        "DeleteDBSnapshot" => params.required("DBSnapshotIdentifier").map(Request::DeleteDbSnapshot),
        "DescribeDBSnapshotAttributes" => {
            params.required("DBSnapshotIdentifier").map(Request::DescribeDbSnapshotAttributes)
        }
        "ModifyDBSnapshotAttribute" => modify_attribute(params),
        "AddTagsToResource" => {
            let tags = params.tags().map(Option::unwrap_or_default);
            let arn = params.required("ResourceName");
            arn.and_then(|arn| Ok(Request::AddTagsToResource(arn, tags?)))
        }
        "RemoveTagsFromResource" => {
            let keys = params.list("TagKeys", "member");
            params.required("ResourceName").map(|arn| Request::RemoveTagsFromResource(arn, keys))
        }
        "ListTagsForResource" => params.required("ResourceName").map(Request::ListTagsForResource),
        "DescribeAccountAttributes" => Ok(Request::DescribeAccountAttributes),
        _ => return None,
    })
}

fn create(params: &Params) -> Result<Request, ApiError> {
    Ok(Request::CreateDbSnapshot(CreateDbSnapshot {
        database: params.required("DBInstanceIdentifier")?,
        id: params.required("DBSnapshotIdentifier")?,
        tags: params.tags()?,
    }))
}

fn describe(params: &Params) -> Result<Request, ApiError> {
    Ok(Request::DescribeDbSnapshots(DescribeDbSnapshots {
        id: params.text("DBSnapshotIdentifier"),
        database: params.text("DBInstanceIdentifier"),
        resource_id: params.text("DbiResourceId"),
        snapshot_type: params.text("SnapshotType"),
        include_shared: params.flag("IncludeShared")?,
        include_public: params.flag("IncludePublic")?,
        filters: params.filters()?,
        page: params.page()?,
    }))
}

/// `SourceRegion` and `PreSignedUrl` are not read: the source's ARN contains its Region.
fn copy(params: &Params) -> Result<Request, ApiError> {
    Ok(Request::CopyDbSnapshot(CopyDbSnapshot {
        source: params.required("SourceDBSnapshotIdentifier")?,
        target: params.required("TargetDBSnapshotIdentifier")?,
        kms_key: params.text("KmsKeyId"),
        option_group: params.text("OptionGroupName"),
        copy_option_group: params.flag("CopyOptionGroup")?,
        copy_tags: params.flag("CopyTags")?,
        tags: params.tags()?,
    }))
}

fn modify_attribute(params: &Params) -> Result<Request, ApiError> {
    Ok(Request::ModifyDbSnapshotAttribute(ModifyDbSnapshotAttribute {
        id: params.required("DBSnapshotIdentifier")?,
        attribute: params.required("AttributeName")?,
        add: params.list("ValuesToAdd", "AttributeValue"),
        remove: params.list("ValuesToRemove", "AttributeValue"),
    }))
}

fn unknown(action: &str, version: &str) -> ApiError {
    ApiError {
        code: "InvalidAction",
        message: format!("Could not find operation {action} for version {version}"),
        http_status: 400,
    }
}
