//! RDS as a pure world: resources, the rules for using them, and their changes over time.
//!
//! [`World::request`] answers as AWS would at a given instant. [`World::advance`] moves time forward. The world has
//! no clock and no I/O; the fronts have them. Its only randomness is draws from the seed.

mod api;
mod authorization;
mod blue_green;
mod cache;
mod clusters;
mod dump;
mod engine_versions;
mod events;
mod globals;
mod instances;
mod keys;
mod mishaps;
mod network;
mod option_groups;
mod orderable;
mod parameter_groups;
mod place;
mod saved;
mod settings;
mod snapshots;
mod subnet_groups;
mod time;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::{DatabaseArn, SnapshotArn};
use pilot_light_domain::model::ids::Region;

pub use self::api::error::ApiError;
pub use self::api::paging::{Filter, Listing, Page};
pub use self::api::request::{
    Caller, CopyDbSnapshot, CreateDbInstance, CreateDbInstanceReadReplica, CreateDbSnapshot,
    DeleteDbInstance, DescribeDbInstances, DescribeDbSnapshots, ModifyDbInstance, ModifyDbSnapshotAttribute,
    Request, RestoreDbInstance,
};
pub use self::api::response::{Attributes, OneOrPage, Quota, Response};
pub use self::authorization::Permission;
pub use self::blue_green::{BlueGreenRecord, BlueGreenRequest, CreateBlueGreenDeployment, Stage};
pub use self::cache::{
    CacheRequest, CacheResponse, CreateGlobalReplicationGroup, CreateReplicationGroup, DatastoreKey,
    DatastoreMember, DatastoreRecord, DescribeGlobalReplicationGroups, DescribeReplicationGroups,
    FailoverGlobalReplicationGroup, ReplicationGroupRecord,
};
pub use self::clusters::{
    ClusterOptions, ClusterRecord, ClusterRequest, ClusterResponse, ClusterSnapshotRecord, CreateDbCluster,
    CreateGlobalCluster, DeleteDbCluster, DescribeDbClusterSnapshots, DescribeDbClusters,
    DescribeGlobalClusters, FailoverGlobalCluster, ModifyDbCluster, ModifyGlobalCluster,
};
pub use self::dump::clusters::{ClusterDump, DatastoreDump, GlobalDump};
pub use self::dump::{DatabaseDump, Dump, SnapshotDump};
pub use self::engine_versions::{DescribeDbEngineVersions, EngineVersion};
pub use self::events::record::{RdsEvent, SubscriptionRecord};
pub use self::events::request::{
    DescribeEventSubscriptions, DescribeEvents, EventRequest, EventResponse, Subscription,
};
pub use self::globals::{FailoverState, GlobalKey, GlobalMemberRecord, GlobalRecord};
pub use self::instances::record::{InstanceOptions, InstanceRecord, Shape};
pub use self::keys::record::{KeyOrigin, KeyRecord, KeyState};
pub use self::keys::request::{AliasRecord, CreateKey, KmsPage, KmsRequest, KmsResponse};
pub use self::mishaps::impositions::{
    FieldEdit, Imposed, ImposedError, ImposedField, Imposition, InvalidImposition, ResourceKind, Selection,
    Standing,
};
pub use self::mishaps::rules::{Chance, Mishap, Outage, Rules};
pub use self::mishaps::strangers::StrangersSnapshot;
pub use self::network::{
    CreateSecurityGroup, CreateSubnet, CreateVpc, DescribeEc2, Ec2Listing, Ec2Request, Ec2Response,
    SecurityGroupRecord, SubnetRecord, VpcRecord,
};
pub use self::option_groups::{
    CopiedFrom, CreateOptionGroup, DescribeOptionGroups, ModifyOptionGroup, OptionGroupRecord,
    OptionGroupRequest, OptionRecord, OptionToInclude,
};
pub use self::orderable::{DescribeOrderable, OrderableOption};
pub use self::parameter_groups::{CreateParameterGroup, ParameterGroupRecord, ParameterGroupRequest};
pub use self::saved::{InvalidWorld, SavedWorld};
pub use self::settings::{OriginalTime, Settings, VersionStatus};
pub use self::snapshots::modify::ModifyDbSnapshot;
pub use self::snapshots::record::{SnapshotOrigin, SnapshotRecord, SnapshotView};
pub use self::subnet_groups::{CreateSubnetGroup, SubnetGroupRecord, SubnetGroupRequest};
pub use self::time::draw::{InvalidRange, SecondsRange};
pub use self::time::journal::{Happening, JournalEvent};

