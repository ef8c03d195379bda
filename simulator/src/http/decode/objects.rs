//! From the parameters of the actions on stopping, blue/green deployments, snapshots' versions and the catalogue to the
//! world's requests.

use crate::http::params::Params;
use crate::world::{
    ApiError, BlueGreenRequest, CreateBlueGreenDeployment, DescribeDbEngineVersions, DescribeOrderable,
    ModifyDbSnapshot, Request,
};

/// The request of `action`, if it is one of these.
pub(in crate::http) fn request(action: &str, params: &Params) -> Option<Result<Request, ApiError>> {
    Some(match action {
        "StopDBInstance" => stop(params),
        "StartDBInstance" => params.required("DBInstanceIdentifier").map(Request::StartDbInstance),
        "ModifyDBSnapshot" => modify_snapshot(params),
        "CreateBlueGreenDeployment" => create_blue_green(params).map(blue_green),
        "DescribeBlueGreenDeployments" => {
            let id = params.text("BlueGreenDeploymentIdentifier");
            params.page().map(|page| blue_green(BlueGreenRequest::Describe(id, page)))
        }
        "SwitchoverBlueGreenDeployment" => {
            let id = params.required("BlueGreenDeploymentIdentifier");
            id.map(|id| blue_green(BlueGreenRequest::Switchover(id)))
        }
        "DescribeDBEngineVersions" => engine_versions(params),
        "DescribeOrderableDBInstanceOptions" => orderable(params),
        _ => return None,
    })
}

fn blue_green(request: BlueGreenRequest) -> Request {
    Request::BlueGreen(Box::new(request))
}

fn stop(params: &Params) -> Result<Request, ApiError> {
    let snapshot = params.text("DBSnapshotIdentifier");
    params.required("DBInstanceIdentifier").map(|name| Request::StopDbInstance(name, snapshot))
}

fn modify_snapshot(params: &Params) -> Result<Request, ApiError> {
    Ok(Request::ModifyDbSnapshot(ModifyDbSnapshot {
        id: params.required("DBSnapshotIdentifier")?,
        engine_version: params.text("EngineVersion"),
        option_group: params.text("OptionGroupName"),
    }))
}

fn create_blue_green(params: &Params) -> Result<BlueGreenRequest, ApiError> {
    Ok(BlueGreenRequest::Create(CreateBlueGreenDeployment {
        name: params.required("BlueGreenDeploymentName")?,
        source: params.required("Source")?,
        target_engine_version: params.text("TargetEngineVersion"),
        target_class: params.text("TargetDBInstanceClass"),
        tags: params.tags()?.unwrap_or_default(),
    }))
}

fn engine_versions(params: &Params) -> Result<Request, ApiError> {
    Ok(Request::DescribeDbEngineVersions(Box::new(DescribeDbEngineVersions {
        engine: params.text("Engine"),
        engine_version: params.text("EngineVersion"),
        family: params.text("DBParameterGroupFamily"),
        default_only: params.flag("DefaultOnly")?,
        include_all: params.flag("IncludeAll")?,
        filters: params.filters()?,
        page: params.page()?,
    })))
}

fn orderable(params: &Params) -> Result<Request, ApiError> {
    Ok(Request::DescribeOrderable(Box::new(DescribeOrderable {
        engine: params.required("Engine")?,
        engine_version: params.text("EngineVersion"),
        class: params.text("DBInstanceClass"),
        licence: params.text("LicenseModel"),
        vpc: params.parsed("Vpc")?,
        page: params.page()?,
    })))
}
