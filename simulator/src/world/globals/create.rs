//! `CreateGlobalCluster`: around an existing cluster, or empty.

use std::sync::Arc;

use pilot_light_domain::model::database::{Engine, EngineSupport};

use super::record::{GlobalKey, GlobalMemberRecord, GlobalRecord, GlobalStep};
use crate::world::World;
use crate::world::api::error::{ApiError, cluster_state, invalid_combination, invalid_value, refused};
use crate::world::api::names;
use crate::world::clusters::request::{ClusterResponse, CreateGlobalCluster};
use crate::world::instances::record::default_version;
use crate::world::place::Place;
use crate::world::time::lag::Before;

impl World {
    pub(in crate::world) fn create_global(
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
        let mut record = match &ask.source {
            Some(source) => self.around(place, &key, source, &ask)?,
            None => empty(&key, &ask)?,
        };
        for member in &record.members {
            if let Some(cluster) = self.change_cluster(&member.cluster) {
                cluster.global = Some(key.id.clone());
            }
        }
        record.before = self.before_creation();
        self.globals.insert(key.clone(), Arc::new(record));
        self.send_global(&key, "creating", GlobalStep::Available);
        self.global_response(&key)
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
}

/// An empty global cluster. Its first cluster becomes the primary.
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
