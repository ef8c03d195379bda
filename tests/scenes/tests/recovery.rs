//! Recovery of whole accounts on the simulator, from the manifest to the report.
//!
//! The tests check three things: the time that a recovery adds to AWS's own, the size of its states, and that a worker
//! killed at any call leaves the same world as a run without faults. `recovery_scenes` covers every type of resource.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use chrono::TimeDelta;
use destination_recover::{Status, Verdict};
use pilot_light_domain::aws::cloud::Parameters;
use pilot_light_domain::model::database::InstanceStatus;
use pilot_light_domain::testing::at;
use pilot_light_simulator::in_process::{Effect, Fault, SimulatedCloud, Simulation};
use pilot_light_simulator::world::{CreateDbInstance, CreateDbSnapshot, Request, SecondsRange, Settings};
use pilot_light_tests::groups::Groups;
use pilot_light_tests::recovery::{Execution, LARGEST_STATE};
use pilot_light_tests::{DESTINATION, account, region};
use serde_json::{Value, json};

const HERE: &str = "us-west-2";

/// The time of a restore in the simulated AWS.
const RESTORE: TimeDelta = TimeDelta::minutes(20);

/// An account whose databases have one snapshot each.
fn account_with(databases: usize, restore: TimeDelta) -> (Simulation, SimulatedCloud) {
    let restore = u32::try_from(restore.num_seconds()).unwrap();
    let settings = Settings {
        instance_seconds: SecondsRange::new(restore, restore).unwrap(),
        lag_seconds: 5,
        quota: 1000,
        instances: 1000,
        ..Settings::default()
    };
    let simulation = Simulation::new(settings, at("2026-03-01T00:00:00Z"));
    let request = |request| simulation.request(&account(DESTINATION), &region(HERE), request).unwrap();
    for name in names(databases) {
        let create = CreateDbInstance { name, engine: "postgres".to_owned(), ..Default::default() };
        request(Request::CreateDbInstance(create));
    }
    simulation.settle();
    for name in names(databases) {
        let create =
            CreateDbSnapshot { id: format!("{name}-snapshot"), database: name, ..Default::default() };
        request(Request::CreateDbSnapshot(create));
    }
    simulation.settle();
    let parameters = [("CrossAccountCopy", "FALSE"), ("SourceRegionOverride", "us-east-1")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let cloud = simulation.cloud(&account(DESTINATION), &region(HERE), Parameters::from(parameters));
    (simulation, cloud)
}

fn names(databases: usize) -> impl Iterator<Item = String> {
    (0..databases).map(|n| format!("db-{n:03}"))
}

/// Creates the groups that the manifest names. Returns the ids of the security groups.
fn make_groups(simulation: &Simulation) -> [String; 2] {
    let groups = Groups { simulation, account: account(DESTINATION), region: region(HERE) };
    groups.subnet_group("recovery-subnets-of-the-database-tier");
    groups.parameter_group("production-postgres-16-with-our-settings", "postgres16");
    ["databases", "operators"].map(|name| groups.security_group(name))
}

/// A manifest that restores all databases in the given number of layers, with every parameter that people usually set.
fn restores(simulation: &Simulation, databases: usize, layers: usize) -> Value {
    let security_groups = make_groups(simulation).join(",");
    let resource = |name: String| {
        let parameters = json!({
            "SourceDBInstanceIdentifier": name,
            "DBInstanceIdentifier": format!("{name}-restored"),
            "DBInstanceClass": "db.r6g.2xlarge",
            "DBSubnetGroupName": "recovery-subnets-of-the-database-tier",
            "VpcSecurityGroupIds": security_groups,
            "DBParameterGroupName": "production-postgres-16-with-our-settings",
            "MultiAZ": "True",
            "PubliclyAccessible": "False",
            "Port": "5432",
            "DeletionProtection": "True",
        });
        json!({"resourceType": "RestoreFromSnapshot", "resourceName": name, "parameters": parameters})
    };
    let all: Vec<Value> = names(databases).map(resource).collect();
    let layer = |(n, resources): (usize, &[Value])| json!({"layer": n + 1, "resources": resources});
    let layers: Vec<Value> = all.chunks(databases.div_ceil(layers)).enumerate().map(layer).collect();
    json!({"StatePayload": layers})
}

#[test]
fn two_hundred_databases_in_five_layers_take_less_than_a_minute_per_layer_beyond_awss_restores() {
    let (simulation, cloud) = account_with(200, RESTORE);
    let mut execution = Execution::new(&simulation, &cloud, "failover", "all");
    let end = execution.run(&restores(&simulation, 200, 5)).unwrap();
    assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
    assert_eq!(end.resources.iter().filter(|resource| resource.status == Status::Recovered).count(), 200);
    let overhead = execution.layers.windows(2).map(|layer| layer[1] - layer[0] - RESTORE);
    let overhead: Vec<i64> = overhead.map(|time| time.num_seconds()).collect();
    assert_eq!(overhead.len(), 5);
    assert!(overhead.iter().all(|seconds| (0..60).contains(seconds)), "{overhead:?}");
    assert!(execution.largest < LARGEST_STATE, "{} bytes", execution.largest);
    println!(
        "seconds of each layer beyond AWS's restores: {overhead:?}; the largest state: {} bytes",
        execution.largest
    );
}

#[test]
fn a_recovery_killed_at_any_call_and_started_again_leaves_the_same_world() {
    let (simulation, cloud) = account_with(3, TimeDelta::seconds(40));
    let manifest = restores(&simulation, 3, 2);
    let before = simulation.total_calls();
    let clean = Execution::new(&simulation, &cloud, "failover", "once").run(&manifest).unwrap();
    assert_eq!(clean.verdict, Verdict::Recovered);
    let calls = simulation.total_calls() - before;
    let expected = final_state(&simulation);
    for effect in [Effect::Before, Effect::After] {
        for call in 1..=calls {
            let (simulation, cloud) = account_with(3, TimeDelta::seconds(40));
            make_groups(&simulation);
            simulation.inject(Fault::Kill { call: before + call, effect });
            let mut execution = Execution::new(&simulation, &cloud, "failover", "once");
            let end = execution.run_despite_kills(&manifest);
            assert_eq!(end.verdict, Verdict::Recovered, "killed {effect:?} call {call}: {}", end.message);
            assert_eq!(
                final_state(&simulation),
                expected,
                "killed {effect:?} the effect of call {call} of {calls}"
            );
        }
    }
}

/// The names of the databases with whether each is usable, and the number of snapshots.
fn final_state(simulation: &Simulation) -> (Vec<(String, bool)>, usize) {
    let dump = simulation.with_world(|world| world.dump());
    let is_usable = |status: &str| InstanceStatus(status.to_owned()).is_usable();
    let databases: Vec<_> =
        dump.databases.iter().map(|found| (found.id.to_string(), is_usable(&found.status))).collect();
    (databases, dump.snapshots.len())
}
