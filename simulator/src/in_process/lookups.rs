//! The lists that decide whether a database can be created: the requests of the real gateway, and the domain's answers.

use std::collections::BTreeSet;

use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::recovery::{
    EngineVersion, Found, Key, Lookup, OptionGroup, Orderable, ParameterGroup, Quota, Quotas, SecurityGroup,
    SubnetGroup,
};

use super::convert;
use super::recovery::SimulatedRecovery;
use crate::world::{
    DescribeDbEngineVersions, DescribeEc2, DescribeOptionGroups, DescribeOrderable, Ec2Request, Ec2Response,
    Filter, KeyState, Listing, OneOrPage, OptionGroupRequest, OrderableOption, Page, ParameterGroupRequest,
    Request, Response, SubnetGroupRecord, SubnetGroupRequest, mirroring,
};

impl SimulatedRecovery {
    pub(super) async fn found(&self, lookup: &Lookup) -> Result<Found, GatewayError> {
        Ok(match lookup {
            Lookup::SubnetGroups => Found::SubnetGroups(self.subnet_groups().await?),
            Lookup::ParameterGroups => Found::ParameterGroups(self.parameter_groups().await?),
            Lookup::OptionGroups => Found::OptionGroups(self.option_groups().await?),
            Lookup::SecurityGroups(ids) => Found::SecurityGroups(self.security_groups(ids).await?),
            Lookup::EngineVersion { engine, version } => {
                Found::EngineVersion(self.engine_version(engine, version).await?)
            }
            Lookup::Orderable { engine, version, class } => {
                Found::Orderable(self.orderable(engine, version.as_ref(), class.as_ref()).await?)
            }
            Lookup::Quotas => Found::Quotas(self.quotas().await?),
            Lookup::Key(key) => Found::Key(Some(self.key(key).await?)),
        })
    }

    async fn subnet_groups(&self) -> Result<Vec<SubnetGroup>, GatewayError> {
        let ask = |page| Request::SubnetGroup(Box::new(SubnetGroupRequest::Describe(None, page)));
        let read = |response| match response {
            Response::SubnetGroup(groups) => page_of(groups),
            _ => None,
        };
        Ok(self.all(ask, read).await?.iter().map(|group| subnet_group(group)).collect())
    }

    async fn parameter_groups(&self) -> Result<Vec<ParameterGroup>, GatewayError> {
        let ask = |page| Request::ParameterGroup(Box::new(ParameterGroupRequest::Describe(None, page)));
        let read = |response| match response {
            Response::ParameterGroup(groups) => page_of(groups),
            _ => None,
        };
        let all = self.all(ask, read).await?;
        let group = |name: &str, family: &str| (name.to_owned(), family.to_owned());
        let all = all.iter().map(|found| group(&found.name, &found.family));
        Ok(all.map(|(name, family)| ParameterGroup { name, family }).collect())
    }

    async fn option_groups(&self) -> Result<Vec<OptionGroup>, GatewayError> {
        let ask = |page| {
            let ask = DescribeOptionGroups { page, ..Default::default() };
            Request::OptionGroup(Box::new(OptionGroupRequest::Describe(ask)))
        };
        let read = |response| match response {
            Response::OptionGroup(groups) => page_of(groups),
            _ => None,
        };
        let all = self.all(ask, read).await?;
        let of = all.iter().map(|found| OptionGroup {
            name: found.name.clone(),
            engine: found.engine.clone(),
            major: found.major_version.clone(),
            vpc: found.vpc.clone(),
        });
        Ok(of.collect())
    }

    async fn security_groups(&self, ids: &[String]) -> Result<Vec<SecurityGroup>, GatewayError> {
        let filters = vec![Filter { name: "group-id".to_owned(), values: ids.to_vec() }];
        let ask = Ec2Request::DescribeSecurityGroups(DescribeEc2 { filters, ..Default::default() });
        let Response::Ec2(answer) = self.send(Request::Ec2(Box::new(ask))).await? else {
            return Err(convert::unexpected("DescribeSecurityGroups"));
        };
        let Ec2Response::SecurityGroups(found) = *answer else {
            return Err(convert::unexpected("DescribeSecurityGroups"));
        };
        let found = found.items.into_iter();
        Ok(found.map(|group| SecurityGroup { id: group.id, vpc: group.vpc }).collect())
    }

