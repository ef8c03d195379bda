mod compared;

use pilot_light_domain::model::tags;
use pilot_light_domain::recovery::{Change, RestoreInstance};

use super::*;
use crate::testing::{
    ACCOUNT, HERE, SOURCE, examined, facts_of, first, instance, many_tags, our_copy, own_snapshot,
    problems_of, read, refusal, setting,
};

fn kind(parameters: &[(&str, &str)]) -> RestoreFromSnapshot {
    read(&setting(HERE, "run-1"), parameters)
}

fn orders() -> RestoreFromSnapshot {
    kind(&[("DBInstanceIdentifier", "orders"), ("rds_instance_type", "db.r6g.large"), ("MultiAZ", "False")])
}

/// Two copies of `orders` and one of `billing`, all taken on the day before the execution.
fn copies() -> Facts {
    facts_of([
        our_copy("orders-1", "orders", "2026-01-01T22:00:00Z"),
        our_copy("orders-2", "orders", "2026-01-01T23:00:00Z"),
        our_copy("billing-1", "billing", "2026-01-01T23:30:00Z"),
    ])
}

fn begins(kind: &RestoreFromSnapshot, facts: &Facts) -> String {
    assert_eq!(refused(kind, facts), "");
    first(kind, facts, &setting(HERE, "run-1"))
}

fn refused(kind: &RestoreFromSnapshot, facts: &Facts) -> String {
    refusal(kind, facts, &setting(HERE, "run-1"))
}

/// An instance that another recovery restored from a copy.
fn restored_from(copy: &str) -> DbInstance {
    let arn = format!("arn:aws:rds:us-west-2:222222222222:snapshot:{copy}");
    let tags = tags::of([
        (tagging::RECOVERY, "another"),
        (tagging::RESOURCE, "orders"),
        (tagging::RESTORED_FROM, &arn),
    ]);
    DbInstance { tags, ..instance(HERE, "orders") }
}

/// The instance that holds the point of the manifest.
fn restored() -> DbInstance {
    restored_from("orders-2")
}

#[test]
fn a_restore_is_up_once_it_takes_connections_even_while_aws_still_works_on_it() {
    let next_at = |status: &str| {
        let facts = copies().add_instance(DbInstance { status: status.to_owned(), ..restored() });
        first(&orders(), &facts, &setting(HERE, "run-1"))
    };
    for (status, next) in [
        ("creating", "wait: 'orders' is 'creating'"),
        ("configuring-enhanced-monitoring", "done"),
        ("backing-up", "done"),
        ("modifying", "wait: 'orders' is 'modifying'"),
        ("available", "done"),
        ("storage-optimization", "done"),
    ] {
        assert_eq!(next_at(status), next, "{status}");
    }
    for status in ["incompatible-parameters", "incompatible-restore"] {
        let broken = next_at(status);
        assert!(broken.starts_with(&format!("failed: 'orders' is '{status}'")), "{broken}");
    }
    assert!(next_at("stopped").starts_with("failed: 'orders' is 'stopped'; start it"));
}

#[test]
fn a_restore_just_after_midnight_uses_the_newest_point_of_the_day_before() {
    assert_eq!(begins(&orders(), &copies()), "restore orders from orders-2");
}

#[test]
fn with_at_the_newest_point_taken_by_then_is_restored() {
    let at = |time: &str| kind(&[("DBInstanceIdentifier", "orders"), ("At", time)]);
    assert_eq!(begins(&at("2026-01-01T22:30:00Z"), &copies()), "restore orders from orders-1");
    let said = refused(&at("2026-01-01T21:00:00Z"), &copies());
    assert!(said.contains("among the snapshots in us-west-2: examined 3, of that database 2"), "{said}");
    assert!(said.contains("no usable recovery point of 'orders' taken by 2026-01-01T21:00:00"), "{said}");
}

#[test]
fn a_time_as_it_is_printed_selects_its_point_and_one_in_the_future_is_refused() {
    let at = |time: &str| kind(&[("DBInstanceIdentifier", "orders"), ("At", time)]);
    let facts = copies().add_snapshot(our_copy("orders-3", "orders", "2026-01-01T23:30:00.9Z"));
    assert_eq!(begins(&at("2026-01-01T23:30:00Z"), &facts), "restore orders from orders-3");
    assert_eq!(begins(&at("2026-01-01T23:29:59Z"), &facts), "restore orders from orders-2");
    let said = refused(&at("2062-01-01T23:30:00Z"), &facts);
    assert!(said.contains("At is 2062-01-01T23:30:00Z, which is in the future"), "{said}");
}

