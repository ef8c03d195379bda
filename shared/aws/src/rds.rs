//! RDS in one account and Region, over the SDK: pages, retries and converts; decides nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_rds::types::Tag;
use pilot_light_domain::arn::{KmsKeyArn, SnapshotArn};
use pilot_light_domain::database::Database;
use pilot_light_domain::errors::{GatewayError, GatewayErrorKind};
use pilot_light_domain::gateway::{CopySnapshot, CreateSnapshot, RdsGateway};
use pilot_light_domain::ids::{AccountId, Region, SnapshotId};
use pilot_light_domain::snapshot::Snapshot;
use pilot_light_domain::tags::Tags;

use crate::clients::{Clients, Regional};
use crate::convert::{self, required};
use crate::errors::{malformed, of_sdk};
use crate::{keys, presign};

/// The most records that RDS gives in one page.
pub(crate) const PAGE: i32 = 100;
/// The attribute that names the accounts which may restore, and copy, a snapshot.
const RESTORE: &str = "restore";
/// The value of [`RESTORE`] that makes a snapshot public; it is no account.
const EVERYONE: &str = "all";

/// RDS in one account and Region.
#[derive(Debug, Clone)]
pub struct AwsRds {
    clients: Arc<Clients>,
    regional: Arc<Regional>,
}

impl AwsRds {
    pub(crate) fn new(clients: &Arc<Clients>, region: &Region) -> Self {
        Self { clients: Arc::clone(clients), regional: clients.regional(region) }
    }

    async fn snapshots(&self, snapshot_type: &str) -> Result<Vec<Arc<Snapshot>>, GatewayError> {
        const ACTION: &str = "DescribeDBSnapshots";
        let request = self.regional.rds.describe_db_snapshots().snapshot_type(snapshot_type);
        let mut pages = request.max_records(PAGE).into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            for snapshot in page.map_err(of_sdk(ACTION))?.db_snapshots.unwrap_or_default() {
                found.push(Arc::new(convert::snapshot(ACTION, snapshot)?));
            }
        }
        Ok(found)
    }

    async fn read_quota(&self) -> Result<u32, GatewayError> {
        const ACTION: &str = "DescribeAccountAttributes";
        const NAME: &str = "ManualSnapshots";
        let answer = self.regional.rds.describe_account_attributes().send().await.map_err(of_sdk(ACTION))?;
        let quotas = answer.account_quotas();
        let quota = quotas.iter().find(|quota| quota.account_quota_name() == Some(NAME));
        let quota = required(ACTION, "the account", NAME, quota)?;
        let max = required(ACTION, NAME, "Max", quota.max())?;
        u32::try_from(max).map_err(|why| malformed(ACTION, NAME, "Max", why))
    }
}

impl RdsGateway for AwsRds {
    fn region(&self) -> &Region {
        &self.regional.region
    }

