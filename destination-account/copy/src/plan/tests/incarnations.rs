//! Databases that are renamed, or replaced by another one of the same name.

use super::*;

fn of(id: &str, mut offer: Snapshot) -> Snapshot {
    offer.resource_id = Some(id.into());
    offer
}

#[test]
fn a_copy_records_the_resource_id_of_the_database_that_its_original_was_taken_of() {
    let offers = facts(&[of("db-A", offer("orders", 10))], &[], &[]);
    let plan = plan(&offers, &policy(&[]), at(NOW)).unwrap();
    let [Copy::Make { copy, .. }] = plan.actions.as_slice() else { panic!("{:?}", plan.actions) };
    assert_eq!(copy.tags.get(tags::SOURCE_RESOURCE_ID), Some("db-A"));
}

#[test]
fn a_replaced_database_is_reported_for_a_day_with_the_way_to_its_earlier_data() {
    let (old, new) = (of("db-A", offer("orders", 10)), of("db-B", offer("orders", 40)));
    let replaced = facts(std::slice::from_ref(&new), &[], &[copy_of(&old, "available")]);
    let report = |facts: &Facts, now: &str| {
        let plan = plan(facts, &policy(&[]), at(now)).unwrap();
        let found = plan.skips.into_iter().find(|skip| skip.reason.key() == "Replaced");
        found.map(|skip| format!("{}: {}", skip.subject, skip.reason))
    };
    let said = report(&replaced, NOW).unwrap();
    assert!(said.starts_with("111111111111/us-east-1/orders: another database has taken its name"), "{said}");
    assert!(said.contains("db-A, whose newest recovery point is of 2026-01-01T11:10:00Z"), "{said}");
    assert_eq!(report(&replaced, "2026-01-02T11:41:00Z"), None);
    let same = facts(&[of("db-A", new)], &[], &[copy_of(&old, "available")]);
    assert_eq!(report(&same, NOW), None);
}

#[test]
fn the_history_of_a_renamed_database_goes_on_under_its_new_name() {
    let (old, new) = (of("db-A", offer("orders", 10)), of("db-A", offer("shop", 40)));
    let ages = |facts: &Facts| {
        let plan = plan(facts, &policy(&[]), at(NOW)).unwrap();
        let of_each = plan.metrics.into_iter().filter(|metric| metric.name == MetricName::RecoveryPointAge);
        of_each.map(|metric| (metric.dimensions[0].1.clone(), metric.value)).collect::<Vec<_>>()
    };
    let renamed = facts(std::slice::from_ref(&new), &[], &[copy_of(&old, "available")]);
    // Nobody waits for snapshots of `orders`, which has another name now.
    assert_eq!(ages(&renamed), [("111111111111/us-east-1/shop".to_owned(), 3000.0)]);
    let replaced = facts(&[of("db-B", new)], &[], &[copy_of(&old, "available")]);
    assert_eq!(ages(&replaced).len(), 2);
}

/// Snapshots of the database before, taken at 10, and of the one after it, taken at 40.
fn before_and_after() -> [Snapshot; 2] {
    [of("db-A", offer("orders", 10)), of("db-B", offer("orders", 40))]
}

/// Our own snapshot, with the id that our tag records, as AWS does not show it of a copy.
fn tagged(mut held: Snapshot) -> Snapshot {
    let id = held.resource_id.take().unwrap();
    held.tags.insert(tags::SOURCE_RESOURCE_ID, id.as_str());
    held
}

#[test]
fn the_last_offer_of_an_earlier_database_is_copied_beside_the_newest_of_its_successor() {
    let [old, new] = before_and_after();
    let older = of("db-A", offer("orders", 5));
    let offers = [older, old.clone(), new.clone()];
    assert_eq!(actions(&facts(&offers, &[], &[]), &policy(&[])), ["OneStep orders-40", "OneStep orders-10"]);
    let (arrived, arriving) = (tagged(copy_of(&new, "available")), tagged(copy_of(&old, "creating")));
    let begun = facts(&offers, &[], &[arrived.clone(), arriving]);
    assert_eq!(actions(&begun, &policy(&[])), Vec::<String>::new());
    let both = facts(&offers, &[], &[arrived, tagged(copy_of(&old, "available"))]);
    assert_eq!(actions(&both, &policy(&[])), Vec::<String>::new());
}

