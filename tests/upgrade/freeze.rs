//! `freeze-world WAY COMMIT FILE` continues a frozen world with the workers of this version for two days, and writes the
//! result as a world to freeze: the accounts, the parameters, the schedules, the last reports, and those of a dry run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a person runs it once for each release, and a panic names the cause"
)]
#![allow(dead_code, reason = "the test uses the other functions")]

mod frozen;
mod installation;
mod point;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use pilot_light_domain::run::report::Report;
use serde_json::{Value, json};

use self::frozen::Frozen;
use self::installation::{Installation, Run};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().expect("the arguments are: one-step or two-hop, the commit, the file");
    let (way, commit, file) = (next(), next(), next());
    let world = continued(&Frozen::of_0_1_0(&way), &way, &commit);
    std::fs::write(file, serde_json::to_string_pretty(&world).unwrap()).unwrap();
}

fn continued(frozen: &Frozen, way: &str, commit: &str) -> Value {
    let installation = Installation::upgraded(frozen, &[]);
    let history = installation.run_for(TimeDelta::days(2));
    let mut world = installation.saved();
    world["version"] = json!(env!("CARGO_PKG_VERSION"));
    world["commit"] = json!(commit);
    world["copy_mode"] = json!(way);
    world["began"] = json!(frozen.now());
    for name in ["parameters", "schedules"] {
        world[name] = frozen.note(name).clone();
    }
    world["last_reports"] = json!(reports(history.runs));
    world["next_reports"] = json!(reports(installation.dry_runs()));
    world
}

/// The last report of each worker.
fn reports(runs: Vec<Run>) -> BTreeMap<&'static str, Report> {
    runs.into_iter().map(|run| (run.worker, run.outcome.unwrap())).collect()
}
