//! The look at everything that the new database needs, before the old one is deleted: in the validation, and again right
//! before the first deletion.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use chrono::TimeDelta;
use destination_recover::{Status, Verdict};
use pilot_light_domain::run::error::ErrorName;
use pilot_light_simulator::world::{Request, Settings, SubnetGroupRequest};
use pilot_light_tests::groups::Groups;
use pilot_light_tests::recovery::estate::{EAST, Estate, WEST};
use pilot_light_tests::recovery::manifests::{one, resource};
use pilot_light_tests::recovery::observed::statuses;
use pilot_light_tests::recovery::resources::{refresh, replica, secondary};
use pilot_light_tests::recovery::{Execution, Stop, progress};
use pilot_light_tests::{DESTINATION, account, region};
use serde_json::{Value, json};

/// A recovery that deletes a database, and creates another one in the subnet group `private`.
struct Replacement {
    estate: Estate,
    place: &'static str,
    purpose: &'static str,
    manifest: Value,
    /// The parameter that names the subnet group.
    group: &'static str,
}

impl Replacement {
    fn new(
        (place, purpose): (&'static str, &'static str),
        (kind, mut parameters): (&'static str, Value),
        group: &'static str,
        build: impl FnOnce(&Estate),
    ) -> Self {
        let mut estate = if purpose == "drill" { Estate::default().of_copies() } else { Estate::default() };
        build(&estate);
        let here = (account(DESTINATION), region(place));
        let groups = Groups { simulation: &estate.simulation, account: here.0, region: here.1 };
        groups.subnet_group("private");
        parameters[group] = json!("private");
        estate.calls_before = estate.simulation.total_calls();
        Self { estate, place, purpose, manifest: one(resource(kind, "it", parameters)), group }
    }

    /// One of each type that deletes a database before the new one exists.
    fn all() -> [Self; 3] {
        let of_replica = Self::new((WEST, "failback"), replica(WEST, "orders"), "DBSubnetGroup", |estate| {
            estate.database(EAST, "orders", &[]);
            estate.database(WEST, "orders", &[]);
        });
        let of_cluster = Self::new((EAST, "failback"), secondary(EAST), "DBSubnetGroupName", |estate| {
            estate.shop();
            estate.detach_west();
        });
        let of_refresh =
            Self::new((WEST, "drill"), refresh("Replace").remove(0), "DBSubnetGroupName", |estate| {
                estate.copy("orders-1", "orders");
                estate.database(WEST, "tests", &[("PilotLightRefreshable", "YES")]);
            });
        [of_replica, of_cluster, of_refresh]
    }

    fn execution(&self, name: &str) -> Execution {
        self.estate.execution(self.place, self.purpose, name)
    }

    fn delete_group(&self) {
        let delete = SubnetGroupRequest::Delete("private".to_owned());
        self.estate.set(self.place, Request::SubnetGroup(Box::new(delete)));
    }

    /// The changes of the recovery. The test itself makes the deletion of the group.
    fn changes(&self) -> Vec<&'static str> {
        let all = self.estate.changes().into_iter();
        all.filter(|action| *action != "DeleteDBSubnetGroup").collect()
    }
}

#[test]
fn a_list_that_is_throttled_in_the_validation_is_retried_before_a_database_is_deleted() {
    for found in Replacement::all() {
        for action in ["DescribeDBSubnetGroups", "DescribeOrderableDBInstanceOptions", "DescribeDBInstances"]
        {
            for (code, name) in
                [("Throttling", ErrorName::Throttled), ("ServiceUnavailable", ErrorName::Unavailable)]
            {
                found.estate.refuse(action, code);
                let error = found.execution("run-1").validate(&found.manifest).unwrap_err().error();
                assert_eq!(error.name(), name, "{} {action}: {error}", found.purpose);
                found.estate.simulation.clear_faults();
            }
        }
        let mut execution = found.execution("run-2");
        found.estate.refuse("DescribeDBSubnetGroups", "Throttling");
        execution.retry = Some(TimeDelta::seconds(5));
        let end = execution.run(&found.manifest).unwrap();
        assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
    }
}

