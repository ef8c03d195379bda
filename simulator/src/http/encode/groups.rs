//! Option, parameter and subnet groups as XML.

use super::parts::list;
use crate::http::xml::Xml;
use crate::world::{OneOrPage, OptionGroupRecord, OptionRecord, ParameterGroupRecord, SubnetGroupRecord};

/// One resource in its element, or a page of them.
pub(in crate::http) fn one_or_page<T>(
    xml: &mut Xml,
    names: (&str, &str),
    found: &OneOrPage<T>,
    write: fn(&mut Xml, &T),
) {
    match found {
        OneOrPage::One(one) => xml.element(names.1, |xml| write(xml, one)),
        OneOrPage::Page(page) => list(xml, names, page, |_| Vec::new(), |xml, one| write(xml, one)),
    }
}

pub(in crate::http) fn option_groups(xml: &mut Xml, found: &OneOrPage<OptionGroupRecord>) {
    one_or_page(xml, ("OptionGroupsList", "OptionGroup"), found, option_group);
}

fn option_group(xml: &mut Xml, group: &OptionGroupRecord) {
    xml.text("OptionGroupName", &group.name);
    xml.text("OptionGroupDescription", &group.description);
    xml.text("EngineName", &group.engine);
    xml.text("MajorEngineVersion", &group.major_version);
    xml.text("AllowsVpcAndNonVpcInstanceMemberships", group.options.is_empty());
    xml.optional("VpcId", group.vpc.as_ref());
    xml.text("OptionGroupArn", &group.arn);
    if let Some(from) = &group.copied_from {
        xml.text("SourceOptionGroup", &from.arn);
        xml.text("SourceAccountId", &from.account);
        xml.time("CopyTimestamp", Some(from.at));
    }
    xml.element("Options", |xml| {
        for one in group.options.values() {
            xml.element("Option", |xml| option(xml, one));
        }
    });
}

fn option(xml: &mut Xml, option: &OptionRecord) {
    xml.text("OptionName", &option.name);
    xml.text("Persistent", option.persistent);
    xml.text("Permanent", option.permanent);
    xml.optional("Port", option.port);
    xml.optional("OptionVersion", option.version.as_ref());
    xml.element("OptionSettings", |xml| {
        for (name, value) in &option.settings {
            xml.element("OptionSetting", |xml| {
                xml.text("Name", name);
                xml.text("Value", value);
            });
        }
    });
    xml.element("VpcSecurityGroupMemberships", |_| {});
}

pub(in crate::http) fn parameter_groups(xml: &mut Xml, found: &OneOrPage<ParameterGroupRecord>) {
    one_or_page(xml, ("DBParameterGroups", "DBParameterGroup"), found, |xml, group| {
        xml.text("DBParameterGroupName", &group.name);
        xml.text("DBParameterGroupFamily", &group.family);
        xml.text("Description", &group.description);
        xml.text("DBParameterGroupArn", &group.arn);
    });
}

pub(in crate::http) fn subnet_groups(xml: &mut Xml, found: &OneOrPage<SubnetGroupRecord>) {
    one_or_page(xml, ("DBSubnetGroups", "DBSubnetGroup"), found, subnet_group);
}

/// A subnet group, by itself or as part of an instance.
pub(super) fn subnet_group(xml: &mut Xml, group: &SubnetGroupRecord) {
    xml.text("DBSubnetGroupName", &group.name);
    xml.text("DBSubnetGroupDescription", &group.description);
    xml.text("VpcId", &group.vpc);
    xml.text("SubnetGroupStatus", "Complete");
    xml.element("Subnets", |xml| {
        for (subnet, zone) in &group.subnets {
            xml.element("Subnet", |xml| {
                xml.text("SubnetIdentifier", subnet);
                xml.element("SubnetAvailabilityZone", |xml| xml.text("Name", zone));
                xml.element("SubnetOutpost", |_| {});
                xml.text("SubnetStatus", "Active");
            });
        }
    });
    xml.text("DBSubnetGroupArn", &group.arn);
    xml.element("SupportedNetworkTypes", |xml| xml.text("member", "IPV4"));
}
