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
