//! The long proof of three claims: the RPO is kept, the planner agrees with the simulation, and no invariant is violated.
//!
//! `make simulate` runs it. Each line of its output is a claim with its figures and its result. `--long` simulates five times
//! as many seeds. `make test` contains a shorter form.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Instant as Clock;

use chrono::TimeDelta;
use pilot_light_schedule::age;
use pilot_light_schedule::conditions::{Conditions, CopyMode, usual_conditions};
use pilot_light_schedule::configuration::Configuration;
use pilot_light_schedule::proposal::{self, Verdict};
use pilot_light_simulation::measure::shortfall::shortfalls;
use pilot_light_simulation::measure::summary::tenths;
use pilot_light_simulation::scenario::{Copier, Faults, Minutes, Scenario};
use pilot_light_simulation::{Summary, Violation, bound};
use pilot_light_simulator::faults::{FaultPlan, Kind, Scripted, Side};

/// The RPO of the project, in minutes.
const RPO: i64 = 60;

/// AWS's limit of copies in progress to one Region.
const COPY_SLOTS: u32 = 20;

/// The time left after an outage that ends eleven hours into two days, in minutes.
const REST: f64 = 37.0 * 60.0;

/// The numbers of databases, each with the number of seeds under default and under hostile faults.
const SEEDS: [(usize, u64, u64); 3] = [(3, 1000, 200), (20, 100, 40), (60, 60, 20)];

/// The factor for the numbers of seeds with `--long`.
const LONG: u64 = 5;

/// The output, and the number of claims that do not hold.
struct Proof<W> {
    out: W,
    failed: usize,
    began: Clock,
    /// The factor for the numbers of seeds.
    times: u64,
}

