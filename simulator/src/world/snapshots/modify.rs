//! `ModifyDBSnapshot`: upgrades the engine version of a manual snapshot, or gives it another option group.
//!
//! Meanwhile the snapshot is `upgrading`, and "all snapshot actions are disabled" ("Upgrading a MySQL DB snapshot engine
//! version"). AWS documents the duration nowhere: it is that of a change of an instance.

use std::sync::Arc;

use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::snapshot::SnapshotStatus;

use super::record::SnapshotRecord;
use crate::world::World;
use crate::world::api::error::{ApiError, invalid_combination, invalid_value, snapshot_state};
use crate::world::api::response::Response;
use crate::world::engine_versions::catalogue;
use crate::world::place::Place;
use crate::world::time::event::Event;

/// A snapshot to modify.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModifyDbSnapshot {
    /// `DBSnapshotIdentifier`.
    pub id: String,
    /// `EngineVersion`.
    pub engine_version: Option<String>,
    /// `OptionGroupName`.
    pub option_group: Option<String>,
}

impl World {
    pub(in crate::world) fn modify_snapshot(
        &mut self,
        place: &Place,
        ask: &ModifyDbSnapshot,
    ) -> Result<Response, ApiError> {
        let record = Arc::clone(self.own_snapshot(place, &ask.id)?);
        check_modifiable(&record)?;
        let version = ask.engine_version.as_deref().unwrap_or(&record.shape.engine_version);
        check_target(&record, version)?;
        let mut shape = record.shape.as_ref().clone();
        version.clone_into(&mut shape.engine_version);
        self.check_option_group(place, ask.option_group.as_deref(), &shape)?;
        let group = ask.option_group.as_deref().and_then(|name| self.option_group(place, name).ok());
        let at = self.now + self.lasts("upgrade", &record.arn.to_string());
        if let Some(snapshot) = self.snapshot_mut(&record.arn) {
            snapshot.status = SnapshotStatus::Other("upgrading".into());
            snapshot.option_group = group.or_else(|| record.option_group.clone());
        }
        self.upgrades.insert(record.arn.clone(), version.to_owned());
        self.agenda.insert((at, Event::SnapshotUpgraded(record.arn.clone())));
        let record = self.own_snapshot(place, &ask.id)?;
        Ok(Response::Snapshot(self.view(record, place)))
    }

    pub(in crate::world) fn finish_upgrade(&mut self, arn: &SnapshotArn) {
        let Some(version) = self.upgrades.remove(arn) else { return };
        let Some(snapshot) = self.snapshot_mut(arn) else { return };
        Arc::make_mut(&mut snapshot.shape).engine_version = version;
        if snapshot.status == SnapshotStatus::Other("upgrading".into()) {
            snapshot.status = SnapshotStatus::Available;
        }
    }
}

/// The API reference: "a manual DB snapshot", "not shared or public", "MariaDB, MySQL, PostgreSQL, and Oracle".
fn check_modifiable(record: &SnapshotRecord) -> Result<(), ApiError> {
    let (id, engine) = (&record.arn.id, record.shape.engine.0.as_str());
    if !record.is_manual() {
        return Err(snapshot_state(format!("The automated snapshot {id} cannot be modified.")));
    }
    if record.status != SnapshotStatus::Available {
        return Err(snapshot_state(format!("The snapshot {id} is not available: {}.", record.status)));
    }
    if record.is_public || !record.shared_with.is_empty() {
        return Err(snapshot_state(format!("The snapshot {id} is shared and cannot be modified.")));
    }
    if !["mariadb", "mysql", "oracle", "postgres"].iter().any(|name| engine.starts_with(name)) {
        return Err(invalid_value(format!("Snapshots of {engine} cannot be upgraded.")));
    }
    Ok(())
}

/// `ValidUpgradeTarget` decides. AWS's text is recorded for `ModifyDBInstance`.
fn check_target(record: &SnapshotRecord, version: &str) -> Result<(), ApiError> {
    let (engine, before) = (record.shape.engine.0.as_str(), record.shape.engine_version.as_str());
    let is_target = |found: &catalogue::EngineVersion| found.targets.contains(&version);
    if version == before || catalogue::find(engine, before).is_some_and(is_target) {
        return Ok(());
    }
    Err(invalid_combination(format!("Cannot upgrade {engine} from {before} to {version}")))
}