#[test]
fn a_list_that_aws_refuses_for_good_does_not_prevent_a_replacement() {
    for found in Replacement::all() {
        found.estate.refuse("DescribeDBSubnetGroups", "AccessDenied");
        let end = found.execution("run-1").run(&found.manifest).unwrap();
        assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
    }
}

#[test]
fn a_group_that_is_deleted_between_the_approval_and_the_start_stops_the_deletion() {
    for found in Replacement::all() {
        let mut manifest = found.manifest.clone();
        manifest["approval"] = json!(true);
        let mut execution = found.execution("run-1");
        let mut state = execution.validate(&manifest).unwrap();
        assert_eq!(state["approval"], true);
        found.estate.simulation.advance_by(TimeDelta::hours(6));
        found.delete_group();
        execution.step(&mut state).unwrap();
        let end = progress(&state);
        assert_eq!((end.verdict, statuses(&end)), (Verdict::Failed, vec![Status::Failed]), "{}", end.message);
        let said = format!(
            "nothing more is deleted, because AWS would not create the new database: {} is private; {} has no such DB subnet group",
            found.group, found.place
        );
        assert!(end.resources[0].step.contains(&said), "{}", end.resources[0].step);
        assert_eq!(found.changes(), [""; 0], "{}", found.purpose);
    }
}

#[test]
fn a_list_that_is_throttled_right_before_the_deletion_delays_it() {
    for found in Replacement::all() {
        let mut execution = found.execution("run-1");
        let mut state = execution.validate(&found.manifest).unwrap();
        found.estate.refuse("DescribeDBSubnetGroups", "Throttling");
        for _ in ["start", "check"] {
            execution.step(&mut state).unwrap();
        }
        let waiting = progress(&state);
        assert_eq!(statuses(&waiting), [Status::Waiting], "{}", waiting.message);
        let said = format!("nothing is deleted until AWS lists the DB subnet groups in {}", found.place);
        assert!(waiting.resources[0].step.starts_with(&said), "{}", waiting.resources[0].step);
        assert_eq!(found.changes(), [""; 0], "{}", found.purpose);
        found.estate.simulation.clear_faults();
        while execution.step(&mut state).unwrap() {}
        assert_eq!(progress(&state).verdict, Verdict::Recovered, "{}", progress(&state).message);
    }
}

#[test]
fn a_group_that_is_deleted_after_the_first_deletion_keeps_the_old_cluster() {
    let [_, found, _] = Replacement::all();
    let mut execution = found.execution("run-1");
    let mut state = execution.validate(&found.manifest).unwrap();
    while !found.changes().contains(&"DeleteDBInstance") {
        assert!(execution.step(&mut state).unwrap());
    }
    found.delete_group();
    while execution.step(&mut state).unwrap() {}
    let end = progress(&state);
    assert_eq!(end.verdict, Verdict::Failed, "{}", end.message);
    assert!(!found.changes().contains(&"DeleteDBCluster"), "{:?}", found.changes());
}

/// The changes after which the group `private` is in use. The simulator creates a cluster without looking at its group, so the
/// last look at it precedes the deletion of the old one.
const TOO_LATE: [&str; 3] =
    ["DeleteDBCluster", "CreateDBInstanceReadReplica", "RestoreDBInstanceFromDBSnapshot"];

/// Deletes the group after that number of changes, and runs the execution to its end. False if there are fewer changes
/// before it is too late.
fn stops_after(found: &Replacement, changes: usize) -> bool {
    let mut execution = found.execution("run-1");
    let mut state = execution.validate(&found.manifest).unwrap();
    while found.changes().len() < changes {
        assert!(execution.step(&mut state).unwrap());
    }
    if TOO_LATE.iter().any(|action| found.changes().contains(action)) {
        return false;
    }
    found.delete_group();
    while execution.step(&mut state).unwrap() {}
    let end = progress(&state);
    assert_eq!(end.verdict, Verdict::Failed, "{changes}: {}", end.message);
    true
}

