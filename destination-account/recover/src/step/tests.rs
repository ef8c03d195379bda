use pilot_light_domain::run::error::ErrorName;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::Verdict;
use crate::facts::Need;
use crate::fake::{ACCOUNT, Drive, HERE, THERE, World, facts, instance, our_copy, setting};
use crate::fields::Fields;
use crate::registry::{AnyKind, Purpose};

fn restore(name: &str) -> Value {
    json!({"resourceType": "RestoreFromSnapshot", "resourceName": name, "parameters": {"DBInstanceIdentifier": name}})
}

fn manifest(layers: &[&[&str]]) -> Value {
    let layer = |(number, names): (usize, &&[&str])| {
        let resources: Vec<_> = names.iter().map(|name| restore(name)).collect();
        json!({"layer": number, "resources": resources})
    };
    json!({"StatePayload": layers.iter().enumerate().map(layer).collect::<Vec<_>>()})
}

fn world(databases: &[&str]) -> World {
    let copies = databases.iter().map(|name| our_copy(&format!("{name}-1"), name, "2026-01-01T22:00:00Z"));
    World::default().with_snapshots(copies)
}

fn statuses(progress: &Progress) -> Vec<Status> {
    progress.resources.iter().map(|resource| resource.status).collect()
}

/// An execution whose first layer has started.
fn started(world: World, input: &Value) -> (Drive, Value) {
    let mut drive = Drive::new(world, "failover");
    let mut state = drive.validate(input).unwrap();
    state["progress"] = drive.operate("start", &state).unwrap();
    (drive, state)
}

fn refusing(action: &'static str, code: &'static str) -> World {
    let mut world = world(&["a", "b"]);
    world.refusals.insert(action, code);
    world
}

#[test]
fn layers_run_one_after_another_and_the_resources_of_a_layer_in_parallel() {
    let (drive, state) = started(world(&["a", "b", "c"]), &manifest(&[&["a", "b"], &["c"]]));
    assert_eq!(drive.done(), ["restore a from a-1", "restore b from b-1"]);
    assert_eq!(state["progress"]["resources"][2]["status"], "pending");
    let reads = drive.cloud.with(|world| world.reads.clone());
    let once_a_call = [("DescribeDBInstances", 2), ("DescribeDBSnapshots", 2)];
    assert_eq!(reads, once_a_call.into(), "validate and start, each list once");
    let mut drive = Drive::new(world(&["a", "b", "c"]), "failover");
    let end = drive.run(&manifest(&[&["a", "b"], &["c"]])).unwrap();
    assert_eq!((end.verdict, statuses(&end)), (Verdict::Recovered, vec![Status::Recovered; 3]));
}

#[test]
fn after_a_failure_the_rest_of_the_layer_finishes_and_the_next_layer_does_not_start() {
    let input = manifest(&[&["a", "b"], &["c"]]);
    let mut drive = Drive::new(world(&["a", "b", "c"]), "failover");
    let state = drive.validate(&input).unwrap();
    drive.cloud.with(|world| world.snapshots.retain(|found| found.database.as_str() != "a"));
    let mut state = json!({"layers": state["layers"], "progress": drive.operate("start", &state).unwrap()});
    assert_eq!(state["progress"]["verdict"], "waiting", "b is still being restored");
    drive.cloud.with(World::tick);
    state["progress"] = drive.operate("check", &state).unwrap();
    let end: Progress = serde_json::from_value(state["progress"].clone()).unwrap();
    assert_eq!(end.verdict, Verdict::Failed);
    assert_eq!(statuses(&end), [Status::Failed, Status::Recovered, Status::NotStarted]);
    assert!(end.message.contains("start the same manifest again"), "{}", end.message);
}

