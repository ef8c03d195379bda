use pilot_light_domain::model::tags;
use serde_json::json;

use super::*;
use crate::Status;
use crate::fake::{ACCOUNT, Drive, HERE, SOURCE, World, instance, our_copy, own_snapshot};

fn manifest(parameters: Value) -> Value {
    json!({"StatePayload": [{"layer": 1, "resources": [
        {"resourceType": "RestoreFromSnapshot", "resourceName": "orders", "parameters": parameters}]}]})
}

fn orders() -> Value {
    manifest(
        json!({"DBInstanceIdentifier": "orders", "rds_instance_type": "db.r6g.large", "MultiAZ": "False"}),
    )
}

fn world() -> World {
    World::default().with_snapshots([
        our_copy("orders-1", "orders", "2026-01-01T22:00:00Z"),
        our_copy("orders-2", "orders", "2026-01-01T23:00:00Z"),
        our_copy("billing-1", "billing", "2026-01-01T23:30:00Z"),
    ])
}

fn refused(world: World, input: &Value) -> String {
    Drive::new(world, "failover").run(input).unwrap_err().to_string()
}

#[test]
fn the_newest_usable_point_is_restored_and_waited_for() {
    let mut drive = Drive::new(world(), "failover");
    let end = drive.run(&orders()).unwrap();
    assert_eq!(drive.done(), ["restore orders from orders-2"]);
    let resource = &end.resources[0];
    assert_eq!((resource.status, resource.step.as_str(), resource.seconds), (Status::Recovered, "is up", 15));
}

#[test]
fn it_is_up_once_it_takes_connections_whatever_aws_still_does_to_it() {
    let status_at = |status: &str| {
        let mut drive = Drive::new(world(), "failover");
        let mut state = drive.validate(&orders()).unwrap();
        state["progress"] = drive.operate("start", &state).unwrap();
        drive.cloud.with(|world| world.get(HERE, "orders").status = status.to_owned());
        drive.operate("check", &state).unwrap()["verdict"].as_str().unwrap().to_owned()
    };
    for (status, verdict) in [
        ("creating", "waiting"),
        ("configuring-enhanced-monitoring", "recovered"),
        ("backing-up", "recovered"),
        ("modifying", "waiting"),
        ("available", "recovered"),
        ("storage-optimization", "recovered"),
        ("incompatible-parameters", "failed"),
        ("stopped", "failed"),
    ] {
        assert_eq!(status_at(status), verdict, "{status}");
    }
}

#[test]
fn a_restore_just_after_midnight_finds_yesterdays_point() {
    // The run is at 2026-01-02T00:00:00Z, and every point is of the day before.
    let mut drive = Drive::new(world(), "failover");
    drive.run(&orders()).unwrap();
    assert_eq!(drive.done().len(), 1);
}

#[test]
fn at_takes_the_newest_point_before_it() {
    let mut drive = Drive::new(world(), "failover");
    let input = manifest(json!({"DBInstanceIdentifier": "orders", "At": "2026-01-01T22:30:00Z"}));
    drive.run(&input).unwrap();
    assert_eq!(drive.done(), ["restore orders from orders-1"]);
    let early = manifest(json!({"DBInstanceIdentifier": "orders", "At": "2026-01-01T21:00:00Z"}));
    let said = refused(world(), &early);
    assert!(said.contains("no usable recovery point of 'orders' taken by 2026-01-01T21:00:00"), "{said}");
}

#[test]
fn the_new_instance_may_be_called_otherwise() {
    let input =
        manifest(json!({"DBInstanceIdentifier": "orders-west", "SourceDBInstanceIdentifier": "orders"}));
    let mut drive = Drive::new(world(), "failover");
    drive.run(&input).unwrap();
    assert_eq!(drive.done(), ["restore orders-west from orders-2"]);
    let input = manifest(json!({"SourceDBInstanceIdentifier": "orders"}));
    let mut drive = Drive::new(world(), "failover");
    drive.run(&input).unwrap();
    assert_eq!(drive.done(), ["restore orders from orders-2"]);
}

#[test]
fn an_instance_that_it_did_not_restore_is_never_touched() {
    for tags in [Tags::new(), tags::of([(tagging::RESOURCE, "orders")])] {
        let mut other = instance(HERE, "orders");
        other.tags = tags;
        let said = refused(world().with_instances([other]), &orders());
        assert!(said.contains("did not restore, and it is left alone"), "{said}");
    }
    let mut of_another = instance(HERE, "orders");
    of_another.tags = tags::of([(tagging::RESOURCE, "orders of yesterday"), (tagging::RESTORED_FROM, "arn")]);
    assert!(refused(world().with_instances([of_another]), &orders()).contains("left alone"));
}

#[test]
fn the_same_manifest_again_finds_it_done() {
    let mut drive = Drive::new(world(), "failover");
    drive.run(&orders()).unwrap();
    drive.execution = "run-2";
    let end = drive.run(&orders()).unwrap();
    assert_eq!(end.resources[0].step, "was already done");
    assert_eq!(drive.done().len(), 1);
}