#[test]
fn a_replacement_that_was_stopped_after_any_deletion_is_finished_by_the_next_execution() {
    let mut points = 0;
    for at in 0..3 {
        for changes in 1.. {
            let found = &Replacement::all()[at];
            if !stops_after(found, changes) {
                break;
            }
            points += 1;
            let before = found.changes();
            let said = found.execution("run-2").run(&found.manifest).unwrap_err().error().to_string();
            assert!(said.contains("has no such DB subnet group"), "{at}, {changes}: {said}");
            assert_eq!(found.changes(), before, "{at}, {changes}: a refused manifest changes nothing");

            let here = (account(DESTINATION), region(found.place));
            let groups = Groups { simulation: &found.estate.simulation, account: here.0, region: here.1 };
            // A day later, the manifest names another group.
            found.estate.simulation.advance_by(TimeDelta::hours(25));
            groups.subnet_group("other");
            let mut manifest = found.manifest.clone();
            manifest["StatePayload"][0]["resources"][0]["parameters"][found.group] = json!("other");
            let end = found.execution("run-3").run(&manifest).unwrap();
            assert_eq!(end.verdict, Verdict::Recovered, "{at}, {changes}: {}", end.message);
        }
    }
    assert!(points >= 8, "{points}");
}

#[test]
fn a_failback_that_has_no_room_after_it_deleted_the_old_instances_is_finished_by_the_next_execution() {
    let [_, found, _] = Replacement::all();
    let allow = |instances| {
        found.estate.simulation.with_world(|world| {
            let settings = Settings { instances, ..world.settings().clone() };
            world.configure(settings);
        });
    };
    let mut execution = found.execution("run-1");
    let mut state = execution.validate(&found.manifest).unwrap();
    while found.changes().iter().filter(|action| **action == "DeleteDBInstance").count() < 2 {
        assert!(execution.step(&mut state).unwrap());
    }
    // Other instances have taken the room.
    allow(0);
    while execution.step(&mut state).unwrap() {}
    let end = progress(&state);
    assert_eq!(end.verdict, Verdict::Failed, "{}", end.message);
    let said =
        "nothing more is deleted, because AWS would not create the new database: needs 1 more instance";
    assert!(end.message.contains(said), "{}", end.message);
    assert!(!found.changes().contains(&"DeleteDBCluster"), "{:?}", found.changes());
    allow(1);
    let end = found.execution("run-2").run(&found.manifest).unwrap();
    assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
}

#[test]
fn a_problem_is_reported_even_if_aws_throttles_a_list_or_a_reference() {
    let [mut found, _, _] = Replacement::all();
    let resources = found.manifest["StatePayload"][0]["resources"].as_array_mut().unwrap();
    let mut referring = resources[0].clone();
    referring["resourceName"] = json!("referring");
    referring["parameters"]["RDSInstanceIdentifier"] = json!("billing");
    referring["parameters"]["DBInstanceClass"] = json!("resolve:ssm:/class");
    resources.push(referring);
    let throttled = |manifest: &Value| {
        found.estate.refuse("GetParameter", "ThrottlingException");
        found.execution("run-1").validate(manifest).map_err(Stop::error).unwrap_err()
    };
    let alone = throttled(&found.manifest);
    assert_eq!(alone.name(), ErrorName::Throttled, "{alone}");
    let mut wrong = found.manifest.clone();
    wrong["StatePayload"][0]["resources"][0]["parameters"]["DBSubnetGroup"] = json!("nope");
    wrong["StatePayload"][0]["resources"][1]["parameters"]["Port"] = json!("80");
    let error = throttled(&wrong);
    assert_eq!(error.name(), ErrorName::InvalidInput, "{error}");
    let said = error.to_string();
    for part in [
        "the manifest has 2 problems:",
        "resource 'it' (CreateRDSReadReplica), DBSubnetGroup: is nope; us-west-2 has no such DB subnet group",
        "resource 'referring' (CreateRDSReadReplica), Port: is 80; AWS allows 1150 to 65535",
        "There may be more, because AWS did not answer now:\ncannot read the imports of layer 1, resource 'referring'",
    ] {
        assert!(said.contains(part), "{part}\n\n{said}");
    }
}