pub(crate) use self::authorization::via;
pub(crate) use self::instances::{defaults, mirroring, storage, valid};
pub(crate) use self::keys::uuid;
pub(crate) use self::network::placement::Placement;
pub(crate) use self::place::snapshot_arn;
pub(crate) use self::time::draw::{fraction, hash};

use self::events::Events;
use self::keys::Keys;
use self::mishaps::rules::Mishaps;
use self::place::{Holdings, Place};
use self::snapshots::copy_queue::Copies;
use self::time::event::Event;
use self::time::journal::{Journal, copied_by};

/// All accounts and Regions.
#[derive(Debug)]
pub struct World {
    settings: Settings,
    now: Instant,
    places: BTreeMap<Place, Holdings>,
    globals: BTreeMap<GlobalKey, Arc<GlobalRecord>>,
    datastores: BTreeMap<DatastoreKey, Arc<DatastoreRecord>>,
    keys: Keys,
    copies: Copies,
    /// The snapshots shared with an account in a Region, so that listing them need not visit every snapshot.
    shared: BTreeMap<Place, BTreeSet<SnapshotArn>>,
    public: BTreeMap<Region, BTreeSet<SnapshotArn>>,
    agenda: BTreeSet<(Instant, Event)>,
    /// The engine versions of snapshots that are being upgraded.
    upgrades: BTreeMap<SnapshotArn, String>,
    mishaps: Mishaps,
    journal: Journal,
    events: Events,
    /// Deleted instances that can be brought back.
    taken_away: BTreeMap<DatabaseArn, Arc<InstanceRecord>>,
}

impl World {
    /// An empty world at `now`.
    #[must_use]
    pub fn new(settings: Settings, now: Instant) -> Self {
        Self {
            settings,
            now,
            places: BTreeMap::new(),
            globals: BTreeMap::new(),
            datastores: BTreeMap::new(),
            keys: Keys::default(),
            copies: Copies::default(),
            shared: BTreeMap::new(),
            public: BTreeMap::new(),
            agenda: BTreeSet::new(),
            upgrades: BTreeMap::new(),
            mishaps: Mishaps::default(),
            journal: Journal::default(),
            events: Events::default(),
            taken_away: BTreeMap::new(),
        }
    }

    /// The instant that the world has reached.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Durations, quotas and abilities.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Changes the settings for requests from now on.
    pub fn configure(&mut self, settings: Settings) {
        self.settings = settings;
    }

    /// Answers one request in `region` at `now`. An earlier `now` than the world's does not move time back.
    ///
    /// # Errors
    /// [`ApiError`] with the code and status that AWS documents for the action.
    pub fn request(
        &mut self,
        caller: &Caller,
        region: &Region,
        request: Request,
        now: Instant,
    ) -> Result<Response, ApiError> {
        self.advance(now);
        self.check_in_service(&caller.account, region)?;
        self.journal.acting = Some(caller.account.clone());
        let copied = copied_by(&request);
        let answer = match self.imposed_error(caller, region, &request) {
            Some(error) => Err(error),
            None => self.answer(caller, region, request),
        };
        if let Err(error) = &answer {
            self.enter(|_| Some(Happening::Refused(error.code, copied)));
        }
        self.journal.acting = None;
        answer
    }