#[test]
fn the_first_backup_of_the_restored_instance_does_not_make_the_choice_ambiguous() {
    let mut backup = own_snapshot("orders-auto", "orders", "2026-01-02T00:05:00Z");
    backup.resource_id = Some(restored().resource_id.into());
    let facts = copies().add_instance(restored());
    assert_eq!(begins(&orders(), &facts.clone().add_snapshot(backup.clone())), "done");
    backup.resource_id = Some("db-OTHER".into());
    assert!(refused(&orders(), &facts.add_snapshot(backup)).contains("give SourceAccount"));
}

#[test]
fn the_new_instance_may_have_another_name_than_its_database() {
    let other = kind(&[("DBInstanceIdentifier", "orders-west"), ("SourceDBInstanceIdentifier", "orders")]);
    assert_eq!(begins(&other, &copies()), "restore orders-west from orders-2");
    let same = kind(&[("SourceDBInstanceIdentifier", "orders")]);
    assert_eq!(begins(&same, &copies()), "restore orders from orders-2");
}

#[test]
fn an_instance_that_no_recovery_restored_is_never_changed() {
    for tags in [Tags::new(), tags::of([(tagging::RESOURCE, "orders")])] {
        let other = DbInstance { tags, ..instance(HERE, "orders") };
        let said = refused(&orders(), &copies().add_instance(other));
        assert!(said.contains("that no recovery restored, and it is not changed"), "{said}");
    }
}

#[test]
fn an_instance_with_another_point_is_refused_naming_both_points_unless_this_recovery_restored_it() {
    let other = restored_from("orders-1");
    let said = refused(&orders(), &copies().add_instance(other.clone()));
    for part in [
        "restored from orders-1, data of 2026-01-01T22:00:00Z",
        "this manifest chooses orders-2, data of 2026-01-01T23:00:00Z",
        "to keep it, give At: 2026-01-01T22:00:00Z",
    ] {
        assert!(said.contains(part), "{said}");
    }
    let mut ours = other;
    ours.tags.extend(tagging::ours(&setting(HERE, "run-1")));
    assert_eq!(begins(&orders(), &copies().add_instance(ours.clone())), "done");
    // Version 0.1.0 tagged no manifest. The one that is started again may have been corrected since.
    ours.tags.remove(tagging::MANIFEST);
    assert_eq!(begins(&orders(), &copies().add_instance(ours.clone())), "done");
    for corrected in [("At", "2026-01-01T23:00:00Z"), ("SourceDBInstanceIdentifier", "billing")] {
        let manifest = kind(&[("DBInstanceIdentifier", "orders"), ("MultiAZ", "False"), corrected]);
        let said = refused(&manifest, &copies().add_instance(ours.clone()));
        assert!(said.contains("restored from orders-1"), "{corrected:?}: {said}");
    }
}

#[test]
fn the_advice_to_set_at_is_given_only_if_the_manifest_can_choose_the_point_that_the_instance_holds() {
    let of_billing = restored_from("billing-1");
    let said = refused(&orders(), &copies().add_instance(of_billing.clone()));
    let expected = "restored from billing-1, data of 2026-01-01T23:30:00Z, by the recovery another, but this manifest chooses orders-2, \
         data of 2026-01-01T23:00:00Z; this manifest cannot choose the point that it holds; give another \
         DBInstanceIdentifier, or rename or delete it";
    assert!(said.contains(expected), "{said}");
    let gone = DbInstance { tags: tags::of([(tagging::RESTORED_FROM, "arn:gone")]), ..of_billing };
    let said = refused(&orders(), &copies().add_instance(gone));
    assert!(said.contains("data of an unknown time") && !said.contains("give At"), "{said}");
}

