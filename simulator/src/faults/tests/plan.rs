//! The contents of a fault plan, and how they are read.

use super::lasting::Span;
use super::*;

fn read(text: &str) -> Result<FaultPlan, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

#[test]
fn every_kind_is_listed_once_under_its_name_in_plans() {
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
        "lasting": {"region_outage": "1h..2h"},
        "script": [{"fault": "account_outage", "after": "1h", "lasts": "8h", "side": "destination"}]}"#;
    let plan = read(text).unwrap();
    let outage = Scripted {
        fault: Kind::AccountOutage,
        after: TimeDelta::hours(1),
        lasts: TimeDelta::hours(8),
        side: Some(Side::Destination),
    };
    assert_eq!((plan.rate(Kind::Throttled), plan.rate(Kind::LostAnswer)), (0.25, 0.0));
    assert_eq!(plan.lasting(Kind::RegionOutage), SecondsRange::of(3_600, 7_200));
    assert_eq!(plan.lasting(Kind::AccountOutage), Kind::AccountOutage.lasts().unwrap());
    assert_eq!(plan.script(), [outage]);
    assert_eq!(read(&serde_json::to_string(&plan).unwrap()), Ok(plan));
    assert_eq!(read("{}"), Ok(FaultPlan::none()));
}

#[test]
fn a_plan_overrides_the_values_of_its_preset() {
    let text = r#"{"based_on": "default", "rates": {"throttled": 0.5, "region_outage": 0},
        "lasting": {"hung_copy": "2h"},
        "script": [{"fault": "source_deleted", "after": "2d", "lasts": "90s"}]}"#;
    let by_hand = FaultPlan::default_faults()
        .with_rate(Kind::Throttled, 0.5)
        .and_then(|plan| plan.with_rate(Kind::RegionOutage, 0.0))
        .and_then(|plan| plan.with_lasting(Kind::HungCopy, SecondsRange::of(7_200, 7_200)))
        .and_then(|plan| {
            let (after, lasts) = (TimeDelta::days(2), TimeDelta::seconds(90));
            plan.with_scripted(Scripted { fault: Kind::SourceDeleted, after, lasts, side: None })
        });
    assert_eq!(read(text), by_hand.map_err(|error| error.to_string()));
}

