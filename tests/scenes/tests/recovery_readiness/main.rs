//! The check of a whole manifest before anything is changed: AWS's own lists decide whether its databases can be created.
//!
//! `faults` contains the wrong manifests, each with the fault that the check must report.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

mod apart;
mod faults;
mod world;

use destination_recover::{Status, Verdict};
use pilot_light_simulator::world::{Request, VersionStatus};
use pilot_light_tests::recovery::Stop;
use pilot_light_tests::recovery::estate::{EAST, Estate, WEST};
use pilot_light_tests::recovery::manifests::{layers, one, resource, restore};
use pilot_light_tests::recovery::observed::statuses;
use serde_json::{Value, json};

use self::world::{KEY, World, ledger};

/// The lists that the check of a manifest reads.
const LISTS: [&str; 8] = [
    "DescribeDBSubnetGroups",
    "DescribeDBParameterGroups",
    "DescribeOptionGroups",
    "DescribeSecurityGroups",
    "DescribeDBEngineVersions",
    "DescribeOrderableDBInstanceOptions",
    "DescribeAccountAttributes",
    "DescribeKey",
];

/// The answer to a dry run, or the text of its error.
fn validated(estate: &Estate, purpose: &'static str, manifest: &Value) -> Result<Value, String> {
    let mut dry_run = manifest.clone();
    dry_run["dry_run"] = json!(true);
    let answer = estate.execution(WEST, purpose, "run-1").validate(&dry_run);
    answer.map_err(|stop| Stop::error(stop).to_string())
}

/// The number of calls in a validation.
fn calls(estate: &Estate, manifest: &Value) -> usize {
    let before = estate.simulation.total_calls();
    let _ = validated(estate, "failover", manifest);
    usize::try_from(estate.simulation.total_calls() - before).unwrap()
}

#[test]
fn every_fault_is_reported_with_layer_resource_and_parameter_before_anything_is_changed() {
    let world = World::with_everything();
    assert!(faults::ALL.len() >= 30);
    for fault in faults::ALL {
        let layer = json!({"layer": 2, "resources": [fault.resource(&world)]});
        let execution = world.estate.execution(fault.place, fault.purpose, "run-1");
        let stop = execution.clone().validate(&json!({"StatePayload": [layer]})).expect_err(fault.expected);
        let said = Stop::error(stop).to_string();
        let place = format!("layer 2, resource 'wrong' ({}), {}: ", fault.kind, fault.parameter);
        assert!(
            said.contains(&place) && said.contains(fault.expected),
            "{place}{}\n\n{said}",
            fault.expected
        );
        assert!(said.contains("nothing was changed; the manifest has 1 problem:"), "{said}");
    }
    assert_eq!(world.estate.changes_since(world.calls), [""; 0]);
}

#[test]
fn all_faults_of_a_manifest_are_reported_at_once() {
    let world = World::new();
    // Each resource of the manifest needs a name of its own.
    let is_named = |fault: &&faults::Fault| fault.parameter != "DBInstanceIdentifier";
    let faults = faults::ALL.iter().filter(|fault| fault.kind == "RestoreFromSnapshot").filter(is_named);
    let resources: Vec<Value> = faults
        .clone()
        .enumerate()
        .map(|(n, fault)| {
            let mut resource = fault.resource(&world);
            resource["resourceName"] = json!(format!("wrong {n}"));
            resource["parameters"]["DBInstanceIdentifier"] = json!(format!("wrong-{n}"));
            resource
        })
        .collect();
    let said = validated(&world.estate, "failover", &layers(&[resources])).unwrap_err();
    for (n, fault) in faults.enumerate() {
        let place = format!("resource 'wrong {n}' (RestoreFromSnapshot), {}: ", fault.parameter);
        assert!(said.contains(&place), "{place}\n{said}");
    }
}

#[test]
fn a_manifest_that_fits_has_no_findings_and_recovers() {
    let world = World::new();
    let manifest = one(world.good_restore("orders"));
    let answer = validated(&world.estate, "failover", &manifest).unwrap();
    assert_eq!(answer["findings"], json!([]));
    assert!(!answer["summary"].as_str().unwrap().contains("Notes:"), "{answer}");
    let end = world.estate.execution(WEST, "failover", "run-2").run(&manifest).unwrap();
    assert_eq!((end.verdict, statuses(&end)), (Verdict::Recovered, vec![Status::Recovered]));
}

#[test]
fn properties_that_are_left_to_aws_are_notes_and_do_not_prevent_a_recovery() {
    let world = World::new();
    let manifest = one(restore("orders"));
    let answer = validated(&world.estate, "failover", &manifest).unwrap();
    let of = |n: usize, field: &str| answer["findings"][n][field].clone();
    assert_eq!([of(0, "level"), of(1, "level")], [json!("degrades"), json!("degrades")]);
    assert_eq!([of(0, "parameter"), of(1, "parameter")], [json!("MultiAZ"), json!("DBInstanceClass")]);
    let summary = answer["summary"].as_str().unwrap();
    assert!(summary.contains("Notes:\n  orders, MultiAZ: is not given"), "{summary}");
    let end = world.estate.execution(WEST, "failover", "run-2").run(&manifest).unwrap();
    assert_eq!(end.verdict, Verdict::Recovered);
}

