use pilot_light_domain::model::tags;

use super::*;
use crate::testing::{
    HERE, facts_of, first, instance, many_tags, our_copy, own_snapshot, problems_of, read, refusal, setting,
    with, words,
};

const GIVEN: [(&str, &str); 5] = [
    ("originDB", "orders"),
    ("newDB", "orders-test"),
    ("newDBClass", "db.t4g.medium"),
    ("targetRegion", HERE),
    ("crossRegion", "True"),
];

fn kind(more: &[(&str, &str)]) -> RefreshFromSnapshot {
    read(&setting(HERE, "run-1"), &with(&GIVEN, more))
}

fn y() -> DbInstance {
    let tags = tags::of([(tagging::REFRESHABLE, YES)]);
    DbInstance { deletion_protection: true, tags, ..instance(HERE, "orders-test") }
}

/// Two copies of `orders`, without a y.
fn copies() -> Facts {
    facts_of([
        our_copy("orders-1", "orders", "2026-01-01T22:00:00Z"),
        our_copy("orders-2", "orders", "2026-01-01T23:00:00Z"),
    ])
}

/// The same, with an old y.
fn facts() -> Facts {
    copies().add_instance(y())
}

/// The name of the instance that replaces the y.
fn new_name() -> String {
    named_after(&y().resource_id)
}

/// The same, as version 0.1.0 named it after an execution.
fn named_after(of: &str) -> String {
    names::refresh_new(&"orders-test".parse().unwrap(), of).unwrap().to_string()
}

/// A new y of an execution, restored from a copy under this name.
fn new_y(name: &str, execution: &str, copy: &str) -> DbInstance {
    let arn = format!("arn:aws:rds:us-west-2:222222222222:snapshot:{copy}");
    let tags = tags::of([
        (tagging::REFRESHABLE, YES),
        (tagging::REFRESH_OF, "orders-test"),
        (tagging::RECOVERY, execution),
        (tagging::RESOURCE, "orders"),
        (tagging::REPLACES, &y().resource_id),
        (tagging::RESTORED_FROM, &arn),
    ]);
    let class = "db.t4g.medium".to_owned();
    DbInstance { tags, class, resource_id: format!("db-of-{execution}"), ..instance(HERE, name) }
}

#[test]
fn the_new_y_of_another_manifest_is_shared_only_if_it_is_as_requested() {
    let setting = setting(HERE, "run-1");
    let manifest = |manifest: &str, status: &str, class: &str| {
        let mut found = of_another(&new_name(), "orders-2", "2026-01-01T23:59:00Z");
        found.tags.insert(tagging::MANIFEST.to_owned(), manifest.to_owned());
        found.status = status.to_owned();
        found.class = class.to_owned();
        facts().add_instance(found)
    };
    let given = with(&GIVEN, &[("VpcSecurityGroupIds", "sg-1")]);
    let kind: RefreshFromSnapshot = read(&setting, &given);
    let mark = kind.mark(&facts(), &setting);
    let next = |facts: &Facts| words(&kind.next(facts, &mark, &setting));
    let wait = format!("wait: '{}' is 'creating'", new_name());
    assert_eq!(next(&manifest("m", "creating", "db.t4g.medium")), wait, "the same manifest");
    let rename = format!("rename orders-test to {}", old_name());
    assert_eq!(
        next(&manifest("other", "available", "db.t4g.medium")),
        rename,
        "another one, with the same class"
    );
    let mut other_groups = manifest("other", "available", "db.t4g.medium");
    other_groups.instance_mut(HERE, &new_name()).groups.security = vec!["sg-2".to_owned()];
    for (facts, why) in [
        (manifest("other", "creating", "db.t4g.medium"), "nobody knows its class yet"),
        (manifest("other", "available", "db.r6g.large"), "another class"),
        (other_groups, "other groups"),
    ] {
        assert!(
            next(&facts).contains("another refresh of 'orders-test' is under way"),
            "{why}: {}",
            next(&facts)
        );
    }
}

fn begins(kind: &RefreshFromSnapshot, facts: &Facts) -> String {
    first(kind, facts, &setting(HERE, "run-1"))
}

fn refused(facts: &Facts) -> String {
    refusal(&kind(&[]), facts, &setting(HERE, "run-1"))
}