    /// Answers a request now, even during an outage.
    pub(crate) fn answer(
        &mut self,
        caller: &Caller,
        region: &Region,
        request: Request,
    ) -> Result<Response, ApiError> {
        let answer = self.carry_out(caller, region, request);
        self.show_imposed_statuses();
        answer
    }

    fn carry_out(
        &mut self,
        caller: &Caller,
        region: &Region,
        request: Request,
    ) -> Result<Response, ApiError> {
        let place = Place::new(&caller.account, region);
        match request {
            Request::CreateDbInstance(ask) => self.create_instance(&place, ask),
            Request::DescribeDbInstances(ask) => self.describe_instances(&place, &ask),
            Request::ModifyDbInstance(ask) => self.modify_instance(&place, ask),
            Request::DeleteDbInstance(ask) => self.delete_instance(&place, &ask),
            Request::RestoreDbInstanceFromDbSnapshot(ask) => self.restore_instance(&place, ask),
            Request::CreateDbInstanceReadReplica(ask) => self.create_replica(&place, ask),
            Request::PromoteReadReplica(name, backups) => self.promote_replica(&place, &name, backups),
            Request::StopDbInstance(name, snapshot) => self.stop_instance(&place, &name, snapshot.as_deref()),
            Request::StartDbInstance(name) => self.start_instance(&place, &name),
            Request::BlueGreen(ask) => self.answer_blue_green(&place, *ask),
            Request::OptionGroup(ask) => self.answer_option_group(&place, *ask),
            Request::ParameterGroup(ask) => self.answer_parameter_group(&place, *ask),
            Request::Ec2(ask) => self.answer_ec2(&place, *ask),
            Request::SubnetGroup(ask) => self.answer_subnet_group(&place, *ask),
            Request::DescribeDbEngineVersions(ask) => {
                engine_versions::describe(&self.settings, &ask).map(Response::EngineVersions)
            }
            Request::DescribeOrderable(ask) => {
                orderable::describe(&self.settings, &place, &ask).map(Response::Orderable)
            }
            Request::ModifyDbSnapshot(ask) => self.modify_snapshot(&place, &ask),
            Request::Cache(ask) => self.answer_cache(&place, *ask),
            Request::Cluster(ask) => self.answer_cluster(&place, *ask),
            Request::Event(ask) => self.answer_event(&place, *ask),
            Request::Kms(ask) => self.answer_kms(&place, *ask),
            Request::CreateDbSnapshot(ask) => self.create_snapshot(&place, ask),
            Request::DescribeDbSnapshots(ask) => self.describe_snapshots(&place, &ask),
            Request::CopyDbSnapshot(ask) => self.copy_snapshot(&place, ask),
            Request::DeleteDbSnapshot(id) => self.delete_snapshot(&place, &id),
            Request::DescribeDbSnapshotAttributes(id) => self.describe_attributes(&place, &id),
            Request::ModifyDbSnapshotAttribute(ask) => self.modify_attribute(&place, &ask),
            Request::AddTagsToResource(arn, tags) => self.add_tags(&place, &arn, tags),
            Request::RemoveTagsFromResource(arn, keys) => self.remove_tags(&place, &arn, &keys),
            Request::ListTagsForResource(arn) => self.list_tags(&place, &arn),
            Request::DescribeAccountAttributes => Ok(self.account_attributes(&place)),
            Request::DescribeKey(key) => self.keys.find(&place, &key).cloned().map(Response::Key),
            Request::EnableKey(key) => self.change_key(&place, &key, KeyState::Enabled),
            Request::DisableKey(key) => self.change_key(&place, &key, KeyState::Disabled),
        }
    }

    fn holdings_mut(&mut self, place: &Place) -> &mut Holdings {
        self.places.entry(place.clone()).or_default()
    }
}

#[cfg(test)]
mod tests;
