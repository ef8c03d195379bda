//! Imposed statuses: shown in answers, and used by the rules of requests.
//!
//! The world goes on beneath. An event meets every resource in its true status, so that work that is done meanwhile is
//! done. When an imposition is lifted, the resource has the status that it would have had without it.

use std::collections::BTreeMap;
use std::sync::Arc;

use pilot_light_domain::model::database::InstanceStatus;
use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_domain::model::snapshot::SnapshotStatus;

use super::resource::{Resource, ResourceKind};
use super::written::{Imposed, Selection};
use crate::world::World;
use crate::world::place::Place;
use crate::world::snapshots::record::SnapshotRecord;

/// The status that an imposed one hides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    hidden: String,
    shown: String,
}

const KINDS: [ResourceKind; 7] = [
    ResourceKind::Instance,
    ResourceKind::Snapshot,
    ResourceKind::Cluster,
    ResourceKind::ClusterSnapshot,
    ResourceKind::GlobalCluster,
    ResourceKind::ReplicationGroup,
    ResourceKind::GlobalDatastore,
];

impl World {
    /// Lets an event happen in the world as it is without imposed statuses.
    pub(in crate::world) fn beneath_impositions(&mut self, happen: impl FnOnce(&mut Self)) {
        self.hide_imposed_statuses();
        happen(self);
        self.show_imposed_statuses();
    }

    /// Gives every resource its true status.
    pub(in crate::world) fn hide_imposed_statuses(&mut self) {
        let held = std::mem::take(&mut self.mishaps.impositions.held);
        let kinds = KINDS.into_iter().filter(|kind| held.keys().any(|resource| resource.kind == *kind));
        for kind in kinds.collect::<Vec<_>>() {
            self.each_status(kind, &mut |resource, status| {
                let held = held.get(resource).filter(|held| held.shown == status)?;
                Some(held.hidden.clone())
            });
        }
    }

    /// Gives every resource that an imposition concerns its imposed status. Of several, the latest counts.
    pub(in crate::world) fn show_imposed_statuses(&mut self) {
        let imposed: Vec<(Selection, String)> = self.impositions().filter_map(status).collect();
        if imposed.is_empty() {
            return;
        }
        let mut held = std::mem::take(&mut self.mishaps.impositions.held);
        let mut replaced = BTreeMap::new();
        for kind in KINDS.into_iter().filter(|kind| imposed.iter().any(|(on, _)| on.kind == Some(*kind))) {
            self.each_status(kind, &mut |resource, status| {
                let (_, shown) = imposed.iter().rev().find(|(on, _)| resource.is_in(on))?;
                if held.get(resource).is_some_and(|held| held.shown == *shown) && status == shown {
                    return None;
                }
                let now = Held { hidden: status.to_owned(), shown: shown.clone() };
                if let Some(earlier) = held.insert(resource.clone(), now) {
                    replaced.insert(resource.clone(), earlier);
                }
                Some(shown.clone())
            });
        }
        self.mishaps.impositions.held = held;
        for (resource, earlier) in replaced {
            self.remember_true_status(&resource, earlier);
        }
    }

    /// A request kept the shown status of an instance, to return to it later. It returns to the true one instead.
    fn remember_true_status(&mut self, resource: &Resource, earlier: Held) {
        let (ResourceKind::Instance, Some(region)) = (resource.kind, &resource.region) else { return };
        let Ok(name) = DatabaseName::new(&resource.id) else { return };
        let Some(instance) = self.instance_mut(&Place::new(&resource.account, region), &name) else { return };
        if instance.before_snapshot.as_ref().is_some_and(|before| before.0 == earlier.shown) {
            instance.before_snapshot = Some(InstanceStatus(earlier.hidden));
        }
    }

    /// Visits the status of every resource of a kind, and sets the status that `change` returns.
    fn each_status(&mut self, kind: ResourceKind, change: &mut dyn FnMut(&Resource, &str) -> Option<String>) {
        match kind {
            ResourceKind::GlobalCluster => {
                for (key, record) in &mut self.globals {
                    let resource = Resource::global(kind, &key.account, &key.id);
                    if let Some(status) = change(&resource, &record.status) {
                        Arc::make_mut(record).status = status;
                    }
                }
            }
            ResourceKind::GlobalDatastore => {
                for (key, record) in &mut self.datastores {
                    let resource = Resource::global(kind, &key.account, &key.id);
                    if let Some(status) = change(&resource, &record.status) {
                        Arc::make_mut(record).status = status;
                    }
                }
            }
            _ => self.each_status_of_a_place(kind, change),
        }
    }

    fn each_status_of_a_place(
        &mut self,
        kind: ResourceKind,
        change: &mut dyn FnMut(&Resource, &str) -> Option<String>,
    ) {
        for (place, holdings) in &mut self.places {
            let mut visit = |id: &str, status: &str| change(&Resource::at(kind, place, id), status);
            match kind {
                ResourceKind::Instance => {
                    for (name, record) in &mut holdings.instances {
                        if let Some(status) = visit(name.as_str(), &record.status.0) {
                            Arc::make_mut(record).status = InstanceStatus(status);
                        }
                    }
                }
                ResourceKind::Snapshot => {
                    for (id, record) in &mut holdings.snapshots {
                        if let Some(status) = visit(id.as_str(), record.status.as_str()) {
                            SnapshotRecord::to_change(record).status = SnapshotStatus::from(status);
                        }
                    }
                }
                ResourceKind::Cluster => {
                    for (name, record) in &mut holdings.clusters {
                        if let Some(status) = visit(name.as_str(), &record.status) {
                            Arc::make_mut(record).status = status;
                        }
                    }
                }
                ResourceKind::ClusterSnapshot => {
                    for (id, record) in &mut holdings.cluster_snapshots {
                        if let Some(status) = visit(id.as_str(), &record.status) {
                            Arc::make_mut(record).status = status;
                        }
                    }
                }
                ResourceKind::ReplicationGroup => {
                    for (id, record) in &mut holdings.replication_groups {
                        if let Some(status) = visit(id, &record.status) {
                            Arc::make_mut(record).status = status;
                        }
                    }
                }
                ResourceKind::GlobalCluster | ResourceKind::GlobalDatastore => {}
            }
        }
    }
}

fn status(standing: &super::Standing) -> Option<(Selection, String)> {
    match &standing.imposition.impose {
        Imposed::Status(status) => Some((standing.imposition.on.clone(), status.clone())),
        _ => None,
    }
}
