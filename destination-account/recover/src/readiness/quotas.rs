//! The quotas of the account against the sum of all databases of the manifest.
//!
//! Layers run one after another. A database that a drill deletes counts in its own layer only.

use std::collections::{BTreeMap, BTreeSet};

use pilot_light_domain::model::ids::Region;
use pilot_light_domain::recovery::{Found, Lookup, Quota};

use super::demand::Demand;
use super::{Finding, Level, Placed};
use crate::facts::Facts;
use crate::problems::counted;

/// The instances that an account may have with a licence of AWS by default: of each edition of SQL Server, and of Oracle.
const LICENSED: u64 = 10;

pub(super) fn check(demands: &[Placed<'_>], facts: &Facts) -> Vec<Finding> {
    let regions: BTreeSet<&Region> = demands.iter().map(|placed| &placed.demand.region).collect();
    regions.into_iter().flat_map(|region| of_region(region, demands, facts)).collect()
}

fn of_region(region: &Region, demands: &[Placed<'_>], facts: &Facts) -> Vec<Finding> {
    let here: Vec<&Placed<'_>> = demands.iter().filter(|placed| placed.demand.region == *region).collect();
    let mut findings = licensed(region, &here, facts);
    if let Some(Found::Quotas(quotas)) = facts.found(region, Lookup::Quotas) {
        let instances = peak(&here, |_| 1);
        let gib = peak(&here, |demand| demand.storage.as_ref().and(demand.data.gib).unwrap_or(0).into());
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

/// The largest number that is needed at once, over all layers.
fn peak(demands: &[&Placed<'_>], size: impl Fn(&Demand) -> u64) -> u64 {
    let mut layers: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    for placed in demands {
        let (during, after) = layers.entry(placed.layer).or_default();
        *during += placed.demand.room.during * size(&placed.demand);
        *after += placed.demand.room.after * size(&placed.demand);
    }
    let mut kept = 0;
    let mut peak = 0;
    for (during, after) in layers.into_values() {
        peak = peak.max(kept + during);
        kept += after;
    }
    peak
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
fn licensed(region: &Region, demands: &[&Placed<'_>], facts: &Facts) -> Vec<Finding> {
    let groups = demands.iter().filter_map(|placed| {
        let data = &placed.demand.data;
        licensed_group(data.engine.as_deref()?, data.license.as_deref()?)
    });
    let existing = |group: &str| {
        let all = facts.instances.get(region).into_iter().flatten();
        let of = all.filter(|found| {
            let license = found.specification.license.as_deref().unwrap_or_default();
            licensed_group(&found.engine.0, license) == Some(group)
        });
        of.count() as u64
    };
    let finding = |group: &str| {
        let of_group = |demand: &Demand| {
            let Some(engine) = demand.data.engine.as_deref() else { return 0 };
            let license = demand.data.license.as_deref().unwrap_or_default();
            u64::from(licensed_group(engine, license) == Some(group))
        };
        let (needed, used) = (peak(demands, of_group), existing(group));
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
