//! The checker is independent: its files import no rule that the workers use.
//!
//! Identifiers, ARNs, constants of tags and the published metrics are data, and so are the records of the world.

use std::path::Path;

/// The folders of the checker.
const CHECKER: [&str; 2] = ["src/invariants", "src/measure"];

/// The paths of other crates that the checker may name.
const ALLOWED: [&str; 12] = [
    "chrono::",
    "pilot_light_domain::Instant",
    "pilot_light_domain::aws::metrics::",
    "pilot_light_domain::model::arn::",
    "pilot_light_domain::model::ids::",
    "pilot_light_domain::model::tags",
    "pilot_light_domain::run::report::Report",
    "pilot_light_domain::run::worker_name::WorkerName",
    "pilot_light_simulator::faults::",
    "pilot_light_simulator::world::",
    "proptest::",
    "std::",
];

/// The crates whose paths are judged.
const CRATES: [&str; 11] = [
    "chrono",
    "destination_copy",
    "destination_delete",
    "pilot_light_domain",
    "pilot_light_schedule",
    "pilot_light_simulator",
    "proptest",
    "source_delete",
    "source_share",
    "source_take",
    "std",
];

/// The paths of other crates in a text of Rust that the checker may not name, and statuses that it does not read as text.
fn forbidden(text: &str) -> Vec<String> {
    let code: String =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join(" ");
    let named = CRATES.iter().flat_map(|name| {
        let start = format!("{name}::");
        code.match_indices(&start)
            .filter(|(at, _)| !code[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'))
            .map(|(at, _)| {
                code[at..].split([';', ' ', '(', ')', '<', '>', ',']).next().unwrap_or_default().to_owned()
            })
            .collect::<Vec<_>>()
    });
    let paths = named.filter(|path| !ALLOWED.iter().any(|allowed| path.starts_with(allowed)));
    let statuses = code.match_indices(".status").map(|(at, _)| &code[at..]);
    let judged = statuses.filter(|rest| !rest.starts_with(".status.as_str()"));
    paths.chain(judged.map(|rest| rest.chars().take(40).collect())).collect()
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn the_checker_shares_no_rule_with_the_workers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let all: Vec<_> = CHECKER.iter().flat_map(|folder| files(&root.join(folder))).collect();
    assert!(all.len() > 25, "{all:?}");
    for file in all {
        let forbidden = forbidden(&std::fs::read_to_string(&file).unwrap());
        assert_eq!(forbidden, Vec::<String>::new(), "{}", file.display());
    }
}

#[test]
fn a_planted_import_of_a_rule_is_found() {
    for (planted, found) in [
        ("use pilot_light_domain::rules::retention::judge;", "pilot_light_domain::rules::retention::judge"),
        ("use pilot_light_domain::policy::SourcePolicy;", "pilot_light_domain::policy::SourcePolicy"),
        ("let due = pilot_light_domain::rules::due::is_due(now);", "pilot_light_domain::rules::due::is_due"),
        ("use pilot_light_schedule::age;", "pilot_light_schedule::age"),
        ("use destination_copy::plan;", "destination_copy::plan"),
        ("if held.record.status.in_progress() {", ".status.in_progress() {"),
    ] {
        assert_eq!(forbidden(planted), [found]);
    }
    assert_eq!(forbidden("use pilot_light_domain::model::ids::{AccountId, Region};"), Vec::<String>::new());
}
