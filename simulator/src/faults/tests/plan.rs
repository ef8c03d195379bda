//! What a plan may say, and how it is read.

use super::*;

fn read(text: &str) -> Result<FaultPlan, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

#[test]
fn every_kind_is_listed_once_and_named_as_plans_spell_it() {
    let mut sorted = Kind::ALL.to_vec();
    sorted.sort();
    sorted.dedup();
    assert_eq!(sorted, Kind::ALL);
    for kind in Kind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
    }
}

#[test]
fn a_plan_is_read_and_written_back() {
    let text = r#"{"rates": {"throttled": 0.25, "region_outage": 1.0},
        "lasting": {"region_outage": "3600..7200"},
        "script": [{"fault": "account_outage", "after_minutes": 60, "minutes": 480, "side": "destination"}]}"#;
    let plan = read(text).unwrap();
    let outage = Scripted {
        fault: Kind::AccountOutage,
        after_minutes: 60,
        minutes: 480,
        side: Some(Side::Destination),
    };
    assert_eq!((plan.rate(Kind::Throttled), plan.rate(Kind::LostAnswer)), (0.25, 0.0));
    assert_eq!(plan.lasting(Kind::RegionOutage).to_string(), "3600..7200");
    assert_eq!(plan.lasting(Kind::AccountOutage), Kind::AccountOutage.lasts().unwrap());
    assert_eq!(plan.script(), [outage]);
    assert_eq!(read(&serde_json::to_string(&plan).unwrap()), Ok(plan));
    assert_eq!(read("{}"), Ok(FaultPlan::none()));
}

#[test]
fn what_cannot_be_is_refused_with_what_is_allowed() {
    for (text, said) in [
        (r#"{"rates": {"earthquake": 1}}"#, "unknown variant `earthquake`, expected one of `throttled`"),
        (r#"{"rate": {}}"#, "unknown field `rate`"),
        (r#"{"rates": {"throttled": 1.5}}"#, "the rate of throttled is a share: give 0 to 1"),
        (r#"{"rates": {"hung_copy": -0.1}}"#, "the rate of hung_copy is a share: give 0 to 1"),
        (r#"{"rates": {"full_quota": 25}}"#, "the rate of full_quota is how often a day: give 0 to 24"),
        (r#"{"rates": {"throttled": 0.6, "lost_answer": 0.6}}"#, "the rates of faults in calls make more"),
        (r#"{"lasting": {"throttled": "1..2"}}"#, "throttled is over at once"),
        (r#"{"lasting": {"hung_copy": "2..1"}}"#, "is no span of seconds"),
        (r#"{"script": [{"fault": "not_fired", "after_minutes": 1, "minutes": 1}]}"#, "give it a rate"),
        (r#"{"script": [{"fault": "full_quota", "after_minutes": 1, "minutes": 0}]}"#, "lasts 0 minutes"),
    ] {
        let error = read(text).unwrap_err();
        assert!(error.contains(said), "{text}: {error}");
    }
    assert_eq!(
        FaultPlan::none().with_rate(Kind::Throttled, f64::NAN),
        Err(InvalidPlan::Share(Kind::Throttled))
    );
}

#[test]
fn presets_are_found_by_name_and_hold_what_files_may_hold() {
    for (name, kinds) in [("none", 0), ("default", 23), ("hostile", 26)] {
        let plan = FaultPlan::of_name(name).unwrap();
        assert_eq!(Kind::ALL.into_iter().filter(|kind| plan.rate(*kind) > 0.0).count(), kinds);
        assert_eq!(read(&serde_json::to_string(&plan).unwrap()), Ok(plan));
    }
    assert_eq!(FaultPlan::of_name("mild"), None);
}
