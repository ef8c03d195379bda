//! [`RdsGateway`] over the world: the same requests as the real gateway makes, page by page.

use std::collections::BTreeSet;
use std::sync::Arc;

use pilot_light_domain::aws::error::{GatewayError, GatewayErrorKind};
use pilot_light_domain::aws::gateway::{CopySnapshot, CreateSnapshot, GroupOfCopy, RdsGateway};
use pilot_light_domain::aws::retries::Repeats;
use pilot_light_domain::model::arn::{KmsKeyArn, SnapshotArn};
use pilot_light_domain::model::database::Database;
use pilot_light_domain::model::ids::{AccountId, Region, SnapshotId};
use pilot_light_domain::model::listing::{Listing, OddRecord};
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::model::tags::Tags;

use super::cloud::SimulatedCloud;
use super::principal::Principal;
use super::simulation::{Simulation, State};
use super::{convert, imposed};
use crate::world::{
    Caller, CopyDbSnapshot, CreateDbSnapshot, DescribeDbInstances, DescribeDbSnapshots, KeyState,
    ModifyDbSnapshotAttribute, Page, Request, Response, SnapshotView, World,
};

/// RDS in one account and Region.
#[derive(Debug, Clone)]
pub struct SimulatedRds {
    simulation: Simulation,
    account: AccountId,
    region: Region,
    principal: Principal,
    /// The side that repeats its calls to RDS.
    repeats: Repeats,
}

impl SimulatedRds {
    /// The gateway of the same worker in any Region.
    pub(super) fn new(cloud: &SimulatedCloud, region: &Region) -> Self {
        Self {
            simulation: cloud.simulation.clone(),
            account: cloud.account.clone(),
            region: region.clone(),
            principal: cloud.principal.clone(),
            repeats: Repeats::Gateway,
        }
    }

    /// The gateway of a recovery, which leaves repeated calls to the SDK.
    pub(super) fn of_recovery(cloud: &SimulatedCloud, region: &Region) -> Self {
        Self { repeats: Repeats::Sdk, ..Self::new(cloud, region) }
    }

    /// The Region that it calls.
    pub(super) fn here(&self) -> &Region {
        &self.region
    }

    pub(super) async fn send(&self, request: Request) -> Result<Response, GatewayError> {
        let action = request.action();
        let caller = Caller { account: self.account.clone() };
        let repeats = if matches!(request, Request::DescribeKey(_)) { Repeats::Sdk } else { self.repeats };
        let effect = |state: &mut State| {
            let answer = state.ask_world(&self.principal, (&caller, &self.region), request.clone());
            answer.map_err(|error| convert::error(action, &error))
        };
        self.simulation.call((&self.account, &self.region), action, repeats, effect).await
    }

    /// Sends a request whose answer does not matter.
    pub(super) async fn order(&self, request: Request) -> Result<(), GatewayError> {
        self.send(request).await.map(|_| ())
    }

    /// Snapshots as the gateway gives them.
    pub(super) fn described(&self, views: &[SnapshotView]) -> Listing<Arc<Snapshot>> {
        self.simulation.with_world(|world| views.iter().map(|view| imposed::snapshot(world, view)).collect())
    }

    /// Records as the gateway gives them.
    pub(super) fn read<R, T>(
        &self,
        records: &[Arc<R>],
        read: impl Fn(&World, &R) -> Result<T, Box<OddRecord>>,
    ) -> Listing<T> {
        self.simulation.with_world(|world| records.iter().map(|record| read(world, record)).collect())
    }

    async fn snapshots(&self, snapshot_type: &str) -> Result<Listing<Arc<Snapshot>>, GatewayError> {
        let mut all = Listing::default();
        let mut marker = None;
        loop {
            let ask = DescribeDbSnapshots {
                snapshot_type: Some(snapshot_type.to_owned()),
                page: Page { max_records: Some(100), marker },
                ..Default::default()
            };
            let listing = match self.send(Request::DescribeDbSnapshots(ask)).await? {
                Response::Snapshots(listing) => listing,
                _ => return Err(convert::unexpected("DescribeDBSnapshots")),
            };
            all.append(self.described(&listing.items));
            marker = listing.marker;
            if marker.is_none() {
                return Ok(all);
            }
        }
    }