    async fn instances(&self) -> Result<Vec<Database>, GatewayError> {
        const ACTION: &str = "DescribeDBInstances";
        let request = self.regional.rds.describe_db_instances();
        let mut pages = request.max_records(PAGE).into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            for instance in page.map_err(of_sdk(ACTION))?.db_instances.unwrap_or_default() {
                found.push(convert::instance(ACTION, instance)?);
            }
        }
        Ok(found)
    }

    async fn own_snapshots(&self) -> Result<Vec<Arc<Snapshot>>, GatewayError> {
        self.snapshots("manual").await
    }

    async fn shared_snapshots(&self) -> Result<Vec<Arc<Snapshot>>, GatewayError> {
        self.snapshots("shared").await
    }

    async fn own_snapshot(&self, id: &SnapshotId) -> Result<Option<Snapshot>, GatewayError> {
        const ACTION: &str = "DescribeDBSnapshots";
        let request = self.regional.rds.describe_db_snapshots().db_snapshot_identifier(id.as_str());
        match request.send().await.map_err(of_sdk(ACTION)) {
            Ok(answer) => {
                let found = answer.db_snapshots.unwrap_or_default().into_iter().next();
                found.map(|snapshot| convert::snapshot(ACTION, snapshot)).transpose()
            }
            Err(error) if error.kind == GatewayErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn snapshot_quota(&self) -> Result<u32, GatewayError> {
        if let Some(max) = self.regional.remembered_quota() {
            return Ok(max);
        }
        let max = self.read_quota().await?;
        self.regional.remember_quota(max);
        Ok(max)
    }

    async fn default_key(&self) -> Result<Option<KmsKeyArn>, GatewayError> {
        keys::default_key(&self.regional).await
    }

    async fn key_is_enabled(&self, key: &KmsKeyArn) -> Result<bool, GatewayError> {
        keys::is_enabled(&self.clients.regional(&key.region), key).await
    }

    async fn shared_with(&self, id: &SnapshotId) -> Result<BTreeSet<AccountId>, GatewayError> {
        const ACTION: &str = "DescribeDBSnapshotAttributes";
        let request = self.regional.rds.describe_db_snapshot_attributes();
        let answer = request.db_snapshot_identifier(id.as_str()).send().await.map_err(of_sdk(ACTION))?;
        let result = answer.db_snapshot_attributes_result();
        let result = required(ACTION, id.as_str(), "DBSnapshotAttributesResult", result)?;
        let attributes = result.db_snapshot_attributes().iter();
        attributes
            .filter(|attribute| attribute.attribute_name() == Some(RESTORE))
            .flat_map(|attribute| attribute.attribute_values())
            .filter(|account| *account != EVERYONE)
            .map(|account| {
                AccountId::new(account).map_err(|why| malformed(ACTION, id.as_str(), RESTORE, why))
            })
            .collect()
    }

    async fn create_snapshot(&self, create: &CreateSnapshot) -> Result<(), GatewayError> {
        let request = self.regional.rds.create_db_snapshot();
        let request = request
            .db_instance_identifier(create.database.as_str())
            .db_snapshot_identifier(create.id.as_str())
            .set_tags(Some(sdk_tags(&create.tags)));
        request.send().await.map(drop).map_err(of_sdk("CreateDBSnapshot"))
    }

    async fn copy_snapshot(&self, copy: &CopySnapshot) -> Result<(), GatewayError> {
        let url = presign::url_for_copy(self.clients.config(), copy, self.region()).await?;
        let request = self.regional.rds.copy_db_snapshot();
        let request = request
            .source_db_snapshot_identifier(copy.source.to_string())
            .target_db_snapshot_identifier(copy.target.as_str())
            .set_kms_key_id(copy.kms_key.as_ref().map(ToString::to_string))
            .set_option_group_name(copy.option_group.clone())
            .set_pre_signed_url(url)
            .set_tags(Some(sdk_tags(&copy.tags)));
        request.send().await.map(drop).map_err(of_sdk("CopyDBSnapshot"))
    }

    async fn share_snapshot(
        &self,
        id: &SnapshotId,
        accounts: &BTreeSet<AccountId>,
    ) -> Result<(), GatewayError> {
        let request = self.regional.rds.modify_db_snapshot_attribute();
        let request = request
            .db_snapshot_identifier(id.as_str())
            .attribute_name(RESTORE)
            .set_values_to_add(Some(accounts.iter().map(ToString::to_string).collect()));
        request.send().await.map(drop).map_err(of_sdk("ModifyDBSnapshotAttribute"))
    }

    async fn tag_snapshot(&self, arn: &SnapshotArn, tags: &Tags) -> Result<(), GatewayError> {
        let request = self.regional.rds.add_tags_to_resource();
        let request = request.resource_name(arn.to_string()).set_tags(Some(sdk_tags(tags)));
        request.send().await.map(drop).map_err(of_sdk("AddTagsToResource"))
    }

    async fn delete_snapshot(&self, id: &SnapshotId) -> Result<(), GatewayError> {
        let request = self.regional.rds.delete_db_snapshot().db_snapshot_identifier(id.as_str());
        request.send().await.map(drop).map_err(of_sdk("DeleteDBSnapshot"))
    }
}

pub(crate) fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

#[cfg(test)]
pub(crate) mod contract;
#[cfg(test)]
mod tests;
