//! The choice of the point for a restore, where it is not simply the newest one of the database.
//!
//! After each refusal, nothing may have changed, and every way out that the text gives is tried.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use destination_recover::Verdict;
use pilot_light_simulator::world::{
    BlueGreenRequest, CreateBlueGreenDeployment, CreateDbInstance, CreateDbSnapshot, DeleteDbInstance,
    InstanceOptions, OneOrPage, Request, Response,
};
use pilot_light_tests::recovery::Stop;
use pilot_light_tests::recovery::estate::{EAST, Estate, WEST};
use pilot_light_tests::recovery::manifests::{one, restore_with};
use pilot_light_tests::{DESTINATION, SOURCE, account, region};
use serde_json::{Value, json};

/// A destination account with the copy `orders-1` of `orders`.
fn copied() -> Estate {
    let estate = Estate::default().of_copies();
    estate.copy("orders-1", "orders");
    estate
}

/// A manifest that restores `orders`, with more parameters.
fn orders(more: &Value) -> Value {
    one(restore_with("orders", more))
}

/// Restores it, and requires that it is up. Returns the snapshot.
fn restored(estate: &Estate, name: &str, manifest: &Value) -> String {
    let end = estate.execution(WEST, "failover", name).run(manifest).unwrap();
    assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
    estate.simulation.settle();
    end.resources[0].outcome.as_ref().unwrap().snapshot.clone().unwrap()
}

/// The text with which a manifest is refused. Nothing may have changed.
fn refused(estate: &Estate, manifest: &Value) -> String {
    let before = (estate.end(), estate.changes().len());
    let stop = estate.execution(WEST, "failover", "refused").run(manifest).unwrap_err();
    assert_eq!((estate.end(), estate.changes().len()), before);
    let said = Stop::error(stop).to_string();
    assert!(said.contains("nothing was changed"), "{said}");
    said
}

fn contains(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "{part}\n\n{said}");
    }
}

/// Deletes an instance of an account without a final snapshot.
fn delete(estate: &Estate, (owner, place): (&str, &str), name: &str) {
    let name = name.to_owned();
    let delete = DeleteDbInstance { name, skip_final_snapshot: true, final_snapshot: None };
    let (owner, place) = (account(owner), region(place));
    estate.simulation.request(&owner, &place, Request::DeleteDbInstance(delete)).unwrap();
    estate.simulation.settle();
}

#[test]
fn after_a_failover_newer_snapshots_of_the_new_primary_are_ambiguous_and_source_account_decides() {
    let lost = || {
        let estate = copied();
        assert_eq!(restored(&estate, "there", &orders(&json!({}))), "orders-1");
        let take = CreateDbSnapshot { database: "orders".into(), id: "own-1".into(), tags: None };
        estate.set(WEST, Request::CreateDbSnapshot(take));
        delete(&estate, (DESTINATION, WEST), "orders");
        estate
    };
    let said = refused(&lost(), &orders(&json!({})));
    contains(
        &said,
        &[
            &format!("orders-1 of {SOURCE}, data of "),
            &format!("own-1 of {DESTINATION}, data of "),
            &format!("give SourceAccount: {SOURCE} or {DESTINATION}"),
        ],
    );
    for (owner, expected) in [(SOURCE, "orders-1"), (DESTINATION, "own-1")] {
        assert_eq!(restored(&lost(), "again", &orders(&json!({"SourceAccount": owner}))), expected);
    }
}

#[test]
fn a_time_before_the_first_point_is_refused_naming_the_newest_points() {
    let estate = copied();
    let said = refused(&estate, &orders(&json!({"At": "2026-02-28T00:00:00Z"})));
    let first = estate.data_of("orders-1");
    contains(
        &said,
        &[
            "there is no usable recovery point of 'orders' taken by 2026-02-28T00:00:00Z",
            &format!("orders-1 has data of {first}"),
        ],
    );
    assert_eq!(restored(&estate, "there", &orders(&json!({"At": first}))), "orders-1");
}

#[test]
fn an_instance_with_the_data_of_a_database_that_was_replaced_since_is_refused_naming_both_points() {
    let estate = copied();
    restored(&estate, "there", &orders(&json!({})));
    delete(&estate, (SOURCE, EAST), "orders");
    estate.copy("orders-2", "orders");
    let said = refused(&estate, &orders(&json!({})));
    let [first, second] = ["orders-1", "orders-2"].map(|id| estate.data_of(id));
    contains(
        &said,
        &[
            &format!("restored from orders-1, data of {first}, by the recovery there"),
            &format!("this manifest chooses orders-2, data of {second}"),
            &format!("to keep it, give At: {first}"),
            "give another DBInstanceIdentifier, or rename or delete it",
        ],
    );
    assert_eq!(restored(&estate, "kept", &orders(&json!({"At": first}))), "orders-1");
    let beside = json!({"SourceDBInstanceIdentifier": "orders", "DBInstanceIdentifier": "orders-2"});
    assert_eq!(restored(&estate, "beside", &orders(&beside)), "orders-2");
    delete(&estate, (DESTINATION, WEST), "orders");
    assert_eq!(restored(&estate, "again", &orders(&json!({}))), "orders-2");
}

/// A request of the source account.
fn at_source(estate: &Estate, request: Request) -> Response {
    let answer = estate.simulation.request(&account(SOURCE), &region(EAST), request).unwrap();
    estate.simulation.settle();
    answer
}

