//! Impositions on a simulation, and imposed fields in the domain's types.
//!
//! The domain's types hold converted values. A value that the real gateway could not convert has no place in them, so
//! it is refused here and can be imposed over HTTP only.

use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::{KmsKeyArn, SnapshotArn};
use pilot_light_domain::model::database::Database;
use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::recovery::{DbCluster, DbInstance};

use super::convert;
use super::simulation::Simulation;
use crate::world::{
    ClusterRecord, FieldEdit, Imposed, Imposition, InstanceRecord, InvalidImposition, ResourceKind,
    SnapshotView, World,
};

/// A field with a value that the domain's types can hold.
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
    Key(KmsKeyArn),
    NoTags,
}

impl Simulation {
    /// Puts an imposition in force, and returns its number.
    ///
    /// # Errors
    /// [`InvalidImposition`] with the allowed values, or for a field that the domain's types cannot hold.
    pub fn impose(&self, imposition: Imposition) -> Result<u64, InvalidImposition> {
        let edit = match &imposition.impose {
            Imposed::Missing(name) => Some(FieldEdit { name: name.clone(), value: None }),
            Imposed::Field(field) => {
                Some(FieldEdit { name: field.name.clone(), value: Some(field.value.clone()) })
            }
            Imposed::Status(_) | Imposed::Error(_) => None,
        };
        if let Some((edit, kind)) = edit.zip(imposition.on.kind) {
            value(kind, &edit).map_err(|why| InvalidImposition::NotInProcess {
                field: edit.name,
                value: edit.value.unwrap_or_else(|| "missing".to_owned()),
                why,
            })?;
        }
        self.with_world(|world| world.impose(imposition))
    }

    /// Lifts an imposition; false if there is none with this number.
    #[must_use]
    pub fn lift(&self, id: u64) -> bool {
        self.with_world(|world| world.lift(id))
    }
}

/// A snapshot as a gateway gives it, with the imposed fields.
pub(super) fn snapshot(world: &World, view: &SnapshotView) -> Arc<Snapshot> {
    let edits = world.edits_of_snapshot(&view.record);
    if edits.is_empty() {
        return view.described();
    }
    let mut snapshot = Snapshot::clone(&view.described());
    for value in values(ResourceKind::Snapshot, &edits) {
        match value {
            Value::CreatedAt(at) => snapshot.created_at = at,
            Value::OriginalCreatedAt(at) => snapshot.original_created_at = at,
            Value::DatabaseTime(at) => snapshot.database_time = at,
            Value::CopiedFrom(source) => snapshot.copied_from = source,
            Value::ResourceId(id) => snapshot.resource_id = id.map(Into::into),
            Value::Database(name) => snapshot.database = name,
            Value::Key(key) => snapshot.kms_key = snapshot.kms_key.map(|_| key),
            Value::NoTags => snapshot.tags = Tags::new(),
            Value::Cluster(_) => {}
        }
    }
    Arc::new(snapshot)
}

/// An instance as a gateway gives it, with the imposed fields.
pub(super) fn database(world: &World, record: &InstanceRecord) -> Database {
    let mut database = convert::database(record);
    for value in values(ResourceKind::Instance, &world.edits_of_instance(record)) {
        match value {
            Value::CreatedAt(at) => database.created_at = at,
            Value::Cluster(name) => database.cluster = name,
            Value::Key(key) => database.kms_key = database.kms_key.map(|_| key),
            Value::NoTags => database.tags = Tags::new(),
            _ => {}
        }
    }
    database
}

/// An instance as recovery sees it, with the imposed fields.
pub(super) fn db_instance(world: &World, record: &InstanceRecord) -> DbInstance {
    let mut instance = convert::db_instance(record);
    for value in values(ResourceKind::Instance, &world.edits_of_instance(record)) {
        match value {
            Value::CreatedAt(at) => instance.created_at = at,
            Value::Cluster(name) => instance.cluster = name,
            Value::NoTags => instance.tags = Tags::new(),
            _ => {}
        }
    }
    instance
}

/// A cluster as recovery sees it, with the imposed fields.
pub(super) fn db_cluster(world: &World, record: &ClusterRecord) -> DbCluster {
    let mut cluster = convert::db_cluster(record);
    for value in values(ResourceKind::Cluster, &world.edits_of_cluster(record)) {
        match value {
            Value::CreatedAt(at) => cluster.created_at = at,
            Value::NoTags => cluster.tags = Tags::new(),
            _ => {}
        }
    }
    cluster
}

/// The values of edits. Each was checked when it was imposed.
fn values(kind: ResourceKind, edits: &[FieldEdit]) -> impl Iterator<Item = Value> {
    edits.iter().filter_map(move |edit| value(kind, edit).ok())
}

/// The value of a field of a kind of record, or the reason why the domain's types cannot hold it.
fn value(kind: ResourceKind, edit: &FieldEdit) -> Result<Value, String> {
    use ResourceKind::{Cluster, Instance, Snapshot};
    let text = edit.value.as_deref();
    Ok(match (kind, edit.name.as_str()) {
        (Snapshot, "SnapshotCreateTime") => Value::CreatedAt(optional(text)?),
        (Snapshot, "OriginalSnapshotCreateTime") => Value::OriginalCreatedAt(optional(text)?),
        (Snapshot, "SnapshotDatabaseTime") => Value::DatabaseTime(optional(text)?),
        (Snapshot, "SourceDBSnapshotIdentifier") => Value::CopiedFrom(optional(text)?),
        (Snapshot, "DbiResourceId") => Value::ResourceId(text.map(str::to_owned)),
        (Snapshot, "DBInstanceIdentifier") => Value::Database(required(text)?),
        (Instance, "InstanceCreateTime") | (Cluster, "ClusterCreateTime") => {
            Value::CreatedAt(optional(text)?)
        }
        (Instance, "DBClusterIdentifier") => Value::Cluster(optional(text)?),
        (Snapshot | Instance, "KmsKeyId") => Value::Key(required(text)?),
        (Snapshot | Instance | Cluster, "TagList") if text.is_none() => Value::NoTags,
        _ => return Err("the types of the gateway have no such value".to_owned()),
    })
}

fn optional<T: FromStr<Err: Display>>(text: Option<&str>) -> Result<Option<T>, String> {
    text.map(|text| text.parse().map_err(|error: T::Err| error.to_string())).transpose()
}

fn required<T: FromStr<Err: Display>>(text: Option<&str>) -> Result<T, String> {
    optional(text)?.ok_or_else(|| "the gateway requires the field".to_owned())
}
