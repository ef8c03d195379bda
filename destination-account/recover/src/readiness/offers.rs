//! The offers of AWS for a new database: its engine version, and its class with licence, storage, zones and Multi-AZ.
//!
//! A row says that AWS offers a combination. It never says that AWS has capacity for it.

use std::collections::BTreeSet;

use pilot_light_domain::recovery::{Found, Orderable};

use super::demand::Class;
use super::{CLASS, Check, Level, MULTI_AZ, Names, SUBNET_GROUP, VERSION, lists, network, some_of, storage};
use crate::problems::counted;

pub(super) fn check(check: &mut Check<'_>) {
    if check.demand().class == Class::LeftToAws {
        let said =
            "is not given, so AWS uses the class of the original, which it does not show; give a class";
        check.add(Level::Degrades, CLASS, said);
    }
    if !version(check) {
        return;
    }
    match &check.demand().class {
        Class::LeftToAws => {
            if let Some(rows) = lists::rows(check.demand(), None, check.facts) {
                of_rows(check, "any class", rows);
            }
        }
        classes => {
            for class in classes.names() {
                of_class(check, class);
            }
            of_no_class(check);
        }
    }
}

/// Checks the version. False if AWS offers no class for it, so that nothing else can be said.
fn version(check: &mut Check<'_>) -> bool {
    let demand = check.demand();
    let Some(Found::EngineVersion(found)) = lists::version(demand).and_then(|lookup| check.found(lookup))
    else {
        return true;
    };
    let status = found.as_ref().map(|found| found.status.as_deref().unwrap_or("available"));
    if status == Some("available") {
        return true;
    }
    let lists = demand.class.names().iter().map(|class| lists::rows(demand, Some(class), check.facts));
    let mut lists = lists.chain([lists::rows(demand, None, check.facts)]).flatten().peekable();
    let is_read = lists.peek().is_some();
    let is_offered = lists.any(|rows| !rows.is_empty());
    let status = status.map_or_else(|| "unlisted".to_owned(), |status| format!("'{status}'"));
    let is_given = check.placed.given.iter().any(|name| VERSION.contains(&name.as_str()));
    let names = if is_given { VERSION } else { &[] };
    let remedy = if is_given {
        "upgrade the primary, and give a version that AWS offers".to_owned()
    } else {
        format!("upgrade {} to a version that AWS offers", demand.origin)
    };
    let (label, region) = (label(check), &demand.region);
    if is_read && !is_offered {
        let said = format!("{label} is {status} in {region}, and AWS offers no class for it; {remedy}");
        check.add(Level::Blocking, names, said);
        return false;
    }
    let said = format!("{label} is {status} in {region}, and AWS may refuse it; {remedy}");
    check.add(Level::Degrades, names, said);
    true
}

/// Engine and version in words.
fn label(check: &Check<'_>) -> String {
    let data = &check.demand().data;
    let parts = [data.engine.as_deref(), data.version.as_deref()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn of_class(check: &mut Check<'_>, class: &str) {
    let demand = check.demand();
    match lists::rows(demand, Some(class), check.facts) {
        None => {}
        Some([]) => {
            let given =
                if matches!(demand.class, Class::Given(_)) { "is" } else { "is not given; the source has" };
            let said = format!(
                "{given} {class}, which AWS does not offer for {} in {}{}",
                label(check),
                demand.region,
                others(check, class)
            );
            check.add(Level::Blocking, CLASS, said);
        }
        Some(rows) => of_rows(check, class, rows),
    }
}

/// Checks the rest of the demand against all offers if AWS offers none of its classes.
fn of_no_class(check: &mut Check<'_>) {
    let demand = check.demand();
    let is_empty =
        |class: &String| lists::rows(demand, Some(class), check.facts).is_some_and(<[_]>::is_empty);
    if demand.class.names().iter().all(is_empty)
        && let Some(rows) = lists::rows(demand, None, check.facts).filter(|rows| !rows.is_empty())
    {
        of_rows(check, "any class", rows);
    }
}

/// The classes that AWS offers instead, the most similar ones first.
fn others(check: &Check<'_>, class: &str) -> String {
    let Some(rows) = lists::rows(check.demand(), None, check.facts) else { return String::new() };
    let names: BTreeSet<&str> = rows.iter().map(|row| row.class.as_str()).collect();
    let mut names: Vec<&str> = names.into_iter().collect();
    let likeness = |name: &&str| strsim::jaro_winkler(name, class);
    names.sort_by(|one, other| likeness(other).total_cmp(&likeness(one)));
    format!("; it offers {}", some_of(&names))
}

/// Checks licence, storage, zones and Multi-AZ against the offers of a class, or of all classes.
fn of_rows(check: &mut Check<'_>, class: &str, rows: &[Orderable]) {
    let demand = check.demand();
    let license = demand.data.license.as_deref();
    let fitting: Vec<&Orderable> =
        rows.iter().filter(|row| license.is_none_or(|license| row.license == license)).collect();
    if fitting.is_empty() {
        let licenses: BTreeSet<&str> = rows.iter().map(|row| row.license.as_str()).collect();
        let said = format!(
            "is {class}, which AWS offers for {} with the licence {}; {} has the licence {}",
            label(check),
            some_of(&Vec::from_iter(licenses)),
            demand.origin,
            license.unwrap_or_default()
        );
        check.add(Level::Blocking, CLASS, said);
        return;
    }
    if demand.multi_az == Some(true) && !fitting.iter().any(|row| row.multi_az) {
        let said = format!("is true, but AWS does not offer {class} with a standby for {}", label(check));
        check.add(Level::Blocking, MULTI_AZ, said);
    }
    zones(check, class, &fitting);
    storage::check(check, class, &fitting);
}

/// Checks that AWS offers the class in zones of the subnet group.
fn zones(check: &mut Check<'_>, class: &str, rows: &[&Orderable]) {
    let offered: BTreeSet<&str> = rows.iter().flat_map(|row| &row.zones).map(String::as_str).collect();
    let Some(group) = network::chosen(check) else { return };
    if offered.is_empty() || group.zones.is_empty() {
        return;
    }
    let common = group.zones.iter().filter(|zone| offered.contains(zone.as_str())).count();
    let (needed, names): (usize, Names) = if check.demand().multi_az == Some(true) {
        (2.min(group.zones.len()), MULTI_AZ)
    } else {
        (1, SUBNET_GROUP)
    };
    if common < needed {
        let said = format!(
            "AWS offers {class} in {}, and the DB subnet group '{}' is in {}; it needs {}",
            some_of(&Vec::from_iter(offered)),
            group.name,
            group.zones.join(", "),
            counted(needed, "common zone")
        );
        check.add(Level::Blocking, names, said);
    }
}
