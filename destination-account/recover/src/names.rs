//! The names that recovery gives to instances and snapshots. The same occasion always gives the same name, so that a
//! repeated call finds the resource of the first call.

use pilot_light_domain::model::ids::{DatabaseName, InvalidId, SnapshotId};

/// The longest name of an instance, and of our own final snapshots.
const LONGEST: usize = 63;

/// The final snapshot of a deleted instance or cluster: `final-<name>-<hash of its resource id>`.
///
/// # Errors
/// None in practice, because a name consists of letters, digits and hyphens.
pub(crate) fn final_snapshot(name: &DatabaseName, resource_id: &str) -> Result<SnapshotId, InvalidId> {
    SnapshotId::new(&named("final", name, resource_id))
}

/// The final snapshot of a refreshed instance `y`: `refreshed-<y>-<hash of its resource id>`. The next refresh of `y`
/// deletes it. Its name therefore differs from those of the final snapshots that stay, and the worker's IAM policy allows
/// the deletion of this name only.
///
/// # Errors
/// None in practice, as above.
pub(crate) fn refreshed(y: &DatabaseName, resource_id: &str) -> Result<SnapshotId, InvalidId> {
    SnapshotId::new(&named("refreshed", y, resource_id))
}

/// The instance that a drill of `database` restores for that resource of a manifest: `drill-<database>-<hash>`. All
/// executions have the same name for it, so AWS accepts only one restore at a time.
///
/// # Errors
/// None in practice, as above.
pub(crate) fn drill(database: &DatabaseName, resource: &str) -> Result<DatabaseName, InvalidId> {
    DatabaseName::new(&named("drill", database, resource))
}

/// The temporary name of the instance that replaces the `y` with that resource id: `new-<y>-<hash>`. All executions have the
/// same name for it, as above.
///
/// # Errors
/// None in practice, as above.
pub(crate) fn refresh_new(y: &DatabaseName, replaced: &str) -> Result<DatabaseName, InvalidId> {
    DatabaseName::new(&named("new", y, replaced))
}

/// The temporary name of the old `y`, after it loses its name and before it is deleted: `old-<y>-<hash>`.
///
/// # Errors
/// None in practice, as above.
pub(crate) fn refresh_old(y: &DatabaseName, resource_id: &str) -> Result<DatabaseName, InvalidId> {
    DatabaseName::new(&named("old", y, resource_id))
}

/// A name that no database has, for a parameter of a resource that cannot be read.
///
/// # Errors
/// None in practice, as above.
pub(crate) fn stand_in(resource: &str, parameter: &str) -> Result<DatabaseName, InvalidId> {
    DatabaseName::new(&format!("unread-{:08x}", short_hash(&format!("{resource}/{parameter}"))))
}

/// The reason that AWS creates nothing with this identifier, if there is one. A list of AWS cannot contain such a name, but
/// a manifest can.
pub(crate) fn refused(identifier: &str) -> Option<String> {
    (identifier.ends_with('-') || identifier.contains("--"))
        .then(|| format!("is '{identifier}'; AWS allows no hyphen at the end, and no two hyphens in a row"))
}

/// `<prefix>-<name>-<hash>`, with the name shortened if the whole is too long. The hash distinguishes names that become
/// equal when they are shortened.
fn named(prefix: &str, name: &DatabaseName, of: &str) -> String {
    let hash = format!("{:08x}", short_hash(&format!("{name}/{of}")));
    let room = LONGEST - prefix.len() - hash.len() - 2;
    let kept: String = name.as_str().chars().take(room).collect();
    // AWS rejects names with two hyphens in a row.
    let parts: Vec<&str> = kept.split('-').filter(|part| !part.is_empty()).collect();
    format!("{prefix}-{}-{hash}", parts.join("-"))
}

/// FNV-1a, folded to 32 bits. It is short and never changes. It protects no secret.
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
    fn the_same_occasion_always_gives_the_same_name() {
        let of = |resource: &str| final_snapshot(&name("orders"), resource).unwrap();
        assert_eq!(of("db-1"), of("db-1"));
        assert_ne!(of("db-1"), of("db-2"));
        assert!(of("db-1").as_str().starts_with("final-orders-"));
        assert!(drill(&name("orders"), "a").unwrap().as_str().starts_with("drill-orders-"));
    }

    #[test]
    fn the_names_of_the_longest_databases_fit_and_differ() {
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
    fn an_identifier_that_aws_does_not_create_is_refused() {
        for fits in ["a", "orders-2", "default.postgres16", "default:postgres-16"] {
            assert_eq!(refused(fits), None);
        }
        for (wrong, said) in
            [("orders-", "is 'orders-'; AWS allows no hyphen at the end"), ("a--b", "is 'a--b'; ")]
        {
            assert!(refused(wrong).is_some_and(|what| what.contains(said)), "{wrong}");
        }
    }

    #[test]
    fn no_name_has_two_hyphens_in_a_row() {
        for at in 40..60 {
            let cut = name(&format!("{}-{}", "a".repeat(at), "b".repeat(62 - at)));
            assert!(!drill(&cut, "x").unwrap().as_str().contains("--"));
        }
        assert!(drill(&name("a---b-"), "x").unwrap().as_str().starts_with("drill-a-b-"));
    }
}