#[test]
fn an_invalid_fault_plan_is_rejected_naming_the_allowed_values() {
    for (text, said) in [
        (
            r#"{"rates": {"earthquake": 1}}"#,
            "unknown fault 'earthquake': give one of throttled, server_error, ",
        ),
        (r#"{"rates": {"region_outag": 1}}"#, "'region_outag': did you mean 'region_outage'? give one of "),
        (r#"{"rate": {}}"#, "unknown field `rate`, expected one of `based_on`, `rates`, `lasting`, `script`"),
        (
            r#"{"based_on": "hostil"}"#,
            "unknown faults 'hostil': did you mean 'hostile'? give none, default or h",
        ),
        (r#"{"rates": {"throttled": 1.5}}"#, "the rate of throttled is 1.5, but it is a share: give 0 to 1"),
        (r#"{"rates": {"throttled": "1"}}"#, r#"invalid type: string "1", expected a number"#),
        (
            r#"{"rates": {"hung_copy": -0.1}}"#,
            "the rate of hung_copy is -0.1, but it is a share: give 0 to 1",
        ),
        (
            r#"{"rates": {"full_quota": 25}}"#,
            "the rate of full_quota is 25, but it is a number of times a day: give 0 to 24",
        ),
        (r#"{"rates": {"throttled": 0.6, "lost_answer": 0.6}}"#, "the rates of faults in calls add up to"),
        (r#"{"based_on": "hostile", "rates": {"throttled": 1}}"#, "the rates of faults in calls add up to"),
        (r#"{"lasting": {"throttled": "1s..2s"}}"#, "throttled is over at once"),
        (r#"{"lasting": {"hung_copy": "2h..1h"}}"#, "'2h..1h' is not a span: give A..B such as 30m..8h"),
        (r#"{"lasting": {"hung_copy": 60}}"#, "expected a span of time as text, such as"),
        (r#"{"script": [{"fault": "not_fired", "after": "1m", "lasts": "1m"}]}"#, "give it a rate"),
        (
            r#"{"script": [{"fault": "full_quota", "after": "1m", "lasts": "0m"}]}"#,
            "has no duration: give at lea",
        ),
        (
            r#"{"script": [{"fault": "full_quota", "after": "1m", "lasts": "8"}]}"#,
            "'8' is not a time: give a number",
        ),
        (r#"{"script": [{"fault": "full_quota", "after": "1m"}]}"#, "missing field `lasts`"),
        (
            r#"{"script": [{"fault": "full_quota", "after": "1m", "minutes": 1}]}"#,
            "unknown field `minutes`, expected one of `fault`, `after`, `lasts`, `side`",
        ),
    ] {
        let error = read(text).unwrap_err();
        assert!(error.contains(said), "{text}: {error}");
    }
}

#[test]
fn a_plan_built_in_code_is_checked_like_one_from_a_file() {
    let hour = TimeDelta::hours(1);
    let scripted = |fault, lasts| Scripted { fault, after: hour, lasts, side: None };
    let none = FaultPlan::none;
    let no_number = none().with_rate(Kind::Throttled, f64::NAN);
    assert!(matches!(no_number, Err(InvalidPlan::Share(Kind::Throttled, rate)) if rate.is_nan()));
    assert_eq!(none().with_rate(Kind::FullQuota, 24.1), Err(InvalidPlan::PerDay(Kind::FullQuota, 24.1)));
    assert_eq!(
        none().with_lasting(Kind::NotFired, SecondsRange::of(1, 1)),
        Err(InvalidPlan::OverAtOnce(Kind::NotFired))
    );
    assert_eq!(
        none().with_scripted(scripted(Kind::NotFired, hour)),
        Err(InvalidPlan::Script(Kind::NotFired))
    );
    assert_eq!(none().with_scripted(scripted(Kind::FullQuota, TimeDelta::zero())), Err(InvalidPlan::NoTime));
}

#[test]
fn presets_are_found_by_name_and_are_valid_plans() {
    for (name, kinds) in [("none", 0), ("default", 27), ("hostile", 30)] {
        let plan = FaultPlan::of_name(name).unwrap();
        assert_eq!(Kind::ALL.into_iter().filter(|kind| plan.rate(*kind) > 0.0).count(), kinds);
        assert_eq!(read(&serde_json::to_string(&plan).unwrap()), Ok(plan));
    }
    assert_eq!(PRESETS.map(|name| FaultPlan::of_name(name).is_some()), [true; 3]);
    assert_eq!(FaultPlan::of_name("mild"), None);
}

#[test]
fn the_documentation_lists_every_kind_with_its_properties() {
    let page = include_str!("../../../../docs/faults.md");
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().replace('`', "")).collect::<Vec<_>>();
    let rows: Vec<Vec<String>> = page.lines().map(cells).filter(|row| row.len() == 8).skip(2).collect();
    let number = |rate: f64| if rate == 0.0 { String::new() } else { rate.to_string() };
    let is = |kind: Kind| {
        let rate = match kind.occasion() {
            Occasion::Call => "share of calls",
            Occasion::Firing => "share of firings",
            Occasion::Snapshot => "share of snapshots",
            Occasion::Day => "times a day",
        };
        let lasts = kind.lasts().map(|seconds| Span(seconds).to_string()).unwrap_or_default();
        let [default, hostile] = [FaultPlan::default_faults(), FaultPlan::hostile()];
        [kind.name().into(), rate.into(), lasts, number(default.rate(kind)), number(hostile.rate(kind))]
    };
    let told: Vec<[String; 5]> =
        rows.iter().map(|row| [1, 3, 4, 5, 6].map(|cell| row[cell].clone())).collect();
    assert_eq!(told, Kind::ALL.map(is));
    assert!(rows.iter().all(|row| !row[2].is_empty()), "{rows:?}");
}
