//! Restores for which AWS has no capacity or no room in a quota: they are requested again within the time of their type.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use chrono::TimeDelta;
use destination_recover::{Progress, Status, Verdict};
use pilot_light_domain::recovery::Change;
use pilot_light_simulator::world::{CreateDbInstance, DeleteDbInstance, Imposition, Request};
use pilot_light_tests::DESTINATION;
use pilot_light_tests::recovery::estate::{Estate, WEST};
use pilot_light_tests::recovery::manifests::{one, resource};
use pilot_light_tests::recovery::overheard::Overheard;
use pilot_light_tests::recovery::progress;
use serde_json::{Value, json};

const CLASSES: &str = "db.r6g.xlarge, db.r6i.xlarge";

/// A destination account whose quota has room for one instance, with a copy of `orders`.
fn copied() -> Estate {
    let estate = Estate::with(|settings| settings.instances = 1).of_copies();
    estate.copy("orders-1", "orders");
    estate
}

fn orders(more: &Value) -> Value {
    let mut parameters = json!({"DBInstanceIdentifier": "orders", "DBInstanceClass": CLASSES});
    parameters.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    one(resource("RestoreFromSnapshot", "orders", parameters))
}

/// The class of the restored instance.
fn class(estate: &Estate) -> String {
    let mut all = estate.end().databases.into_iter();
    all.find(|found| found.account.as_str() == DESTINATION && found.id.as_str() == "orders").unwrap().class
}

/// The time in the text of a step after the words "since ".
fn since(end: &Progress) -> String {
    let step = &end.resources[0].step;
    let (_, rest) = step.split_once(", since ").unwrap_or_else(|| panic!("{step}"));
    rest.split_once(',').unwrap().0.to_owned()
}

#[test]
fn a_full_quota_is_waited_for_with_the_same_class_and_the_text_says_since_when() {
    let estate = copied();
    let mut execution = estate.execution(WEST, "failover", "run-1");
    let mut state = execution.validate(&orders(&json!({}))).unwrap();
    // After the check, somebody takes the last place.
    let (name, engine) = ("another".to_owned(), "postgres".to_owned());
    let create = CreateDbInstance { name: name.clone(), engine, ..Default::default() };
    estate.set(WEST, Request::CreateDbInstance(create));
    let began = estate.simulation.now();
    let mut times = Vec::new();
    for number in ["1 time in 0 s", "2 times in ", "3 times in "] {
        execution.step(&mut state).unwrap();
        let now = progress(&state);
        let step = &now.resources[0].step;
        for part in [&format!("requested {number}"), "and again in the next check", "InstanceQuotaExceeded"] {
            assert!(step.contains(part), "{part}: {step}");
        }
        assert_eq!((now.resources[0].status, now.message.contains(step)), (Status::Waiting, true));
        times.push(since(&now));
    }
    assert_eq!(times, [began.format("%Y-%m-%dT%H:%M:%SZ").to_string().as_str(); 3]);
    let delete = DeleteDbInstance { name, skip_final_snapshot: true, final_snapshot: None };
    estate.set(WEST, Request::DeleteDbInstance(delete));
    while execution.step(&mut state).unwrap() {}
    let end = progress(&state);
    assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
    assert_eq!(class(&estate), "db.r6g.xlarge", "another class does not help against a quota");
}

#[test]
fn each_request_after_a_lack_of_capacity_tries_the_next_class_with_the_capacity_reservation() {
    let estate = copied();
    for (refused, times) in [("db.r6g.*", 2), ("db.r6i.*", 2)] {
        estate.simulation.impose(Imposition::no_capacity(refused, times)).unwrap();
    }
    let heard = Overheard::default();
    let mut execution = estate.execution(WEST, "failover", "run-1").with(heard.clone());
    let manifest = orders(&json!({"DBCapacityReservationIdentifier": "dbcr-1"}));
    let end = execution.run(&manifest).unwrap();
    assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
    let restores: Vec<_> = heard
        .changes()
        .into_iter()
        .filter_map(|change| match change {
            Change::RestoreInstance(restore) => Some((restore.class?, restore.capacity_reservation?)),
            _ => None,
        })
        .collect();
    let [first, second] = ["db.r6g.xlarge", "db.r6i.xlarge"].map(|class| (class.into(), "dbcr-1".into()));
    assert_eq!(restores, [&first, &second, &first, &second, &first].map(Clone::clone));
    assert_eq!(class(&estate), "db.r6g.xlarge");
}

#[test]
fn a_lack_of_capacity_that_never_ends_fails_after_the_time_of_the_type_and_names_the_number_of_requests() {
    let estate = copied();
    for refused in ["db.r6g.*", "db.r6i.*"] {
        estate.simulation.impose(Imposition::no_capacity(refused, u32::MAX)).unwrap();
    }
    let mut execution = estate.execution(WEST, "failover", "run-1");
    let began = estate.simulation.now();
    let end = execution.run(&orders(&json!({}))).unwrap();
    assert_eq!(end.verdict, Verdict::Failed, "{}", end.message);
    let step = &end.resources[0].step;
    for part in ["not up after 240 minutes", "requested ", "InsufficientDBInstanceCapacity"] {
        assert!(step.contains(part), "{part}: {step}");
    }
    let first: pilot_light_domain::Instant = since(&end).parse().unwrap();
    assert!(first - began < TimeDelta::minutes(1), "{step}");
    assert_eq!(estate.instances(WEST), [""; 0]);
    let requests = estate.simulation.calls().of("RestoreDBInstanceFromDBSnapshot");
    assert!((700..800).contains(&requests), "one in each check: {requests}");
}
