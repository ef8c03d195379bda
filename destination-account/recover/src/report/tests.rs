use super::*;
use crate::fake::{Drive, World, our_copy};

fn manifest(layers: &[&[&str]]) -> Value {
    let resource = |name: &&str| {
        json!({"resourceType": "RestoreFromSnapshot", "resourceName": name,
            "parameters": {"DBInstanceIdentifier": name}})
    };
    let layer = |(at, names): (usize, &&[&str])| json!({"layer": at + 1, "resources": names.iter().map(resource).collect::<Vec<_>>()});
    json!({"StatePayload": layers.iter().enumerate().map(layer).collect::<Vec<_>>()})
}

fn world() -> World {
    World::default().with_snapshots(["a", "b"].map(|name| our_copy(name, name, "2026-01-01T22:00:00Z")))
}

fn lines(drive: &Drive) -> Vec<&Value> {
    drive.answers.iter().flat_map(|answer| &answer.log).collect()
}

#[test]
fn each_resource_and_the_whole_recovery_have_one_log_line_and_one_recovery_time() {
    let mut drive = Drive::new(world(), "failover");
    drive.run(&manifest(&[&["a"], &["b"]])).unwrap();
    let lines = lines(&drive);
    let found: Vec<_> =
        lines.iter().map(|line| (&line["event"], &line["resourceName"], &line["seconds"])).collect();
    let (recovered, nothing) = (json!("recovered"), Value::Null);
    let expected = [
        (&recovered, &json!("a"), &json!(15)),
        (&recovered, &json!("b"), &json!(30)),
        (&json!("recovery_ended"), &nothing, &json!(30)),
    ];
    assert_eq!(found, expected);
    assert_eq!((&lines[0]["layer"], &lines[0]["rto_target_seconds"]), (&json!(1), &json!(10_800)));
    let times: Vec<_> = drive.answers.iter().flat_map(|answer| &answer.metrics).collect();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let of = |name: &str| vec![pair("Purpose", "failover"), pair("Resource", name)];
    let found: Vec<_> = times.iter().map(|metric| (metric.dimensions.clone(), metric.value)).collect();
    assert_eq!(found, [(of("a"), 15.0), (of("b"), 30.0), (vec![pair("Purpose", "failover")], 30.0)]);
}

#[test]
fn a_failure_is_reported_and_has_no_recovery_time() {
    let mut failing = world();
    failing.refusals.insert("RestoreDBInstanceFromDBSnapshot", "AccessDenied");
    let mut drive = Drive::new(failing, "failover");
    let end = drive.run(&manifest(&[&["a"], &["b"]])).unwrap();
    let lines = lines(&drive);
    assert_eq!((&lines[0]["event"], &lines[1]["verdict"]), (&json!("failed"), &json!("failed")));
    assert_eq!((&lines[1]["failed"], &lines[1]["not_started"]), (&json!(1), &json!(1)));
    assert!(drive.answers.iter().all(|answer| answer.metrics.is_empty()));
    for said in
        ["failed in layer 1", "Failed (1):\n  a (", "access is denied", "Not begun (1):\n  b (", "--follow"]
    {
        assert!(end.message.contains(said), "{said}: {}", end.message);
    }
}

#[test]
fn a_recovery_beyond_the_target_is_reported_as_beyond_it() {
    let mut short = world();
    short.parameters.insert("RtoTarget".to_owned(), "1m".to_owned());
    let mut drive = Drive::new(short, "failover");
    drive.now += chrono::TimeDelta::minutes(62);
    let end = drive.run(&manifest(&[&["a"]])).unwrap();
    assert!(
        end.message.contains("1 h 2 min 15 s since its start, beyond the RtoTarget of 1 min"),
        "{}",
        end.message
    );
    assert_eq!(lines(&drive)[1]["within_rto_target"], false);
}

#[test]
fn durations_are_written_in_hours_minutes_and_seconds() {
    let texts = [0, 59, 60, 3600, 10_923].map(in_words);
    assert_eq!(texts, ["0 s", "59 s", "1 min", "1 h", "3 h 2 min 3 s"]);
}
