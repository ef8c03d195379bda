//! The storage and the port of a new database.
//!
//! The limits of IOPS are those of "Amazon RDS DB instance storage" in the user guide.

use std::collections::BTreeSet;

use pilot_light_domain::recovery::Orderable;

use super::{Check, IOPS, Level, Names, PORT, STORAGE_TYPE, some_of};

/// The ports that AWS allows.
pub(crate) const PORTS: &str = "1150 to 65535";
/// The IOPS that AWS allows with any kind of storage.
pub(crate) const ALL_IOPS: &str = "1000 to 256000";
/// The day from which AWS refuses magnetic storage: 1 July 2026, in seconds since 1970.
const NO_MAGNETIC_FROM: i64 = 1_782_864_000;
/// The ports of SQL Server that AWS keeps for itself, beside 49152 to 49156.
const RESERVED_BY_SQL_SERVER: [u16; 6] = [1234, 1434, 3260, 3343, 3389, 47001];

/// A kind of storage, with everything that determines whether AWS accepts it.
struct Wish<'a> {
    kind: &'a str,
    iops: Option<u32>,
    /// True if the data has this kind of storage already, so that it brings its IOPS along.
    is_kept: bool,
    gib: Option<u32>,
    engine: &'a str,
    class: &'a str,
    rows: &'a [&'a Orderable],
    is_magnetic_refused: bool,
}

/// Checks the kind of storage that AWS will use. If the manifest gives none, it may be the kind of the data or AWS's
/// default. The demand is only refused if both are impossible.
pub(super) fn check(check: &mut Check<'_>, class: &str, rows: &[&Orderable]) {
    let demand = check.demand();
    let Some(storage) = &demand.storage else { return };
    let (before, engine) = (demand.data.storage_type.as_deref(), demand.data.engine.as_deref());
    let default = if storage.iops.is_some() { "io1" } else { "gp3" };
    let kinds: Vec<&str> = match storage.kind.as_deref() {
        Some(kind) => vec![kind],
        None => before.into_iter().chain([default]).collect(),
    };
    let wish = |kind| Wish {
        kind,
        iops: storage.iops,
        is_kept: before == Some(kind),
        gib: demand.data.gib,
        engine: engine.unwrap_or_default(),
        class,
        rows,
        is_magnetic_refused: check.facts.now.timestamp() >= NO_MAGNETIC_FROM,
    };
    let faults: Vec<_> = kinds.iter().map(|kind| fault(&wish(kind))).collect();
    let level = if faults.iter().all(Option::is_some) { Level::Blocking } else { Level::Degrades };
    if let Some((names, what)) = faults.into_iter().flatten().next() {
        check.add(level, names, what);
    }
}

/// The reason that AWS refuses the storage, with the parameter to correct, if there is one.
fn fault(wish: &Wish<'_>) -> Option<(Names, String)> {
    let Wish { kind, class, .. } = wish;
    let kinds: BTreeSet<&str> = wish.rows.iter().map(|row| row.storage_type.as_str()).collect();
    if !kinds.contains(kind) {
        let kinds = some_of(&Vec::from_iter(kinds));
        return Some((STORAGE_TYPE, format!("is {kind}; AWS offers {kinds} for {class}")));
    }
    if *kind == "standard" && wish.is_magnetic_refused {
        return Some((
            STORAGE_TYPE,
            "is standard, which AWS refuses since 1 July 2026; write gp3".to_owned(),
        ));
    }
    size(wish).map(|what| (STORAGE_TYPE, what)).or_else(|| iops(wish).map(|what| (IOPS, what)))
}

fn size(wish: &Wish<'_>) -> Option<String> {
    let (gib, kind) = (wish.gib?, wish.kind);
    let rows = || wish.rows.iter().filter(|row| row.storage_type == kind);
    let fits = |row: &&Orderable| {
        row.gib.0.is_none_or(|least| gib >= least) && row.gib.1.is_none_or(|most| gib <= most)
    };
    if rows().any(fits) {
        return None;
    }
    let (least, most) = (rows().filter_map(|row| row.gib.0).min(), rows().filter_map(|row| row.gib.1).max());
    let (least, most) = (least.unwrap_or(0), most.unwrap_or(u32::MAX));
    Some(format!("is {kind}, which has {least} to {most} GiB; the data has {gib} GiB"))
}

fn iops(wish: &Wish<'_>) -> Option<String> {
    match (wish.kind, wish.iops) {
        ("gp3", Some(iops)) => gp3(wish, iops),
        ("io1" | "io2", Some(iops)) => provisioned(wish, iops),
        ("io1" | "io2", None) if !wish.is_kept => {
            Some(format!("is missing; the StorageType {} needs it", wish.kind))
        }
        _ => None,
    }
}

fn gp3(wish: &Wish<'_>, iops: u32) -> Option<String> {
    let (engine, gib) = (wish.engine, wish.gib?);
    let from = match engine {
        _ if is_sql_server(engine) => 20,
        _ if engine.contains("oracle") => 200,
        _ => 400,
    };
    if gib < from {
        return Some(format!(
            "is {iops}, but the data has {gib} GiB; with gp3, AWS allows Iops from {from} GiB; leave it out"
        ));
    }
    let allowed = if is_sql_server(engine) { 3_000..=80_000 } else { 12_000..=64_000 };
    (!allowed.contains(&iops))
        .then(|| format!("is {iops}; with gp3, AWS allows {} to {}", allowed.start(), allowed.end()))
}

fn provisioned(wish: &Wish<'_>, iops: u32) -> Option<String> {
    let Wish { kind, engine, .. } = wish;
    if !(1_000..=256_000).contains(&iops) {
        return Some(format!("is {iops}; with {kind}, AWS allows {ALL_IOPS}"));
    }
    let gib = wish.gib?;
    let most = gib.saturating_mul(if *kind == "io1" { 50 } else { 1_000 });
    let least = if is_sql_server(engine) && *kind == "io1" { gib } else { gib.div_ceil(2) };
    (!(least..=most).contains(&iops))
        .then(|| format!("is {iops}; with {kind} and {gib} GiB, AWS allows {least} to {most}"))
}

/// Checks the port.
pub(super) fn check_port(check: &mut Check<'_>) {
    let Some(port) = check.demand().port else { return };
    let engine = check.demand().data.engine.as_deref().unwrap_or_default();
    let is_reserved =
        is_sql_server(engine) && (RESERVED_BY_SQL_SERVER.contains(&port) || (49152..=49156).contains(&port));
    if port < 1150 {
        check.add(Level::Blocking, PORT, format!("is {port}; AWS allows {PORTS}"));
    } else if is_reserved {
        check.add(
            Level::Blocking,
            PORT,
            format!("is {port}, which AWS reserves for {engine}; give another port"),
        );
    }
}

fn is_sql_server(engine: &str) -> bool {
    engine.contains("sqlserver")
}
