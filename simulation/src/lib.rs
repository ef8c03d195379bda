//! A simulation of the real workers on the simulator, through days of virtual time.
//!
//! It measures the age of the newest usable copy of every database, and it checks the invariants after every event.
//! Arguments, files, texts and pictures are left to the command line.

mod baseline;
pub mod bound;
mod draw;
mod engine;
mod estate;
mod homes;
#[cfg(test)]
mod independence;
mod invariants;
pub mod measure;
#[cfg(test)]
mod planted_bugs;
pub mod scenario;

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};

use pilot_light_schedule::configuration::Configuration;

use self::engine::Engine;
pub use self::measure::summary::{Summary, Violation};
pub use self::scenario::Scenario;

/// Simulates every seed, in parallel on all cores, and combines the results.
///
/// # Errors
/// The configuration has no bound, or the simulator refuses the scenario.
pub fn run(scenario: &Scenario, configuration: &Configuration) -> Result<Summary, String> {
    let seeds: Vec<u64> = (0..scenario.seeds).map(|number| scenario.seed.wrapping_add(number)).collect();
    let next = AtomicUsize::new(0);
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get).min(seeds.len());
    let work = || {
        let mut done = Vec::new();
        while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.push(Engine::new(scenario, configuration, *seed)?.run(scenario)?);
        }
        Ok(done)
    };
    let all: Result<Vec<Vec<Summary>>, String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or(Err("a simulation panicked".to_owned())))
            .collect()
    });
    let mut all: Vec<Summary> = all?.into_iter().flatten().collect();
    all.sort_by_key(|summary| summary.seed);
    all.into_iter().reduce(Summary::with).ok_or_else(|| "give at least 1 seed".to_owned())
}
