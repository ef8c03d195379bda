//! From the parameters of EC2's actions to the world's requests.

use pilot_light_domain::model::tags::Tags;

use crate::http::params::Params;
use crate::world::{
    ApiError, CreateSecurityGroup, CreateSubnet, CreateVpc, DescribeEc2, Ec2Request, Filter, Request,
};

/// The request of `action`, if it is one of these.
pub(in crate::http) fn request(action: &str, params: &Params) -> Option<Result<Request, ApiError>> {
    let decoded = match action {
        "CreateVpc" => create_vpc(params),
        "CreateSubnet" => create_subnet(params),
        "CreateSecurityGroup" => create_security_group(params),
        "DescribeVpcs" => describe(params, "VpcId").map(Ec2Request::DescribeVpcs),
        "DescribeSubnets" => describe(params, "SubnetId").map(Ec2Request::DescribeSubnets),
        "DescribeSecurityGroups" => describe(params, "GroupId").map(Ec2Request::DescribeSecurityGroups),
        "DeleteVpc" => params.required("VpcId").map(Ec2Request::DeleteVpc),
        "DeleteSubnet" => params.required("SubnetId").map(Ec2Request::DeleteSubnet),
        "DeleteSecurityGroup" => params.required("GroupId").map(Ec2Request::DeleteSecurityGroup),
        _ => return None,
    };
    Some(decoded.map(|request| Request::Ec2(Box::new(request))))
}

fn create_vpc(params: &Params) -> Result<Ec2Request, ApiError> {
    let cidr = params.required("CidrBlock")?;
    Ok(Ec2Request::CreateVpc(CreateVpc { cidr, tags: tags(params)? }))
}

fn create_subnet(params: &Params) -> Result<Ec2Request, ApiError> {
    Ok(Ec2Request::CreateSubnet(CreateSubnet {
        vpc: params.required("VpcId")?,
        cidr: params.required("CidrBlock")?,
        zone: params.text("AvailabilityZone"),
        tags: tags(params)?,
    }))
}

fn create_security_group(params: &Params) -> Result<Ec2Request, ApiError> {
    Ok(Ec2Request::CreateSecurityGroup(CreateSecurityGroup {
        name: params.required("GroupName")?,
        description: params.required("GroupDescription")?,
        vpc: params.text("VpcId"),
        tags: tags(params)?,
    }))
}

fn describe(params: &Params, id: &str) -> Result<DescribeEc2, ApiError> {
    Ok(DescribeEc2 {
        ids: texts(params, id),
        filters: params.numbered("Filter").map(|prefix| filter(params, &prefix)).collect::<Result<_, _>>()?,
        most: params.parsed("MaxResults")?,
        token: params.text("NextToken"),
    })
}

fn filter(params: &Params, prefix: &str) -> Result<Filter, ApiError> {
    let name = params.required(&format!("{prefix}.Name"))?;
    Ok(Filter { name, values: texts(params, &format!("{prefix}.Value")) })
}

fn texts(params: &Params, name: &str) -> Vec<String> {
    params.numbered(name).filter_map(|name| params.text(&name)).collect()
}

/// The tags of all specifications. Each action here makes one kind of resource.
fn tags(params: &Params) -> Result<Tags, ApiError> {
    let mut tags = Tags::new();
    for specification in params.numbered("TagSpecification") {
        for tag in params.numbered(&format!("{specification}.Tag")) {
            let value = params.text(&format!("{tag}.Value")).unwrap_or_default();
            tags.insert(params.required(&format!("{tag}.Key"))?, value);
        }
    }
    Ok(tags)
}