#[test]
fn nothing_usable_is_told_before_anything_begins() {
    let mut spoilt = world();
    spoilt.spoil_snapshots();
    let said = refused(spoilt, &orders());
    let wanted = "no usable recovery point of 'orders': looked through 3 snapshots in us-west-2, 2 of them";
    assert!(said.contains(wanted), "{said}");
}

#[test]
fn two_accounts_with_one_name_are_told_apart() {
    let mut theirs = our_copy("other-1", "orders", "2026-01-01T23:59:00Z");
    let origin = "arn:aws:rds:us-east-1:333333333333:snapshot:other-1";
    theirs.tags.insert("SourceSnapshotArn".to_owned(), origin.to_owned());
    let mut both = world().with_snapshots([theirs]);
    both.parameters.insert("SourceAccounts".to_owned(), format!("{SOURCE},333333333333"));
    let said = refused(both.clone(), &orders());
    assert!(said.contains("give SourceAccount"), "{said}");
    let input = manifest(json!({"DBInstanceIdentifier": "orders", "SourceAccount": SOURCE}));
    let mut drive = Drive::new(both, "failover");
    drive.run(&input).unwrap();
    assert_eq!(drive.done(), ["restore orders from orders-2"]);
}

#[test]
fn what_an_account_only_calls_orders_is_not_restored() {
    let mut foreign = own_snapshot("bait", "orders", "2026-01-01T23:59:00Z");
    foreign.copied_from = Some("arn:aws:rds:us-east-1:999999999999:snapshot:bait".parse().unwrap());
    let own = own_snapshot("rds-orders", "orders", "2026-01-01T23:58:00Z");
    let mut drive = Drive::new(world().with_snapshots([foreign, own]), "failover");
    drive.run(&orders()).unwrap();
    assert_eq!(drive.done(), ["restore orders from orders-2"]);
}

#[test]
fn a_database_of_this_account_is_restored_from_its_own_snapshots() {
    let world = World::default().with_snapshots([own_snapshot("rds:x-1", "x", "2026-01-01T10:00:00Z")]);
    let input = manifest(
        json!({"DBInstanceIdentifier": "y", "SourceDBInstanceIdentifier": "x", "SourceAccount": ACCOUNT}),
    );
    let mut drive = Drive::new(world, "failover");
    drive.run(&input).unwrap();
    assert_eq!(drive.done(), ["restore y from rds:x-1"]);
}

#[test]
fn false_is_false_and_defaults_are_those_of_the_older_tool() {
    let read = |parameters: &[(&str, &str)]| {
        let given =
            parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut fields = Fields::new(given);
        let kind = RestoreFromSnapshot::read(&mut fields, &crate::fake::setting("run-1", "orders")).unwrap();
        assert_eq!(fields.finish(), []);
        let facts = crate::fake::facts(&world());
        match kind.next(&facts, &Value::Null, &crate::fake::setting("run-1", "orders")) {
            Next::Ask { change: pilot_light_domain::recovery::Change::RestoreInstance(restore), .. } => {
                *restore
            }
            other => panic!("{other:?}"),
        }
    };
    let plain = read(&[("DBInstanceIdentifier", "orders")]);
    assert_eq!((plain.multi_az, plain.public, plain.deletion_protection), (Some(true), Some(false), None));
    let told = read(&[
        ("DBInstanceIdentifier", "orders"),
        ("MultiAZ", "False"),
        ("PubliclyAccessible", "True"),
        ("rds_subnet_group", "private"),
        ("VpcSecurityGroupIds", "sg-1, sg-2"),
        ("Tags", "team=shop,cost=7"),
    ]);
    assert_eq!((told.multi_az, told.public), (Some(false), Some(true)));
    assert_eq!(told.security_groups, ["sg-1", "sg-2"]);
    assert_eq!(told.subnet_group.as_deref(), Some("private"));
    let keys: Vec<_> = told.tags.iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["PilotLightRecovery", "PilotLightResource", "RestoredFrom", "cost", "team"]);
}

#[test]
fn what_was_restored_and_stopped_since_is_not_waited_for() {
    let mut drive = Drive::new(world(), "failover");
    drive.run(&orders()).unwrap();
    drive.cloud.with(|world| world.get(HERE, "orders").status = "stopped".to_owned());
    drive.execution = "run-2";
    let end = drive.run(&orders()).unwrap();
    assert!(end.resources[0].step.contains("is stopped; start it"), "{}", end.message);
}

#[test]
fn a_broken_restore_fails_and_says_so() {
    let mut drive = Drive::new(world(), "failover");
    let mut state = drive.validate(&orders()).unwrap();
    state["progress"] = drive.operate("start", &state).unwrap();
    drive.cloud.with(|world| world.get(HERE, "orders").status = "incompatible-restore".to_owned());
    let end = drive.operate("check", &state).unwrap();
    assert_eq!(end["verdict"], "failed");
    assert!(end["resources"][0]["step"].as_str().unwrap().contains("is incompatible-restore"), "{end}");
}
