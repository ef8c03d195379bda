//! Failover to the other Region and failback, as one story for each type of database.
//!
//! Every manifest is started once more after it has ended, as people do. `recovery_scenes` tests each step alone, with
//! failures at every call.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use destination_recover::{Status, Verdict};
use pilot_light_simulator::world::Outage;
use pilot_light_tests::recovery::estate::{EAST, Estate, WEST};
use pilot_light_tests::recovery::resources::{
    carts, promote, refresh, replica, secondary, switch_over, take_over,
};
use pilot_light_tests::recovery::scenes::recover;
use pilot_light_tests::region;
use serde_json::Value;

/// A series of recoveries in one estate.
struct Story {
    estate: Estate,
    chapters: usize,
}

impl Story {
    fn of(before: fn(&Estate)) -> Self {
        let estate = Estate::default();
        before(&estate);
        Self { estate, chapters: 0 }
    }

    /// Runs a manifest of one resource, and requires that it recovers and that the estate then has the expected lines.
    ///
    /// Then starts the manifest once more, and requires that this start finds everything done and changes nothing.
    fn recovers_once(
        &mut self,
        place: (&str, &'static str),
        resource: (&'static str, Value),
        expected: &[&str],
    ) {
        self.recovers(place, resource.clone());
        let lines = self.estate.lines();
        assert!(
            expected.iter().all(|line| lines.iter().any(|found| found == line)),
            "{resource:?}: {lines:#?}"
        );
        let before = (self.estate.end(), self.changes());
        let again = self.recovers(place, resource.clone());
        assert_eq!(again, "was already done", "{resource:?}");
        assert_eq!((self.estate.end(), self.changes()), before, "{resource:?}");
    }

    fn recovers(&mut self, place: (&str, &'static str), resource: (&'static str, Value)) -> String {
        self.chapters += 1;
        let end = recover(&self.estate, place, &format!("chapter-{}", self.chapters), resource);
        assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
        assert_eq!(end.resources[0].status, Status::Recovered);
        self.estate.simulation.settle();
        end.resources[0].step.clone()
    }

    /// The number of calls so far that change something.
    fn changes(&self) -> u64 {
        let calls = self.estate.simulation.calls();
        let reads = |action: &str| ["Describe", "Get", "List"].iter().any(|verb| action.starts_with(verb));
        calls.counts().iter().filter(|count| !reads(count.action)).map(|count| count.calls).sum()
    }
}

#[test]
fn an_instance_fails_over_and_back_and_has_a_replica_as_before() {
    let mut story = Story::of(orders);
    story.recovers_once((WEST, "failover"), promote("orders"), &["us-west-2: orders available"]);
    story.recovers_once(
        (EAST, "failback"),
        replica(EAST, "orders"),
        &["us-east-1: orders available, follows us-west-2, protected", "us-east-1: kept final-orders"],
    );
    story.recovers_once((EAST, "failover"), promote("orders"), &["us-east-1: orders available, protected"]);
    story.recovers_once(
        (WEST, "failback"),
        replica(WEST, "orders"),
        &["us-west-2: orders available, follows us-east-1, protected", "us-west-2: kept final-orders"],
    );
}

#[test]
fn a_copy_for_tests_that_is_refreshed_daily_leaves_only_the_newest_final_snapshot() {
    for mode in ["Swap", "Replace"] {
        let story = &mut Story::of(|estate| {
            estate.database(EAST, "orders", &[]);
            estate.database(EAST, "tests", &[("PilotLightRefreshable", "YES")]);
        });
        let mut before = vec![];
        for day in 1..=3 {
            assert_eq!(story.recovers((EAST, "drill"), refresh(mode).remove(0)), "is up");
            let left: Vec<String> = story.estate.end().snapshots.into_iter().map(|found| found.id).collect();
            assert_eq!(left.len(), 1, "{mode}, day {day}: {left:?}");
            assert!(left[0].starts_with("refreshed-tests-") && left != before, "{mode}, day {day}: {left:?}");
            before = left;
            story.estate.simulation.advance_by(chrono::TimeDelta::days(1));
        }
    }
}

#[test]
fn a_global_cluster_fails_over_and_back_in_every_way() {
    let mut story = Story::of(Estate::shop);
    let alone = |name: &str| format!("shop available, led by {name}, of {name}");
    let led_by = |one: &str, of: [&str; 2]| format!("shop available, led by {one}, of {}", of.join(" and "));
    let (east, west) = ("shop-east", "shop-west");
    story.recovers_once((WEST, "failover"), take_over(WEST, "False"), &[&alone(east)]);
    story.recovers_once(
        (EAST, "failback"),
        secondary(EAST),
        &[&led_by(west, [west, east]), "us-east-1: kept final-shop-east"],
    );
    story.recovers_once((EAST, "failover"), switch_over(EAST), &[&led_by(east, [west, east])]);
    story.recovers_once((WEST, "failover"), take_over(WEST, "True"), &[&led_by(west, [west, east])]);
    story.recovers_once((EAST, "failback"), secondary(EAST), &[&led_by(west, [west, east])]);
    story.recovers_once((EAST, "failover"), take_over(EAST, "False"), &[&alone(west)]);
    story.recovers_once(
        (WEST, "failback"),
        secondary(WEST),
        &[&led_by(east, [east, west]), "us-west-2: kept final-shop-west"],
    );
}

#[test]
fn a_global_datastore_fails_over_and_back() {
    let mut story = Story::of(Estate::carts);
    story.recovers_once((WEST, "failover"), carts(WEST), &["ldgnf-carts available, led by carts-dr"]);
    story.recovers_once((EAST, "failback"), carts(EAST), &["ldgnf-carts available, led by carts"]);
    story.recovers_once((WEST, "failover"), carts(WEST), &["ldgnf-carts available, led by carts-dr"]);
}

#[test]
fn during_a_region_outage_the_other_region_takes_over_and_failback_succeeds_afterwards() {
    let mut story = Story::of(|estate| {
        orders(estate);
        estate.shop();
        estate.carts();
    });
    let outage = Outage::Region(region(EAST));
    story.estate.simulation.with_world(|world| world.begin_outage(outage.clone()));
    for resource in [promote("orders"), take_over(WEST, "False"), carts(WEST)] {
        story.recovers_once((WEST, "failover"), resource, &[]);
    }
    assert!(story.estate.simulation.with_world(|world| world.end_outage(&outage)));
    for resource in [replica(EAST, "orders"), secondary(EAST), carts(EAST)] {
        story.recovers_once((EAST, "failback"), resource, &[]);
    }
    let expected = [
        "us-east-1: orders available, follows us-west-2, protected",
        "shop available, led by shop-west, of shop-west and shop-east",
        "ldgnf-carts available, led by carts",
    ];
    assert!(expected.iter().all(|line| story.estate.lines().iter().any(|found| found == line)));
}

fn orders(estate: &Estate) {
    estate.database(EAST, "orders", &[]);
    estate.replica(WEST, "orders");
}
