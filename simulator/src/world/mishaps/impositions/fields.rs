//! Imposed fields: records whose answers lack a field, or have another value in it.
//!
//! The world's own record does not change. Filters and rules use its true values. The interfaces apply the edits.

use pilot_light_domain::model::ids::{AccountId, Region};

use super::resource::Resource;
use super::written::{Imposed, ImposedField};
use crate::world::clusters::record::{ClusterRecord, ClusterSnapshotRecord};
use crate::world::instances::record::InstanceRecord;
use crate::world::place::Place;
use crate::world::snapshots::record::SnapshotRecord;
use crate::world::{DatastoreRecord, GlobalRecord, ReplicationGroupRecord, ResourceKind, World};

/// A field of one record in answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldEdit {
    /// AWS's name of the field.
    pub name: String,
    /// Its value; absent if the field is missing.
    pub value: Option<String>,
}

impl World {
    /// True if any field is imposed.
    pub(crate) fn imposes_fields(&self) -> bool {
        self.impositions().any(|standing| edit(&standing.imposition.impose).is_some())
    }

    pub(crate) fn edits_of_instance(&self, record: &InstanceRecord) -> Vec<FieldEdit> {
        let id = &record.arn.id;
        self.edits(|| {
            Resource::at(ResourceKind::Instance, &Place::of_instance(&record.arn), id.name.as_str())
        })
    }

    pub(crate) fn edits_of_snapshot(&self, record: &SnapshotRecord) -> Vec<FieldEdit> {
        let arn = &record.arn;
        self.edits(|| Resource::at(ResourceKind::Snapshot, &Place::of_snapshot(arn), arn.id.as_str()))
    }

    pub(crate) fn edits_of_cluster(&self, record: &ClusterRecord) -> Vec<FieldEdit> {
        let id = &record.arn.id;
        self.edits(|| Resource::at(ResourceKind::Cluster, &Place::of_instance(&record.arn), id.name.as_str()))
    }

    pub(crate) fn edits_of_cluster_snapshot(&self, record: &ClusterSnapshotRecord) -> Vec<FieldEdit> {
        let arn = &record.arn;
        self.edits(|| Resource::at(ResourceKind::ClusterSnapshot, &Place::of_snapshot(arn), arn.id.as_str()))
    }

    pub(crate) fn edits_of_global(&self, record: &GlobalRecord) -> Vec<FieldEdit> {
        self.edits(|| Resource::global(ResourceKind::GlobalCluster, &record.key.account, &record.key.id))
    }

    pub(crate) fn edits_of_datastore(&self, record: &DatastoreRecord) -> Vec<FieldEdit> {
        self.edits(|| Resource::global(ResourceKind::GlobalDatastore, &record.key.account, &record.key.id))
    }

    /// A replication group does not know its own account and Region, so those of the caller are given.
    pub(crate) fn edits_of_group(
        &self,
        (account, region): (&AccountId, &Region),
        record: &ReplicationGroupRecord,
    ) -> Vec<FieldEdit> {
        let place = Place::new(account, region);
        self.edits(|| Resource::at(ResourceKind::ReplicationGroup, &place, &record.id))
    }

    /// The edits of a record, at most one for each field: the latest.
    fn edits(&self, resource: impl FnOnce() -> Resource) -> Vec<FieldEdit> {
        if !self.imposes_fields() {
            return Vec::new();
        }
        let resource = resource();
        let mut edits: Vec<FieldEdit> = Vec::new();
        for standing in self.impositions() {
            let Some(edit) = edit(&standing.imposition.impose) else { continue };
            if resource.is_in(&standing.imposition.on) {
                edits.retain(|earlier| earlier.name != edit.name);
                edits.push(edit);
            }
        }
        edits
    }
}

fn edit(imposed: &Imposed) -> Option<FieldEdit> {
    match imposed {
        Imposed::Missing(name) => Some(FieldEdit { name: name.clone(), value: None }),
        Imposed::Field(ImposedField { name, value }) => {
            Some(FieldEdit { name: name.clone(), value: Some(value.clone()) })
        }
        Imposed::Status(_) | Imposed::Error(_) => None,
    }
}