#[test]
fn more_databases_than_the_quota_allows_are_refused_as_a_whole() {
    let world = World::new();
    let many =
        |count: usize| -> Vec<Value> { (0..count).map(|n| world.renamed(&format!("db-{n:03}"))).collect() };
    let all = many(200);
    let manifest = layers(&all.chunks(50).map(<[Value]>::to_vec).collect::<Vec<_>>());
    let said = validated(&world.estate, "failover", &manifest).unwrap_err();
    let expected =
        "the manifest: needs 200 more instances; the account has 0 of at most 40; raise the quota L-7B6409FD";
    assert!(said.contains(expected), "{said}");
    assert_eq!(world.estate.changes_since(world.calls), [""; 0]);
}

#[test]
fn two_hundred_resources_need_as_few_lists_as_one() {
    let world = World::new();
    let all: Vec<Value> = (0..200).map(|n| world.renamed(&format!("db-{n:03}"))).collect();
    let one = calls(&world.estate, &layers(&[all[..1].to_vec()]));
    let all = calls(&world.estate, &layers(&[all]));
    assert_eq!(one, all);
    assert!(all <= 12, "{all} calls");
}

#[test]
fn a_failback_with_a_missing_subnet_group_deletes_nothing() {
    let estate = Estate::default();
    estate.database(EAST, "orders", &[]);
    estate.database(WEST, "orders", &[]);
    let before = estate.simulation.total_calls();
    let source = format!("arn:aws:rds:{EAST}:222222222222:db:orders");
    let parameters = json!({
        "RDSInstanceIdentifier": "orders",
        "SourceRDSInstanceIdentifier": source,
        "DBSubnetGroup": "deleted-last-year",
    });
    let manifest = one(resource("CreateRDSReadReplica", "orders", parameters));
    let failed = estate.execution(WEST, "failback", "run-1").run(&manifest).unwrap_err();
    let said = Stop::error(failed).to_string();
    assert!(
        said.contains("DBSubnetGroup: is deleted-last-year; us-west-2 has no such DB subnet group"),
        "{said}"
    );
    assert_eq!(estate.changes_since(before), [""; 0]);
    assert_eq!(estate.instances(WEST), ["orders"]);
}

#[test]
fn a_list_that_aws_does_not_give_is_unknown_and_the_recovery_still_starts() {
    for code in ["AccessDenied", "Throttling", "ServiceUnavailable"] {
        for action in LISTS {
            let world = World::new();
            ledger(&world.estate);
            let mut restore = world.good_restore("ledger-2");
            restore["parameters"]["SourceDBInstanceIdentifier"] = json!("ledger");
            let manifest = one(restore);
            world.estate.refuse(action, code);
            let answer = validated(&world.estate, "failover", &manifest)
                .unwrap_or_else(|why| panic!("{action}: {why}"));
            let findings = answer["findings"].as_array().unwrap();
            assert!(!findings.is_empty(), "{action} {code}");
            for finding in findings {
                assert_eq!(finding["level"], "unknown", "{action}: {finding}");
                assert!(finding["what"].as_str().unwrap().starts_with("cannot examine "), "{finding}");
            }
            let end = world.estate.execution(WEST, "failover", "run-2").run(&manifest).unwrap();
            assert_eq!(end.verdict, Verdict::Recovered, "{action} {code}");
        }
    }
}

#[test]
fn a_disabled_key_of_our_own_is_reported_before_anything_is_changed() {
    let world = World::new();
    let estate = &world.estate;
    ledger(estate);
    let parameters = json!({"SourceDBInstanceIdentifier": "ledger", "DBInstanceIdentifier": "ledger-2"});
    let manifest = one(resource("RestoreFromSnapshot", "ledger", parameters));
    assert!(validated(estate, "failover", &manifest).is_ok());
    estate.set(WEST, Request::DisableKey(KEY.to_owned()));
    let said = validated(estate, "failover", &manifest).unwrap_err();
    let expected = format!("is encrypted with {KEY}, which is 'Disabled'; enable that key");
    assert!(said.contains("layer 1, resource 'ledger'") && said.contains(&expected), "{said}");
}

#[test]
fn a_class_that_a_region_does_not_offer_is_reported_with_classes_that_it_offers() {
    let world = World::with(|settings| {
        settings.not_offered.insert(WEST.parse().unwrap(), vec!["db.r6g.*".to_owned()]);
    });
    let said = validated(&world.estate, "failover", &one(world.good_restore("orders"))).unwrap_err();
    let expected = "DBInstanceClass: is db.r6g.large, which AWS does not offer for postgres 16.4 in us-west-2; it offers db.r";
    assert!(said.contains(expected), "{said}");
}

#[test]
fn a_version_that_aws_no_longer_offers_is_reported_with_its_snapshot() {
    let world = World::new();
    world.estate.simulation.with_world(|world| {
        let mut settings = world.settings().clone();
        settings.versions.insert("postgres 16.4".to_owned(), VersionStatus::Deprecated);
        world.configure(settings);
    });
    let said = validated(&world.estate, "failover", &one(world.good_restore("orders"))).unwrap_err();
    let expected = "postgres 16.4 is 'deprecated' in us-west-2, and AWS offers no class for it; upgrade the snapshot orders-1";
    assert!(said.contains(expected), "{said}");
}
