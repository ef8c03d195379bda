use super::*;
use crate::testing::{
    HERE, facts_of, first, instance, many_tags, our_copy, problems_of, read, refusal, setting, words,
};

fn kind() -> RestoreDrill {
    let parameters =
        [("DBInstanceIdentifier", "orders"), ("DBSubnetGroupName", "drill"), ("MultiAZ", "False")];
    read(&setting(HERE, "run-1"), &parameters)
}

fn facts() -> Facts {
    facts_of([our_copy("orders-1", "orders", "2026-01-01T22:00:00Z")]).add_instance(instance(HERE, "orders"))
}

fn name(of: &str) -> String {
    names::drill(&"orders".parse().unwrap(), of).unwrap().to_string()
}

/// An instance that a drill of that execution restored for the resource `orders`.
fn restored(execution: &str, made: &str) -> DbInstance {
    let mut found = instance(HERE, &name("orders"));
    found.created_at = Some(made.parse().unwrap());
    found.tags =
        tags::of([(tagging::DRILL, "orders"), (tagging::RECOVERY, execution), (tagging::RESOURCE, "orders")]);
    found.tags.insert(tagging::MANIFEST, "m");
    found
}

/// The same, as version 0.1.0 left it: its name comes from the execution.
fn restored_by_0_1_0(execution: &str, made: &str) -> DbInstance {
    let name = name(execution).parse().unwrap();
    let mut found = restored(execution, made);
    found.tags.remove(tagging::MANIFEST);
    found.arn.id.name = name;
    found
}

#[test]
fn a_drill_is_up_during_its_first_backup_and_deletes_its_instance_afterwards() {
    let setting = setting(HERE, "run-1");
    let at = |status: &str| {
        let ours = DbInstance { status: status.to_owned(), ..restored("run-1", "2026-01-02T00:05:00Z") };
        facts().add_instance(ours)
    };
    let up = kind().came_up(&at("backing-up"), &Value::Null, &setting).unwrap();
    assert_eq!(kind().came_up(&at("backing-up"), &up, &setting), None, "it comes up once");
    let busy = format!("wait: '{}' is 'backing-up' and cannot be deleted yet", name("orders"));
    assert_eq!(words(&kind().next(&at("backing-up"), &up, &setting)), busy, "AWS would refuse to delete it");
    let deleted = format!("delete {} for good", name("orders"));
    assert_eq!(words(&kind().next(&at("available"), &up, &setting)), deleted);
    assert_eq!(words(&kind().next(&facts(), &up, &setting)), "done", "it is not restored again");
}

#[test]
fn an_instance_of_that_name_without_the_tags_of_the_drill_is_never_changed() {
    let strip = |key: &str| {
        let mut found = restored("run-1", "2026-01-01T00:00:00Z");
        found.tags.remove(key);
        found
    };
    for other in [strip(tagging::DRILL), strip(tagging::RESOURCE)] {
        let said = refusal(&kind(), &facts().add_instance(other), &setting(HERE, "run-1"));
        assert!(said.contains("this drill did not restore and does not change"), "{said}");
    }
}

#[test]
fn only_instances_that_earlier_drills_left_behind_are_deleted() {
    let mut posing = instance(HERE, "drill-orders-mine");
    posing.tags = restored("run-0", "2026-01-01T00:00:00Z").tags;
    let under_way = restored_by_0_1_0("run-00", "2026-01-01T23:50:00Z");
    let others = facts().add_instance(posing).add_instance(under_way);
    let setting = setting(HERE, "run-1");
    let restore = format!("restore {} from orders-1", name("orders"));
    assert_eq!(first(&kind(), &others, &setting), restore);
    let earlier = others.clone().add_instance(restored_by_0_1_0("run-0", "2026-01-01T00:00:00Z"));
    assert_eq!(first(&kind(), &earlier, &setting), format!("delete {} for good", name("run-0")));
    let left = others.add_instance(restored("run-0", "2026-01-01T00:00:00Z"));
    assert_eq!(first(&kind(), &left, &setting), format!("delete {} for good", name("orders")));
}

