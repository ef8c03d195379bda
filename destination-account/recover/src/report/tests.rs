use super::*;

#[test]
fn durations_are_written_in_hours_minutes_and_seconds() {
    let texts = [0, 59, 60, 3600, 10_923].map(in_words);
    assert_eq!(texts, ["0 s", "59 s", "1 min", "1 h", "3 h 2 min 3 s"]);
}

#[test]
fn the_age_of_restored_data_is_that_at_the_moment_at_which_it_was_up() {
    let began: Instant = "2026-01-01T01:00:00Z".parse().unwrap();
    let mut orders: ResourceProgress = serde_json::from_value(json!({
        "layer": 1, "name": "orders", "type": "RestoreFromSnapshot", "status": "recovered", "step": "", "seconds": 600, "polls": 3,
        "outcome": {"endpoint": "orders.x:5432", "snapshot": "orders-1", "data_time": "2026-01-01T00:50:00.9Z"},
    }))
    .unwrap();
    let said = " at orders.x:5432, from orders-1, data of 2026-01-01T00:50:00Z, 19 min 59 s old";
    assert_eq!(orders.result(Some(began)), said);
    assert!(line(&orders, Some(began)).ends_with(&format!("{said}\n")));
    assert_eq!(orders.result(None), " at orders.x:5432, from orders-1, data of 2026-01-01T00:50:00Z");
    orders.outcome = None;
    assert_eq!(orders.result(Some(began)), "");
}