/// The copies `orders-1` of `orders` and `old-1` of the same database, which is called `orders-old1` after a switchover.
/// Another database, the green one, is called `orders` since. `before` makes more copies before the switchover, from the name
/// of the green one.
fn switched_over(before: impl FnOnce(&Estate, &str)) -> Estate {
    let estate = Estate::default().of_copies();
    let options = InstanceOptions { backup_retention_days: Some(7), ..Default::default() };
    let (name, engine) = ("orders".to_owned(), "postgres".to_owned());
    let create = CreateDbInstance { name, engine, options, ..Default::default() };
    at_source(&estate, Request::CreateDbInstance(create));
    let source = format!("arn:aws:rds:{EAST}:{SOURCE}:db:orders");
    let deploy = CreateBlueGreenDeployment { name: "upgrade".to_owned(), source, ..Default::default() };
    let ask = |request| at_source(&estate, Request::BlueGreen(Box::new(request)));
    let Response::BlueGreen(OneOrPage::One(green)) = ask(BlueGreenRequest::Create(deploy)) else { panic!() };
    before(&estate, green.target.id.name.as_str());
    estate.copy("orders-1", "orders");
    ask(BlueGreenRequest::Switchover(green.id.clone()));
    estate.copy("old-1", "orders-old1");
    estate
}

/// Requires that a restore of `orders` is refused with these words, and that the ways out to the old database work.
fn refused_after_a_switchover(switched: impl Fn() -> Estate, words: &[&str]) {
    let estate = switched();
    let said = refused(&estate, &orders(&json!({})));
    let [last, newest] = ["orders-1", "old-1"].map(|id| estate.data_of(id));
    contains(
        &said,
        &[
            "'orders' has been renamed to 'orders-old1'",
            &format!("the last point under the old name is orders-1, data of {last}"),
            &format!("its newest is old-1, data of {newest}"),
            "another database is called 'orders' now, ",
            "otherwise name 'orders-old1' as the database",
            &format!("give At: {last} for the last point under the old name"),
        ],
    );
    contains(&said, words);
    let old = json!({"SourceDBInstanceIdentifier": "orders-old1"});
    assert_eq!(restored(&estate, "old", &orders(&old)), "old-1");
    assert_eq!(restored(&switched(), "last", &orders(&json!({"At": last}))), "orders-1");
}

/// A copy of `orders`, which was then deleted at the source, and one in progress of the new database of that name.
fn recreated() -> Estate {
    let estate = Estate::default().of_copies();
    estate.copy("orders-1", "orders");
    delete(&estate, (SOURCE, EAST), "orders");
    estate.begin_copy("orders-2", "orders");
    estate
}

#[test]
fn a_name_whose_new_database_has_no_usable_copy_yet_is_not_restored_from_the_deleted_one_without_at() {
    let estate = recreated();
    let last = estate.data_of("orders-1");
    let said = refused(&estate, &orders(&json!({})));
    contains(
        &said,
        &[
            &format!(
                "the newest usable point of 'orders' is orders-1, data of {last}, of an earlier database"
            ),
            "another database is called 'orders' now, and it has no usable point yet; orders-2 is 'pending'",
            &format!("start again when one is usable; otherwise give At: {last} for the earlier one"),
        ],
    );
    assert_eq!(restored(&estate, "earlier", &orders(&json!({"At": last}))), "orders-1");
    let estate = recreated();
    estate.simulation.settle();
    assert_eq!(restored(&estate, "new", &orders(&json!({}))), "orders-2");
}

#[test]
fn after_a_blue_green_switchover_the_refusal_names_the_live_database_and_its_first_copy_ends_the_wait() {
    let copying = || {
        let estate = switched_over(|_, _| {});
        estate.begin_copy("orders-2", "orders");
        estate
    };
    let words = ["it has no usable point yet; orders-2 is 'pending'; start again when one is usable"];
    refused_after_a_switchover(copying, &words);
    let estate = copying();
    estate.simulation.settle();
    assert_eq!(restored(&estate, "there", &orders(&json!({}))), "orders-2");
}

#[test]
fn after_a_blue_green_switchover_without_a_copy_of_the_live_database_the_refusal_says_to_wait_for_it() {
    let switched = || switched_over(|_, _| {});
    let words = ["it has no point here yet, so start again when it has"];
    refused_after_a_switchover(switched, &words);
    let estate = switched();
    estate.copy("orders-2", "orders");
    assert_eq!(restored(&estate, "there", &orders(&json!({}))), "orders-2");
}

#[test]
fn after_a_blue_green_switchover_a_point_that_the_live_database_has_under_its_earlier_name_can_be_restored() {
    let switched = || {
        let estate = switched_over(|estate, green| estate.copy("green-1", green));
        estate.begin_copy("orders-2", "orders");
        estate
    };
    let estate = switched();
    let green = estate.simulation.with_world(|world| world.dump()).snapshots;
    let green = green.iter().find(|found| found.id == "green-1").unwrap().database.to_string();
    assert!(green.starts_with("orders-green-"), "{green}");
    let taken = estate.data_of("green-1");
    let way_out = format!("name '{green}' as the database and give At: {taken}");
    let words = [format!("its newest is green-1, data of {taken} of '{green}'"), way_out];
    refused_after_a_switchover(switched, &words.each_ref().map(String::as_str));
    let earlier = json!({"SourceDBInstanceIdentifier": green, "At": taken});
    assert_eq!(restored(&estate, "there", &orders(&earlier)), "green-1");
}
