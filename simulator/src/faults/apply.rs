//! The effect of each strike on the world: its beginning, and the repair at its end.
//!
//! The instants are drawn in `strikes`.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use pilot_light_domain::model::arn::{DatabaseArn, KmsKeyArn};
use pilot_light_domain::model::ids::{AccountId, DatabaseId, DatabaseKind, DatabaseName, Region, SnapshotId};
use pilot_light_domain::model::naming;
use pilot_light_domain::model::tags;
use pilot_light_domain::model::tags::Tags;

use super::kind::Kind;
use super::plan::Side;
use super::strikes::Strike;
use crate::world::{KeyState, Outage, StrangersSnapshot, World, snapshot_arn};

/// Accounts that are in no configuration, and the number of snapshots that each shares with the destination.
const STRANGERS: [&str; 3] = ["666666666666", "777777777777", "888888888888"];
const FOREIGN_SNAPSHOTS: usize = 1000;
/// Forged snapshots of each database.
const FORGED_SNAPSHOTS: usize = 5;
/// The year in the names of forged snapshots.
const FORGED_YEAR: &str = "2099";
/// The end of the other name that a rename gives an instance.
const RENAMED: &str = "-renamed";

/// The accounts, databases and keys that faults can strike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cast {
    /// The account that owns the databases.
    pub source: AccountId,
    /// The Region of the databases.
    pub source_region: Region,
    /// The account that keeps the copies.
    pub destination: AccountId,
    /// The Region of the copies.
    pub destination_region: Region,
    /// The databases.
    pub databases: Vec<DatabaseName>,
    /// The keys that the snapshots and copies are encrypted with.
    pub keys: Vec<KmsKeyArn>,
}

impl Cast {
    fn account(&self, side: Side) -> &AccountId {
        if side == Side::Source { &self.source } else { &self.destination }
    }

    fn region(&self, side: Side) -> &Region {
        if side == Side::Source { &self.source_region } else { &self.destination_region }
    }

    fn database(&self, strike: &Strike) -> Option<DatabaseArn> {
        Some(self.named(picked(&self.databases, strike)?.clone()))
    }

    /// The database of a strike under the other name that a rename gives it.
    fn renamed(&self, strike: &Strike) -> Option<DatabaseArn> {
        let name = picked(&self.databases, strike)?;
        DatabaseName::new(&format!("{name}{RENAMED}")).ok().map(|name| self.named(name))
    }

    fn named(&self, name: DatabaseName) -> DatabaseArn {
        let (account, region) = (self.source.clone(), self.source_region.clone());
        let partition = region.partition();
        DatabaseArn { partition, id: DatabaseId { account, region, kind: DatabaseKind::Instance, name } }
    }

    fn outage(&self, strike: &Strike) -> Outage {
        match strike.kind {
            Kind::AccountOutage => Outage::Account(self.account(strike.side).clone()),
            _ => Outage::Region(self.region(strike.side).clone()),
        }
    }
}

/// Begins a strike; false if there is no target.
pub(super) fn begin(strike: &Strike, world: &mut World, cast: &Cast) -> bool {
    let (account, region) = (cast.account(strike.side), cast.region(strike.side));
    let database = cast.database(strike);
    match strike.kind {
        Kind::FullQuota => world.fill_quota(account, region, &prefix(strike)) > 0,
        Kind::TakenSlots => {
            world.take_copy_slots(&cast.destination, region, &prefix(strike), strike.until) > 0
        }
        Kind::DisabledKey => set_key(strike, world, cast, KeyState::Disabled),
        Kind::DeletedKey => set_key(strike, world, cast, KeyState::PendingDeletion),
        Kind::ModifyingInstance => database.is_some_and(|arn| world.occupy_instance(&arn, "modifying")),
        Kind::StoppedInstance => database.is_some_and(|arn| world.occupy_instance(&arn, "stopped")),
        Kind::ReplacedInstance => database.is_some_and(|arn| world.take_instance_away(&arn)),
        Kind::RenamedInstance => {
            database.zip(cast.renamed(strike)).is_some_and(|(arn, other)| world.rename_database(&arn, &other))
        }
        Kind::SwitchedOverInstance => database.is_some_and(|arn| world.switch_database_over(&arn)),
        // It changes parameters, and nothing in the world.
        Kind::ShortRetention => true,
        Kind::RegionOutage | Kind::AccountOutage => {
            world.begin_outage(cast.outage(strike));
            true
        }
        Kind::ForeignSnapshots => share_foreign(world, cast) > 0,
        Kind::ForgedSnapshots => share_forged(world, cast) > 0,
        Kind::SourceDeleted => {
            world.delete_everything(&cast.source, &cast.source_region);
            true
        }
        _ => false,
    }
}

