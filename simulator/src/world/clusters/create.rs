//! `CreateDBCluster`: creates a cluster, alone or as a member of a global cluster.

use std::sync::Arc;

use pilot_light_domain::model::arn::{DatabaseArn, KmsKeyArn};
use pilot_light_domain::model::database::{Engine, EngineSupport};

use super::record::{ClusterRecord, Step};
use super::request::{ClusterResponse, CreateDbCluster};
use crate::world::World;
use crate::world::api::error::{ApiError, invalid_combination, invalid_value, refused};
use crate::world::api::names;
use crate::world::globals::record::GlobalRecord;
use crate::world::instances::record::{default_port, default_version};
use crate::world::place::Place;

impl World {
    pub(in crate::world) fn create_cluster(
        &mut self,
        place: &Place,
        ask: CreateDbCluster,
    ) -> Result<ClusterResponse, ApiError> {
        let name = names::database_name("DBClusterIdentifier", &ask.name)?;
        if self.places.get(place).is_some_and(|holdings| holdings.clusters.contains_key(&name)) {
            return Err(refused("DBClusterAlreadyExistsFault", "DB Cluster already exists"));
        }
        names::check_tags(&ask.tags)?;
        let engine = Engine(ask.engine.clone().into());
        if engine.support() != EngineSupport::Cluster {
            return Err(invalid_value(format!("Invalid DB engine: {}", engine.0)));
        }
        let global = match &ask.global {
            Some(id) => Some(self.joinable(place, id, &ask)?),
            None => None,
        };
        let groups = (ask.options.subnet_group.as_deref(), ask.options.security_groups.as_deref());
        // The storage of a cluster is always in several zones.
        self.check_network_groups(place, groups, true)?;
        let kms_key = self.cluster_key(place, global.as_deref(), &ask)?;
        let arn = place.cluster_arn(name);
        self.insert_cluster(&arn, ask, kms_key, global.as_deref());
        self.send_cluster(&arn, "creating", Step::Available);
        self.cluster(place, arn.id.name.as_str()).cloned().map(ClusterResponse::Cluster)
    }

    fn insert_cluster(
        &mut self,
        arn: &DatabaseArn,
        ask: CreateDbCluster,
        kms_key: Option<KmsKeyArn>,
        global: Option<&GlobalRecord>,
    ) {
        let engine = Engine(ask.engine.into());
        let mut options = ask.options;
        options.port.get_or_insert_with(|| default_port(&engine));
        let record = ClusterRecord {
            arn: arn.clone(),
            resource_id: self.resource_id(arn).replacen("db-", "cluster-", 1),
            engine_version: ask.engine_version.unwrap_or_else(|| default_version(&engine).to_owned()),
            engine,
            status: "creating".to_owned(),
            created_at: None,
            kms_key,
            master_username: ask.master_username.unwrap_or_else(|| "admin".to_owned()),
            members: Vec::new(),
            global: global.map(|global| global.key.id.clone()),
            is_secondary: global.is_some_and(|global| !global.members.is_empty()),
            tags: ask.tags,
            options,
            next: None,
            before: self.before_creation(),
        };
        self.holdings_mut(&Place::of_instance(arn)).clusters.insert(arn.id.name.clone(), Arc::new(record));
        if let Some(global) = global {
            self.join_global(&global.key, arn);
        }
    }

    /// The global cluster that a new cluster of this Region can join.
    fn joinable(
        &self,
        place: &Place,
        id: &str,
        ask: &CreateDbCluster,
    ) -> Result<Arc<GlobalRecord>, ApiError> {
        let global = self.available_global(place, id)?;
        if global.members.iter().any(|member| member.cluster.id.region == place.region) {
            return Err(invalid_value(format!(
                "The global cluster {id} has a cluster in {} already.",
                place.region
            )));
        }
        if global.engine.0 != ask.engine {
            return Err(invalid_combination(format!(
                "The engine of the global cluster {id} is {}, not {}.",
                global.engine.0, ask.engine
            )));
        }
        // Without a version, AWS takes its default one. The text is recorded: aws-cli issue 8139.
        let version = ask.engine_version.as_deref().unwrap_or_else(|| default_version(&global.engine));
        if version != global.engine_version {
            return Err(invalid_value(format!(
                "Value for engineVersion should match setting for global cluster {id}"
            )));
        }
        if ask.master_username.is_some() && !global.members.is_empty() {
            return Err(invalid_combination("Cannot specify user name for cross region replication cluster"));
        }
        Ok(Arc::clone(global))
    }

    /// The key of a new cluster. A secondary is encrypted if its global cluster is, with a key of its own Region.
    fn cluster_key(
        &mut self,
        place: &Place,
        global: Option<&GlobalRecord>,
        ask: &CreateDbCluster,
    ) -> Result<Option<KmsKeyArn>, ApiError> {
        let joined = global.filter(|global| !global.members.is_empty());
        let encrypted = joined.map_or(ask.encrypted.unwrap_or(false), |global| global.encrypted);
        if ask.encrypted.is_some_and(|asked| asked != encrypted) {
            return Err(invalid_combination("Storage encryption must be that of the global cluster."));
        }
        if joined.is_some() && encrypted && ask.kms_key.is_none() {
            return Err(invalid_combination(
                "For encrypted cross-region replica, kmsKeyId should be explicitly specified",
            ));
        }
        self.storage_key(place, encrypted, ask.kms_key.as_deref())
    }
}