    async fn engine_version(
        &self,
        engine: &str,
        version: &str,
    ) -> Result<Option<EngineVersion>, GatewayError> {
        let ask = |page| {
            Request::DescribeDbEngineVersions(Box::new(DescribeDbEngineVersions {
                engine: Some(engine.to_owned()),
                engine_version: Some(version.to_owned()),
                include_all: true,
                page,
                ..Default::default()
            }))
        };
        let read = |response| match response {
            Response::EngineVersions(listing) => Some(listing),
            _ => None,
        };
        let all = self.all(ask, read).await?;
        let found = all.iter().find(|found| found.version == version);
        Ok(found.map(|found| EngineVersion {
            family: Some(found.family()),
            status: Some(found.status().to_owned()),
        }))
    }

    async fn orderable(
        &self,
        engine: &str,
        version: Option<&String>,
        class: Option<&String>,
    ) -> Result<Vec<Orderable>, GatewayError> {
        let ask = |page: Page| {
            Request::DescribeOrderable(Box::new(DescribeOrderable {
                engine: engine.to_owned(),
                engine_version: version.cloned(),
                class: class.cloned(),
                licence: None,
                vpc: Some(true),
                page: Page { max_records: Some(1000), ..page },
            }))
        };
        let read = |response| match response {
            Response::Orderable(listing) => Some(listing),
            _ => None,
        };
        Ok(self.all(ask, read).await?.iter().map(row).collect())
    }

    async fn quotas(&self) -> Result<Quotas, GatewayError> {
        let Response::Quotas(quotas) = self.send(Request::DescribeAccountAttributes).await? else {
            return Err(convert::unexpected("DescribeAccountAttributes"));
        };
        let quota = |name: &str| {
            let found = quotas.iter().find(|quota| quota.name == name)?;
            Some(Quota { used: found.used, max: found.max })
        };
        Ok(Quotas { instances: quota("DBInstances"), storage_gib: quota("AllocatedStorage") })
    }

    async fn key(&self, key: &str) -> Result<Key, GatewayError> {
        let Response::Key(found) = self.send(Request::DescribeKey(key.to_owned())).await? else {
            return Err(convert::unexpected("DescribeKey"));
        };
        let state = match found.state {
            KeyState::Enabled => "Enabled",
            KeyState::Disabled => "Disabled",
            KeyState::PendingDeletion => "PendingDeletion",
        };
        Ok(Key { region: found.arn.region.clone(), arn: found.arn.to_string(), state: state.to_owned() })
    }
}

fn page_of<T>(groups: OneOrPage<T>) -> Option<Listing<std::sync::Arc<T>>> {
    match groups {
        OneOrPage::Page(page) => Some(page),
        OneOrPage::One(_) => None,
    }
}

fn subnet_group(found: &SubnetGroupRecord) -> SubnetGroup {
    let zones: BTreeSet<&String> = found.subnets.iter().map(|(_, zone)| zone).collect();
    SubnetGroup {
        name: found.name.clone(),
        vpc: Some(found.vpc.clone()),
        zones: zones.into_iter().cloned().collect(),
        status: "Complete".to_owned(),
    }
}

fn row(found: &OrderableOption) -> Orderable {
    let (least, most) = found.storage_sizes();
    Orderable {
        class: found.class.clone(),
        license: found.licence.to_owned(),
        storage_type: found.storage_type.to_owned(),
        multi_az: mirroring::is_capable(found.version.engine),
        zones: found.zones.clone(),
        gib: (Some(least), Some(most)),
        iops: (None, None),
        global: Some(found.supports_global()),
    }
}