type Done = Result<(), Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    #[expect(clippy::disallowed_methods, reason = "shows the duration of the proof; no figure depends on it")]
    let began = Clock::now();
    let times = if std::env::args().any(|argument| argument == "--long") { LONG } else { 1 };
    let mut proof = Proof { out: io::stdout(), failed: 0, began, times };
    let proved = objective(&mut proof)
        .and_then(|()| outage(&mut proof))
        .and_then(|()| agreement(&mut proof))
        .and_then(|()| seeds(&mut proof))
        .and_then(|()| crashes(&mut proof));
    let text = match (proved, proof.failed) {
        (Err(error), _) => format!("the proof stopped: {error}"),
        (Ok(()), 0) => "every claim holds".to_owned(),
        (Ok(()), failed) => format!("{failed} claims do not hold"),
    };
    let is_proved = text == "every claim holds";
    let is_written = writeln!(proof.out, "\n{text}").is_ok();
    if is_proved && is_written { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Thirty days without faults. The default schedule keeps the RPO of one hour, and the older tools' schedule does not.
fn objective(proof: &mut Proof<impl Write>) -> Done {
    proof.title("30 days, 20 databases, snapshots of 3 to 6 min, copies of 4 to 10 min, no faults")?;
    for (name, configuration) in [("default", Configuration::usual()?), ("legacy", Configuration::legacy()?)]
    {
        let run = simulated(&Scenario::default(), &configuration)?;
        let (worst, bound) = (run.worst_minutes(), tenths(run.bound));
        let text = format!(
            "{name}: the worst age is {worst} min of the {bound} min that the schedule allows, the mean {:.1} min",
            run.measured.mean_minutes()
        );
        let is_close = 0.9 * bound < worst && worst <= bound;
        let holds = if name == "default" { worst <= minutes(RPO) } else { worst > 200.0 };
        proof.claim(holds && is_close, &text, &run.violations)?;
    }
    Ok(())
}

/// The planner and the simulation agree on the schedules that keep the RPO of one hour and on those that break it.
fn agreement(proof: &mut Proof<impl Write>) -> Done {
    let days = proof.days_of_agreement();
    proof
        .title(&format!("planner and simulation agree on {RPO} min (20 databases, {days} days, 2 seeds)"))?;
    let grid = [(8, 15), (6, 10), (6, 12), (3, 20), (12, 10), (10, 20), (4, 4), (15, 15), (6, 28), (20, 30)];
    for (snapshot, copy) in grid {
        for copy_mode in CopyMode::ALL {
            agree(proof, snapshot, copy, copy_mode)?;
        }
    }
    Ok(())
}

fn agree(proof: &mut Proof<impl Write>, snapshot: u32, copy: u32, copy_mode: CopyMode) -> Done {
    let scenario = Scenario {
        days: proof.days_of_agreement(),
        seeds: 2,
        copy_mode,
        snapshot: Minutes { from: (snapshot / 2).max(1), to: snapshot },
        copy: Minutes { from: (copy * 2 / 5).max(1), to: copy },
        ..Scenario::default()
    };
    let of = format!("snapshot {snapshot}, copy {copy}, {copy_mode}");
    let usual = Configuration::usual()?;
    let [source, destination] = usual.retentions();
    let mut conditions = usual_conditions(20, span(snapshot), span(copy), copy_mode);
    conditions.source.retention = source;
    conditions.destination.retention = destination;
    conditions.check()?;
    let cadence = usual.cadence()?;
    let on_the_clock = Conditions { phase: usual.phase()?, ..conditions };
    let bound = age::worst(&cadence, &on_the_clock).map(|sum| sum.total());
    let keeps = proposal::evaluate(cadence, TimeDelta::minutes(RPO), &on_the_clock)
        .is_some_and(|proposal| proposal.verdict == Verdict::Keeps);
    let run = simulated(&scenario, &usual)?;
    let worst = run.worst_minutes();
    let verdict = if keeps { "keeps it" } else { "breaks it" };
    let allowed = bound.map_or("no bound".to_owned(), |bound| tenths(bound).to_string());
    let text = format!("{of}: the default {verdict}: {worst} min of {allowed}");
    proof.claim(keeps == (worst <= minutes(RPO)), &text, &run.violations)?;

    let best = proposal::cheapest(TimeDelta::minutes(RPO), cadence.delete, &conditions)
        .ok_or("no schedule has a bound")?;
    let proposed = Configuration::proposed(TimeDelta::minutes(RPO), &bound::conditions(&scenario))?;
    let run = simulated(&scenario, &proposed)?;
    let (worst, promised) = (run.worst_minutes(), tenths(best.age.total()));
    let keeps = best.verdict == Verdict::Keeps;
    let verdict = if keeps { "keeps it" } else { "is the best there is" };
    let text = format!("{of}: the proposal {verdict}: {worst} min of {promised}");
    proof.claim(worst <= promised && (!keeps || worst <= minutes(RPO)), &text, &run.violations)
}

/// Many histories with all kinds of faults.
fn seeds(proof: &mut Proof<impl Write>) -> Done {
    for (databases, default, hostile) in SEEDS {
        proof
            .title(&format!("no invariant is violated under faults ({databases} databases, 2 days each)"))?;
        let plans =
            [("default", FaultPlan::default_faults(), default), ("hostile", FaultPlan::hostile(), hostile)];
        for (name, plan, count) in plans {
            let count = count * proof.times;
            for (copy_mode, first) in [(CopyMode::OneStep, 1), (CopyMode::TwoHop, 1 + count / 2)] {
                let faults = Faults::Plan(plan.clone());
                let scenario = Scenario {
                    databases,
                    days: 2,
                    seed: first,
                    seeds: count / 2,
                    copy_mode,
                    faults,
                    ..Scenario::default()
                };
                under_faults(proof, name, &scenario)?;
            }
        }
    }
    Ok(())
}

fn under_faults(proof: &mut Proof<impl Write>, name: &str, scenario: &Scenario) -> Done {
    let run = simulated(scenario, &Configuration::usual()?)?;
    let back = run.back_after_outage.map_or("no outage".to_owned(), |back| format!("{} min", tenths(back)));
    let text = format!(
        "{} seeds from {} on, {name} faults, {}: {} faults in {} calls, the worst age {} min, the longest return after an \
         outage {back}",
        run.seeds,
        scenario.seed,
        scenario.copy_mode,
        run.faults_injected,
        run.api_calls,
        run.worst_minutes()
    );
    proof.claim(run.faults_injected > 0 && shortfalls(&run).is_empty(), &text, &run.violations)
}

/// A worker is killed after each call of a day, in one history for each call.
fn crashes(proof: &mut Proof<impl Write>) -> Done {
    proof.title("a worker is killed after each call of the first day (1 database, until a day later)")?;
    for copy_mode in CopyMode::ALL {
        let first_day = Scenario { databases: 1, days: 1, copy_mode, ..Scenario::default() };
        let calls = simulated(&first_day, &Configuration::usual()?)?.api_calls;
        let scenario = Scenario { days: 2, faults: Faults::Crash, seeds: calls, ..first_day };
        let run = simulated(&scenario, &Configuration::usual()?)?;
        proof.claim(run.seeds > 1000, &format!("{copy_mode}: {calls} histories"), &run.violations)?;
    }
    Ok(())
}

/// The return to the bound after an outage of eight hours in the destination's Region.
fn outage(proof: &mut Proof<impl Write>) -> Done {
    let (databases, copy) = (60_u32, 10);
    let least = f64::from(databases.div_ceil(COPY_SLOTS) * copy);
    proof.title(&format!(
        "an outage of 8 hours in the destination's Region: {databases} databases, {COPY_SLOTS} copy slots, copies of {copy} min, \
         so the return takes at least {least} min"
    ))?;
    let outage = Scripted {
        fault: Kind::RegionOutage,
        after: TimeDelta::hours(3),
        lasts: TimeDelta::hours(8),
        side: Some(Side::Destination),
    };
    let scenario = Scenario {
        databases: databases as usize,
        days: 2,
        copy: Minutes { from: copy, to: copy },
        faults: Faults::Plan(FaultPlan::none().with_scripted(outage)?),
        ..Scenario::default()
    };
    let usual = Configuration::usual()?;
    let run = simulated(&scenario, &usual)?;
    let back = run.back_after_outage.map(tenths).ok_or("the outage did not occur")?;
    let text = format!(
        "every age was within the {} min of the schedule again after {back} min, {:.2} times the least possible time",
        tenths(run.bound),
        back / least
    );
    proof.claim(back <= 1.25 * least, &text, &run.violations)?;
    let baseline = simulated(&Scenario { copier: Copier::FirstCome, ..scenario }, &usual)?;
    let baseline_back = baseline.back_after_outage.map(tenths).ok_or("the outage did not occur")?;
    let result = if baseline_back > REST - 1.0 {
        "not within the remaining 37 hours".to_owned()
    } else {
        format!("after {baseline_back} min")
    };
    proof.claim(baseline_back > back, &format!("first come, first served, on the same seed: {result}"), &[])
}

fn simulated(scenario: &Scenario, configuration: &Configuration) -> Result<Summary, String> {
    scenario.check()?;
    pilot_light_simulation::run(scenario, configuration)
}

fn span(minutes: u32) -> TimeDelta {
    TimeDelta::minutes(i64::from(minutes))
}

#[expect(clippy::cast_precision_loss, reason = "minutes of an RPO")]
fn minutes(whole: i64) -> f64 {
    whole as f64
}

impl<W: Write> Proof<W> {
    /// The days of each comparison of the planner with the simulation.
    fn days_of_agreement(&self) -> u32 {
        if self.times == 1 { 3 } else { 5 }
    }

    fn title(&mut self, text: &str) -> Done {
        Ok(writeln!(self.out, "\n{text}")?)
    }

    fn claim(&mut self, holds: bool, text: &str, violations: &[Violation]) -> Done {
        let holds = holds && violations.is_empty();
        self.failed += usize::from(!holds);
        let (mark, seconds) = (if holds { "yes" } else { "NO " }, self.began.elapsed().as_secs());
        writeln!(self.out, "  {mark} {text}  [{seconds} s]")?;
        for violation in violations.iter().take(3) {
            writeln!(self.out, "      {violation}")?;
        }
        Ok(self.out.flush()?)
    }
}
