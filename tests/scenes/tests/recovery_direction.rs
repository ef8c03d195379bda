//! Recoveries that are started in the wrong Region: they name the live database, and nothing is changed.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use destination_recover::Verdict;
use pilot_light_simulator::world::{ClusterRequest, Request};
use pilot_light_tests::DESTINATION;
use pilot_light_tests::recovery::Stop;
use pilot_light_tests::recovery::estate::{EAST, Estate, WEST};
use pilot_light_tests::recovery::manifests::{layers, one, resource};
use pilot_light_tests::recovery::resources::{promote, replica, secondary, switch_over, take_over};
use pilot_light_tests::recovery::scenes::recover;
use serde_json::{Value, json};

/// A Region and the purpose of a state machine.
type Place = (&'static str, &'static str);

/// Recovers one resource, and requires that it is up in the end.
fn recovers(estate: &Estate, place: Place, name: &str, resource: (&'static str, Value)) {
    let end = recover(estate, place, name, resource);
    assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
    estate.simulation.settle();
}

/// The problems of a manifest with one resource. Nothing may have changed.
fn refused(estate: &Estate, (place, purpose): Place, (kind, parameters): (&'static str, Value)) -> String {
    let before = (estate.end(), estate.changes().len());
    let mut execution = estate.execution(place, purpose, "refused");
    let stop = execution.run(&one(resource(kind, "wrong", parameters))).unwrap_err();
    assert_eq!((estate.end(), estate.changes().len()), before);
    Stop::error(stop).to_string()
}

fn orders_in_both_regions() -> Estate {
    let estate = Estate::default();
    estate.database(EAST, "orders", &[]);
    estate.replica(WEST, "orders");
    estate
}

#[test]
fn the_live_primary_does_not_count_as_the_result_of_a_failover() {
    let estate = orders_in_both_regions();
    let said = refused(&estate, (EAST, "failover"), promote("orders"));
    assert!(said.contains("'orders' in us-east-1 is not a replica"), "{said}");

    let estate = Estate::default();
    estate.shop();
    for takeover in [switch_over(EAST), take_over(EAST, "False"), take_over(EAST, "True")] {
        let said = refused(&estate, (EAST, "failover"), takeover);
        assert!(said.contains("shop-east' is the writer of global cluster 'shop' already"), "{said}");
        assert!(said.contains("start the recovery in the other Region"), "{said}");
    }
}

#[test]
fn an_independent_cluster_does_not_count_as_the_result_of_a_failover() {
    let estate = Estate::default();
    estate.lone_cluster(WEST, "shop-west");
    let said = refused(&estate, (WEST, "failover"), take_over(WEST, "False"));
    assert!(said.contains("shop-west' is in no global cluster"), "{said}");
}

#[test]
fn a_failback_does_not_delete_the_instance_that_was_promoted() {
    let estate = orders_in_both_regions();
    recovers(&estate, (WEST, "failover"), "there", promote("orders"));
    let said = refused(&estate, (WEST, "failback"), replica(WEST, "orders"));
    assert!(said.contains("a recovery made 'orders' in us-west-2 the primary at"), "{said}");
    assert!(said.contains("aws rds remove-tags-from-resource --region us-west-2"), "{said}");

    let (kind, parameters) = replica(EAST, "orders");
    let mut dry_run = one(resource(kind, "orders", parameters));
    dry_run["dry_run"] = json!(true);
    let plan = estate.execution(EAST, "failback", "plan").validate(&dry_run).unwrap();
    let summary = plan["summary"].as_str().unwrap();
    assert!(summary.contains("DELETES 'orders', with the final snapshot 'final-orders-"), "{summary}");

    recovers(&estate, (EAST, "failback"), "back", replica(EAST, "orders"));
    recovers(&estate, (EAST, "failover"), "home", promote("orders"));
    let said = refused(&estate, (EAST, "failback"), replica(EAST, "orders"));
    assert!(said.contains("a recovery made 'orders' in us-east-1 the primary at"), "{said}");
    recovers(&estate, (WEST, "failback"), "again", replica(WEST, "orders"));
}

/// A second failover within a day continues the recovery of the first, if a resource of it is unfinished.
#[test]
fn a_second_failover_on_the_same_day_is_the_newest_promotion() {
    let estate = orders_in_both_regions();
    estate.shop();
    let fails_over = |name: &str| {
        let resources = [("orders", promote("orders")), ("shop", take_over(WEST, "True"))]
            .map(|(name, (kind, parameters))| resource(kind, name, parameters));
        let end = estate.execution(WEST, "failover", name).run(&layers(&[resources.to_vec()])).unwrap();
        assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
        estate.simulation.settle();
    };
    fails_over("first");
    recovers(&estate, (EAST, "failback"), "back", replica(EAST, "orders"));
    recovers(&estate, (EAST, "failover"), "home", promote("orders"));
    recovers(&estate, (EAST, "failover"), "home-too", switch_over(EAST));
    recovers(&estate, (WEST, "failback"), "again", replica(WEST, "orders"));
    fails_over("second");
    let said = refused(&estate, (WEST, "failback"), replica(WEST, "orders"));
    assert!(said.contains("a recovery made 'orders' in us-west-2 the primary at"), "{said}");
    recovers(&estate, (EAST, "failback"), "back-again", replica(EAST, "orders"));
}

#[test]
fn a_failback_does_not_delete_the_instance_that_was_restored() {
    let estate = Estate::default().of_copies();
    estate.copy("orders-1", "orders");
    let restore = ("RestoreFromSnapshot", json!({"DBInstanceIdentifier": "orders"}));
    recovers(&estate, (WEST, "failover"), "there", restore);
    estate.database(EAST, "orders", &[]);
    let said = refused(&estate, (WEST, "failback"), replica(WEST, "orders"));
    assert!(said.contains("a recovery made 'orders' in us-west-2 the primary at"), "{said}");
}

#[test]
fn a_failback_does_not_delete_the_cluster_that_was_promoted() {
    let estate = Estate::default();
    estate.shop();
    recovers(&estate, (WEST, "failover"), "there", take_over(WEST, "False"));
    // Nobody is in the global cluster any more, so it does not show which of the two clusters is live.
    let east = format!("arn:aws:rds:{EAST}:{DESTINATION}:cluster:shop-east");
    for request in [
        ClusterRequest::RemoveFromGlobalCluster("shop".to_owned(), east),
        ClusterRequest::DeleteGlobalCluster("shop".to_owned()),
    ] {
        estate.set(EAST, Request::Cluster(Box::new(request)));
    }
    let said = refused(&estate, (WEST, "failback"), secondary(WEST));
    assert!(said.contains("a recovery made 'shop-west' in us-west-2 the primary at"), "{said}");
    recovers(&estate, (EAST, "failback"), "back", secondary(EAST));
}

#[test]
fn an_instance_that_another_recovery_restored_with_other_properties_is_not_the_result() {
    let estate = Estate::default().of_copies();
    estate.copy("orders-1", "orders");
    let restore = |class: &str| {
        ("RestoreFromSnapshot", json!({"DBInstanceIdentifier": "orders", "DBInstanceClass": class}))
    };
    recovers(&estate, (WEST, "failover"), "small", restore("db.t4g.medium"));
    let said = refused(&estate, (WEST, "failover"), restore("db.r6g.large"));
    assert!(said.contains("but with the class db.t4g.medium, not db.r6g.large"), "{said}");
    recovers(&estate, (WEST, "failover"), "either", restore("db.r6g.large, db.t4g.medium"));
}
