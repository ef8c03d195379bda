//! The candidates that may start: copy slots, quota, keys and names.

use super::*;

#[test]
fn databases_of_the_same_name_in_two_accounts_are_kept_apart() {
    let mut other = offer("orders", 20);
    other.arn = arn("arn:aws:rds:us-east-1:333333333333:snapshot:orders-10");
    let both = policy(&[("SourceAccounts", "111111111111,333333333333")]);
    let facts = facts(&[offer("orders", 10), other], &[], &[]);
    let plan = plan(&facts, &both, at(NOW)).unwrap();
    let targets: Vec<_> = plan
        .actions
        .iter()
        .filter_map(|action| match action {
            Copy::Make { database, copy, .. } => Some((database.to_string(), copy.target.to_string())),
            Copy::Remove { .. } => None,
        })
        .collect();
    assert_eq!(
        targets,
        [
            ("111111111111/us-east-1/orders".to_owned(), "orders-10".to_owned()),
            ("333333333333/us-east-1/orders".to_owned(), "orders-10-2".to_owned())
        ]
    );
}

#[test]
fn free_copy_slots_go_to_the_databases_with_the_oldest_points() {
    let mut offered = Vec::new();
    let mut here = Vec::new();
    for n in 0..30 {
        let database = format!("db-{n:02}");
        offered.push(offer(&database, 50));
        if n != 7 {
            here.push(copy_of(&offer(&database, n), "available"));
        }
    }
    // Somebody else's copies take 17 of the 20 slots.
    for n in 0..17 {
        let mut foreign = copy_of(&offer(&format!("other-{n}"), 1), "copying");
        foreign.tags.clear();
        here.push(foreign);
    }
    let facts = facts(&offered, &[], &here);
    assert_eq!(actions(&facts, &policy(&[])), ["OneStep db-07-50", "OneStep db-00-50", "OneStep db-01-50"]);
    let waiting =
        reasons(&facts, &policy(&[])).into_iter().filter(|(_, r)| *r == SkipReason::NoFreeSlot).count();
    assert_eq!(waiting, 27);
}

#[test]
fn a_full_quota_is_reported_and_no_copy_is_attempted() {
    let full = Facts {
        quota: 1,
        ..facts(&[offer("orders", 40)], &[], &[copy_of(&offer("billing", 1), "available")])
    };
    assert_eq!(reasons(&full, &policy(&[])), [("orders-40".to_owned(), SkipReason::QuotaFull)]);
    let used = plan(&full, &policy(&[]), at(NOW)).unwrap().metrics.pop();
    assert_eq!(used, Some(quota_used(full.here.len(), 1, &policy(&[]).region)));
}

#[test]
fn without_a_key_an_encrypted_snapshot_is_blocked_and_an_unencrypted_one_is_copied() {
    let mut plain = offer("plain", 1);
    plain.kms_key = None;
    let facts = facts(&[offer("orders", 1), plain], &[], &[]);
    let keyless = policy(&[("KmsKeyDestination", "None"), ("KmsKeySource", "None")]);
    assert_eq!(actions(&facts, &keyless), ["OneStep plain-1"]);
    assert_eq!(reasons(&facts, &keyless), [("orders-1".to_owned(), SkipReason::NoKey)]);
}
