//! Global clusters: one primary cluster, and those in other Regions that follow it.
//!
//! Who takes over from the primary is in `failover`.

mod failover;

use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::database::{Engine, EngineSupport};
use pilot_light_domain::model::ids::AccountId;

pub use self::failover::FailoverState;

use super::before::{Before, Lags};
use super::clusters::{ClusterResponse, CreateGlobalCluster, ModifyGlobalCluster, Step};
use super::error::{
    ApiError, cluster_not_found, cluster_state, global_not_found, global_state, invalid_combination,
    invalid_value, refused,
};
use super::instance::default_version;
use super::lifecycle::Event;
use super::place::Place;
use super::{World, names};

/// What tells a global cluster from all others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GlobalKey {
    /// Owner.
    pub account: AccountId,
    /// `GlobalClusterIdentifier`.
    pub id: String,
}

/// A global cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobalRecord {
    /// Owner and identifier.
    pub key: GlobalKey,
    /// Its state, as AWS spells it.
    pub status: String,
    /// Engine name.
    pub engine: Engine,
    /// Engine version.
    pub engine_version: String,
    /// Whether its clusters are encrypted.
    pub encrypted: bool,
    /// `DeletionProtection`.
    pub deletion_protection: bool,
    /// Its clusters.
    pub members: Vec<GlobalMemberRecord>,
    /// The switchover or failover under way.
    pub failover: Option<FailoverState>,
    next: Option<(Instant, GlobalStep)>,
    pub(super) before: Before<GlobalRecord>,
}

/// One cluster of a global cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobalMemberRecord {
    /// `DBClusterArn`.
    pub cluster: DatabaseArn,
    /// `IsWriter`: it is the primary.
    pub is_writer: bool,
}

/// What a global cluster is on its way to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GlobalStep {
    Available,
    Gone,
    /// The target of the failover is the primary.
    Moved,
}

impl Lags for GlobalRecord {
    fn before(&mut self) -> &mut Before<Self> {
        &mut self.before
    }
}

impl GlobalKey {
    pub(super) fn new(account: &AccountId, id: &str) -> Self {
        Self { account: account.clone(), id: id.to_ascii_lowercase() }
    }
}

impl World {
    pub(super) fn create_global(
        &mut self,
        place: &Place,
        ask: CreateGlobalCluster,
    ) -> Result<ClusterResponse, ApiError> {
        let id = names::database_name("GlobalClusterIdentifier", &ask.id)?;
        let key = GlobalKey::new(&place.account, id.as_str());
        if self.globals.contains_key(&key) {
            let message = format!("Global cluster {id} already exists");
            return Err(refused("GlobalClusterAlreadyExistsFault", message));
        }
        let record = match &ask.source {
            Some(source) => self.around(place, &key, source, &ask)?,
            None => empty(&key, &ask)?,
        };
        for member in &record.members {
            if let Some(cluster) = self.change_cluster(&member.cluster) {
                cluster.global = Some(key.id.clone());
            }
        }
        self.globals.insert(key.clone(), Arc::new(record));
        self.send_global(&key, "creating", GlobalStep::Available);
        self.told_global(&key)
    }

    fn around(
        &self,
        place: &Place,
        key: &GlobalKey,
        source: &str,
        ask: &CreateGlobalCluster,
    ) -> Result<GlobalRecord, ApiError> {
        let cluster = self.cluster(place, source)?;
        if ask.engine.is_some() || ask.encrypted.is_some() {
            return Err(invalid_combination(
                "Engine and StorageEncrypted are those of the source cluster, and must not be given with it.",
            ));
        }
        if let Some(global) = &cluster.global {
            return Err(cluster_state(format!(
                "The cluster {source} is in the global cluster {global} already."
            )));
        }
        if cluster.status != "available" {
            return Err(cluster_state(format!("DB cluster {source} is {}.", cluster.status)));
        }
        let primary = GlobalMemberRecord { cluster: cluster.arn.clone(), is_writer: true };
        Ok(GlobalRecord {
            engine: cluster.engine.clone(),
            engine_version: cluster.engine_version.clone(),
            encrypted: cluster.kms_key.is_some(),
            members: vec![primary],
            ..plain(key, ask)
        })
    }

    pub(super) fn modify_global(
        &mut self,
        place: &Place,
        ask: &ModifyGlobalCluster,
    ) -> Result<ClusterResponse, ApiError> {
        let key = self.available_global(place, &ask.id)?.key.clone();
        if let Some(global) = self.change_global(&key) {
            global.deletion_protection = ask.deletion_protection.unwrap_or(global.deletion_protection);
        }
        self.told_global(&key)
    }

    pub(super) fn delete_global(&mut self, place: &Place, id: &str) -> Result<ClusterResponse, ApiError> {
        let global = self.available_global(place, id)?;
        if global.deletion_protection {
            return Err(invalid_combination(
                "Cannot delete protected Global Cluster, please disable deletion protection and try again.",
            ));
        }
        if !global.members.is_empty() {
            return Err(global_state(format!("Global cluster {id} is not empty")));
        }
        let key = global.key.clone();
        self.send_global(&key, "deleting", GlobalStep::Gone);
        self.told_global(&key)
    }

