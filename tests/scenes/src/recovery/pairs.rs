//! Two executions side by side: of one manifest, or of two manifests that meet in one database.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use destination_recover::{Progress, Verdict};
use pilot_light_domain::recovery::Operator;
use serde_json::Value;

use super::estate::Estate;
use super::{Execution, Stop, pause_before, progress};

/// The end of one execution: its progress, or the words with which its check refused the manifest.
pub type End = Result<Progress, String>;

/// Runs two executions side by side. The second starts `apart` after the first.
///
/// # Panics
/// If a worker is killed.
pub fn side_by_side<W: Operator>(pair: [(Execution<W>, &Value); 2], apart: TimeDelta) -> [End; 2] {
    let simulation = pair[0].0.simulation.clone();
    let begun = simulation.now();
    let starts = [begun, begun + apart];
    let mut running = pair.into_iter().zip(starts);
    let mut running = [(); 2].map(|()| {
        let ((execution, manifest), due) = running.next().unwrap();
        Running { execution, manifest, state: None, due, end: None }
    });
    while let Some(next) = running.iter_mut().filter(|one| one.end.is_none()).min_by_key(|one| one.due) {
        if next.due > simulation.now() {
            simulation.advance_by(next.due - simulation.now());
        }
        next.step();
        next.due = simulation.now() + next.state.as_ref().map_or_else(TimeDelta::zero, pause_before);
    }
    running.map(|one| one.end.unwrap())
}

struct Running<'a, W> {
    execution: Execution<W>,
    manifest: &'a Value,
    state: Option<Value>,
    due: pilot_light_domain::Instant,
    end: Option<End>,
}

impl<W: Operator> Running<'_, W> {
    fn step(&mut self) {
        if let Some(state) = &mut self.state {
            self.execution.step_now(state).unwrap();
        } else {
            self.execution.began = self.execution.simulation.now();
            match self.execution.validate(self.manifest).map_err(Stop::error) {
                Ok(state) => self.state = Some(state),
                Err(error) => self.end = Some(Err(error.to_string())),
            }
        }
        let progress = self.state.as_ref().map(progress);
        let ended = progress.filter(|one| matches!(one.verdict, Verdict::Recovered | Verdict::Failed));
        self.end = self.end.take().or(ended.map(Ok));
    }
}

/// The number of times that each action changed something. Tags and settings may be set twice to the same value.
#[must_use]
pub fn made(estate: &Estate) -> BTreeMap<&'static str, usize> {
    let mut made = BTreeMap::new();
    let repeatable = ["AddTagsToResource", "ModifyDBCluster", "ModifyDBInstance"];
    for action in estate.changes().into_iter().filter(|action| !repeatable.contains(action)) {
        *made.entry(action).or_default() += 1;
    }
    made
}
