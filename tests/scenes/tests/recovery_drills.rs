//! Drills that end badly, drills that meet, and what earlier drills left.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use chrono::TimeDelta;
use destination_recover::{ResourceProgress, Verdict};
use pilot_light_simulator::world::{Imposed, Imposition, Request, ResourceKind, Selection};
use pilot_light_tests::recovery::estate::{Estate, WEST};
use pilot_light_tests::recovery::manifests::{one, resource};
use pilot_light_tests::recovery::pairs::{made, side_by_side};
use pilot_light_tests::recovery::{Execution, progress};
use pilot_light_tests::{DESTINATION, account, region};
use serde_json::{Value, json};

const RESTORE: &str = "RestoreDBInstanceFromDBSnapshot";
const DELETE: &str = "DeleteDBInstance";

fn drill() -> Value {
    one(resource("RestoreDrill", "orders", json!({"DBInstanceIdentifier": "orders"})))
}

fn copies(change: impl FnOnce(&mut pilot_light_simulator::world::Settings)) -> Estate {
    let estate = Estate::with(change).of_copies();
    estate.copy("orders-1", "orders");
    estate
}

fn resource_of(state: &Value) -> ResourceProgress {
    progress(state).resources.remove(0)
}

#[test]
fn a_drill_whose_change_aws_refuses_for_good_removes_its_instance_and_fails() {
    let estate = copies(|_| {});
    estate.refuse(DELETE, "AccessDenied");
    let mut execution = estate.execution(WEST, "drill", "run-1");
    let mut state = execution.validate(&drill()).unwrap();
    while !resource_of(&state).step.contains("refused by the test") {
        assert!(execution.step(&mut state).unwrap());
    }
    estate.simulation.clear_faults();
    while execution.step(&mut state).unwrap() {}
    let end = progress(&state);
    assert_eq!(end.verdict, Verdict::Failed, "{}", end.message);
    assert!(end.message.contains("refused by the test"), "{}", end.message);
    assert_eq!(estate.instances(WEST), [""; 0]);
}

#[test]
fn a_drill_whose_removal_aws_refuses_for_good_fails_and_says_that_its_instance_is_still_there() {
    let estate = copies(|_| {});
    estate.refuse(DELETE, "AccessDenied");
    let end = estate.execution(WEST, "drill", "run-1").run(&drill()).unwrap();
    assert_eq!(end.verdict, Verdict::Failed);
    assert!(end.message.contains("what it left behind is still there"), "{}", end.message);
    assert_eq!(estate.simulation.calls().of(DELETE), 2, "the removal is requested once");
    // The next drill of the database removes it.
    estate.simulation.clear_faults();
    estate.simulation.advance_by(TimeDelta::hours(8));
    let end = estate.execution(WEST, "drill", "run-2").run(&drill()).unwrap();
    assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
    assert_eq!(estate.instances(WEST), [""; 0]);
}

#[test]
fn a_drill_that_fails_before_aws_lists_its_instance_removes_it_too() {
    let estate = copies(|settings| settings.new_lag_seconds = 40);
    let mut execution = estate.execution(WEST, "drill", "run-1");
    let mut state = execution.validate(&drill()).unwrap();
    execution.step(&mut state).unwrap();
    let (owner, here) = (account(DESTINATION), region(WEST));
    let gone = Request::DeleteDbSnapshot("orders-1".to_owned());
    estate.simulation.request(&owner, &here, gone).unwrap();
    estate.simulation.advance_by(TimeDelta::seconds(10));
    while execution.step(&mut state).unwrap() {}
    let end = progress(&state);
    assert_eq!(end.verdict, Verdict::Failed, "{}", end.message);
    assert!(end.message.contains("no usable recovery point"), "{}", end.message);
    estate.simulation.settle();
    assert_eq!(estate.instances(WEST), [""; 0]);
}

/// A drill of `orders` for another manifest.
fn other_drill() -> Value {
    let parameters = json!({"DBInstanceIdentifier": "orders", "DBInstanceClass": "db.r6g.xlarge"});
    one(resource("RestoreDrill", "orders", parameters))
}

/// The faults after a drill and another one of the same database, which begins `apart` seconds later.
fn meet(estate: &Estate, apart: i64) -> Option<String> {
    let manifests = [drill(), other_drill()];
    let pair = [0, 1].map(|at| (estate.execution(WEST, "drill", ["one", "other"][at]), &manifests[at]));
    let ends = side_by_side(pair, TimeDelta::seconds(apart)).map(Result::unwrap);
    estate.simulation.settle();
    let made = made(estate);
    let is_right = ends.iter().all(|end| end.verdict == Verdict::Recovered)
        && [RESTORE, DELETE].iter().all(|action| made.get(action) == Some(&2))
        && estate.instances(WEST).is_empty();
    let [one, other] = ends.each_ref().map(|end| &end.message);
    (!is_right).then(|| format!("{apart} s apart: {made:?}, {one} || {other}"))
}

