//! Impositions on a simulation, and imposed fields in the domain's types.
//!
//! The domain's types hold converted values. A record with a value that the real gateway could not convert is an
//! [`OddRecord`] here, as it is there. A field that no gateway reads changes nothing here. Malformed times, numbers and
//! truth values spoil the whole page in the SDK, so impose them over HTTP.

use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::{DatabaseArn, SnapshotArn};
use pilot_light_domain::model::database::Database;
use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_domain::model::listing::OddRecord;
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::model::storage_key::StorageKey;
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::recovery::{DbCluster, DbInstance};

use super::convert;
use super::simulation::Simulation;
use crate::world::{
    ClusterRecord, FieldEdit, Imposition, InstanceRecord, InvalidImposition, ResourceKind, SnapshotView,
    World,
};

/// A field of a record, as a gateway reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    CreatedAt(Option<Instant>),
    OriginalCreatedAt(Option<Instant>),
    DatabaseTime(Option<Instant>),
    CopiedFrom(Option<SnapshotArn>),
    ResourceId(Option<String>),
    Database(DatabaseName),
    Cluster(Option<DatabaseName>),
    /// Used by encrypted resources only, as the real gateway does.
    Key(StorageKey),
    NoTags,
    /// The gateway does not read the field, or the value is that of the record.
    Unread,
    /// The gateway cannot read the record for this reason.
    Odd(String),
}

/// The problem of a record, if it has any, and its fields without those that cannot be read.
struct Odd<'a> {
    edits: &'a [FieldEdit],
    problem: Option<String>,
}

impl Simulation {
    /// Puts an imposition in force, and returns its number.
    ///
    /// # Errors
    /// [`InvalidImposition`] with the allowed values.
    pub fn impose(&self, imposition: Imposition) -> Result<u64, InvalidImposition> {
        self.with_world(|world| world.impose(imposition))
    }

    /// Lifts an imposition; false if there is none with this number.
    #[must_use]
    pub fn lift(&self, id: u64) -> bool {
        self.with_world(|world| world.lift(id))
    }
}

/// A snapshot as a gateway gives it, with the imposed fields.
pub(super) fn snapshot(world: &World, view: &SnapshotView) -> Result<Arc<Snapshot>, Box<OddRecord>> {
    let edits = world.edits_of_snapshot(&view.record);
    if edits.is_empty() {
        return Ok(view.described());
    }
    let mut snapshot = Snapshot::clone(&view.described());
    let mut odd = Odd { edits: &edits, problem: None };
    for edit in &edits {
        match value(ResourceKind::Snapshot, edit) {
            Value::CreatedAt(at) => snapshot.created_at = at,
            Value::OriginalCreatedAt(at) => snapshot.original_created_at = at,
            Value::DatabaseTime(at) => snapshot.database_time = at,
            Value::CopiedFrom(source) => snapshot.copied_from = source,
            Value::ResourceId(id) => snapshot.resource_id = id.map(Into::into),
            Value::Database(name) => snapshot.database = name,
            Value::Key(key) => snapshot.kms_key = snapshot.kms_key.map(|_| key),
            Value::NoTags => snapshot.tags = Tags::new(),
            Value::Odd(why) => odd.problem = Some(format!("{why} of {}", snapshot.arn)),
            Value::Cluster(_) | Value::Unread => {}
        }
    }
    odd.or(|odd| OddRecord {
        arn: odd.text("DBSnapshotArn", || snapshot.arn.to_string()),
        id: odd.text("DBSnapshotIdentifier", || snapshot.arn.id.to_string()),
        database: odd.known("DBInstanceIdentifier", || snapshot.database.clone()),
        engine: odd.known("Engine", || snapshot.engine.clone()),
        status: odd.known("Status", || snapshot.status.clone()),
        time: snapshot.created_at.max(snapshot.original_created_at).max(snapshot.database_time),
        copied_from: snapshot.copied_from.clone(),
        tags: snapshot.tags.clone(),
        ..OddRecord::default()
    })?;
    Ok(Arc::new(snapshot))
}

/// An instance as a gateway gives it, with the imposed fields.
pub(super) fn database(world: &World, record: &InstanceRecord) -> Result<Database, Box<OddRecord>> {
    let mut database = convert::database(record);
    let edits = world.edits_of_instance(record);
    let mut odd = Odd { edits: &edits, problem: None };
    for edit in &edits {
        match value(ResourceKind::Instance, edit) {
            Value::CreatedAt(at) => database.created_at = at,
            Value::Cluster(name) => database.cluster = name,
            Value::Key(key) => database.kms_key = database.kms_key.map(|_| key),
            Value::NoTags => database.tags = Tags::new(),
            Value::Odd(why) => odd.problem = Some(format!("{why} of {}", database.arn)),
            _ => {}
        }
    }
    odd.or(|odd| OddRecord {
        engine: odd.known("Engine", || database.engine.clone()),
        tags: database.tags.clone(),
        ..odd.of_instance(&database.arn, database.cluster.as_ref())
    })?;
    Ok(database)
}

/// An instance as recovery sees it, with the imposed fields.
pub(super) fn db_instance(world: &World, record: &InstanceRecord) -> Result<DbInstance, Box<OddRecord>> {
    let mut instance = convert::db_instance(world, record);
    let edits = world.edits_of_instance(record);
    let mut odd = Odd { edits: &edits, problem: None };
    for edit in &edits {
        match value(ResourceKind::Instance, edit) {
            Value::CreatedAt(at) => instance.created_at = at,
            Value::Cluster(name) => instance.cluster = name,
            Value::NoTags => instance.tags = Tags::new(),
            Value::Odd(why) => odd.problem = Some(format!("{why} of {}", instance.arn)),
            _ => {}
        }
    }
    odd.or(|odd| OddRecord {
        tags: instance.tags.clone(),
        ..odd.of_instance(&instance.arn, instance.cluster.as_ref())
    })?;
    Ok(instance)
}