#[test]
fn a_permanent_refusal_fails_the_resource_with_the_message_of_aws() {
    for code in
        ["AccessDenied", "InvalidParameterValue", "SnapshotQuotaExceeded", "KMSKeyNotAccessibleFault", "New"]
    {
        let (_, state) = started(refusing("RestoreDBInstanceFromDBSnapshot", code), &manifest(&[&["a"]]));
        let resource = &state["progress"]["resources"][0];
        assert_eq!(resource["status"], "failed", "{code}");
        let step = resource["step"].as_str().unwrap();
        assert!(step.contains(code) && step.contains("refused by the test"), "{step}");
    }
}

#[test]
fn a_change_that_aws_refuses_temporarily_is_requested_again() {
    for code in ["Throttling", "InvalidDBInstanceState", "DBInstanceAlreadyExists", "DBSnapshotNotFound"] {
        let (mut drive, mut state) =
            started(refusing("RestoreDBInstanceFromDBSnapshot", code), &manifest(&[&["a"]]));
        assert_eq!(state["progress"]["verdict"], "waiting", "{code}");
        drive.cloud.with(|world| world.refusals.clear());
        state["progress"] = drive.operate("check", &state).unwrap();
        assert_eq!(drive.done(), ["restore a from a-1"], "{code}");
    }
}

#[test]
fn a_change_without_an_answer_is_checked_before_it_is_requested_again() {
    let (mut drive, mut state) =
        started(refusing("RestoreDBInstanceFromDBSnapshot", "InternalFailure"), &manifest(&[&["a"]]));
    for asked in [1, 1, 2] {
        state["progress"] = drive.operate("check", &state).unwrap();
        assert_eq!(drive.cloud.with(|world| world.requested), asked);
    }
}

#[test]
fn a_resource_whose_facts_cannot_be_read_waits_and_its_checks_are_counted() {
    let replica = json!({"layer": 0, "resources": [
        {"resourceType": "CreateRDSReadReplica", "resourceName": "a", "parameters": {"RDSInstanceIdentifier": "a",
            "SourceRDSInstanceIdentifier": "arn:aws:rds:us-east-1:222222222222:db:a", "SourceRegion": THERE}}]});
    let world = World::default().with_instances([instance(THERE, "a"), instance(HERE, "a")]);
    let mut drive = Drive::new(world, "failback");
    let mut state = drive.validate(&json!({"StatePayload": [replica]})).unwrap();
    let there = ("DescribeDBInstances", THERE.to_owned());
    drive.cloud.with(|world| world.unreadable.insert(there, "AccessDenied"));
    for operation in ["start", "check", "check"] {
        state["progress"] = drive.operate(operation, &state).unwrap();
    }
    let resource = &state["progress"]["resources"][0];
    assert_eq!((resource["status"].as_str(), resource["polls"].as_u64()), (Some("waiting"), Some(2)));
    assert!(
        resource["step"].as_str().unwrap().contains("cannot list the DB instances in us-east-1"),
        "{resource}"
    );
    drive.cloud.with(|world| world.unreadable.clear());
    drive.operate("check", &state).unwrap();
    assert!(drive.done()[0].starts_with("delete a keeping"), "{:?}", drive.done());
}

/// A resource of each kind.
fn kinds() -> Vec<(&'static str, Value)> {
    let global =
        json!({"GlobalClusterIdentifier": "shop", "DBClusterIdentifier": "shop", "ClusterRegion": HERE});
    let there = |kind: &str| format!("arn:aws:rds:{THERE}:{ACCOUNT}:{kind}");
    vec![
        ("PromoteRDSReadReplica", json!({"RDSInstanceIdentifier": "a"})),
        ("RestoreFromSnapshot", json!({"DBInstanceIdentifier": "a"})),
        ("PlannedFailoverAurora", json!({"GlobalClusterIdentifier": "shop", "DBClusterIdentifier": "shop"})),
        ("UnPlannedFailoverAurora", global),
        (
            "FailoverElastiCacheCluster",
            json!({"GlobalReplicationGroupId": "carts", "TargetRegion": HERE, "TargetReplicationGroupId": "carts"}),
        ),
        (
            "CreateAuroraSecondaryDBCluster",
            json!({"GlobalClusterIdentifier": "shop", "DBClusterIdentifier": "shop", "Engine": "aurora-mysql",
                "SourceDBClusterIdentifier": there("cluster:shop"), "DBInstanceIdentifier": "shop-1",
                "DBInstanceClass": "db.r6g.large"}),
        ),
        (
            "CreateRDSReadReplica",
            json!({"RDSInstanceIdentifier": "a", "SourceRDSInstanceIdentifier": there("db:a")}),
        ),
        ("RestoreDrill", json!({"DBInstanceIdentifier": "a"})),
        ("RefreshFromSnapshot", json!({"originDB": "a", "newDB": "b"})),
    ]
}

