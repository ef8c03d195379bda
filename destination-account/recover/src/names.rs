//! Names that recovery gives, each made from what it is for: the same occasion gives the same name, so a call that is
//! repeated meets its own.

use pilot_light_domain::model::ids::{DatabaseName, InvalidId, SnapshotId};

/// The longest name of an instance, and of a final snapshot of ours.
const LONGEST: usize = 63;

/// The final snapshot of an instance or cluster that is deleted: `final-<name>-<hash of its resource id>`.
///
/// # Errors
/// None in practice: a name is letters, digits and hyphens.
pub(crate) fn final_snapshot(name: &DatabaseName, resource_id: &str) -> Result<SnapshotId, InvalidId> {
    SnapshotId::new(&named("final", name, resource_id))
}

/// The final snapshot of a `y` that was refreshed: `refreshed-<y>-<hash of its resource id>`. The next refresh of `y`
/// deletes it, so it is called otherwise than those that stay; the worker's policy lets only these be deleted.
///
/// # Errors
/// None in practice, as above.
pub(crate) fn refreshed(y: &DatabaseName, resource_id: &str) -> Result<SnapshotId, InvalidId> {
    SnapshotId::new(&named("refreshed", y, resource_id))
}

/// What a drill restores `database` as, in the execution of that name.
///
/// # Errors
/// None in practice, as above.
pub(crate) fn drill(database: &DatabaseName, execution: &str) -> Result<DatabaseName, InvalidId> {
    DatabaseName::new(&named("drill", database, execution))
}

/// What the new `y` of an execution is called until it takes over.
///
/// # Errors
/// None in practice, as above.
pub(crate) fn refresh_new(y: &DatabaseName, execution: &str) -> Result<DatabaseName, InvalidId> {
    DatabaseName::new(&named("new", y, execution))
}

/// What the old `y` is called between losing its name and being deleted.
///
/// # Errors
/// None in practice, as above.
pub(crate) fn refresh_old(y: &DatabaseName, resource_id: &str) -> Result<DatabaseName, InvalidId> {
    DatabaseName::new(&named("old", y, resource_id))
}

/// `<what>-<name>-<hash>`, the name cut where the whole would be too long. The hash tells apart what is cut alike.
fn named(what: &str, name: &DatabaseName, of: &str) -> String {
    let hash = format!("{:08x}", short_hash(&format!("{name}/{of}")));
    let room = LONGEST - what.len() - hash.len() - 2;
    // No double hyphen: AWS takes none.
    let kept: String = name.as_str().chars().take(room).collect::<String>().replace("--", "-");
    format!("{what}-{}-{hash}", kept.trim_end_matches('-'))
}

/// FNV-1a, folded to 32 bits: short, stable for ever, and no secret is protected by it.
pub(crate) fn short_hash(text: &str) -> u32 {
    let whole = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    u32::try_from((whole >> 32) ^ (whole & 0xffff_ffff)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> DatabaseName {
        text.parse().unwrap()
    }

    #[test]
    fn one_occasion_has_one_name() {
        let of = |resource: &str| final_snapshot(&name("orders"), resource).unwrap();
        assert_eq!(of("db-1"), of("db-1"));
        assert_ne!(of("db-1"), of("db-2"));
        assert!(of("db-1").as_str().starts_with("final-orders-"));
        assert!(drill(&name("orders"), "a").unwrap().as_str().starts_with("drill-orders-"));
    }

    #[test]
    fn the_longest_names_fit_and_differ() {
        let long = |end: &str| name(&format!("{}{end}", "a".repeat(62)));
        for make in [drill, refresh_new, refresh_old] {
            let (one, other) = (make(&long("b"), "x").unwrap(), make(&long("c"), "x").unwrap());
            assert!(one.as_str().len() <= 63, "{one}");
            assert_ne!(one, other);
        }
        for make in [final_snapshot, refreshed] {
            assert!(make(&long("b"), "x").unwrap().as_str().len() <= 63);
        }
    }

    #[test]
    fn no_name_has_two_hyphens_in_a_row() {
        for at in 40..60 {
            let cut = name(&format!("{}-{}", "a".repeat(at), "b".repeat(62 - at)));
            assert!(!drill(&cut, "x").unwrap().as_str().contains("--"));
        }
    }
}
