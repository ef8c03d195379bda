//! The inputs of older tools that restore from snapshots, within one account of two Regions, there and back.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use destination_recover::Verdict;
use futures_util::FutureExt;
use pilot_light_domain::model::tags;
use pilot_light_domain::recovery::{DbInstance, RecoveryCloud, RecoveryGateway};
use pilot_light_simulator::world::{
    CopyDbSnapshot, CreateDbSnapshot, DeleteDbInstance, InstanceOptions, ModifyDbInstance, Request,
};
use pilot_light_tests::groups::Groups;
use pilot_light_tests::recovery::estate::{EAST, Estate, WEST, other};
use pilot_light_tests::recovery::manifests::{one, resource};
use pilot_light_tests::{DESTINATION, account, region};
use serde_json::{Value, json};

/// `orders` in the east.
fn orders() -> Estate {
    let estate = Estate::default();
    estate.database(EAST, "orders", &[]);
    for place in [EAST, WEST] {
        let groups =
            Groups { simulation: &estate.simulation, account: account(DESTINATION), region: region(place) };
        groups.subnet_group("private");
    }
    estate
}

/// Takes a snapshot of a database of the other Region, and copies it to this one as Pilot Light does.
fn copy(estate: &Estate, (place, id): (&str, &str), database: &str) {
    let there = other(place);
    let take = CreateDbSnapshot { database: database.to_owned(), id: id.to_owned(), tags: None };
    estate.set(there, Request::CreateDbSnapshot(take));
    let source = format!("arn:aws:rds:{there}:{DESTINATION}:snapshot:{id}");
    let ours = tags::of([(tags::COPIED_BY, tags::TOOL), (tags::SOURCE_SNAPSHOT_ARN, &source)]);
    let copy = CopyDbSnapshot { source, target: id.to_owned(), tags: Some(ours), ..Default::default() };
    estate.set(place, Request::CopyDbSnapshot(copy));
}

/// Deletes an instance, as if its Region had lost it.
fn lose(estate: &Estate, place: &str, name: &str) {
    let protect = ModifyDbInstance {
        name: name.to_owned(),
        options: InstanceOptions { deletion_protection: Some(false), ..Default::default() },
        apply_immediately: true,
        ..Default::default()
    };
    estate.set(place, Request::ModifyDbInstance(protect));
    let name = name.to_owned();
    let delete = DeleteDbInstance { name, skip_final_snapshot: true, final_snapshot: None };
    estate.set(place, Request::DeleteDbInstance(delete));
}

/// Starts a manifest with one resource in a Region that keeps copies of the other one. It must end with everything up.
fn runs(estate: &Estate, (place, purpose): (&str, &'static str), name: &str, kind: &str, parameters: Value) {
    let mut here = estate.clone();
    here.parameter("SourceRegionOverride", other(place));
    let end = here.execution(place, purpose, name).run(&one(resource(kind, name, parameters))).unwrap();
    assert_eq!(end.verdict, Verdict::Recovered, "{name}: {}", end.message);
    estate.simulation.settle();
}

/// An instance as AWS lists it.
fn found(estate: &Estate, place: &str, name: &str) -> DbInstance {
    let gateway = estate.cloud(place).recovery(&region(place));
    let all = gateway.db_instances().now_or_never().unwrap().unwrap().records;
    all.into_iter().find(|found| found.arn.id.name.as_str() == name).unwrap()
}

#[test]
fn the_inputs_of_the_onica_tool_restore_there_and_back() {
    let estate = orders();
    let input = || json!({"rds_instance": "orders", "rds_instance_type": "db.m5.large", "rds_subnet_group": "private"});
    copy(&estate, (WEST, "lambda-dr-snapshot-orders-2026-03-01"), "orders");
    runs(&estate, (WEST, "failover"), "there", "RestoreFromSnapshot", input());
    lose(&estate, EAST, "orders");
    copy(&estate, (EAST, "lambda-dr-snapshot-orders-2026-03-02"), "orders");
    runs(&estate, (EAST, "failover"), "back", "RestoreFromSnapshot", input());
    for (place, day) in [(WEST, "01"), (EAST, "02")] {
        let made = found(&estate, place, "orders");
        assert_eq!((made.class.as_str(), made.multi_az), ("db.m5.large", Some(true)), "as that tool has it");
        assert_eq!(
            estate.restored_from(place, "orders"),
            Some(format!("lambda-dr-snapshot-orders-2026-03-{day}"))
        );
    }
}

#[test]
fn the_event_of_the_tool_that_duplicates_a_database_across_regions_refreshes_there_and_back() {
    // Its sample has names with capital letters, which RDS stores in small ones, and the Region of the original database.
    let event = |target: &str, origin: &str, new: &str| {
        json!({
            "targetRegion": target,
            "crossRegion": other(target),
            "originDB": origin,
            "newDB": new,
            "newDBClass": "db.t3.micro",
        })
    };
    let estate = orders();
    assert_eq!(event(WEST, "x", "y")["crossRegion"], "us-east-1");
    copy(&estate, (WEST, "orders-1"), "orders");
    runs(&estate, (WEST, "drill"), "first day", "RefreshFromSnapshot", event(WEST, "Orders", "Orders-Copy"));
    copy(&estate, (WEST, "orders-2"), "orders");
    runs(&estate, (WEST, "drill"), "second day", "RefreshFromSnapshot", event(WEST, "Orders", "Orders-Copy"));
    assert_eq!(estate.restored_from(WEST, "orders-copy").as_deref(), Some("orders-2"));
    copy(&estate, (EAST, "back-1"), "orders-copy");
    runs(&estate, (EAST, "drill"), "back", "RefreshFromSnapshot", event(EAST, "Orders-Copy", "Orders-Back"));
    assert_eq!(estate.restored_from(EAST, "orders-back").as_deref(), Some("back-1"));
    assert_eq!(found(&estate, EAST, "orders-back").class, "db.t3.micro");
    assert_eq!(estate.instances(EAST), ["orders", "orders-back"]);
    assert_eq!(estate.instances(WEST), ["orders-copy"]);
}