/// The decision for a resource of that kind, and its progress afterwards.
fn decided(kind: &str, parameters: &Value, unread: Option<Need>) -> (Vec<Ask>, ResourceProgress) {
    let resource = json!({"resourceType": kind, "resourceName": kind, "parameters": parameters});
    let layer = serde_json::from_value(json!({"layer": 1, "resources": [resource]})).unwrap();
    let mut state = Progress::beginning(&[layer], 0, 0).resources.remove(0);
    let entry = entry(kind, parameters);
    let mut facts = facts(&World::default());
    facts.unread.extend(unread.map(|need| (need, "Throttling".to_owned())));
    (decide(&entry, &facts, &mut state), state)
}

fn entry(kind: &str, parameters: &Value) -> Entry {
    let given = parameters.as_object().unwrap().iter();
    let given = given.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()));
    let setting = setting("run-1", kind);
    let kind = AnyKind::read(kind, &mut Fields::new(given.collect()), &setting).unwrap();
    Entry { index: 0, place: String::new(), setting, kind, words: vec![] }
}

#[test]
fn no_kind_decides_while_a_list_that_it_needs_is_missing() {
    let known = registry::allowed("", Purpose::Drill).unwrap_err();
    assert_eq!(known.matches(", ").count() + 1, kinds().len(), "{known}");
    for (kind, parameters) in kinds() {
        let (asks, state) = decided(kind, &parameters, None);
        assert_eq!((asks.len(), state.status), (0, Status::Failed), "{kind}: an empty list is a fact");
        let Entry { kind: of, setting, .. } = entry(kind, &parameters);
        for need in of.needs(&setting) {
            let (asks, state) = decided(kind, &parameters, Some(need.clone()));
            let gap = format!("cannot list {need}: Throttling");
            assert_eq!((asks.len(), state.status, state.step), (0, Status::Waiting, gap), "{kind}");
            assert_eq!(state.mark, None, "{kind}: nothing unknown is noted");
        }
    }
}

#[test]
fn if_nothing_can_be_read_the_error_is_one_that_the_state_machine_retries() {
    let (mut drive, state) = started(world(&["a"]), &manifest(&[&["a"]]));
    for (action, code) in [("DescribeDBInstances", "AccessDenied"), ("DescribeDBSnapshots", "Throttling")] {
        drive.cloud.with(|world| world.unreadable.insert((action, HERE.to_owned()), code));
    }
    assert_eq!(drive.operate("check", &state).unwrap_err().name(), ErrorName::Throttled);
}

#[test]
fn a_resource_that_never_comes_up_fails_in_the_end_and_names_its_last_activity() {
    let mut stuck = world(&["a"]);
    stuck.listed = Some(vec![]);
    let mut drive = Drive::new(stuck, "failover");
    let mut state = drive.validate(&manifest(&[&["a"]])).unwrap();
    state["progress"] = drive.operate("start", &state).unwrap();
    let mut polls = 0;
    while state["progress"]["verdict"] == "waiting" {
        state["progress"] = drive.operate("check", &state).unwrap();
        polls += 1;
    }
    let step = state["progress"]["resources"][0]["step"].as_str().unwrap().to_owned();
    assert_eq!((polls, state["progress"]["verdict"].as_str()), (961, Some("failed")));
    assert!(
        step.contains("not up after 240 minutes; the last activity was: restoring 'a' from a-1"),
        "{step}"
    );
}

