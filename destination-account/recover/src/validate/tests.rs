use pilot_light_domain::run::error::ErrorName;

use super::*;
use crate::fake::{Drive, HERE, THERE, World, instance, our_copy};

fn restore(name: &str) -> Value {
    json!({"resourceType": "RestoreFromSnapshot", "resourceName": name, "parameters": {"DBInstanceIdentifier": name}})
}

fn manifest(resources: &[Value]) -> Value {
    json!({"StatePayload": [{"layer": 1, "resources": resources}]})
}

fn world() -> World {
    World::default().with_snapshots(["a", "b"].map(|name| our_copy(name, name, "2026-01-01T22:00:00Z")))
}

fn validated(world: World, input: &Value) -> Result<Value, WorkerError> {
    Drive::new(world, "failover").validate(input)
}

#[test]
fn the_answer_is_as_agreed_and_nothing_is_changed() {
    let mut drive = Drive::new(world(), "failover");
    let mut input = manifest(&[restore("a"), restore("b")]);
    input["dry_run"] = json!(true);
    let answer = drive.validate(&input).unwrap();
    assert_eq!((&answer["dry_run"], &answer["approval"]), (&json!(true), &json!(false)));
    assert_eq!(answer["layers"], input["StatePayload"]);
    assert_eq!((&answer["progress"]["at"], &answer["progress"]["verdict"]), (&json!(0), &json!("next")));
    assert_eq!(answer["progress"]["rto_target_seconds"], 10_800);
    assert_eq!(drive.cloud.with(|world| world.asked), 0);
    let summary = answer["summary"].as_str().unwrap();
    let first =
        "a (RestoreFromSnapshot): RestoreDBInstanceFromDBSnapshot in us-west-2: 'a' is restored from a";
    assert!(summary.contains(first) && summary.contains("A dry run: nothing is changed."), "{summary}");
}

#[test]
fn people_approve_where_either_asks_for_it() {
    let asked = |parameter: &str, manifest_says: bool| {
        let mut world = world();
        world.parameters.insert("RecoverApproval".to_owned(), parameter.to_owned());
        let mut input = manifest(&[restore("a")]);
        input["approval"] = json!(manifest_says);
        validated(world, &input).unwrap()["approval"] == true
    };
    let table = [("NO", false), ("NO", true), ("YES", false), ("YES", true)];
    assert_eq!(table.map(|(parameter, says)| asked(parameter, says)), [false, true, true, true]);
}

#[test]
fn a_drill_on_its_schedule_waits_for_nobody() {
    let asked = |manifest_says: bool| {
        let mut world = world();
        world.parameters.insert("RecoverApproval".to_owned(), "YES".to_owned());
        let mut drill = restore("a");
        drill["resourceType"] = json!("RestoreDrill");
        let mut input = manifest(&[drill]);
        input["approval"] = json!(manifest_says);
        Drive::new(world, "drill").validate(&input).unwrap()["approval"] == true
    };
    assert_eq!([false, true].map(asked), [false, true]);
}

#[test]
fn every_fault_of_text_and_world_is_told_at_once() {
    let mut broken = restore("c");
    broken["parameters"]["MultiAZ"] = json!("yes please");
    broken["parameters"]["Ports"] = json!(1);
    let mut import = restore("d");
    import["parameters"]["DBInstanceClass"] = json!("!Import class");
    let mut unknown = restore("e");
    unknown["resourceType"] = json!("RestoreSnapshot");
    let taken = world().with_instances([instance(HERE, "a")]);
    let error =
        validated(taken, &manifest(&[restore("a"), restore("gone"), broken, import, unknown])).unwrap_err();
    assert_eq!(error.name(), ErrorName::InvalidInput);
    let said = error.to_string();
    for fault in [
        "layer 1, resource 'a' (RestoreFromSnapshot), DBInstanceIdentifier: an instance 'a' is there",
        "layer 1, resource 'gone' (RestoreFromSnapshot), SourceDBInstanceIdentifier: there is no usable",
        "layer 1, resource 'c' (RestoreFromSnapshot), MultiAZ: is 'yes please'; write true or false",
        "layer 1, resource 'c' (RestoreFromSnapshot), Ports: is no parameter of this type",
        "layer 1, resource 'd' (RestoreFromSnapshot), DBInstanceClass: there is no CloudFormation export 'class'",
        "layer 1, resource 'e' (RestoreSnapshot): is of no known type; did you mean RestoreFromSnapshot?",
    ] {
        assert!(said.contains(fault), "{fault}\n\n{said}");
    }
}