#[test]
fn the_names_are_swapped_only_once_aws_accepts_changes() {
    for (status, next) in [
        ("backing-up", format!("wait: '{}' is 'backing-up'", new_name())),
        ("available", format!("rename orders-test to {}", old_name())),
    ] {
        let new = new_y(&new_name(), "run-1", "orders-2");
        let new = DbInstance { status: status.to_owned(), ..new };
        assert_eq!(begins(&kind(&[]), &facts().add_instance(new)), next);
    }
}

fn old_name() -> String {
    names::refresh_old(&"orders-test".parse().unwrap(), &y().resource_id).unwrap().to_string()
}

#[test]
fn without_an_old_y_the_new_one_is_only_restored() {
    for mode in ["Swap", "Replace"] {
        let kind = kind(&[("Mode", mode)]);
        assert_eq!(begins(&kind, &copies()), "restore orders-test from orders-2", "{mode}");
        let up = copies().add_instance(new_y("orders-test", "run-1", "orders-2"));
        assert_eq!(begins(&kind, &up), "done", "{mode}");
    }
}

#[test]
fn y_is_not_changed_if_x_has_no_usable_snapshot() {
    for mode in ["Swap", "Replace"] {
        // Validation reports it, and so does the step if the snapshots disappear in between.
        let said = refusal(&kind(&[("Mode", mode)]), &facts().spoil_snapshots(), &setting(HERE, "run-1"));
        assert!(said.contains("originDB: there is no usable recovery point of 'orders'"), "{said}");
    }
}