#[test]
fn references_are_read_once_per_call_and_only_if_there_are_any() {
    let (drive, _) = started(world(&["a"]), &manifest(&[&["a"]]));
    assert_eq!(drive.cloud.with(|world| world.reads.get("ListExports").copied()), None);

    let mut input = manifest(&[&["a", "b"]]);
    let mut imports = world(&["a", "b"]);
    for (at, name) in ["a", "b"].into_iter().enumerate() {
        let parameters = &mut input["StatePayload"][0]["resources"][at]["parameters"];
        parameters["DBInstanceIdentifier"] = json!(format!("!Import {name}-id"));
        parameters["DBInstanceClass"] = json!("resolve:ssm:/class:2");
        imports.exports.insert(format!("{name}-id"), name.to_owned());
    }
    imports.ssm.insert("/class:2".to_owned(), "db.r6g.large".to_owned());
    let (drive, state) = started(imports, &input);
    assert_eq!(drive.done().len(), 2);
    let reads = drive.cloud.with(|world| (world.reads["ListExports"], world.reads["GetParameter"]));
    assert_eq!(reads, (2, 2), "one of each in validate, one of each in start");
    assert!(!state.to_string().contains("db.r6g.large"), "no state contains a secret");
}

#[test]
fn a_resource_waits_for_an_unreadable_reference_and_fails_on_a_missing_one() {
    let mut input = manifest(&[&["a"]]);
    input["StatePayload"][0]["resources"][0]["parameters"]["DBInstanceClass"] = json!("resolve:ssm:/class");
    let mut imports = world(&["a"]);
    imports.ssm.insert("/class".to_owned(), "db.r6g.large".to_owned());
    let mut drive = Drive::new(imports, "failover");
    let state = drive.validate(&input).unwrap();
    drive.cloud.with(|world| world.unreadable.insert(("GetParameter", String::new()), "Throttling"));
    assert_eq!(drive.operate("start", &state).unwrap()["verdict"], "waiting");
    drive.cloud.with(|world| {
        world.unreadable.clear();
        world.ssm.clear();
    });
    let end = drive.operate("start", &state).unwrap();
    assert_eq!(end["verdict"], "failed");
    assert!(
        end["resources"][0]["step"].as_str().unwrap().contains("there is no SSM parameter '/class'"),
        "{end}"
    );
}

/// Scenes of several kinds, each with its purpose, the world before it and its manifest.
fn scenes() -> Vec<(&'static str, World, Value)> {
    let one = |kind: &str, parameters: Value| {
        json!({"StatePayload": [{"layer": 1, "resources": [
            {"resourceType": kind, "resourceName": "orders", "parameters": parameters}]}]})
    };
    let mut replica = instance(HERE, "orders");
    replica.replica_of = Some("arn:aws:rds:us-east-1:222222222222:db:orders".to_owned());
    let mut old = instance(HERE, "orders");
    old.deletion_protection = true;
    let mut y = instance(HERE, "y");
    y.tags.insert("PilotLightRefreshable".to_owned(), "YES".to_owned());
    y.deletion_protection = true;
    let refresh =
        |mode: &str| one("RefreshFromSnapshot", json!({"originDB": "orders", "newDB": "y", "Mode": mode}));
    let back = json!({"RDSInstanceIdentifier": "orders", "SourceRegion": THERE,
        "SourceRDSInstanceIdentifier": "arn:aws:rds:us-east-1:222222222222:db:orders"});
    vec![
        ("failover", world(&["a", "b", "c"]), manifest(&[&["a", "b"], &["c"]])),
        (
            "failover",
            World::default().with_instances([replica]),
            one("PromoteRDSReadReplica", json!({"RDSInstanceIdentifier": "orders"})),
        ),
        (
            "failback",
            World::default().with_instances([old, instance(THERE, "orders")]),
            one("CreateRDSReadReplica", back),
        ),
        ("drill", world(&["orders"]), one("RestoreDrill", json!({"DBInstanceIdentifier": "orders"}))),
        ("drill", world(&["orders"]).with_instances([y.clone()]), refresh("Swap")),
        ("drill", world(&["orders"]).with_instances([y]), refresh("Replace")),
    ]
}