#[test]
fn an_instance_that_no_recovery_restored_does_not_hide_that_there_is_no_point() {
    let facts = copies().spoil_snapshots().add_instance(instance(HERE, "orders"));
    let said = refused(&orders(), &facts);
    for part in ["that no recovery restored", "no usable recovery point of 'orders'"] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn the_most_tags_of_a_manifest_and_our_own_are_as_many_as_aws_allows() {
    // The last one closes the recovery.
    let (most, more) = (many_tags(43), many_tags(44));
    let orders = ("DBInstanceIdentifier", "orders");
    assert_eq!(options(&[orders, ("Tags", &most)]).tags.len(), 49);
    let said = problems_of::<RestoreFromSnapshot>(&setting(HERE, "run-1"), &[orders, ("Tags", &more)]);
    assert!(said.contains("Tags: has 44 tags; AWS allows 50 on an instance, and 7 are our own"), "{said}");
}

#[test]
fn after_a_refusal_for_lack_of_capacity_the_next_class_is_tried() {
    let kind =
        kind(&[("DBInstanceIdentifier", "orders"), ("DBInstanceClass", "db.r6g.xlarge, db.r6i.xlarge")]);
    let class_after = |refusals: usize| {
        let setting = Setting { refusals, ..setting(HERE, "run-1") };
        match kind.next(&copies(), &Value::Null, &setting) {
            Next::Ask { change: Change::RestoreInstance(restore), .. } => restore.class.unwrap(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!([0, 1, 2].map(class_after), ["db.r6g.xlarge", "db.r6i.xlarge", "db.r6g.xlarge"]);
}

#[test]
fn sql_server_gets_its_standby_after_the_restore() {
    let mut copy = our_copy("ledger-1", "ledger", "2026-01-01T22:00:00Z");
    copy.engine.0 = "sqlserver-se".into();
    let ledger = |az: &str| kind(&[("DBInstanceIdentifier", "ledger"), ("MultiAZ", az)]);
    let facts = facts_of([copy]);
    let Next::Ask { change: Change::RestoreInstance(restore), .. } =
        ledger("True").next(&facts, &Value::Null, &setting(HERE, "run-1"))
    else {
        panic!("it restores")
    };
    assert_eq!(restore.multi_az, None);
    let mut up = instance(HERE, "ledger");
    up.engine.0 = "sqlserver-se".into();
    up.multi_az = Some(false);
    up.tags = restore.tags;
    for (days, next) in [(0, "keep backups of ledger for 1 days"), (7, "ModifyDBInstance")] {
        let up = DbInstance { backup_retention_days: Some(days), ..up.clone() };
        let facts = facts.clone().add_instance(up);
        assert_eq!(first(&ledger("None"), &facts, &setting(HERE, "run-1")), "done");
        assert_eq!(first(&ledger("True"), &facts, &setting(HERE, "run-1")), next);
        let lacks = ["without its standby (MultiAZ)".to_owned()].into();
        let refused = Setting { lacks, ..setting(HERE, "run-1") };
        assert_eq!(first(&ledger("True"), &facts, &refused), "done", "AWS refused it for good");
    }
}

#[test]
fn the_request_of_a_standby_is_tagged_once_and_only_such_an_instance_is_usable_while_it_is_modified() {
    let ledger = kind(&[("DBInstanceIdentifier", "ledger"), ("MultiAZ", "True")]);
    let setting = setting(HERE, "run-1");
    let mut up = instance(HERE, "ledger");
    up.engine.0 = "sqlserver-se".into();
    (up.multi_az, up.backup_retention_days) = (Some(false), Some(7));
    up.tags = tagging::ours(&setting);
    up.tags.insert(tagging::RESTORED_FROM, "x");
    let next = |up: &DbInstance| ledger.next(&facts_of([]).add_instance(up.clone()), &Value::Null, &setting);
    let Next::Adjust { first: Some(Change::TagDatabase { tags, .. }), .. } = next(&up) else { panic!() };
    assert!(tags.contains_key(tagging::RECOVERY), "the role may set no other tags");
    let modified = |found: &DbInstance| DbInstance { status: "modifying".to_owned(), ..found.clone() };
    assert!(matches!(next(&modified(&up)), Next::Wait(_)), "AWS may interrupt it for its first backups");
    up.tags.extend(tags);
    assert!(matches!(next(&up), Next::Adjust { first: None, .. }));
    assert!(matches!(next(&modified(&up)), Next::Adjusting { .. }));
}

#[test]
fn an_instance_that_is_being_deleted_makes_room_for_the_new_one() {
    let setting = setting(HERE, "run-1");
    for tags in [Tags::new(), tagging::ours(&setting)] {
        let mut old = instance(HERE, "orders");
        (old.status, old.tags) = ("deleting".to_owned(), tags);
        let facts = copies().add_instance(old);
        assert_eq!(orders().obstacles(&facts, &setting), []);
        assert_eq!(orders().demands(&facts, &setting).len(), 1);
    }
}

#[test]
fn the_lack_of_a_usable_point_is_reported_before_anything_begins() {
    let said = refused(&orders(), &copies().spoil_snapshots());
    let wanted = "no usable recovery point of 'orders' among the snapshots in us-west-2: examined 3, of that database 2";
    assert!(said.contains(wanted), "{said}");
}

#[test]
fn databases_of_the_same_name_in_two_accounts_are_distinguished_by_source_account() {
    let mut theirs = our_copy("other-1", "orders", "2026-01-01T23:59:00Z");
    let origin = "arn:aws:rds:us-east-1:333333333333:snapshot:other-1";
    theirs.tags.insert("SourceSnapshotArn".to_owned(), origin.to_owned());
    let mut both = copies().add_snapshot(theirs);
    both.sources.accounts.insert("333333333333".parse().unwrap());
    let said = refused(&orders(), &both);
    assert!(said.contains("give SourceAccount"), "{said}");
    let chosen = kind(&[("DBInstanceIdentifier", "orders"), ("SourceAccount", SOURCE)]);
    assert_eq!(begins(&chosen, &both), "restore orders from orders-2");
}

#[test]
fn a_snapshot_of_another_accounts_database_of_the_same_name_is_not_restored() {
    let mut foreign = own_snapshot("bait", "orders", "2026-01-01T23:59:00Z");
    foreign.copied_from = Some("arn:aws:rds:us-east-1:999999999999:snapshot:bait".parse().unwrap());
    let own = own_snapshot("rds-orders", "orders", "2026-01-01T23:58:00Z");
    let facts = copies().add_snapshot(foreign).add_snapshot(own);
    let of = |account| kind(&[("DBInstanceIdentifier", "orders"), ("SourceAccount", account)]);
    assert_eq!(begins(&of(SOURCE), &facts), "restore orders from orders-2");
    assert_eq!(begins(&of(ACCOUNT), &facts), "restore orders from rds-orders");
}

#[test]
fn a_database_of_this_account_is_restored_from_its_own_snapshots() {
    let facts = facts_of([own_snapshot("rds:x-1", "x", "2026-01-01T10:00:00Z")]);
    let own = kind(&[
        ("DBInstanceIdentifier", "y"),
        ("SourceDBInstanceIdentifier", "x"),
        ("SourceAccount", ACCOUNT),
    ]);
    assert_eq!(begins(&own, &facts), "restore y from rds:x-1");
}

fn options(parameters: &[(&str, &str)]) -> RestoreInstance {
    match kind(parameters).next(&copies(), &Value::Null, &setting(HERE, "run-1")) {
        Next::Ask { change: Change::RestoreInstance(restore), .. } => *restore,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_text_false_means_false_and_what_is_absent_is_left_to_aws() {
    for given in [
        &[("DBInstanceIdentifier", "orders")][..],
        &[("DBInstanceIdentifier", "orders"), ("MultiAZ", "None")],
    ] {
        let plain = options(given);
        assert_eq!((plain.multi_az, plain.public, plain.deletion_protection), (None, Some(false), None));
    }
    let onica = options(&[("DBInstanceIdentifier", "orders"), ("rds_instance_type", "db.m5.large")]);
    assert_eq!(onica.multi_az, Some(true), "as that tool has it");
    let given = options(&[
        ("DBInstanceIdentifier", "orders"),
        ("MultiAZ", "False"),
        ("PubliclyAccessible", "True"),
        ("rds_subnet_group", "private"),
        ("VpcSecurityGroupIds", "sg-1, sg-2"),
        ("Tags", "team=shop,cost=7"),
    ]);
    assert_eq!((given.multi_az, given.public), (Some(false), Some(true)));
    assert_eq!(given.security_groups, ["sg-1", "sg-2"]);
    assert_eq!(given.subnet_group.as_deref(), Some("private"));
    let keys: Vec<_> = given.tags.iter().map(|(key, _)| key).collect();
    let ours = [
        "PilotLightDataTime",
        "PilotLightManifest",
        "PilotLightRecovery",
        "PilotLightResource",
        "PilotLightStarted",
    ];
    assert_eq!(keys, [&ours[..], &["RestoredFrom", "cost", "team"]].concat());
}