    async fn key_state(&self, key: &str) -> Result<Option<(KmsKeyArn, KeyState)>, GatewayError> {
        match self.send(Request::DescribeKey(key.to_owned())).await {
            Ok(Response::Key(found)) => Ok(Some((found.arn, found.state))),
            Ok(_) => Err(convert::unexpected("DescribeKey")),
            Err(error) if error.kind == GatewayErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl RdsGateway for SimulatedRds {
    fn region(&self) -> &Region {
        &self.region
    }

    async fn instances(&self) -> Result<Listing<Database>, GatewayError> {
        let mut all = Listing::default();
        let mut marker = None;
        loop {
            let page = Page { max_records: Some(100), marker };
            let ask = DescribeDbInstances { page, ..Default::default() };
            let listing = match self.send(Request::DescribeDbInstances(ask)).await? {
                Response::Instances(listing) => listing,
                _ => return Err(convert::unexpected("DescribeDBInstances")),
            };
            all.append(self.read(&listing.items, imposed::database));
            marker = listing.marker;
            if marker.is_none() {
                return Ok(all);
            }
        }
    }

    async fn own_snapshots(&self) -> Result<Listing<Arc<Snapshot>>, GatewayError> {
        self.snapshots("manual").await
    }

    async fn shared_snapshots(&self) -> Result<Listing<Arc<Snapshot>>, GatewayError> {
        self.snapshots("shared").await
    }

    async fn own_snapshot(&self, id: &SnapshotId) -> Result<Option<Snapshot>, GatewayError> {
        let ask = DescribeDbSnapshots { id: Some(id.to_string()), ..Default::default() };
        match self.send(Request::DescribeDbSnapshots(ask)).await {
            Ok(Response::Snapshots(listing)) => {
                let found = self.described(&listing.items);
                match found.odd.first() {
                    Some(odd) => {
                        Err(GatewayError::of_code("DescribeDBSnapshots", "missing field", &odd.problem))
                    }
                    None => Ok(found.first().map(|found| Snapshot::clone(found))),
                }
            }
            Ok(_) => Err(convert::unexpected("DescribeDBSnapshots")),
            Err(error) if error.kind == GatewayErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn snapshot_quota(&self) -> Result<u32, GatewayError> {
        const ACTION: &str = "DescribeAccountAttributes";
        let Response::Quotas(quotas) = self.send(Request::DescribeAccountAttributes).await? else {
            return Err(convert::unexpected(ACTION));
        };
        let quota = quotas.iter().find(|quota| quota.name == "ManualSnapshots");
        quota.and_then(|quota| u32::try_from(quota.max).ok()).ok_or_else(|| {
            GatewayError::of_code(ACTION, "missing field", "AccountQuotas has no ManualSnapshots")
        })
    }

    async fn default_key(&self) -> Result<Option<KmsKeyArn>, GatewayError> {
        Ok(self.key_state("alias/aws/rds").await?.map(|(arn, _)| arn))
    }

    async fn key_is_enabled(&self, key: &KmsKeyArn) -> Result<bool, GatewayError> {
        let state = self.key_state(&key.to_string()).await?.map(|(_, state)| state);
        Ok(state == Some(KeyState::Enabled))
    }

    async fn create_snapshot(&self, create: &CreateSnapshot) -> Result<(), GatewayError> {
        self.order(Request::CreateDbSnapshot(CreateDbSnapshot {
            database: create.database.to_string(),
            id: create.id.to_string(),
            tags: Some(create.tags.clone()),
        }))
        .await
    }

    async fn copy_snapshot(&self, copy: &CopySnapshot) -> Result<(), GatewayError> {
        self.order(Request::CopyDbSnapshot(CopyDbSnapshot {
            source: copy.source.to_string(),
            target: copy.target.to_string(),
            kms_key: copy.kms_key.as_ref().map(ToString::to_string),
            option_group: copy.option_group.name().map(str::to_owned),
            copy_option_group: copy.option_group == GroupOfCopy::CopiedAlong,
            copy_tags: false,
            tags: Some(copy.tags.clone()),
        }))
        .await
    }

    async fn change_sharing(
        &self,
        id: &SnapshotId,
        add: &BTreeSet<AccountId>,
        revoke: &BTreeSet<AccountId>,
    ) -> Result<(), GatewayError> {
        let texts = |accounts: &BTreeSet<AccountId>| accounts.iter().map(ToString::to_string).collect();
        self.order(Request::ModifyDbSnapshotAttribute(ModifyDbSnapshotAttribute {
            id: id.to_string(),
            attribute: "restore".to_owned(),
            add: texts(add),
            remove: texts(revoke),
        }))
        .await
    }

    async fn tag_snapshot(&self, arn: &SnapshotArn, tags: &Tags) -> Result<(), GatewayError> {
        self.order(Request::AddTagsToResource(arn.to_string(), tags.clone())).await
    }

    async fn delete_snapshot(&self, id: &SnapshotId) -> Result<(), GatewayError> {
        self.order(Request::DeleteDbSnapshot(id.to_string())).await
    }
}
