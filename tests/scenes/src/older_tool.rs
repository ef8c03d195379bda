//! The older tool, rds-snapshot-tool, as far as its requests to RDS: what its seven functions read, decide and request.
//!
//! It is our own account of its behaviour, with its peculiarities. It reads every age from a name, and it matches snapshots
//! and copies by their names alone. The runs of both tools together are in [`crate::both_tools`].

mod names;

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use pilot_light_domain::model::ids::{AccountId, Region};
use pilot_light_domain::model::tags::{self, Tags};
use pilot_light_simulator::world::{
    ApiError, CopyDbSnapshot, CreateDbSnapshot, DescribeDbInstances, DescribeDbSnapshots,
    ModifyDbSnapshotAttribute, Page, Request, Response, SnapshotView,
};

use crate::{DESTINATION, SOURCE, Scene, account, region};

/// An installation of the older tool in the accounts of a scene.
#[derive(Debug, Clone)]
pub struct OlderTool {
    /// Its `BackupInterval`, in hours.
    pub backup_interval: i64,
    /// Its `RetentionDays`, the same in all of its stacks.
    pub retention_days: i64,
    /// The databases that its `InstanceNamePattern` selects.
    pub databases: BTreeSet<String>,
}

/// A list of snapshots by name. Of two with one name, the tool knows only the last.
type ByName = BTreeMap<String, SnapshotView>;

impl OlderTool {
    /// Takes a snapshot of each database that is due.
    pub fn take(&self, scene: &Scene) {
        let now = scene.simulation.now();
        let is_recent = |found: &SnapshotView| {
            found.record.created_at.is_some_and(|at| at >= now - TimeDelta::hours(self.backup_interval))
        };
        let recent: Vec<_> = self.own_of_source(scene).into_values().filter(is_recent).collect();
        for database in self.instances(scene) {
            let of_database = recent.iter().filter(|found| found.record.database.as_str() == database);
            let latest =
                of_database.filter_map(|found| names::hour(found.record.arn.id.as_str(), &database)).max();
            if latest.is_some_and(|latest| now - latest < TimeDelta::hours(self.backup_interval)) {
                continue;
            }
            let stamp = now.format(names::FORMAT).to_string();
            let created = [
                (tags::CREATED_BY, tags::TOOL),
                (tags::CREATED_ON, &stamp),
                (tags::SHARE_AND_COPY, tags::YES),
            ];
            let id = format!("{database}-{stamp}");
            let create = CreateDbSnapshot { database, id, tags: Some(tags::of(created)) };
            ignoring_errors(scene, &in_source(), Request::CreateDbSnapshot(create));
        }
    }

    /// Shares each own snapshot that is available and to be shared.
    pub fn share(&self, scene: &Scene) {
        for (id, found) in self.own_of_source(scene) {
            let is_for_sharing = found.record.tags.has(tags::SHARE_AND_COPY, tags::YES);
            if is_available(&found) && is_for_sharing {
                let add = vec![DESTINATION.to_owned()];
                let share =
                    ModifyDbSnapshotAttribute { id, attribute: "restore".to_owned(), add, remove: vec![] };
                ignoring_errors(scene, &in_source(), Request::ModifyDbSnapshotAttribute(share));
            }
        }
    }

    /// Deletes the own snapshots of the source that are older than the retention.
    pub fn delete_source(&self, scene: &Scene) {
        let found = self.own_of_source(scene);
        self.delete_expired(scene, &in_source(), found);
    }

    /// Copies what is shared: within the Region, in a later run to the destination Region. Then it deletes the first copy.
    pub fn copy(&self, scene: &Scene) {
        let (middle, destination) = (in_middle(scene), in_destination(scene));
        let listed = list(scene, &middle, true);
        let shared = by_name(&listed, "shared");
        let own = by_name(&listed, "manual");
        let copies = by_name(&list(scene, &destination, false), "manual");
        for (name, original) in &shared {
            match (own.get(name), copies.get(name)) {
                (None, None) if self.is_young(scene, name, original) => {
                    self.copy_local(scene, name, original)
                }
                (Some(local), None) if middle != destination && is_available(local) => {
                    self.copy_remote(scene, name, local);
                }
                (Some(_), Some(copy)) if middle != destination && is_available(copy) => {
                    let delete = Request::DeleteDbSnapshot(name.clone());
                    // The tool does not expect this request to fail, so its run ends there.
                    if scene.simulation.request(&middle.0, &middle.1, delete).is_err() {
                        return;
                    }
                }
                _ => {}
            }
        }
    }

    /// Copies the own snapshots of the source to the destination Region of the same account.
    pub fn copy_within_account(&self, scene: &Scene) {
        let copies = by_name(&list(scene, &in_destination(scene), false), "manual");
        for (name, found) in self.own_of_source(scene) {
            if !copies.contains_key(&name) && is_available(&found) && self.is_young(scene, &name, &found) {
                self.copy_remote(scene, &name, &found);
            }
        }
    }