    /// Takes a cluster out, which stands alone then; a secondary is promoted by that.
    pub(super) fn remove_from_global(
        &mut self,
        place: &Place,
        id: &str,
        cluster: &str,
    ) -> Result<ClusterResponse, ApiError> {
        let global = Arc::clone(self.available_global(place, id)?);
        let member = self.member(&global, cluster)?;
        if member.is_writer && global.members.len() > 1 {
            return Err(global_state(
                "The primary cluster can be removed only once all secondary clusters have been.",
            ));
        }
        self.check_in_service(&place.account, &member.cluster.id.region)?;
        if self.cluster_of(&member.cluster).is_none_or(|found| found.status != "available") {
            return Err(cluster_state(format!("DB cluster {cluster} is not available.")));
        }
        if let Some(global) = self.change_global(&global.key) {
            global.members.retain(|other| other.cluster != member.cluster);
        }
        if let Some(cluster) = self.change_cluster(&member.cluster) {
            cluster.global = None;
            cluster.is_secondary = false;
        }
        if !member.is_writer {
            self.send_cluster(&member.cluster, "promoting", Step::Available);
        }
        self.told_global(&global.key)
    }

    /// A cluster by its ARN, as a member.
    fn member(&self, global: &GlobalRecord, cluster: &str) -> Result<GlobalMemberRecord, ApiError> {
        let arn: DatabaseArn = cluster.parse().map_err(|_| {
            invalid_value(format!("Malformed db cluster arn {cluster}: give the ARN of a cluster."))
        })?;
        let found = global.members.iter().find(|member| member.cluster == arn);
        found.cloned().ok_or_else(|| cluster_not_found(cluster))
    }

    /// A new cluster joins: as the primary where there is none.
    pub(super) fn join_global(&mut self, key: &GlobalKey, cluster: &DatabaseArn) {
        if let Some(global) = self.change_global(key) {
            let is_writer = global.members.is_empty();
            global.members.push(GlobalMemberRecord { cluster: cluster.clone(), is_writer });
        }
    }

    pub(super) fn global(&self, place: &Place, id: &str) -> Result<&Arc<GlobalRecord>, ApiError> {
        self.globals.get(&GlobalKey::new(&place.account, id)).ok_or_else(|| global_not_found(id))
    }

    pub(super) fn available_global(&self, place: &Place, id: &str) -> Result<&Arc<GlobalRecord>, ApiError> {
        let global = self.global(place, id)?;
        if global.status == "available" {
            return Ok(global);
        }
        Err(global_state(format!("Global cluster {id} is {}.", global.status)))
    }

    fn told_global(&self, key: &GlobalKey) -> Result<ClusterResponse, ApiError> {
        let found = self.globals.get(key).cloned();
        found.map(ClusterResponse::Global).ok_or_else(|| global_not_found(&key.id))
    }

    fn change_global(&mut self, key: &GlobalKey) -> Option<&mut GlobalRecord> {
        let (now, until) = (self.now, self.told_from());
        let global = Arc::make_mut(self.globals.get_mut(key)?);
        global.keep_before(now, until);
        Some(global)
    }

    fn send_global(&mut self, key: &GlobalKey, status: &str, step: GlobalStep) {
        let at = self.now + self.lasts(status, &key.id);
        let Some(global) = self.change_global(key) else { return };
        status.clone_into(&mut global.status);
        global.next = Some((at, step));
        self.agenda.insert((at, Event::GlobalReached(key.clone())));
    }

    pub(super) fn reach_global(&mut self, key: &GlobalKey) {
        let Some(global) = self.globals.get_mut(key).map(Arc::make_mut) else { return };
        match global.next.take() {
            Some((_, GlobalStep::Available)) => "available".clone_into(&mut global.status),
            Some((_, GlobalStep::Moved)) => self.finish_failover(key),
            Some((_, GlobalStep::Gone)) => {
                self.globals.remove(key);
            }
            None => {}
        }
    }
}

/// An empty one, which its first cluster will be the primary of.
fn empty(key: &GlobalKey, ask: &CreateGlobalCluster) -> Result<GlobalRecord, ApiError> {
    let engine = Engine(ask.engine.clone().unwrap_or_default().into());
    if engine.support() != EngineSupport::Cluster {
        return Err(invalid_value(format!("Invalid DB engine: '{}'", engine.0)));
    }
    let version = ask.engine_version.clone();
    let engine_version = version.unwrap_or_else(|| default_version(&engine).to_owned());
    let encrypted = ask.encrypted.unwrap_or(false);
    Ok(GlobalRecord { engine, engine_version, encrypted, ..plain(key, ask) })
}

fn plain(key: &GlobalKey, ask: &CreateGlobalCluster) -> GlobalRecord {
    GlobalRecord {
        key: key.clone(),
        status: "creating".to_owned(),
        engine: Engine("".into()),
        engine_version: String::new(),
        encrypted: false,
        deletion_protection: ask.deletion_protection.unwrap_or(false),
        members: Vec::new(),
        failover: None,
        next: None,
        before: Before::default(),
    }
}