#[test]
fn executions_that_overlap_share_one_instance() {
    let other = restored("run-0", "2026-01-01T23:50:00Z");
    let creating = DbInstance { status: "creating".to_owned(), ..other.clone() };
    let setting = setting(HERE, "run-1");
    let wait = format!("wait: '{}' is 'creating'", name("orders"));
    let from = "arn:aws:rds:us-west-2:222222222222:snapshot:orders-1".to_owned();
    let shared = |mut found: DbInstance| {
        found.tags.insert(tagging::RESTORED_FROM, from.clone());
        facts().add_instance(found)
    };
    let mark = kind().mark(&shared(creating.clone()), &setting);
    assert_eq!(words(&kind().next(&shared(creating), &mark, &setting)), wait);
    assert!(kind().came_up(&shared(other.clone()), &mark, &setting).is_some());
    // One that is up at the first look proves nothing about this drill.
    let mark = kind().mark(&shared(other.clone()), &setting);
    assert!(kind().came_up(&shared(other.clone()), &mark, &setting).is_none());
    let said = words(&kind().next(&shared(other), &mark, &setting));
    assert!(said.starts_with("wait: another drill of 'orders' is under way"), "{said}");
}

/// The next action after a drill has looked at an instance in this status for a quarter of an hour.
fn after_looks(found: &DbInstance, status: &str, setting: &Setting) -> String {
    let found = DbInstance { status: status.to_owned(), ..found.clone() };
    let mut there = facts().add_instance(found);
    let mut mark = kind().mark(&there, setting);
    for _ in 0..=15 {
        there.now += chrono::TimeDelta::minutes(1);
        mark = kind().sees(&there, &mark, setting).unwrap_or(mark);
    }
    words(&kind().next(&there, &mark, setting))
}

#[test]
fn the_instance_of_another_drill_is_deleted_only_if_nobody_continues_with_it() {
    let setting = setting(HERE, "run-1");
    let deleted = format!("delete {} for good", name("orders"));
    // Its restore took hours, and it is up since a moment ago.
    let hours_ago = Some("2026-01-01T20:00:00Z".parse().unwrap());
    let slow = DbInstance { created_at: hours_ago, ..of_another("orders-0") };
    let said = first(&kind(), &facts().add_instance(slow.clone()), &setting);
    assert!(said.starts_with("wait: another drill of 'orders' is under way"), "{said}");
    for (status, is_deleted) in [
        ("available", true),
        ("incompatible-network", true),
        ("creating", false),
        ("backing-up", false),
        ("modifying", false),
    ] {
        let said = after_looks(&slow, status, &setting);
        assert_eq!(said == deleted, is_deleted, "{status}: {said}");
    }
    // AWS may have no capacity for the standby that the other drill has requested.
    let engine = pilot_light_domain::model::database::Engine("sqlserver-se".into());
    let mut alone = DbInstance { engine, multi_az: Some(false), ..slow.clone() };
    assert_eq!(after_looks(&alone, "available", &setting), deleted, "no standby is requested");
    alone.tags.insert(tagging::STANDBY, "2026-01-01T23:00:00Z");
    let said = after_looks(&alone, "available", &setting);
    assert!(said.starts_with("wait: another drill of 'orders' is under way"), "{said}");
}

#[test]
fn an_instance_on_which_aws_works_is_not_deleted_even_if_its_drill_is_old() {
    let mut there = facts().add_instance(restored("run-0", "2026-01-01T00:00:00Z"));
    there.instance_mut(HERE, &name("orders")).status = "creating".to_owned();
    let said = first(&kind(), &there, &setting(HERE, "run-1"));
    assert!(said.starts_with("wait: another drill of 'orders' is under way"), "{said}");
}

/// The instance of a drill that began ten minutes ago, restored from that copy for another manifest.
fn of_another(copy: &str) -> DbInstance {
    let mut found = restored("another", "2026-01-02T00:05:00Z");
    found.resource_id = "db-of-another".to_owned();
    found.tags.insert(tagging::MANIFEST, "other");
    found.tags.insert(tagging::RESTORED_FROM, format!("arn:aws:rds:us-west-2:222222222222:snapshot:{copy}"));
    found
}

#[test]
fn a_drill_waits_for_the_end_of_another_one_and_never_takes_its_instance_for_its_own() {
    let setting = setting(HERE, "run-1");
    for (copy, status) in [("orders-0", "creating"), ("orders-0", "available"), ("orders-1", "available")] {
        let other = DbInstance { status: status.to_owned(), ..of_another(copy) };
        let there = facts().add_instance(other);
        // The other one may have begun before the first look, or at the same moment.
        for mark in [kind().mark(&there, &setting), kind().mark(&facts(), &setting)] {
            let said = words(&kind().next(&there, &mark, &setting));
            assert!(
                said.starts_with("wait: another drill of 'orders' is under way"),
                "{copy} {status}: {said}"
            );
            assert_eq!(kind().came_up(&there, &mark, &setting), None, "{copy} {status}");
            assert_eq!(
                kind().remove(&there, &mark, &setting),
                None,
                "{copy} {status}: not even after a failure"
            );
        }
    }
}

