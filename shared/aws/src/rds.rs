//! RDS in one account and Region, over the SDK. The gateway sends requests, reads all pages and converts the answers.
//!
//! It makes no decisions. The pace of the calls is determined in [`paced_call`].

#[cfg(test)]
pub(crate) mod contract;
mod pace;
pub(crate) mod paced_call;
pub(crate) mod presign;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::Arc;

use aws_sdk_rds::types::{DbSnapshot, Tag};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures_util::future::join;
use pilot_light_domain::aws::error::{GatewayError, GatewayErrorKind};
use pilot_light_domain::aws::gateway::{CopySnapshot, CreateSnapshot, GroupOfCopy, RdsGateway};
use pilot_light_domain::model::arn::{KmsKeyArn, SnapshotArn};
use pilot_light_domain::model::database::Database;
use pilot_light_domain::model::ids::{AccountId, Region, SnapshotId};
use pilot_light_domain::model::listing::Listing;
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::model::tags::Tags;

use crate::clients::{Clients, Regional};
use crate::convert::{self, required};
use crate::keys;
use crate::sdk_error::{malformed, of_sdk};

/// The most records that RDS returns in one page.
pub(crate) const PAGE: i32 = 100;
/// The attribute of a snapshot that lists the accounts which may restore and copy it.
const RESTORE: &str = "restore";

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

    async fn snapshots(&self, snapshot_type: &str) -> Result<Listing<Arc<Snapshot>>, GatewayError> {
        const ACTION: &str = "DescribeDBSnapshots";
        let request = self.regional.paced_rds.describe_db_snapshots();
        let request = request.snapshot_type(snapshot_type).max_records(PAGE);
        let ask = async |marker| {
            let request = request.clone().set_marker(marker);
            self.send(ACTION, || answered(ACTION, request.clone().send())).await
        };
        let mut found = Listing::default();
        let mut page = ask(None).await?;
        while page.marker.is_some() {
            // Received records are converted while the next page is on its way.
            let come = page.db_snapshots.take().unwrap_or_default();
            let (next, ()) = join(ask(page.marker), async {
                tokio::task::yield_now().await;
                add_snapshots(&mut found, ACTION, &come);
            })
            .await;
            page = next?;
        }
        add_snapshots(&mut found, ACTION, &page.db_snapshots.unwrap_or_default());
        Ok(found)
    }

    async fn read_quota(&self) -> Result<u32, GatewayError> {
        const ACTION: &str = "DescribeAccountAttributes";
        const NAME: &str = "ManualSnapshots";
        let request = self.regional.paced_rds.describe_account_attributes();
        let answer = self.send(ACTION, || answered(ACTION, request.clone().send())).await?;
        let quotas = answer.account_quotas();
        let quota = quotas.iter().find(|quota| quota.account_quota_name() == Some(NAME));
        let quota = required(ACTION, "the account", NAME, quota)?;
        let max = required(ACTION, NAME, "Max", quota.max())?;
        u32::try_from(max).map_err(|why| malformed(ACTION, NAME, "Max", why))
    }

    /// Sends a call at the pace of the Region, as long as the run has time.
    async fn send<T, F>(&self, action: &'static str, call: impl Fn() -> F) -> Result<T, GatewayError>
    where
        F: Future<Output = Result<T, GatewayError>>,
    {
        paced_call::send(action, self.regional.lane(), self.clients.end(), call).await
    }

    /// Sends a call in the same way, and drops the content of its answer.
    async fn order<T, F>(&self, action: &'static str, call: impl Fn() -> F) -> Result<(), GatewayError>
    where
        F: Future<Output = Result<T, GatewayError>>,
    {
        self.send(action, call).await.map(drop)
    }
}

/// Appends the received snapshots to `found`. Each shares equal values with the one before it, which saves memory.
fn add_snapshots(found: &mut Listing<Arc<Snapshot>>, action: &'static str, come: &[DbSnapshot]) {
    found.records.reserve(come.len());
    for snapshot in come {
        let mut read = convert::listed_snapshot(action, snapshot);
        if let (Ok(snapshot), Some(before)) = (&mut read, found.records.last()) {
            snapshot.reuse(before);
        }
        found.add(read.map(Arc::new));
    }
}

/// Waits for the answer to one request of `action`, and converts its error.
async fn answered<T, E>(
    action: &'static str,
    sent: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
) -> Result<T, GatewayError>
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    sent.await.map_err(of_sdk(action))
}

