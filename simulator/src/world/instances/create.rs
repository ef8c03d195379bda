//! `CreateDBInstance`, and the parts that other actions that create an instance share.

use std::sync::Arc;

use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::database::{Engine, EngineSupport};

use super::record::{InstanceOptions, InstanceRecord, Shape, Transition, default_port, default_version};
use super::{mirroring, valid};
use crate::world::World;
use crate::world::api::error::{ApiError, invalid_combination, invalid_value, key_not_accessible, refused};
use crate::world::api::names;
use crate::world::api::request::CreateDbInstance;
use crate::world::api::response::Response;
use crate::world::engine_versions::catalogue::knows;
use crate::world::engine_versions::chosen;
use crate::world::place::{Holdings, Place};
use crate::world::time::draw::hash;

/// A new instance, created, restored or replicated.
pub(in crate::world) struct NewInstance {
    pub(in crate::world) arn: DatabaseArn,
    pub(in crate::world) record: InstanceRecord,
}

impl World {
    pub(in crate::world) fn create_instance(
        &mut self,
        place: &Place,
        ask: CreateDbInstance,
    ) -> Result<Response, ApiError> {
        if let Some(cluster) = ask.cluster.clone() {
            return self.create_member(place, &cluster, ask);
        }
        let arn = self.unused_instance(place, &ask.name)?;
        names::check_tags(&ask.tags)?;
        let engine = Engine(ask.engine.as_str().into());
        match engine.support() {
            EngineSupport::Unknown => {
                return Err(invalid_value("Invalid DB engine"));
            }
            EngineSupport::Cluster => {
                return Err(refused(
                    "DBClusterNotFoundFault",
                    "The engine needs a DB cluster, of which there is none.",
                ));
            }
            EngineSupport::Instance | EngineSupport::Custom => {}
        }
        valid::check_new(&ask, &engine)?;
        let engine_version = self.version_of_new(&engine, ask.engine_version)?;
        let kms_key = self.storage_key(place, ask.encrypted, ask.kms_key.as_deref())?;
        let shape = Shape {
            resource_id: self.resource_id(&arn),
            engine_version,
            class: ask.class,
            allocated_storage: ask.allocated_storage.unwrap_or_else(|| least_size(&engine, &ask.options)),
            master_username: ask.master_username.unwrap_or_else(|| "admin".to_owned()),
            engine,
        };
        mirroring::check(&shape.engine, &ask.options)?;
        self.check_new(place, &ask.options, &shape)?;
        let options = complete(ask.options, &shape);
        let record = InstanceRecord::new(&arn, Arc::new(shape), kms_key, ask.tags, options);
        Ok(self.insert_instance(place, NewInstance { arn, record }))
    }

    /// The version of a new instance. The customer makes those of RDS Custom for Oracle.
    fn version_of_new(&self, engine: &Engine, asked: Option<String>) -> Result<String, ApiError> {
        if !knows(&engine.0) {
            return Ok(asked.unwrap_or_else(|| default_version(engine).to_owned()));
        }
        chosen(&self.settings, &engine.0, asked.as_deref()).map(str::to_owned)
    }

    /// The ARN of a new instance, if its name can be used.
    pub(in crate::world) fn unused_instance(
        &self,
        place: &Place,
        name: &str,
    ) -> Result<DatabaseArn, ApiError> {
        let name = names::database_name("DBInstanceIdentifier", name)?;
        let is_used = |holdings: &Holdings| {
            holdings.instances.contains_key(&name)
                || holdings.instances.values().any(|other| other.new_name.as_ref() == Some(&name))
        };
        if self.places.get(place).is_some_and(is_used) {
            return Err(refused("DBInstanceAlreadyExists", "DB instance already exists"));
        }
        Ok(place.instance_arn(name))
    }

    pub(in crate::world) fn insert_instance(&mut self, place: &Place, mut new: NewInstance) -> Response {
        new.record.before = self.before_creation();
        self.link_option_group(place, &new.record.options);
        let record = Arc::new(new.record);
        self.holdings_mut(place).instances.insert(new.arn.id.name.clone(), Arc::clone(&record));
        self.schedule(&new.arn, "create", Transition::Available);
        Response::Instance(record)
    }

    /// A `DbiResourceId`, which distinguishes an instance from a later one of the same name.
    pub(in crate::world) fn resource_id(&self, arn: &DatabaseArn) -> String {
        const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let parts = [arn.to_string(), self.now.to_rfc3339()];
        let letters = |salt: u64| {
            let number = hash(salt, &[&parts[0], &parts[1]]);
            (0..13).map(move |n| char::from(LETTERS[(number >> (n * 5)) as usize % 32]))
        };
        format!("db-{}", letters(1).chain(letters(2)).collect::<String>())
    }

    pub(in crate::world) fn storage_key(
        &mut self,
        place: &Place,
        encrypted: bool,
        key: Option<&str>,
    ) -> Result<Option<pilot_light_domain::model::arn::KmsKeyArn>, ApiError> {
        match key {
            None if encrypted => Ok(Some(self.keys.default_of(place, self.now))),
            None => Ok(None),
            Some(_) if !encrypted => {
                Err(invalid_combination("KmsKeyId can only be specified when StorageEncrypted is true"))
            }
            Some(key) => match self.keys.for_encryption(place, key, self.now) {
                Some(arn) => Ok(Some(arn)),
                None => Err(key_not_accessible("specified", key)),
            },
        }
    }
}

/// The size of a new instance whose request names none, which only a caller without a protocol can send.
fn least_size(engine: &Engine, options: &InstanceOptions) -> u32 {
    valid::storage_limits(engine, valid::storage_type(options)).map_or(20, |(least, _)| least.max(20))
}

/// The options with AWS's defaults for those that are fixed at creation.
pub(in crate::world) fn complete(options: InstanceOptions, shape: &Shape) -> InstanceOptions {
    let port = options.port.unwrap_or_else(|| default_port(&shape.engine));
    InstanceOptions { port: Some(port), ..options }
}
