//! The quotas of the account against the sum of all databases of the manifest.
//!
//! Layers run one after another. Within a layer, each resource counts with the most that it needs at once: it may need that while
//! the others need their most.

use std::collections::{BTreeMap, BTreeSet};

use pilot_light_domain::model::ids::Region;
use pilot_light_domain::recovery::{Found, Lookup, Quota};

use super::demand::{Data, Room};
use super::removal::{Removed, When};
use super::{Finding, Level, Placed};
use crate::facts::Facts;
use crate::problems::counted;

/// The instances that an account may have with a licence of AWS by default: of each edition of SQL Server, and of Oracle.
const LICENSED: u64 = 10;

pub(super) fn check(demands: &[Placed<'_>], removed: &[Removed], facts: &Facts) -> Vec<Finding> {
    let regions: BTreeSet<&Region> = demands.iter().map(|placed| &placed.demand.region).collect();
    let of_one = |region: &Region| {
        let demands = demands.iter().filter(|placed| placed.demand.region == *region);
        let removed = removed.iter().filter(|removed| removed.removal.arn.id.region == *region);
        of_region(region, &demands.map(Move::new).chain(removed.map(Move::old)).collect::<Vec<_>>(), facts)
    };
    regions.into_iter().flat_map(of_one).collect()
}

/// A database that comes or goes.
struct Move<'a> {
    /// The layer and the index of its resource.
    resource: (u32, usize),
    data: &'a Data,
    /// The change in the number of databases while the resource needs most.
    during: i64,
    /// The change at the end of its layer.
    after: i64,
}

impl<'a> Move<'a> {
    fn new(placed: &'a Placed<'_>) -> Self {
        let (during, after) = match placed.demand.room {
            Room::Lasting => (1, 1),
            Room::Passing => (1, 0),
            Room::Unknown => (0, 0),
        };
        Self { resource: (placed.layer, placed.index), data: &placed.demand.data, during, after }
    }

    fn old(removed: &'a Removed) -> Self {
        let during = match removed.removal.when {
            When::First => -1,
            When::Later => 0,
        };
        let resource = (removed.layer, removed.index);
        Self { resource, data: &removed.removal.data, during, after: -1 }
    }
}

fn of_region(region: &Region, here: &[Move<'_>], facts: &Facts) -> Vec<Finding> {
    let mut findings = licensed(region, here, facts);
    if let Some(Found::Quotas(quotas)) = facts.found(region, Lookup::Quotas) {
        let instances = peak(here, |_| 1);
        let gib = peak(here, |data| data.gib.unwrap_or(0).into());
        let one = quotas
            .instances
            .and_then(|quota| exceeded(quota, instances, ("instance", "instances"), "L-7B6409FD"));
        let other = quotas
            .storage_gib
            .and_then(|quota| exceeded(quota, gib, ("GiB of storage", "GiB of storage"), "L-7ADDB58A"));
        findings.extend(one.into_iter().chain(other).map(|what| whole(Level::Blocking, what)));
    }
    findings
}

/// The largest number that is needed at once beside what exists now, over all layers.
fn peak(moves: &[Move<'_>], size: impl Fn(&Data) -> i64) -> u64 {
    let mut resources: BTreeMap<(u32, usize), (i64, i64)> = BTreeMap::new();
    for one in moves {
        let (during, after) = resources.entry(one.resource).or_default();
        *during += one.during * size(one.data);
        *after += one.after * size(one.data);
    }
    let mut layers: BTreeMap<u32, (i64, i64)> = BTreeMap::new();
    for ((layer, _), (during, after)) in resources {
        let all = layers.entry(layer).or_default();
        // At its beginning, a resource needs nothing more than what exists.
        all.0 += during.max(0);
        all.1 += after;
    }
    let mut kept = 0;
    let mut peak = 0;
    for (during, after) in layers.into_values() {
        peak = peak.max(kept + during);
        kept += after;
    }
    u64::try_from(peak).unwrap_or_default()
}

fn exceeded(quota: Quota, needed: u64, (one, many): (&str, &str), code: &str) -> Option<String> {
    let Quota { used, max } = quota;
    let name = if needed == 1 { one } else { many };
    (needed > 0 && used + needed > max).then(|| {
        format!(
            "needs {needed} more {name}; the account has {used} of at most {max}; raise the quota {code}, or leave resources out"
        )
    })
}

/// AWS counts instances with its own licences apart, and no list shows that quota.
fn licensed(region: &Region, moves: &[Move<'_>], facts: &Facts) -> Vec<Finding> {
    let groups = moves
        .iter()
        .filter_map(|one| licensed_group(one.data.engine.as_deref()?, one.data.license.as_deref()?));
    let existing = |group: &str| {
        let all = facts.instances.get(region).into_iter().flatten();
        let of = all.filter(|found| {
            let license = found.specification.license.as_deref().unwrap_or_default();
            licensed_group(&found.engine.0, license) == Some(group)
        });
        of.count() as u64
    };
    let finding = |group: &str| {
        let of_group = |data: &Data| {
            let Some(engine) = data.engine.as_deref() else { return 0 };
            let license = data.license.as_deref().unwrap_or_default();
            i64::from(licensed_group(engine, license) == Some(group))
        };
        let (needed, used) = (peak(moves, of_group), existing(group));
        (needed > 0 && used + needed > LICENSED).then(|| {
            let what = format!(
                "needs {} of {group} with a licence of AWS, beside {used}; the default quota is {LICENSED}, and AWS does not show yours",
                counted(needed, "more instance")
            );
            whole(Level::Unknown, what)
        })
    };
    BTreeSet::from_iter(groups).into_iter().filter_map(finding).collect()
}

/// The instances that count together because AWS supplies their licence.
fn licensed_group<'a>(engine: &'a str, license: &str) -> Option<&'a str> {
    match engine {
        _ if license != "license-included" => None,
        _ if engine.starts_with("oracle") => Some("oracle"),
        _ if engine.starts_with("sqlserver") => Some(engine),
        _ => None,
    }
}

/// A finding about the whole manifest.
fn whole(level: Level, what: String) -> Finding {
    let place = "the manifest".to_owned();
    Finding { level, index: None, resource: place.clone(), place, parameter: None, what }
}
