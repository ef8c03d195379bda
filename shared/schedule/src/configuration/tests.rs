//! Presets, the defaults of the templates, and the problems of other configurations.

use std::path::PathBuf;

use super::*;

fn given(pairs: &[(&str, &str)]) -> Given {
    let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    ("config/parameters.yaml".to_owned(), Ok(pairs.collect()))
}

fn configured(source: &[(&str, &str)], destination: &[(&str, &str)]) -> Result<Configuration, String> {
    Configuration::checked(given(source), given(destination))
}

fn sceptre() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../sceptre")
}

#[test]
fn a_parameter_that_is_not_given_has_the_templates_default() {
    let bare = configured(&[], &[]).unwrap();
    for (template, names) in [("source", &SOURCE[..]), ("destination", &DESTINATION[..])] {
        let text =
            std::fs::read_to_string(sceptre().join(format!("templates/parameters-{template}.yaml"))).unwrap();
        let default = |name: &str| {
            let after = text.split_once(&format!("\n  {name}:\n")).unwrap().1;
            after.split_once("Default: \"").unwrap().1.split_once('"').unwrap().0.to_owned()
        };
        let pairs: Vec<_> = names.iter().map(|name| (*name, default(name))).collect();
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let spelled =
            if template == "source" { configured(&pairs, &[]) } else { configured(&[], &pairs) }.unwrap();
        assert_eq!((spelled.cadence(), spelled.rpo()), (bare.cadence(), bare.rpo()));
        assert_eq!(
            (&spelled.source.policy, &spelled.destination.policy),
            (&bare.source.policy, &bare.destination.policy)
        );
    }
}

#[test]
fn every_problem_is_reported_at_once_with_its_file_and_parameter() {
    let source = [("RetentionDays", "-7"), ("BackupInterval", "soon"), ("BackupSchedule", "0 1 31 2 ? *")];
    let destination =
        [("CopySchedule", "cron(0 1 * * ? 2026)"), ("KeepDaily", "9999"), ("DeleteSchedule", "hourly")];
    let error = configured(&source, &destination).unwrap_err();
    for text in [
        "config/parameters.yaml: ",
        "RetentionDays is '-7': give a duration",
        "BackupInterval is 'soon': give a duration",
        "BackupSchedule is '0 1 31 2 ? *': the schedule never fires: its day does not exist",
        "CopySchedule is 'cron(0 1 * * ? 2026)': the schedule stops firing for good after its last year",
        "KeepDaily is '9999': give a whole number of days",
        "DeleteSchedule is 'hourly': 'hourly' is not a schedule",
    ] {
        assert!(error.contains(text), "{text}: {error}");
    }
}

#[test]
fn the_phase_is_determined_by_the_schedules() {
    let phase = |interval, take, share| {
        let source = [("BackupInterval", interval), ("BackupSchedule", take), ("ShareSchedule", share)];
        configured(&source, &[]).unwrap().phase().unwrap()
    };
    let five = "cron(0/5 * * * ? *)";
    for (interval, take, share, expected) in [
        ("30m", five, five, Phase::OnTheClock),
        ("30m", "0/15 * * * ? *", "* * * * ? *", Phase::OnTheClock),
        ("30m", "*/10 0-23 * * ? *", "0,30 * * * ? *", Phase::OnTheClock),
        ("30m", five, "rate(5 minutes)", Phase::Clear),
        ("30m", five, "cron(2/5 * * * ? *)", Phase::Clear),
        ("24", "0 1 * * ? *", five, Phase::Clear),
        ("30m", "cron(4/5 * * * ? *)", five, Phase::Anywhere),
        ("30m", "rate(5 minutes)", five, Phase::Anywhere),
        ("1h", "0 9-17 * * ? *", five, Phase::Anywhere),
        ("30m", "0,20 * * * ? *", five, Phase::Anywhere),
    ] {
        assert_eq!(phase(interval, take, share), expected, "{take} {share}");
    }
}

#[test]
fn presets_and_their_parameters_are_complete() {
    for (configuration, minutes) in [
        (Configuration::usual(), [30, 5, 5, 5, 60]),
        (Configuration::hourly(), [60, 5, 5, 5, 60]),
        (Configuration::legacy(), [60, 60, 90, 100, 1440]),
    ] {
        let cadence = configuration.unwrap().cadence().unwrap();
        let Cadence { interval, take, share, copy, delete } = cadence;
        assert_eq!([interval, take, share, copy, delete].map(|time| time.num_minutes()), minutes);
    }
    let usual = Configuration::usual().unwrap();
    assert_eq!(usual.parameters(WorkerName::DestinationDelete)["KeepDaily"], "7");
    assert!(!usual.parameters(WorkerName::SourceDelete).contains_key("KeepDaily"));
}

#[test]
fn an_obstacle_that_keeps_snapshots_from_arriving_is_found() {
    let way = TimeDelta::minutes(28);
    let obstacle = |source: &[(&str, &str)], destination: &[(&str, &str)]| {
        configured(source, destination).unwrap().obstacle(way).unwrap_or_default()
    };
    assert_eq!(obstacle(&[], &[]), "");
    assert!(obstacle(&[("ShareSnapshots", "FALSE")], &[]).contains("ShareSnapshots is FALSE"));
    let within = [("CrossAccountCopy", "FALSE")];
    assert_eq!(obstacle(&[("ShareSnapshots", "FALSE")], &within), "", "in one account nothing is shared");
    assert!(
        obstacle(&[("RetentionDays", "20m")], &[])
            .contains("RetentionDays of 20 min is shorter than the 28 min")
    );
    assert_eq!(obstacle(&[("RetentionDays", "20m"), ("DeleteOldSnapshots", "FALSE")], &[]), "");
    assert!(obstacle(&[], &[("CopyRetentionDays", "20m")]).contains("CopyRetentionDays of 20 min"));
    let never = configured(&[("DeleteOldSnapshots", "FALSE")], &[]).unwrap();
    assert_eq!(never.never_deleting(), ["source"]);
}
