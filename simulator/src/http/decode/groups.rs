//! From the parameters of the actions on option, parameter and subnet groups to the world's requests.

use std::collections::BTreeMap;

use crate::http::params::Params;
use crate::world::{
    ApiError, CreateOptionGroup, CreateParameterGroup, CreateSubnetGroup, DescribeOptionGroups,
    ModifyOptionGroup, OptionGroupRequest, OptionToInclude, ParameterGroupRequest, Request,
    SubnetGroupRequest,
};

/// The request of `action`, if it is one about groups.
pub(in crate::http) fn request(action: &str, params: &Params) -> Option<Result<Request, ApiError>> {
    option_group(action, params)
        .or_else(|| parameter_group(action, params))
        .or_else(|| subnet_group(action, params))
}

fn option_group(action: &str, params: &Params) -> Option<Result<Request, ApiError>> {
    let decoded = match action {
        "CreateOptionGroup" => create_option_group(params),
        "ModifyOptionGroup" => modify_option_group(params),
        "DescribeOptionGroups" => describe_option_groups(params),
        "DeleteOptionGroup" => params.required("OptionGroupName").map(OptionGroupRequest::Delete),
        _ => return None,
    };
    Some(decoded.map(|request| Request::OptionGroup(Box::new(request))))
}

fn create_option_group(params: &Params) -> Result<OptionGroupRequest, ApiError> {
    Ok(OptionGroupRequest::Create(CreateOptionGroup {
        name: params.required("OptionGroupName")?,
        engine: params.required("EngineName")?,
        major_version: params.required("MajorEngineVersion")?,
        description: params.required("OptionGroupDescription")?,
        tags: params.tags()?.unwrap_or_default(),
    }))
}

fn modify_option_group(params: &Params) -> Result<OptionGroupRequest, ApiError> {
    let include = params.prefixes("OptionsToInclude", "OptionConfiguration");
    Ok(OptionGroupRequest::Modify(ModifyOptionGroup {
        name: params.required("OptionGroupName")?,
        include: include.map(|prefix| option(params, &prefix)).collect::<Result<_, _>>()?,
        remove: params.list("OptionsToRemove", "member"),
    }))
}

fn option(params: &Params, prefix: &str) -> Result<OptionToInclude, ApiError> {
    let below = |name: &str| format!("{prefix}.{name}");
    let mut settings = BTreeMap::new();
    for setting in params.prefixes(&below("OptionSettings"), "OptionSetting") {
        let value = params.text(&format!("{setting}.Value")).unwrap_or_default();
        settings.insert(params.required(&format!("{setting}.Name"))?, value);
    }
    Ok(OptionToInclude {
        name: params.required(&below("OptionName"))?,
        port: params.parsed(&below("Port"))?,
        version: params.text(&below("OptionVersion")),
        settings,
    })
}

fn describe_option_groups(params: &Params) -> Result<OptionGroupRequest, ApiError> {
    Ok(OptionGroupRequest::Describe(DescribeOptionGroups {
        name: params.text("OptionGroupName"),
        engine: params.text("EngineName"),
        major_version: params.text("MajorEngineVersion"),
        page: params.page()?,
    }))
}

fn parameter_group(action: &str, params: &Params) -> Option<Result<Request, ApiError>> {
    let decoded = match action {
        "CreateDBParameterGroup" => create_parameter_group(params),
        "DescribeDBParameterGroups" => params
            .page()
            .map(|page| ParameterGroupRequest::Describe(params.text("DBParameterGroupName"), page)),
        "DeleteDBParameterGroup" => {
            params.required("DBParameterGroupName").map(ParameterGroupRequest::Delete)
        }
        _ => return None,
    };
    Some(decoded.map(|request| Request::ParameterGroup(Box::new(request))))
}

fn create_parameter_group(params: &Params) -> Result<ParameterGroupRequest, ApiError> {
    Ok(ParameterGroupRequest::Create(CreateParameterGroup {
        name: params.required("DBParameterGroupName")?,
        family: params.required("DBParameterGroupFamily")?,
        description: params.required("Description")?,
        tags: params.tags()?.unwrap_or_default(),
    }))
}

fn subnet_group(action: &str, params: &Params) -> Option<Result<Request, ApiError>> {
    let decoded = match action {
        "CreateDBSubnetGroup" => create_subnet_group(params),
        "DescribeDBSubnetGroups" => {
            params.page().map(|page| SubnetGroupRequest::Describe(params.text("DBSubnetGroupName"), page))
        }
        "DeleteDBSubnetGroup" => params.required("DBSubnetGroupName").map(SubnetGroupRequest::Delete),
        _ => return None,
    };
    Some(decoded.map(|request| Request::SubnetGroup(Box::new(request))))
}

fn create_subnet_group(params: &Params) -> Result<SubnetGroupRequest, ApiError> {
    Ok(SubnetGroupRequest::Create(CreateSubnetGroup {
        name: params.required("DBSubnetGroupName")?,
        description: params.required("DBSubnetGroupDescription")?,
        subnets: params.list("SubnetIds", "SubnetIdentifier"),
        tags: params.tags()?.unwrap_or_default(),
    }))
}