#[test]
fn only_a_sound_instance_that_people_tagged_is_replaced() {
    let refused = |change: fn(&mut DbInstance)| {
        let mut facts = facts();
        change(facts.instance_mut(HERE, "orders-test"));
        refused(&facts)
    };
    for (error, said) in [
        (refused(|y| y.tags.clear()), "has no tag PilotLightRefreshable=YES"),
        (refused(|y| drop(y.tags.insert(tagging::REFRESHABLE, "NO"))), "has no tag"),
        (refused(|y| y.replicas = vec!["reader".to_owned()]), "has the replicas reader"),
        (refused(|y| y.replica_of = Some("other".to_owned())), "is a replica of other"),
        (refused(|y| y.status = "storage-full".to_owned()), "no final snapshot can be taken"),
        (refused(|y| y.status = "stopped".to_owned()), "is 'stopped'"),
    ] {
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn a_database_with_copies_is_never_replaced() {
    let of_billing = our_copy("billing-1", "billing", "2026-01-01T22:00:00Z");
    let facts = facts().add_snapshot(of_billing);
    let said = refusal(&kind(&[("newDB", "Billing")]), &facts, &setting(HERE, "run-1"));
    assert!(said.contains("there are copies of a database 'billing'"), "{said}");
}

#[test]
fn invalid_parameters_are_rejected() {
    for (more, said) in [
        (("newDB", "orders"), "never replaces the database it restores"),
        (("targetRegion", "eu-west-1"), "targetRegion: is eu-west-1, but this recovery runs in us-west-2"),
        (("Mode", "Swop"), "Mode: is 'Swop'; write Swap or Replace"),
        (("crossRegion", "perhaps"), "crossRegion: is 'perhaps'"),
    ] {
        let found = problems_of::<RefreshFromSnapshot>(&setting(HERE, "run-1"), &with(&GIVEN, &[more]));
        assert!(found.contains(said), "{found}");
    }
}

#[test]
fn a_new_y_of_an_earlier_execution_is_adopted_unless_there_is_a_newer_snapshot() {
    let left = new_y(&named_after("run-0"), "run-0", "orders-2");
    let adopts = facts().add_instance(left.clone());
    assert_eq!(begins(&kind(&[]), &adopts), format!("rename orders-test to {}", old_name()));
    let newer = adopts.add_snapshot(our_copy("orders-3", "orders", "2026-01-01T23:59:00Z"));
    assert_eq!(begins(&kind(&[]), &newer), format!("restore {} from orders-3", new_name()));
    let up = copies().add_instance(new_y("orders-test", "run-1", "orders-3")).add_instance(left);
    let deleted = begins(&kind(&[]), &up);
    assert!(deleted.starts_with(&format!("delete {} keeping refreshed-", named_after("run-0"))), "{deleted}");
}

/// A new y that another recovery restored, which began at that time.
fn of_another(name: &str, copy: &str, began: &str) -> DbInstance {
    let mut found = new_y(name, "another", copy);
    found.tags.insert("PilotLightStarted".to_owned(), began.to_owned());
    found.status = "creating".to_owned();
    found
}

#[test]
fn a_refresh_from_another_point_that_is_under_way_is_left_alone() {
    for name in [new_name(), "orders-test".to_owned()] {
        let facts = if name == "orders-test" { copies() } else { facts() };
        let recent = of_another(&name, "orders-1", "2026-01-01T23:59:00Z");
        let said = refused(&facts.clone().add_instance(recent));
        assert!(
            said.contains("another refresh of 'orders-test' is under way since 2026-01-01T23:59:00Z"),
            "{said}"
        );
        assert!(said.contains("restored from orders-1"), "{said}");
        let same = of_another(&name, "orders-2", "2026-01-01T23:59:00Z");
        let mark = kind(&[]).mark(&facts, &setting(HERE, "run-1"));
        let next = kind(&[]).next(&facts.clone().add_instance(same), &mark, &setting(HERE, "run-1"));
        assert_eq!(words(&next), format!("wait: '{name}' is 'creating'"));
    }
    let mut abandoned = of_another(&new_name(), "orders-1", "2026-01-01T12:00:00Z");
    abandoned.status = "available".to_owned();
    let deleted = begins(&kind(&[]), &facts().add_instance(abandoned));
    assert!(deleted.starts_with(&format!("delete {} keeping refreshed-", new_name())), "{deleted}");
}

/// The y that another refresh has brought up, of which nothing is left, without the note of its end.
fn brought_up() -> DbInstance {
    let mut y = of_another("orders-test", "orders-1", "2026-01-01T23:59:00Z");
    y.status = "available".to_owned();
    y.tags.insert(tagging::MANIFEST.to_owned(), "other".to_owned());
    y
}

#[test]
fn a_refresh_waits_until_the_one_that_brought_y_up_has_ended_or_was_abandoned() {
    let setting = setting(HERE, "run-1");
    for (mode, begun) in [("Swap", "restore new-orders-test-"), ("Replace", "delete orders-test keeping")] {
        let kind = kind(&[("Mode", mode)]);
        let mut facts = copies().add_instance(brought_up());
        let mut mark = kind.mark(&facts, &setting);
        for _ in 0..15 {
            facts.now += chrono::TimeDelta::minutes(1);
            mark = kind.sees(&facts, &mark, &setting).unwrap_or(mark);
            let said = words(&kind.next(&facts, &mark, &setting));
            assert!(said.starts_with("wait: another refresh of 'orders-test' is under way since"), "{said}");
        }
        facts.now += chrono::TimeDelta::minutes(1);
        mark = kind.sees(&facts, &mark, &setting).unwrap_or(mark);
        let said = words(&kind.next(&facts, &mark, &setting));
        assert!(said.starts_with(begun), "{mode}, abandoned: {said}");
        let mut ended = brought_up();
        ended.tags.insert(tagging::ENDED.to_owned(), "2026-01-02T00:05:00Z".to_owned());
        let said = begins(&kind, &copies().add_instance(ended));
        assert!(said.starts_with(begun), "{mode}, ended: {said}");
    }
}

#[test]
fn a_refresh_that_was_up_never_fights_a_later_one() {
    let setting = setting(HERE, "run-1");
    let kind = kind(&[]);
    let ours = new_y("orders-test", "run-1", "orders-2");
    let mut later = of_another(&named_after(&ours.resource_id), "orders-1", "2026-01-02T00:05:00Z");
    later.tags.insert(tagging::REPLACES.to_owned(), ours.resource_id.clone());
    let mark = kind.mark(&facts(), &setting);
    let up = kind.came_up(&copies().add_instance(ours.clone()).add_instance(y_in_the_way()), &mark, &setting);
    let up = up.unwrap();
    assert_eq!(up["up"], json!(ours.resource_id));
    let tidying = copies().add_instance(ours.clone()).add_instance(later.clone());
    assert_eq!(words(&kind.next(&tidying, &up, &setting)), "done", "it does not delete the later one");

    let name = names::refresh_old(&"orders-test".parse().unwrap(), &ours.resource_id).unwrap();
    let mut given_up = ours;
    given_up.arn.id.name = name.to_string().parse().unwrap();
    let renamed = copies().add_instance(given_up).add_instance(later);
    let gone = copies().add_instance(brought_up());
    for facts in [&renamed, &gone] {
        let said = words(&kind.next(facts, &up, &setting));
        assert!(said.starts_with("done, but something else has replaced"), "{said}");
    }
    let said = words(&kind.next(&renamed, &mark, &setting));
    assert!(said.starts_with("failed: another refresh has replaced 'orders-test'"), "{said}");
}

/// The old y under the name that it has until it is deleted.
fn y_in_the_way() -> DbInstance {
    let mut old = y();
    old.arn.id.name = old_name().parse().unwrap();
    old
}

#[test]
fn a_y_that_something_else_put_there_after_the_beginning_is_not_replaced() {
    let setting = setting(HERE, "run-1");
    let kind = kind(&[]);
    let other = || DbInstance { resource_id: "db-other".to_owned(), ..y() };
    for before in [facts(), copies()] {
        let mark = kind.mark(&before, &setting);
        let now = copies().add_instance(other());
        let said = words(&kind.next(&now, &mark, &setting));
        assert!(
            said.starts_with("failed: 'orders-test' is another instance than at the beginning"),
            "{said}"
        );
    }
    let mark = kind.mark(&facts(), &setting);
    let now = copies().add_instance(other()).add_instance(new_y(&new_name(), "run-1", "orders-2"));
    let said = words(&kind.next(&now, &mark, &setting));
    assert!(said.contains(&format!("start the manifest again, and delete '{}' first", new_name())), "{said}");
}

#[test]
fn a_y_that_was_there_before_is_never_the_new_one() {
    let before = copies().add_instance(new_y("orders-test", "another", "orders-2"));
    let begun = begins(&kind(&[]), &before);
    assert!(begun.starts_with("restore new-orders-test-"), "{begun}");
}

#[test]
fn automated_snapshots_of_x_in_this_account_are_usable_too() {
    let own = facts_of([
        own_snapshot("by-hand", "orders", "2026-01-01T01:00:00Z"),
        own_snapshot("rds:orders-2026-01-01", "orders", "2026-01-01T02:00:00Z"),
    ]);
    assert_eq!(begins(&kind(&[]), &own), "restore orders-test from rds:orders-2026-01-01");
}

#[test]
fn an_old_y_that_has_replicas_by_now_is_not_deleted() {
    let old = |replicas: &[&str]| {
        let mut old = y();
        old.arn.id.name = old_name().parse().unwrap();
        old.replicas = replicas.iter().map(|name| (*name).to_owned()).collect();
        copies().add_instance(new_y("orders-test", "run-1", "orders-2")).add_instance(old)
    };
    assert_eq!(begins(&kind(&[]), &old(&[])), format!("protect {} false", old_name()));
    let said = begins(&kind(&[]), &old(&["reader"]));
    let left = old_name();
    let expected =
        format!("done, but '{left}', which it replaces, is still there: '{left}' has the replicas reader");
    assert!(said.starts_with(&expected), "{said}");
}

#[test]
fn a_name_of_a_database_with_copies_is_not_taken_even_if_the_copies_are_newer_than_the_validation() {
    let mark = kind(&[]).mark(&facts(), &setting(HERE, "run-1"));
    let copy = our_copy("orders-test-1", "orders-test", "2026-01-01T22:00:00Z");
    let next = kind(&[]).next(&facts().add_snapshot(copy), &mark, &setting(HERE, "run-1"));
    let said = words(&next);
    assert!(said.starts_with("failed: there are copies of a database 'orders-test'"), "{said}");
}

#[test]
fn the_most_tags_of_a_manifest_and_our_own_are_as_many_as_aws_allows() {
    // The last one closes the recovery.
    let (most, more) = (many_tags(40), many_tags(41));
    let kind = kind(&[("Tags", &most)]);
    let Next::Ask { change: Change::RestoreInstance(restore), .. } =
        kind.next(&facts(), &kind.mark(&facts(), &setting(HERE, "run-1")), &setting(HERE, "run-1"))
    else {
        panic!("it restores")
    };
    assert_eq!(restore.tags.len(), 49);
    let pairs = with(&GIVEN, &[("Tags", &more)]);
    let said = problems_of::<RefreshFromSnapshot>(&setting(HERE, "run-1"), &pairs);
    assert!(said.contains("Tags: has 41 tags; AWS allows 50 on an instance, and 10 are our own"), "{said}");
}
