//! From the world's answers to EC2's XML.

use pilot_light_domain::model::ids::AccountId;
use pilot_light_domain::model::tags::Tags;

use crate::http::service::Service;
use crate::http::xml::Xml;
use crate::world::{
    ApiError, Ec2Listing, Ec2Response, Response, SecurityGroupRecord, SubnetRecord, VpcRecord,
};

/// The answer to an action.
pub(in crate::http) fn response(
    action: &str,
    request_id: &str,
    owner: &AccountId,
    response: &Response,
) -> String {
    Xml::root(Service::Ec2, &format!("{action}Response"), |xml| {
        xml.text("requestId", request_id);
        match response {
            Response::Ec2(answer) => result(xml, owner, answer),
            // The answer of an action without content says that it succeeded.
            _ => xml.text("return", true),
        }
    })
}

/// A refusal, in EC2's form.
pub(in crate::http) fn refusal(error: &ApiError, request_id: &str) -> String {
    Xml::root(Service::Ec2, "Response", |xml| {
        xml.element("Errors", |xml| {
            xml.element("Error", |xml| {
                xml.text("Code", error.code);
                xml.text("Message", &error.message);
            });
        });
        xml.text("RequestID", request_id);
    })
}

fn result(xml: &mut Xml, owner: &AccountId, answer: &Ec2Response) {
    match answer {
        Ec2Response::Vpc(found) => xml.element("vpc", |xml| vpc(xml, owner, found)),
        Ec2Response::Subnet(found) => xml.element("subnet", |xml| subnet(xml, owner, found)),
        Ec2Response::SecurityGroup(found) => xml.text("groupId", &found.id),
        Ec2Response::Vpcs(found) => list(xml, "vpcSet", found, |xml, one| vpc(xml, owner, one)),
        Ec2Response::Subnets(found) => list(xml, "subnetSet", found, |xml, one| subnet(xml, owner, one)),
        Ec2Response::SecurityGroups(found) => {
            list(xml, "securityGroupInfo", found, |xml, one| security_group(xml, owner, one));
        }
    }
}

fn list<T>(xml: &mut Xml, name: &str, found: &Ec2Listing<T>, write: impl Fn(&mut Xml, &T)) {
    xml.element(name, |xml| {
        for one in &found.items {
            xml.element("item", |xml| write(xml, one));
        }
    });
    xml.optional("nextToken", found.token.as_ref());
}

fn vpc(xml: &mut Xml, owner: &AccountId, found: &VpcRecord) {
    xml.text("vpcId", &found.id);
    xml.text("ownerId", owner);
    xml.text("state", "available");
    xml.text("cidrBlock", &found.cidr);
    xml.text("isDefault", found.is_default);
    tags(xml, &found.tags);
}

fn subnet(xml: &mut Xml, owner: &AccountId, found: &SubnetRecord) {
    xml.text("subnetId", &found.id);
    xml.text("ownerId", owner);
    xml.text("state", "available");
    xml.text("vpcId", &found.vpc);
    xml.text("cidrBlock", &found.cidr);
    xml.text("availableIpAddressCount", found.free_addresses());
    xml.text("availabilityZone", &found.zone);
    xml.text("defaultForAz", found.is_default);
    tags(xml, &found.tags);
}

fn security_group(xml: &mut Xml, owner: &AccountId, found: &SecurityGroupRecord) {
    xml.text("groupId", &found.id);
    xml.text("ownerId", owner);
    xml.text("groupName", &found.name);
    xml.text("groupDescription", &found.description);
    xml.text("vpcId", &found.vpc);
    for rules in ["ipPermissions", "ipPermissionsEgress"] {
        xml.element(rules, |_| {});
    }
    tags(xml, &found.tags);
}

fn tags(xml: &mut Xml, tags: &Tags) {
    xml.element("tagSet", |xml| {
        for (key, value) in tags.iter() {
            xml.element("item", |xml| {
                xml.text("key", key);
                xml.text("value", value);
            });
        }
    });
}
