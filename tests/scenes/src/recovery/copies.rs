//! Copies in the west of an estate, of databases that another account has in the east.

use chrono::TimeDelta;
use pilot_light_domain::model::tags;
use pilot_light_simulator::world::{
    CopyDbSnapshot, CreateDbInstance, CreateDbSnapshot, ModifyDbSnapshotAttribute, Request, Response,
};

use super::estate::{EAST, Estate, WEST};
use crate::{DESTINATION, SOURCE, account, region};

/// A destination account with one copy of each database: `orders-1` of `orders`.
#[must_use]
pub fn copies_of(databases: &[&str]) -> Estate {
    copied(Estate::default(), databases)
}

/// The same, in an estate that is prepared already.
#[must_use]
pub fn copied(estate: Estate, databases: &[&str]) -> Estate {
    let estate = estate.of_copies();
    for name in databases {
        estate.copy(&format!("{name}-1"), name);
    }
    estate
}

impl Estate {
    /// Takes a snapshot of a database of [`SOURCE`], and copies it to the west as Pilot Light does. Creates the database
    /// if there is none.
    pub fn copy(&self, id: &str, database: &str) {
        self.copy_of("postgres", id, database);
    }

    /// The same, for a database of this engine.
    pub fn copy_of(&self, engine: &str, id: &str, database: &str) {
        self.begin_copy_of(engine, id, database);
        self.simulation.settle();
    }

    /// The same as [`Self::copy`], but the copy is still in progress. AWS lists it already.
    pub fn begin_copy(&self, id: &str, database: &str) {
        self.begin_copy_of("postgres", id, database);
        self.simulation.advance_by(TimeDelta::seconds(10));
    }

    fn begin_copy_of(&self, engine: &str, id: &str, database: &str) {
        let engine = engine.to_owned();
        let create = CreateDbInstance { name: database.to_owned(), engine, ..Default::default() };
        let there = |request| self.simulation.request(&account(SOURCE), &region(EAST), request);
        // The database may exist already.
        let _ = there(Request::CreateDbInstance(create));
        self.simulation.settle();
        let take = CreateDbSnapshot { database: database.to_owned(), id: id.to_owned(), tags: None };
        let Response::Snapshot(taken) = there(Request::CreateDbSnapshot(take)).unwrap() else { panic!() };
        self.simulation.settle();
        self.begin_copy_of_taken(id, &taken.record.shape.resource_id);
    }

    /// Shares a snapshot that is complete, and begins its copy. `resource_id` is that of its database.
    pub fn begin_copy_of_taken(&self, id: &str, resource_id: &str) {
        let (attribute, add) = ("restore".to_owned(), vec![DESTINATION.to_owned()]);
        let share = ModifyDbSnapshotAttribute { id: id.to_owned(), attribute, add, remove: vec![] };
        let share = Request::ModifyDbSnapshotAttribute(share);
        self.simulation.request(&account(SOURCE), &region(EAST), share).unwrap();
        let origin = format!("arn:aws:rds:{EAST}:{SOURCE}:snapshot:{id}");
        let ours = tags::of([
            (tags::COPIED_BY, tags::TOOL),
            (tags::SOURCE_SNAPSHOT_ARN, &origin),
            (tags::SOURCE_RESOURCE_ID, resource_id),
        ]);
        let copy =
            CopyDbSnapshot { source: origin, target: id.to_owned(), tags: Some(ours), ..Default::default() };
        self.simulation.request(&account(DESTINATION), &region(WEST), Request::CopyDbSnapshot(copy)).unwrap();
    }
}
