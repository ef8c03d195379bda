//! From the parameters of ElastiCache's actions to the world's requests.

use crate::http::params::Params;
use crate::world::{
    ApiError, CacheRequest, CreateGlobalReplicationGroup, CreateReplicationGroup,
    DescribeGlobalReplicationGroups, DescribeReplicationGroups, FailoverGlobalReplicationGroup, Request,
};

/// The request of `action`, if it is one that is known here.
pub(in crate::http) fn request(action: &str, params: &Params) -> Option<Result<Request, ApiError>> {
    let decoded = match action {
        "CreateReplicationGroup" => create(params),
        "DescribeReplicationGroups" => describe(params),
        "CreateGlobalReplicationGroup" => create_global(params),
        "DescribeGlobalReplicationGroups" => describe_global(params),
        "FailoverGlobalReplicationGroup" => failover(params),
        _ => return None,
    };
    Some(decoded.map(|request| Request::Cache(Box::new(request))))
}

fn create(params: &Params) -> Result<CacheRequest, ApiError> {
    Ok(CacheRequest::CreateReplicationGroup(CreateReplicationGroup {
        id: params.required("ReplicationGroupId")?,
        description: params.required("ReplicationGroupDescription")?,
        datastore: params.text("GlobalReplicationGroupId"),
        engine: params.text("Engine"),
        node_type: params.text("CacheNodeType"),
    }))
}

fn describe(params: &Params) -> Result<CacheRequest, ApiError> {
    let id = params.text("ReplicationGroupId");
    Ok(CacheRequest::DescribeReplicationGroups(DescribeReplicationGroups { id, page: params.page()? }))
}

fn create_global(params: &Params) -> Result<CacheRequest, ApiError> {
    Ok(CacheRequest::CreateGlobalReplicationGroup(CreateGlobalReplicationGroup {
        suffix: params.required("GlobalReplicationGroupIdSuffix")?,
        description: params.text("GlobalReplicationGroupDescription").unwrap_or_default(),
        primary: params.required("PrimaryReplicationGroupId")?,
    }))
}

fn describe_global(params: &Params) -> Result<CacheRequest, ApiError> {
    Ok(CacheRequest::DescribeGlobalReplicationGroups(DescribeGlobalReplicationGroups {
        id: params.text("GlobalReplicationGroupId"),
        show_members: params.flag("ShowMemberInfo")?,
        page: params.page()?,
    }))
}

fn failover(params: &Params) -> Result<CacheRequest, ApiError> {
    Ok(CacheRequest::FailoverGlobalReplicationGroup(FailoverGlobalReplicationGroup {
        id: params.required("GlobalReplicationGroupId")?,
        region: params.required("PrimaryRegion")?,
        group: params.required("PrimaryReplicationGroupId")?,
    }))
}