/// A cluster as recovery sees it, with the imposed fields.
pub(super) fn db_cluster(world: &World, record: &ClusterRecord) -> Result<DbCluster, Box<OddRecord>> {
    let mut cluster = convert::db_cluster(record);
    let edits = world.edits_of_cluster(record);
    let mut odd = Odd { edits: &edits, problem: None };
    for edit in &edits {
        match value(ResourceKind::Cluster, edit) {
            Value::CreatedAt(at) => cluster.created_at = at,
            Value::NoTags => cluster.tags = Tags::new(),
            Value::Odd(why) => odd.problem = Some(format!("{why} of {}", cluster.arn)),
            _ => {}
        }
    }
    odd.or(|odd| OddRecord {
        arn: odd.text("DBClusterArn", || cluster.arn.to_string()),
        id: odd.text("DBClusterIdentifier", || cluster.arn.id.name.to_string()),
        tags: cluster.tags.clone(),
        ..OddRecord::default()
    })?;
    Ok(cluster)
}

impl Odd<'_> {
    /// The record's description as the error, if it has a problem.
    fn or(self, describe: impl FnOnce(&Self) -> OddRecord) -> Result<(), Box<OddRecord>> {
        match &self.problem {
            None => Ok(()),
            Some(problem) => Err(Box::new(OddRecord { problem: problem.clone(), ..describe(&self) })),
        }
    }

    /// The value of a field, unless another one is imposed.
    fn known<T>(&self, field: &str, value: impl FnOnce() -> T) -> Option<T> {
        self.edits.iter().all(|edit| edit.name != field).then(value)
    }

    /// The text of a field, as it is imposed.
    fn text(&self, field: &str, value: impl FnOnce() -> String) -> Option<String> {
        match self.edits.iter().find(|edit| edit.name == field) {
            Some(edit) => edit.value.clone(),
            None => Some(value()),
        }
    }

    fn of_instance(&self, arn: &DatabaseArn, cluster: Option<&DatabaseName>) -> OddRecord {
        OddRecord {
            arn: self.text("DBInstanceArn", || arn.to_string()),
            id: self.text("DBInstanceIdentifier", || arn.id.name.to_string()),
            database: self.known("DBInstanceIdentifier", || arn.id.name.clone()),
            cluster: cluster.map(ToString::to_string),
            ..OddRecord::default()
        }
    }
}

/// The fields that the gateways require of a kind of record.
fn required_fields(kind: ResourceKind) -> &'static [&'static str] {
    match kind {
        ResourceKind::Snapshot => &["DBSnapshotArn", "DBInstanceIdentifier", "Engine", "Status", "Encrypted"],
        ResourceKind::Instance => &["DBInstanceArn", "Engine", "DBInstanceStatus", "StorageEncrypted"],
        ResourceKind::Cluster => &["DBClusterArn", "Engine", "Status", "DbClusterResourceId"],
        _ => &[],
    }
}

/// The value of a field of a kind of record, as the gateways read it.
fn value(kind: ResourceKind, edit: &FieldEdit) -> Value {
    use ResourceKind::{Cluster, Instance, Snapshot};
    let (name, text) = (edit.name.as_str(), edit.value.as_deref());
    let is_required = required_fields(kind).contains(&name);
    match (kind, name) {
        (Snapshot, "SnapshotCreateTime") => read(text, name, Value::CreatedAt),
        (Snapshot, "OriginalSnapshotCreateTime") => read(text, name, Value::OriginalCreatedAt),
        (Snapshot, "SnapshotDatabaseTime") => read(text, name, Value::DatabaseTime),
        (Snapshot, "SourceDBSnapshotIdentifier") => read(text, name, Value::CopiedFrom),
        (Snapshot, "DbiResourceId") => Value::ResourceId(text.map(str::to_owned)),
        (Snapshot, "DBInstanceIdentifier") if text.is_some() => {
            read(text, name, |database| database.map_or(Value::Unread, Value::Database))
        }
        (Instance, "InstanceCreateTime") | (Cluster, "ClusterCreateTime") => {
            read(text, name, Value::CreatedAt)
        }
        (Instance, "DBClusterIdentifier") => read(text, name, Value::Cluster),
        (Snapshot | Instance, "KmsKeyId") => Value::Key(text.unwrap_or_default().into()),
        (Snapshot | Instance | Cluster, "TagList") if text.is_none() => Value::NoTags,
        _ if is_required && text.is_none() => Value::Odd(format!("there is no {name}")),
        (_, "DBSnapshotArn" | "DBInstanceArn" | "DBClusterArn") => {
            Value::Odd(format!("'{}' is the {name}", text.unwrap_or_default()))
        }
        _ => Value::Unread,
    }
}

/// An optional field with its value, or the problem of a malformed value.
fn read<T: FromStr<Err: Display>>(
    text: Option<&str>,
    name: &str,
    of: impl FnOnce(Option<T>) -> Value,
) -> Value {
    match text.map(str::parse).transpose() {
        Ok(value) => of(value),
        Err(why) => Value::Odd(format!("{why} is the {name}")),
    }
}