#[test]
fn a_copy_of_an_earlier_database_neither_delays_its_successor_nor_makes_it_queue_as_failing() {
    let [old, new] = before_and_after();
    for status in ["creating", "failed"] {
        // Others leave one copy slot free.
        let others = if status == "creating" { 18 } else { 19 };
        let other = |n| copy_of(&offer(&format!("other-{n}"), 10), "creating");
        let here: Vec<_> = (0..others).map(other).chain([tagged(copy_of(&old, status))]).collect();
        let facts = facts(&[old.clone(), new.clone()], &[], &here);
        let mut made = actions(&facts, &policy(&[]));
        made.retain(|action| !action.starts_with("remove"));
        assert_eq!(made, ["OneStep orders-40"], "{status}");
    }
}

#[test]
fn the_last_intermediate_of_an_earlier_database_is_copied_on_and_older_ones_are_removed() {
    let [old, new] = before_and_after();
    let older = of("db-A", offer("orders", 5));
    let halfway = |offer: &Snapshot| tagged(halfway_of(offer, "available"));
    let here = tagged(copy_of(&new, "available"));
    let between = two_hops(facts(&[], &[halfway(&older), halfway(&old), halfway(&new)], &[here]));
    assert_eq!(
        actions(&between, &policy(&[])),
        [
            "remove orders-40 (us-east-1): its copy has arrived",
            "remove orders-5 (us-east-1): a newer one is on its way",
            "Second orders-10",
        ]
    );
}

#[test]
fn the_last_point_of_an_earlier_database_is_not_copied_once_its_successor_has_copies_as_old_as_promised() {
    let [old, new] = before_and_after();
    let here = [tagged(copy_of(&new, "available"))];
    let halfway = [tagged(halfway_of(&old, "available"))];
    for (keep_for, keep_daily, expected) in [
        ("21m", "0", vec!["OneStep orders-10"]),
        ("20m", "0", vec![]),
        ("20m", "2", vec!["OneStep orders-10"]),
    ] {
        let policy = policy(&[("RetentionDays", keep_for), ("KeepDaily", keep_daily)]);
        let offered = facts(std::slice::from_ref(&old), &[], &here);
        assert_eq!(actions(&offered, &policy), expected, "{keep_for}, {keep_daily}");
        let between = two_hops(facts(&[], &halfway, &here));
        if !expected.is_empty() {
            assert_eq!(actions(&between, &policy), ["Second orders-10"], "{keep_for}, {keep_daily}");
            continue;
        }
        // A run that still saw it as wanted may copy from it, so it stays for a day.
        assert_eq!(actions(&between, &policy), Vec::<String>::new());
        let why = "remove orders-10 (us-east-1): a later database of its name has copies as old as promised";
        assert_eq!(actions_at(&between, &policy, "2026-01-02T11:20:00Z"), Vec::<String>::new());
        assert_eq!(actions_at(&between, &policy, "2026-01-02T11:20:01Z"), [why]);
    }
}

/// Beyond the number of earlier databases whose last points the retention keeps, only points that it keeps for their age are copied.
#[test]
fn of_very_many_earlier_databases_no_point_is_copied_that_would_be_deleted_at_once() {
    let offers: Vec<_> = (0..20).map(|n| of(&format!("db-{n:02}"), offer("orders", 20 + n))).collect();
    let policy = policy(&[("RetentionDays", "30m"), ("KeepDaily", "7")]);
    let copied: Vec<_> = actions(&facts(&offers, &[], &[]), &policy);
    let young = |n: u32| (30..40).contains(&n);
    let minute = |action: &String| action.rsplit('-').next().unwrap().parse::<u32>().unwrap();
    assert!(copied.iter().map(minute).all(young), "{copied:?}");
    assert_eq!((minute(&copied[0]), copied.len()), (39, 8), "{copied:?}");
}

#[test]
fn a_copy_whose_id_nobody_knows_counts_for_the_database_of_its_time() {
    let [old, new] = before_and_after();
    let unknown = |offer: &Snapshot| {
        let mut copy = copy_of(offer, "available");
        copy.resource_id = None;
        copy
    };
    let older = offer("orders", 5);
    let facts = facts(&[old.clone(), new.clone()], &[], &[unknown(&older), unknown(&old), unknown(&new)]);
    assert_eq!(actions(&facts, &policy(&[])), Vec::<String>::new());
}