impl RdsGateway for AwsRds {
    fn region(&self) -> &Region {
        &self.regional.region
    }

    async fn instances(&self) -> Result<Listing<Database>, GatewayError> {
        const ACTION: &str = "DescribeDBInstances";
        let mut request = self.regional.paced_rds.describe_db_instances().max_records(PAGE);
        let mut found = Listing::default();
        loop {
            let page = self.send(ACTION, || answered(ACTION, request.clone().send())).await?;
            for instance in page.db_instances() {
                found.add(convert::listed_instance(ACTION, instance));
            }
            if page.marker.is_none() {
                return Ok(found);
            }
            request = request.set_marker(page.marker);
        }
    }

    async fn own_snapshots(&self) -> Result<Listing<Arc<Snapshot>>, GatewayError> {
        self.snapshots("manual").await
    }

    async fn shared_snapshots(&self) -> Result<Listing<Arc<Snapshot>>, GatewayError> {
        self.snapshots("shared").await
    }

    async fn own_snapshot(&self, id: &SnapshotId) -> Result<Option<Snapshot>, GatewayError> {
        const ACTION: &str = "DescribeDBSnapshots";
        let request = self.regional.paced_rds.describe_db_snapshots().db_snapshot_identifier(id.as_str());
        match self.send(ACTION, || answered(ACTION, request.clone().send())).await {
            Ok(answer) => {
                let found = answer.db_snapshots.unwrap_or_default().into_iter().next();
                found.map(|snapshot| convert::snapshot(ACTION, &snapshot)).transpose()
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

    async fn create_snapshot(&self, create: &CreateSnapshot) -> Result<(), GatewayError> {
        let request = self.regional.paced_rds.create_db_snapshot();
        let request = request
            .db_instance_identifier(create.database.as_str())
            .db_snapshot_identifier(create.id.as_str())
            .set_tags(Some(sdk_tags(&create.tags)));
        self.order("CreateDBSnapshot", || answered("CreateDBSnapshot", request.clone().send())).await
    }

    async fn copy_snapshot(&self, copy: &CopySnapshot) -> Result<(), GatewayError> {
        let url = presign::url_for_copy(self.clients.config(), copy, self.region()).await?;
        let request = self.regional.paced_rds.copy_db_snapshot();
        let request = request
            .source_db_snapshot_identifier(copy.source.to_string())
            .target_db_snapshot_identifier(copy.target.as_str())
            .set_kms_key_id(copy.kms_key.as_ref().map(ToString::to_string))
            .set_option_group_name(copy.option_group.name().map(str::to_owned))
            .set_copy_option_group((copy.option_group == GroupOfCopy::CopiedAlong).then_some(true))
            .set_pre_signed_url(url)
            .set_tags(Some(sdk_tags(&copy.tags)));
        self.order("CopyDBSnapshot", || answered("CopyDBSnapshot", request.clone().send())).await
    }

    async fn change_sharing(
        &self,
        id: &SnapshotId,
        add: &BTreeSet<AccountId>,
        revoke: &BTreeSet<AccountId>,
    ) -> Result<(), GatewayError> {
        let request = self.regional.paced_rds.modify_db_snapshot_attribute();
        let request = request
            .db_snapshot_identifier(id.as_str())
            .attribute_name(RESTORE)
            .set_values_to_add(texts(add))
            .set_values_to_remove(texts(revoke));
        self.order("ModifyDBSnapshotAttribute", || {
            answered("ModifyDBSnapshotAttribute", request.clone().send())
        })
        .await
    }

    async fn tag_snapshot(&self, arn: &SnapshotArn, tags: &Tags) -> Result<(), GatewayError> {
        let request = self.regional.paced_rds.add_tags_to_resource();
        let request = request.resource_name(arn.to_string()).set_tags(Some(sdk_tags(tags)));
        self.order("AddTagsToResource", || answered("AddTagsToResource", request.clone().send())).await
    }

    async fn delete_snapshot(&self, id: &SnapshotId) -> Result<(), GatewayError> {
        let request = self.regional.paced_rds.delete_db_snapshot().db_snapshot_identifier(id.as_str());
        self.order("DeleteDBSnapshot", || answered("DeleteDBSnapshot", request.clone().send())).await
    }
}

/// A list for a request, which leaves an empty one out.
fn texts(accounts: &BTreeSet<AccountId>) -> Option<Vec<String>> {
    (!accounts.is_empty()).then(|| accounts.iter().map(ToString::to_string).collect())
}

pub(crate) fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
