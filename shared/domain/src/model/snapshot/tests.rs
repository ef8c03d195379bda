//! Statuses, times and shared storage of snapshots.

use super::*;
use crate::testing::{arn, snapshot};

fn copy(id: &str, database: &str, engine: &str, tagged: &str) -> Snapshot {
    let mut copy = snapshot(&format!("arn:aws:rds:us-west-2:222222222222:snapshot:{id}"), database);
    copy.resource_id = Some(format!("db-OF-{database}-WHICH-IS-LONG").into());
    copy.engine = Engine(engine.into());
    copy.kms_key = "arn:aws:kms:us-west-2:222222222222:key/copies".parse().ok();
    copy.copied_from = Some(arn(&format!("arn:aws:rds:us-east-1:111111111111:snapshot:{id}")));
    copy.tags = tags::of([(tags::COPIED_BY, tags::TOOL), (tags::SOURCE_ACCOUNT, tagged)]);
    copy
}

#[test]
fn every_status_is_in_progress_except_those_that_are_an_end() {
    let phases = [
        ("creating", Phase::InProgress),
        ("pending", Phase::InProgress),
        ("copying", Phase::InProgress),
        ("a-status-of-next-year", Phase::InProgress),
        ("incompatible", Phase::InProgress),
        ("", Phase::InProgress),
        ("available", Phase::Usable),
        ("deleting", Phase::Deleting),
        ("failed", Phase::Lost),
        ("incompatible-restore", Phase::Lost),
    ];
    for (text, phase) in phases {
        let status = SnapshotStatus::from(text.to_owned());
        assert_eq!((status.phase(), status.as_str()), (phase, text));
    }
}

#[test]
fn only_an_unknown_status_makes_a_snapshot_stuck_and_only_after_a_day() {
    let begun = crate::testing::at("2026-01-01T00:00:00Z");
    let stuck = |status: &str, change: fn(&mut Snapshot, Instant), age| {
        let mut found = snapshot("arn:aws:rds:us-west-2:222222222222:snapshot:a", "orders");
        found.status = SnapshotStatus::from(status.to_owned());
        change(&mut found, begun);
        found.is_stuck(begun + age)
    };
    let (day, second) = (TimeDelta::days(1), TimeDelta::seconds(1));
    let known: [fn(&mut Snapshot, Instant); 4] = [
        |found, at| found.created_at = Some(at),
        |found, at| found.original_created_at = Some(at),
        |found, at| found.tags = tags::of([(tags::DATABASE_TIME, &at.to_rfc3339())]),
        |found, _| found.tags = tags::of([(tags::CREATED_ON, "2026-01-01-00-00")]),
    ];
    for change in known {
        assert_eq!([stuck("odd", change, day), stuck("odd", change, day + second)], [false, true]);
        for status in ["pending", "copying", "creating", "available", "failed", "incompatible-restore"] {
            assert!(!stuck(status, change, day * 9), "{status}");
        }
    }
    assert!(stuck("odd", |_, _| {}, TimeDelta::zero()), "its age is unknown");
}

#[test]
fn an_idle_database_whose_last_transaction_is_days_old_has_a_snapshot_as_young_as_its_completion() {
    let complete = crate::testing::at("2026-01-05T00:00:00Z");
    let mut idle = snapshot("arn:aws:rds:us-west-2:222222222222:snapshot:a", "orders");
    idle.created_at = Some(complete + TimeDelta::minutes(9));
    idle.database_time = Some(complete - TimeDelta::days(3));
    idle.original_created_at = Some(complete);
    assert_eq!(idle.taken_at(), Some(complete));
    idle.original_created_at = None;
    assert_eq!(idle.taken_at(), idle.database_time, "the time of the copy would be too young");
}

#[test]
fn sharing_equal_fields_changes_no_snapshot() {
    let some = [
        copy("orders-2026-01-01-00-00", "orders", "postgres", "111111111111"),
        copy("orders-2026-01-01-00-30", "orders", "postgres", "111111111111"),
        copy("billing-2026-01-01-00-00", "billing", "aurora-postgresql", "a value of another length"),
        snapshot("arn:aws:rds:us-east-1:111111111111:snapshot:plain", "plain"),
    ];
    for one in &some {
        for other in &some {
            let mut reusing = one.clone();
            reusing.reuse(other);
            assert_eq!(reusing, *one);
        }
    }
}

#[test]
fn only_a_complete_snapshot_without_any_time_lacks_it_and_only_after_a_day() {
    let begun = crate::testing::at("2026-01-01T00:00:00Z");
    let (day, second) = (TimeDelta::days(1), TimeDelta::seconds(1));
    let mut found = snapshot("arn:aws:rds:us-east-1:111111111111:snapshot:a", "orders");
    assert!(found.lacks_time(begun), "its age is unknown");
    found.tags = tags::of([(tags::CREATED_ON, "2026-01-01-00-00")]);
    assert_eq!([found.lacks_time(begun + day), found.lacks_time(begun + day + second)], [false, true]);
    let changes: [fn(&mut Snapshot, Instant); 4] = [
        |found, at| found.created_at = Some(at),
        |found, at| found.original_created_at = Some(at),
        |found, at| found.database_time = Some(at),
        |found, _| found.status = SnapshotStatus::Creating,
    ];
    for change in changes {
        let mut other = found.clone();
        change(&mut other, begun);
        assert!(!other.lacks_time(begun + day * 9), "{other:?}");
    }
}