#[test]
fn a_drill_that_begins_at_any_moment_of_another_one_comes_after_it() {
    let end = copies(|_| {}).execution(WEST, "drill", "one").run(&drill()).unwrap();
    let until = i64::try_from(end.running_seconds).unwrap() + 30;
    let found: Vec<String> =
        (0..=until).step_by(10).filter_map(|apart| meet(&copies(|_| {}), apart)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_drill_fits_into_a_full_quota_if_it_first_deletes_what_another_one_left() {
    let estate = copies(|settings| settings.instances = 1);
    restoring(&estate);
    estate.simulation.advance_by(TimeDelta::hours(8));
    let end = estate.execution(WEST, "drill", "other").run(&other_drill()).unwrap();
    assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
}

#[test]
fn what_one_drill_left_makes_room_only_once_although_two_drills_find_it() {
    let drills =
        ["a", "b"].map(|name| resource("RestoreDrill", name, json!({"DBInstanceIdentifier": "orders"})));
    let manifest = json!({"StatePayload": [{"layer": 1, "resources": drills}]});
    for quota in [2, 3] {
        let estate = copies(|settings| settings.instances = quota);
        estate.database(WEST, "bystander", &[]);
        restoring(&estate);
        estate.simulation.advance_by(TimeDelta::hours(8));
        let end = estate.execution(WEST, "drill", "other").run(&manifest);
        if quota == 2 {
            let said = end.unwrap_err().error().to_string();
            assert!(said.contains("needs 1 more instance; the account has 2 of at most 2"), "{said}");
        } else {
            assert_eq!(end.unwrap().verdict, Verdict::Recovered);
        }
    }
}

#[test]
fn a_drill_that_is_started_again_makes_room_for_the_next_layer() {
    let estate = copies(|settings| settings.instances = 1);
    let of_layer = |layer: u32| {
        let parameters = json!({"DBInstanceIdentifier": "orders"});
        json!({"layer": layer, "resources": [resource("RestoreDrill", &format!("it {layer}"), parameters)]})
    };
    let manifest = json!({"StatePayload": [of_layer(1), of_layer(2)]});
    let mut stopped = estate.execution(WEST, "drill", "one");
    let mut state = stopped.validate(&manifest).unwrap();
    stopped.step(&mut state).unwrap();
    estate.simulation.settle();
    let end = estate.execution(WEST, "drill", "other").run(&manifest).unwrap();
    assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
}

/// The instance that a drill is restoring.
fn restoring(estate: &Estate) -> Execution {
    let mut execution = estate.execution(WEST, "drill", "one");
    let mut state = execution.validate(&drill()).unwrap();
    execution.step(&mut state).unwrap();
    execution
}

#[test]
fn a_drill_never_deletes_the_instance_of_another_one_while_aws_works_on_it() {
    for status in ["creating", "backing-up", "modifying"] {
        let estate = copies(|_| {});
        restoring(&estate);
        estate.simulation.settle();
        let slow = Selection::of_kind(ResourceKind::Instance).named("drill-orders-*");
        let slow =
            estate.simulation.impose(Imposition::new(Imposed::Status(status.to_owned()), slow)).unwrap();
        estate.simulation.advance_by(TimeDelta::hours(3));
        let mut other = estate.execution(WEST, "drill", "other");
        let mut state = other.validate(&other_drill()).unwrap();
        for _ in 0..100 {
            other.step(&mut state).unwrap();
        }
        assert_eq!(estate.changes(), [RESTORE], "{status}");
        let said = resource_of(&state).step;
        assert!(said.starts_with("another drill of 'orders' is under way since "), "{said}");
        assert!(estate.simulation.lift(slow));
        let freed = estate.simulation.now();
        while !estate.changes().contains(&DELETE) {
            assert!(other.step(&mut state).unwrap());
        }
        // The other drill is not there any more.
        assert_eq!((estate.simulation.now() - freed).num_minutes(), 15, "{status}");
        while other.step(&mut state).unwrap() {}
        assert_eq!(progress(&state).verdict, Verdict::Recovered, "{}", progress(&state).message);
        assert!(estate.instances(WEST).is_empty());
    }
}