#[test]
fn killed_after_any_change_a_recovery_ends_the_same_and_does_nothing_twice() {
    for (purpose, before, input) in scenes() {
        let mut whole = Drive::new(before.clone(), purpose);
        let end = whole.run(&input).unwrap();
        for cut in 0..=whole.done().len() {
            let mut killed = Drive::new(World { dies_before: Some(cut), ..before.clone() }, purpose);
            let again = killed.run(&input).unwrap();
            let (mut done, mut expected) = (killed.done(), whole.done());
            done.sort();
            expected.sort();
            assert_eq!(done, expected, "{purpose}, killed after change {cut}");
            assert_eq!(statuses(&again), statuses(&end));
            assert_eq!(killed.cloud.with(|world| world.names()), whole.cloud.with(|world| world.names()));
        }
    }
}

#[test]
fn with_lists_that_lag_behind_nothing_is_done_twice() {
    for (purpose, before, input) in scenes() {
        let mut whole = Drive::new(before.clone(), purpose);
        whole.run(&input).unwrap();
        let late = World { listed: Some(before.instances.clone()), ..before };
        let mut late = Drive::new(late, purpose);
        late.run(&input).unwrap();
        assert_eq!(late.done(), whole.done(), "{purpose}");
    }
}

#[test]
fn calls_that_are_all_repeated_do_nothing_twice() {
    for (purpose, before, input) in scenes() {
        let mut whole = Drive::new(before.clone(), purpose);
        whole.run(&input).unwrap();
        let mut twice = Drive::new(before, purpose);
        let mut state = twice.validate(&input).unwrap();
        let mut operation = "start";
        loop {
            twice.operate(operation, &state).unwrap();
            state["progress"] = twice.operate(operation, &state).unwrap();
            operation = if state["progress"]["verdict"] == "next" { "start" } else { "check" };
            if ["recovered", "failed"].contains(&state["progress"]["verdict"].as_str().unwrap()) {
                break;
            }
            twice.cloud.with(World::tick);
        }
        assert_eq!(twice.done(), whole.done(), "{purpose}");
    }
}

proptest! {
    #[test]
    fn the_same_facts_in_any_order_give_the_same_decision(order in Just(vec![0, 1, 2, 3]).prop_shuffle(), polls in 0_u32..2000) {
        let copies = [("a", "10"), ("b", "12"), ("c", "11"), ("d", "12")];
        let at = |index: usize| {
            let (id, hour) = copies[index];
            our_copy(id, "orders", &format!("2026-01-01T{hour}:00:00Z"))
        };
        let world = |order: &[usize]| World::default().with_snapshots(order.iter().map(|index| at(*index)));
        let look = |world: &World| {
            let mut fields = crate::fields::Fields::new([("DBInstanceIdentifier".to_owned(), "orders".to_owned())].into());
            let setting = setting("run-1", "orders");
            let kind = crate::registry::AnyKind::read("RestoreFromSnapshot", &mut fields, &setting).unwrap();
            let entry = Entry { index: 0, place: String::new(), setting, kind, words: vec![] };
            let layers: Vec<crate::Layer> = serde_json::from_value(manifest(&[&["orders"]])["StatePayload"].clone()).unwrap();
            let mut state = Progress::beginning(&layers, 0, 0).resources.remove(0);
            state.polls = polls;
            let ask = decide(&entry, &facts(world), &mut state);
            (ask, state)
        };
        prop_assert_eq!(look(&world(&order)), look(&world(&[0, 1, 2, 3])));
    }
}