#[test]
fn a_drill_deletes_only_the_very_instance_that_was_up() {
    let setting = setting(HERE, "run-1");
    let ours = restored("run-1", "2026-01-02T00:05:00Z");
    let up = kind().came_up(&facts().add_instance(ours.clone()), &json!({"point": null}), &setting).unwrap();
    assert_eq!(up, json!({"up": ours.resource_id}));
    let deleted = format!("delete {} for good", name("orders"));
    assert_eq!(words(&kind().next(&facts().add_instance(ours), &up, &setting)), deleted);
    let other = facts().add_instance(of_another("orders-0"));
    let said = words(&kind().next(&other, &up, &setting));
    let expected = format!("done, but there is another instance '{}' by now", name("orders"));
    assert!(said.starts_with(&expected), "{said}");
    assert_eq!(kind().remove(&other, &up, &setting), None);
}

#[test]
fn a_drill_of_0_1_0_that_was_up_deletes_what_it_restored() {
    let (setting, up) = (setting(HERE, "run-1"), json!({"up": true}));
    let ours = facts().add_instance(restored_by_0_1_0("run-1", "2026-01-02T00:05:00Z"));
    assert_eq!(words(&kind().next(&ours, &up, &setting)), format!("delete {} for good", name("run-1")));
    assert_eq!(words(&kind().next(&facts(), &up, &setting)), "done");
}

#[test]
fn a_drill_is_single_az_unless_its_manifest_asks_for_more() {
    let parameters = [("DBInstanceIdentifier", "orders"), ("rds_instance_type", "db.t3.medium")];
    let kind: RestoreDrill = read(&setting(HERE, "run-1"), &parameters);
    let Next::Ask { change, .. } = kind.next(&facts(), &Value::Null, &setting(HERE, "run-1")) else {
        panic!("it restores")
    };
    let Change::RestoreInstance(restore) = change else { panic!("{change:?}") };
    assert_eq!((restore.multi_az, restore.class.as_deref()), (None, Some("db.t3.medium")));
}

#[test]
fn the_most_tags_of_a_manifest_and_our_own_are_as_many_as_aws_allows() {
    let (most, more) = (many_tags(43), many_tags(44));
    let orders = ("DBInstanceIdentifier", "orders");
    let kind: RestoreDrill = read(&setting(HERE, "run-1"), &[orders, ("Tags", &most)]);
    let Next::Ask { change: Change::RestoreInstance(restore), .. } =
        kind.next(&facts(), &Value::Null, &setting(HERE, "run-1"))
    else {
        panic!("it restores")
    };
    assert_eq!(restore.tags.len(), 50);
    let said = problems_of::<RestoreDrill>(&setting(HERE, "run-1"), &[orders, ("Tags", &more)]);
    assert!(said.contains("Tags: has 44 tags; AWS allows 50 on an instance, and 7 are our own"), "{said}");
}

#[test]
fn what_a_failed_drill_restored_is_removed() {
    let broken =
        DbInstance { status: "incompatible-network".to_owned(), ..restored("run-1", "2026-01-01T23:50:00Z") };
    let facts = facts().add_instance(broken);
    assert!(first(&kind(), &facts, &setting(HERE, "run-1")).starts_with("failed: "));
    let next = kind().remove(&facts, &Value::Null, &setting(HERE, "run-1")).unwrap();
    assert_eq!(words(&next), format!("delete {} for good", name("orders")));
}

#[test]
fn a_missing_snapshot_is_reported_before_the_drill_begins() {
    let said = refusal(&kind(), &facts().spoil_snapshots(), &setting(HERE, "run-1"));
    assert!(said.contains("no usable recovery point of 'orders'"), "{said}");
}

#[test]
fn the_longest_database_name_still_gives_a_different_drill_name() {
    let long: DatabaseName = "o".repeat(63).parse().unwrap();
    let made = names::drill(&long, "run-1").unwrap();
    assert!(made.as_str().len() <= 63 && made != long);
}