#[test]
fn two_resources_that_act_on_one_database_are_refused() {
    let mut other = restore("a once more");
    other["parameters"]["DBInstanceIdentifier"] = json!("A");
    let said = validated(world(), &manifest(&[restore("a"), other])).unwrap_err().to_string();
    assert!(said.contains("acts on db/us-west-2/a, and so does layer 1, resource 'a'"), "{said}");
}

#[test]
fn a_region_that_is_silent_keeps_nobody_from_recovering() {
    let silent = |code: &'static str| {
        let back = json!({"resourceType": "CreateRDSReadReplica", "resourceName": "a", "parameters": {
            "RDSInstanceIdentifier": "a", "SourceRDSInstanceIdentifier": "arn:aws:rds:us-east-1:222222222222:db:a"}});
        let mut world = World::default().with_instances([instance(HERE, "a")]);
        world.unreadable.insert(("DescribeDBInstances", THERE.to_owned()), code);
        Drive::new(world, "failback").validate(&manifest(&[back]))
    };
    let summary = silent("ServiceUnavailable").unwrap()["summary"].to_string();
    assert!(summary.contains("not looked at: cannot list the DB instances in us-east-1"), "{summary}");
    let refused = silent("AccessDenied").unwrap_err().to_string();
    assert!(refused.contains("cannot list the DB instances in us-east-1"), "{refused}");
}

#[test]
fn where_nothing_can_be_read_the_state_machine_tries_again() {
    for action in ["DescribeDBInstances", "ListExports"] {
        let mut world = world();
        for (action, region) in [(action, HERE), ("DescribeDBSnapshots", HERE), (action, "")] {
            world.unreadable.insert((action, region.to_owned()), "Throttling");
        }
        let mut input = manifest(&[restore("a")]);
        if action == "ListExports" {
            input["StatePayload"][0]["resources"][0]["parameters"]["DBInstanceClass"] =
                json!("!Import class");
        }
        assert_eq!(validated(world, &input).unwrap_err().name(), ErrorName::Throttled);
    }
}

#[test]
fn parameters_that_concern_recovery_are_checked_first() {
    let mut world = world();
    world.parameters.insert("RtoTarget".to_owned(), "soon".to_owned());
    let error = validated(world, &manifest(&[restore("a")])).unwrap_err();
    assert_eq!(error.name(), ErrorName::InvalidConfiguration);
}

#[test]
fn two_hundred_databases_in_five_layers_fit_a_state() {
    let names: Vec<String> = (0..200).map(|n| format!("database-with-a-rather-long-name-{n:03}")).collect();
    let copies = names.iter().map(|name| our_copy(&format!("{name}-1"), name, "2026-01-01T22:00:00Z"));
    let mut drive = Drive::new(World::default().with_snapshots(copies), "failover");
    let layer = |(at, names): (usize, &[String])| json!({"layer": at, "resources": names.iter().map(|name| restore(name)).collect::<Vec<_>>()});
    let layers: Vec<_> = names.chunks(40).enumerate().map(layer).collect();
    let end = drive.run(&json!({"StatePayload": layers})).unwrap();
    assert_eq!(end.verdict, crate::Verdict::Recovered);
    let largest = drive.answers.iter().map(|answer| answer.output.to_string().len()).max().unwrap();
    assert!(largest + json!(layers).to_string().len() < LARGEST_STATE, "{largest} bytes");
    assert!(end.message.len() <= LONGEST, "{} bytes", end.message.len());
}

#[test]
fn a_manifest_whose_progress_would_fit_no_state_is_refused() {
    let many: Vec<_> = (0..900).map(|n| restore(&format!("a{n}"))).collect();
    let said = validated(world(), &manifest(&many)).unwrap_err().to_string();
    assert!(said.len() < 17 * 1024, "{} bytes", said.len());
    let layers: Vec<Layer> = serde_json::from_value(json!([{"layer": 1, "resources": many}])).unwrap();
    let fault = too_large(&layers, &Progress::beginning(&layers, 0, 0)).unwrap();
    assert!(fault.to_string().contains("split it into several"), "{fault}");
}