/// Ends a strike.
pub(super) fn end(strike: &Strike, world: &mut World, cast: &Cast) {
    let (account, region) = (cast.account(strike.side), cast.region(strike.side));
    let database = cast.database(strike);
    match strike.kind {
        Kind::FullQuota => {
            world.remove_snapshots(account, region, &prefix(strike));
        }
        Kind::TakenSlots => {
            world.remove_snapshots(&cast.destination, region, &prefix(strike));
        }
        Kind::DisabledKey | Kind::DeletedKey => {
            set_key(strike, world, cast, KeyState::Enabled);
        }
        Kind::ModifyingInstance => {
            database.map(|arn| world.release_occupied_instance(&arn, "modifying"));
        }
        Kind::StoppedInstance => {
            database.map(|arn| world.release_occupied_instance(&arn, "stopped"));
        }
        Kind::ReplacedInstance => {
            database.map(|arn| world.bring_instance_back(&arn));
        }
        Kind::RenamedInstance => {
            database.zip(cast.renamed(strike)).map(|(arn, other)| world.rename_database(&other, &arn));
        }
        Kind::SwitchedOverInstance => {
            database.map(|arn| world.delete_switched_over(&arn));
        }
        Kind::RegionOutage | Kind::AccountOutage => {
            world.end_outage(&cast.outage(strike));
        }
        Kind::ForeignSnapshots => withdraw_foreign(world, cast),
        Kind::ForgedSnapshots => withdraw_forged(world, cast),
        Kind::SourceDeleted => {
            world.bring_instances_back(&cast.source, &cast.source_region);
        }
        _ => {}
    }
}

fn picked<'a, T>(from: &'a [T], strike: &Strike) -> Option<&'a T> {
    let count = u64::try_from(from.len()).ok().filter(|count| *count > 0)?;
    from.get(usize::try_from(strike.pick % count).ok()?)
}

/// The prefix of the names of a strike's snapshots.
fn prefix(strike: &Strike) -> String {
    format!("strangers-{}-{}", strike.kind.name().replace('_', "-"), strike.at.timestamp())
}

fn set_key(strike: &Strike, world: &mut World, cast: &Cast, state: KeyState) -> bool {
    picked(&cast.keys, strike).is_some_and(|key| world.set_key_state(key, state))
}

fn strangers() -> impl Iterator<Item = AccountId> {
    STRANGERS.into_iter().filter_map(|id| AccountId::new(id).ok())
}

/// Snapshots in both Regions with names like our own, all of them newer than any of our own.
fn share_foreign(world: &mut World, cast: &Cast) -> usize {
    let regions = [&cast.source_region, &cast.destination_region];
    let mut shared = 0;
    for account in strangers() {
        let numbered = cast.databases.iter().cycle().zip(0..FOREIGN_SNAPSHOTS);
        for (database, n) in numbered {
            let claimed = world.now() + TimeDelta::minutes(n as i64);
            let id = format!("{database}-{}", naming::timestamp(claimed));
            let region = regions[n % regions.len()];
            shared += usize::from(impose(world, cast, (&account, region), database, &id));
        }
    }
    shared
}

fn withdraw_foreign(world: &mut World, cast: &Cast) {
    for account in strangers() {
        for region in [&cast.source_region, &cast.destination_region] {
            world.delete_everything(&account, region);
        }
    }
}

fn share_forged(world: &mut World, cast: &Cast) -> usize {
    let mut shared = 0;
    for database in &cast.databases {
        for n in 0..FORGED_SNAPSHOTS {
            let id = format!("{database}-{FORGED_YEAR}-01-01-00-0{n}");
            let place = (&cast.source, &cast.source_region);
            shared += usize::from(impose(world, cast, place, database, &id));
        }
    }
    shared
}

fn withdraw_forged(world: &mut World, cast: &Cast) {
    for database in &cast.databases {
        world.remove_snapshots(&cast.source, &cast.source_region, &format!("{database}-{FORGED_YEAR}"));
    }
}

/// A snapshot of a database's name, with every tag that could make it look like our own.
fn impose(
    world: &mut World,
    cast: &Cast,
    (account, region): (&AccountId, &Region),
    database: &DatabaseName,
    id: &str,
) -> bool {
    let Ok(id) = SnapshotId::new(id) else { return false };
    world.impose_snapshot(StrangersSnapshot {
        arn: snapshot_arn(account, region, id),
        database: database.clone(),
        taken: world.now(),
        kms_key: None,
        tags: forged_tags(&cast.source),
        shared_with: BTreeSet::from([cast.destination.clone()]),
    })
}

fn forged_tags(source: &AccountId) -> Tags {
    tags::of([
        (tags::CREATED_BY, tags::TOOL),
        (tags::CREATED_ON, "2099-01-01-00-00"),
        (tags::COPIED_BY, tags::TOOL),
        (tags::SHARE_AND_COPY, tags::YES),
        (tags::SOURCE_ACCOUNT, source.as_str()),
        (tags::DATABASE_TIME, "2099-01-01T00:00:00Z"),
    ])
}