    /// Deletes the copies of the destination that are older than the retention.
    pub fn delete_destination(&self, scene: &Scene) {
        self.delete_copies(scene, tags::COPIED_BY);
    }

    /// Deletes the copies within one account that are older than the retention.
    pub fn delete_within_account(&self, scene: &Scene) {
        self.delete_copies(scene, tags::CREATED_BY);
    }

    fn delete_copies(&self, scene: &Scene, tag: &str) {
        let place = in_destination(scene);
        let mut found = by_name(&list(scene, &place, false), "manual");
        found.retain(|_, copy| copy.record.tags.has(tag, tags::TOOL));
        self.delete_expired(scene, &place, found);
    }

    fn delete_expired(&self, scene: &Scene, place: &Place, found: ByName) {
        let keep_for = TimeDelta::days(self.retention_days);
        for (name, snapshot) in found {
            let named = names::instant(&name, snapshot.record.database.as_str());
            if named.is_some_and(|at| scene.simulation.now() - at > keep_for) {
                ignoring_errors(scene, place, Request::DeleteDbSnapshot(name));
            }
        }
    }

    /// True if a snapshot is young enough to be copied.
    fn is_young(&self, scene: &Scene, name: &str, found: &SnapshotView) -> bool {
        let named = names::instant(name, found.record.database.as_str());
        named.is_some_and(|at| scene.simulation.now() - at < TimeDelta::days(self.retention_days))
    }

    fn copy_local(&self, scene: &Scene, name: &str, original: &SnapshotView) {
        let kms_key = original.record.kms_key.as_ref().map(|_| scene.way.key_between());
        let tags: Option<Tags> = Some(tags::of([(tags::COPIED_BY, tags::TOOL)]));
        let source = original.record.arn.to_string();
        let copy = CopyDbSnapshot { source, target: name.to_owned(), kms_key, tags, ..Default::default() };
        ignoring_errors(scene, &in_middle(scene), Request::CopyDbSnapshot(copy));
    }

    fn copy_remote(&self, scene: &Scene, name: &str, local: &SnapshotView) {
        let kms_key = local.record.kms_key.as_ref().map(|_| scene.way.key());
        let (source, target) = (local.record.arn.to_string(), name.to_owned());
        let copy = CopyDbSnapshot { source, target, kms_key, copy_tags: true, ..Default::default() };
        ignoring_errors(scene, &in_destination(scene), Request::CopyDbSnapshot(copy));
    }

    fn instances(&self, scene: &Scene) -> Vec<String> {
        let (owner, place) = in_source();
        let request = Request::DescribeDbInstances(DescribeDbInstances::default());
        let Ok(Response::Instances(page)) = scene.simulation.request(&owner, &place, request) else {
            return Vec::new();
        };
        let names = page.items.iter().map(|instance| instance.arn.id.name.to_string());
        names.filter(|name| self.databases.contains(name)).collect()
    }

    /// The own snapshots of the source whose time of completion AWS gives.
    fn own_of_source(&self, scene: &Scene) -> ByName {
        let mut found = by_name(&list(scene, &in_source(), false), "manual");
        found.retain(|_, snapshot| {
            let record = &snapshot.record;
            record.created_at.is_some()
                && record.tags.has(tags::CREATED_BY, tags::TOOL)
                && self.databases.contains(record.database.as_str())
        });
        found
    }
}

/// Most functions log a refused request, and go on.
fn ignoring_errors(scene: &Scene, place: &Place, request: Request) {
    let _: Result<Response, ApiError> = scene.simulation.request(&place.0, &place.1, request);
}

type Place = (AccountId, Region);

fn in_source() -> Place {
    (account(SOURCE), region("us-east-1"))
}

/// The place of the first of two copies. Within one account it is the source.
fn in_middle(scene: &Scene) -> Place {
    (scene.way.keeper(), region("us-east-1"))
}

fn in_destination(scene: &Scene) -> Place {
    (scene.way.keeper(), scene.way.region())
}

fn is_available(found: &SnapshotView) -> bool {
    found.record.status.as_str() == "available"
}

fn by_name(listed: &[SnapshotView], snapshot_type: &str) -> ByName {
    let of_type = listed.iter().filter(|found| found.snapshot_type() == snapshot_type);
    of_type.map(|found| (found.record.arn.id.to_string(), found.clone())).collect()
}

/// All pages of a list.
fn list(scene: &Scene, place: &Place, include_shared: bool) -> Vec<SnapshotView> {
    let mut all = Vec::new();
    let mut page = Page::default();
    loop {
        let ask = DescribeDbSnapshots { include_shared, page, ..Default::default() };
        let request = Request::DescribeDbSnapshots(ask);
        let Ok(Response::Snapshots(listing)) = scene.simulation.request(&place.0, &place.1, request) else {
            return all;
        };
        all.extend(listing.items);
        if listing.marker.is_none() {
            return all;
        }
        page = Page { marker: listing.marker, ..Default::default() };
    }
}
