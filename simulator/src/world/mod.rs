//! RDS as a pure world: what there is, who may do what with it, and what happens when.
//!
//! [`World::request`] answers as AWS would at the instant it is given, [`World::advance`] lets time pass. There is
//! no clock, no I/O and no randomness but draws from the seed; the fronts bring those.

mod authorization;
mod before;
mod cache;
mod clusters;
mod copies;
mod copy;
mod delete;
mod draw;
mod dump;
mod dump_clusters;
mod error;
mod globals;
mod imposed;
mod instance;
mod instances;
mod journal;
mod keys;
mod lifecycle;
mod listing;
mod modify;
mod names;
mod place;
mod rename;
mod replicas;
mod request;
mod response;
mod restore;
mod rules;
mod settings;
mod sharing;
mod snapshot;
mod snapshots;
mod strangers;
mod tagging;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::{DatabaseArn, SnapshotArn};
use pilot_light_domain::model::ids::{DatabaseName, Region, SnapshotId};

pub use self::authorization::Permission;
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
pub use self::draw::{InvalidRange, SecondsRange};
pub use self::dump::{DatabaseDump, Dump, SnapshotDump};
pub use self::dump_clusters::{ClusterDump, DatastoreDump, GlobalDump};
pub use self::error::ApiError;
pub use self::globals::{FailoverState, GlobalKey, GlobalMemberRecord, GlobalRecord};
pub use self::instance::{InstanceOptions, InstanceRecord, Shape};
pub use self::journal::{Event as JournalEvent, Happening};
pub use self::keys::{KeyOrigin, KeyRecord, KeyState};
pub use self::request::{
    Caller, CopyDbSnapshot, CreateDbInstance, CreateDbInstanceReadReplica, CreateDbSnapshot,
    DeleteDbInstance, DescribeDbInstances, DescribeDbSnapshots, Filter, ModifyDbInstance,
    ModifyDbSnapshotAttribute, Page, Request, RestoreDbInstance,
};
pub use self::response::{Attributes, Listing, Quota, Response};
pub use self::rules::{Chance, Mishap, Outage, Rules};
pub use self::settings::Settings;
pub use self::snapshot::{SnapshotOrigin, SnapshotRecord, SnapshotView};
pub use self::strangers::StrangersSnapshot;

pub(crate) use self::authorization::via;
pub(crate) use self::draw::{fraction, hash};
pub(crate) use self::keys::uuid;
pub(crate) use self::place::snapshot_arn;

use self::copies::Copies;
use self::error::{instance_not_found, snapshot_not_found};
use self::journal::Journal;
use self::keys::Keys;
use self::lifecycle::Event;
use self::place::{Holdings, Place};
use self::rules::Mishaps;

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
    /// What is shared with an account in a Region, so that listing it need not visit every snapshot.
    shared: BTreeMap<Place, BTreeSet<SnapshotArn>>,
    public: BTreeMap<Region, BTreeSet<SnapshotArn>>,
    agenda: BTreeSet<(Instant, Event)>,
    mishaps: Mishaps,
    journal: Journal,
    /// Instances that somebody deleted and will create anew.
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
            mishaps: Mishaps::default(),
            journal: Journal::default(),
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

    /// Changes them for what is asked from now on.
    pub fn configure(&mut self, settings: Settings) {
        self.settings = settings;
    }

    /// Answers one request in `region` at `now`; time never goes back, whatever the caller's clock says.
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
        let answer = self.answer(caller, region, request);
        if let Err(error) = &answer {
            self.enter(|_| Some(Happening::Refused(error.code)));
        }
        self.journal.acting = None;
        answer
    }

    /// Answers a request now, outage or not.
    pub(crate) fn answer(
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
            Request::Cache(ask) => self.answer_cache(&place, *ask),
            Request::Cluster(ask) => self.answer_cluster(&place, *ask),
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

    fn instance(&self, place: &Place, name: &str) -> Result<&Arc<InstanceRecord>, ApiError> {
        DatabaseName::new(&name.to_ascii_lowercase())
            .ok()
            .and_then(|name| self.places.get(place)?.instances.get(&name))
            .ok_or_else(|| instance_not_found(name))
    }

    fn instance_mut(&mut self, place: &Place, name: &DatabaseName) -> Option<&mut InstanceRecord> {
        self.places.get_mut(place)?.instances.get_mut(name).map(Arc::make_mut)
    }

    /// An own snapshot by its identifier in this place.
    fn own_snapshot(&self, place: &Place, id: &str) -> Result<&Arc<SnapshotRecord>, ApiError> {
        SnapshotId::new(&id.to_ascii_lowercase())
            .ok()
            .and_then(|id| self.places.get(place)?.snapshots.get(&id))
            .ok_or_else(|| snapshot_not_found(id))
    }

    fn snapshot(&self, arn: &SnapshotArn) -> Option<&Arc<SnapshotRecord>> {
        self.places.get(&Place::of_snapshot(arn))?.snapshots.get(&arn.id).filter(|found| found.arn == *arn)
    }

    fn snapshot_mut(&mut self, arn: &SnapshotArn) -> Option<&mut SnapshotRecord> {
        let holdings = self.places.get_mut(&Place::of_snapshot(arn))?;
        holdings.snapshots.get_mut(&arn.id).map(SnapshotRecord::to_change).filter(|found| found.arn == *arn)
    }

    fn view(&self, record: &Arc<SnapshotRecord>, place: &Place) -> SnapshotView {
        let mut view = SnapshotView::new(Arc::clone(record), &place.account, self.now);
        if let Some(tags) = self.old_tags(&record.arn) {
            SnapshotRecord::to_change(&mut view.record).tags = tags.clone();
        }
        view
    }

    fn change_key(&mut self, place: &Place, key: &str, state: KeyState) -> Result<Response, ApiError> {
        let arn = self.keys.find(place, key)?.arn.clone();
        if arn.account != place.account || self.keys.is_default(&arn) {
            return Err(error::refused(
                "AccessDeniedException",
                format!("The key {arn} is not the caller's to change."),
            ));
        }
        self.keys.set_state(&arn, state);
        Ok(Response::Done)
    }
}

#[cfg(test)]
mod tests;
