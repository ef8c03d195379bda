//! The lists that decide whether a database can be created, over the SDKs of RDS and KMS.
//!
//! A record that lacks its identifier is left out: it can be nobody's group. The security groups of EC2 are in [`super::ec2`].

use std::collections::BTreeSet;

use aws_sdk_rds::types as rds;
use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::model::arn::KmsKeyArn;
use pilot_light_domain::recovery::{
    EngineVersion, Found, Key, Lookup, OptionGroup, Orderable, ParameterGroup, Quota, Quotas, SubnetGroup,
};

use super::{AwsRecovery, ec2};
use crate::convert::required;
use crate::rds::PAGE;
use crate::sdk_error::{malformed, of_sdk};

/// The largest page of `DescribeOrderableDBInstanceOptions`.
const LARGEST_PAGE: i32 = 1000;

impl AwsRecovery {
    pub(super) async fn found(&self, lookup: &Lookup) -> Result<Found, GatewayError> {
        Ok(match lookup {
            Lookup::SubnetGroups => Found::SubnetGroups(self.subnet_groups().await?),
            Lookup::ParameterGroups => Found::ParameterGroups(self.parameter_groups().await?),
            Lookup::OptionGroups => Found::OptionGroups(self.option_groups().await?),
            Lookup::SecurityGroups(ids) => Found::SecurityGroups(
                ec2::security_groups(self.regional.config(), &self.regional.region, ids).await?,
            ),
            Lookup::EngineVersion { engine, version } => {
                Found::EngineVersion(self.engine_version(engine, version).await?)
            }
            Lookup::Orderable { engine, version, class } => {
                Found::Orderable(self.orderable(engine, version.as_deref(), class.as_deref()).await?)
            }
            Lookup::Quotas => Found::Quotas(self.quotas().await?),
            Lookup::Key(key) => Found::Key(Some(self.key(key).await?)),
        })
    }

    async fn subnet_groups(&self) -> Result<Vec<SubnetGroup>, GatewayError> {
        let request = self.rds().describe_db_subnet_groups().max_records(PAGE);
        let mut pages = request.into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(of_sdk("DescribeDBSubnetGroups"))?;
            found.extend(page.db_subnet_groups().iter().filter_map(subnet_group));
        }
        Ok(found)
    }

    async fn parameter_groups(&self) -> Result<Vec<ParameterGroup>, GatewayError> {
        let request = self.rds().describe_db_parameter_groups().max_records(PAGE);
        let mut pages = request.into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(of_sdk("DescribeDBParameterGroups"))?;
            found.extend(page.db_parameter_groups().iter().filter_map(parameter_group));
        }
        Ok(found)
    }

    async fn option_groups(&self) -> Result<Vec<OptionGroup>, GatewayError> {
        let request = self.rds().describe_option_groups().max_records(PAGE);
        let mut pages = request.into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(of_sdk("DescribeOptionGroups"))?;
            found.extend(page.option_groups_list().iter().filter_map(option_group));
        }
        Ok(found)
    }

    async fn engine_version(
        &self,
        engine: &str,
        version: &str,
    ) -> Result<Option<EngineVersion>, GatewayError> {
        let request = self.rds().describe_db_engine_versions().engine(engine).engine_version(version);
        let mut pages = request.include_all(true).max_records(PAGE).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(of_sdk("DescribeDBEngineVersions"))?;
            // A major version would list all of its minor versions.
            let is_it = |found: &&rds::DbEngineVersion| found.engine_version() == Some(version);
            if let Some(found) = page.db_engine_versions().iter().find(is_it) {
                let family = found.db_parameter_group_family.clone();
                return Ok(Some(EngineVersion { family, status: found.status.clone() }));
            }
        }
        Ok(None)
    }

    async fn orderable(
        &self,
        engine: &str,
        version: Option<&str>,
        class: Option<&str>,
    ) -> Result<Vec<Orderable>, GatewayError> {
        let request = self.rds().describe_orderable_db_instance_options().engine(engine).vpc(true);
        let request = request.set_engine_version(version.map(str::to_owned));
        let request = request.set_db_instance_class(class.map(str::to_owned));
        let mut pages = request.max_records(LARGEST_PAGE).into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(of_sdk("DescribeOrderableDBInstanceOptions"))?;
            found.extend(page.orderable_db_instance_options().iter().filter_map(row));
        }
        Ok(found)
    }

    async fn quotas(&self) -> Result<Quotas, GatewayError> {
        const ACTION: &str = "DescribeAccountAttributes";
        let answer = self.rds().describe_account_attributes().send().await.map_err(of_sdk(ACTION))?;
        let quota = |name: &str| {
            let found =
                answer.account_quotas().iter().find(|quota| quota.account_quota_name() == Some(name))?;
            Some(Quota { used: number(found.used())?, max: number(found.max())? })
        };
        Ok(Quotas { instances: quota("DBInstances"), storage_gib: quota("AllocatedStorage") })
    }

    async fn key(&self, key: &str) -> Result<Key, GatewayError> {
        const ACTION: &str = "DescribeKey";
        let answer = self.regional.kms().describe_key().key_id(key).send().await.map_err(of_sdk(ACTION))?;
        let found = required(ACTION, key, "KeyMetadata", answer.key_metadata)?;
        let arn = required(ACTION, key, "Arn", found.arn())?;
        let parsed: KmsKeyArn = arn.parse().map_err(|why| malformed(ACTION, key, "Arn", why))?;
        let state = required(ACTION, key, "KeyState", found.key_state())?;
        Ok(Key { arn: arn.to_owned(), state: state.as_str().to_owned(), region: parsed.region.clone() })
    }
}

fn subnet_group(found: &rds::DbSubnetGroup) -> Option<SubnetGroup> {
    let zone = |subnet: &rds::Subnet| subnet.subnet_availability_zone.as_ref()?.name.clone();
    let zones: BTreeSet<String> = found.subnets().iter().filter_map(zone).collect();
    Some(SubnetGroup {
        name: found.db_subnet_group_name.clone()?,
        vpc: found.vpc_id.clone(),
        zones: zones.into_iter().collect(),
        status: found.subnet_group_status.clone().unwrap_or_default(),
    })
}

fn parameter_group(found: &rds::DbParameterGroup) -> Option<ParameterGroup> {
    Some(ParameterGroup {
        name: found.db_parameter_group_name.clone()?,
        family: found.db_parameter_group_family.clone()?,
    })
}

fn option_group(found: &rds::OptionGroup) -> Option<OptionGroup> {
    Some(OptionGroup {
        name: found.option_group_name.clone()?,
        engine: found.engine_name.clone()?,
        major: found.major_engine_version.clone()?,
        vpc: found.vpc_id.clone().filter(|vpc| !vpc.is_empty()),
    })
}

fn row(found: &rds::OrderableDbInstanceOption) -> Option<Orderable> {
    let size = |number: Option<i32>| number.and_then(|number| u32::try_from(number).ok());
    let zones = found.availability_zones().iter().filter_map(|zone| zone.name.clone());
    Some(Orderable {
        class: found.db_instance_class.clone()?,
        license: found.license_model.clone().unwrap_or_default(),
        storage_type: found.storage_type.clone().unwrap_or_default(),
        multi_az: found.multi_az_capable.unwrap_or(false),
        zones: zones.collect(),
        gib: (size(found.min_storage_size), size(found.max_storage_size)),
        iops: (size(found.min_iops_per_db_instance), size(found.max_iops_per_db_instance)),
        global: found.supports_global_databases,
    })
}

fn number(value: Option<i64>) -> Option<u64> {
    value.and_then(|value| u64::try_from(value).ok())
}
