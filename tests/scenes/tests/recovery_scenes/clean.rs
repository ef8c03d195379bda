//! The course of a scene without faults, and its comparison with a course in which one call fails.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use destination_recover::{Progress, Verdict};
use pilot_light_domain::recovery::Operator;
use pilot_light_simulator::in_process::{Effect, Fault};
use pilot_light_simulator::world::{Dump, Settings};
use pilot_light_tests::recovery::Execution;
use pilot_light_tests::recovery::estate::Estate;
use pilot_light_tests::recovery::scenes::Scene;

/// The pause before the state machine repeats a call. It is so short that lists still show the state before the change.
const RETRY: TimeDelta = TimeDelta::seconds(2);
/// The time that a person takes to start a manifest again. By then lists show every change.
pub(crate) const AGAIN: TimeDelta = TimeDelta::minutes(1);
/// The time after which a drill deletes the resources that an earlier drill left behind.
const NEXT_DRILL: TimeDelta = TimeDelta::hours(9);

/// A change: its Region and its action.
pub(crate) type Change = (String, &'static str);

/// The number of times that each change took effect.
type Changes = BTreeMap<Change, usize>;

/// The place of a fault: before or after the effect of one call of a scene.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    call: u64,
    effect: Effect,
}

impl Place {
    pub(crate) fn killed(self) -> Fault {
        Fault::Kill { call: self.call, effect: self.effect }
    }

    /// A failed call: a refusal before the effect, or a lost answer after it.
    pub(crate) fn failed(self) -> Fault {
        let code = if self.effect == Effect::After { "RequestTimeout" } else { "Throttling" };
        let (code, message) = (code.to_owned(), "injected".to_owned());
        Fault::Fail { call: self.call, effect: self.effect, code, message }
    }
}

/// The course of a scene without faults.
pub(crate) struct Clean<W> {
    scene: &'static Scene,
    worker: W,
    settings: fn(&mut Settings),
    end: Dump,
    /// For each call the change that it made, if it made one.
    pub(crate) calls: Vec<Option<Change>>,
    /// The number of times that each change took effect in this execution and in a second one that does the work anew.
    twice: Changes,
}

impl<W: Operator + Copy> Clean<W> {
    pub(crate) fn of(scene: &'static Scene, worker: W, settings: fn(&mut Settings)) -> Self {
        let estate = scene.estate_with(settings);
        let end = scene.execution(&estate).with(worker).run(&scene.manifest()).unwrap();
        assert_eq!(end.verdict, Verdict::Recovered, "{}: {}", scene.name, end.message);
        let (end, calls) = (estate.end(), estate.changes_by_call());
        let next = anew(scene, &estate).with(worker).run(&scene.manifest()).unwrap();
        assert_eq!(next.verdict, Verdict::Recovered, "{}: {}", scene.name, next.message);
        let twice = count(estate.changes_by_call().iter().flatten());
        Self { scene, worker, settings, end, calls, twice }
    }

    /// The places before and after the effect of every call.
    pub(crate) fn boundaries(&self) -> impl Iterator<Item = Place> + use<W> {
        let calls = 1..=u64::try_from(self.calls.len()).unwrap();
        calls.flat_map(|call| [Effect::Before, Effect::After].map(|effect| Place { call, effect }))
    }

    /// The world before the recovery, with an injected fault, and an execution in it.
    fn begin(&self, fault: Fault) -> (Estate, Execution<W>) {
        let estate = self.scene.estate_with(self.settings);
        estate.simulation.inject(fault);
        let execution = self.scene.execution(&estate).with(self.worker);
        (estate, execution)
    }

    /// The change whose answer a fault loses. The call is the same as without faults, since nothing differs before it.
    fn lost(&self, at: Place) -> Option<Change> {
        let call = usize::try_from(at.call).unwrap() - 1;
        self.calls[call].clone().filter(|_| at.effect == Effect::After)
    }

    /// Describes the difference from the course without faults, given the changes that were made. `None`: no difference.
    fn differs(&self, estate: &Estate, end: &Progress, at: Place, made: &Changes) -> Option<String> {
        let clean = count(self.calls.iter().flatten());
        let difference = if end.verdict != Verdict::Recovered {
            end.message.clone()
        } else if *made != clean {
            format!("{made:?}, and without a fault {clean:?}")
        } else if estate.end() != self.end {
            format!("{:#?}", estate.lines())
        } else {
            return None;
        };
        Some(format!("{}, {at:?} of {}: {difference}", self.scene.name, self.calls.len()))
    }

    /// The number of times that each change took effect, including the change whose answer was lost.
    fn made(&self, estate: &Estate, at: Place) -> Changes {
        count(estate.changes_by_call().iter().flatten().chain(&self.lost(at)))
    }

    /// The same, but one repetition of a setting does not count.
    ///
    /// The worker may make such a change again before lists show it. The repetition sets the same values and is harmless.
    fn made_but_settings(&self, estate: &Estate, at: Place) -> Changes {
        self.made_but(estate, at, sets)
    }

    /// The same, but one repetition of an action does not count if `is_repeatable`.
    fn made_but(&self, estate: &Estate, at: Place, is_repeatable: fn(&str) -> bool) -> Changes {
        let mut made = self.made(estate, at);
        let clean = count(self.calls.iter().flatten());
        for (change, times) in made.iter_mut().filter(|((_, action), _)| is_repeatable(action)) {
            *times -= usize::from(Some(*times) == clean.get(change).map(|times| times + 1));
        }
        made
    }

    /// The difference if the worker meets this fault and the state machine repeats the call.
    pub(crate) fn retried(&self, at: Place, fault: Fault) -> Option<String> {
        let (estate, mut execution) = self.begin(fault);
        execution.retry = Some(RETRY);
        let end = execution.run(&self.scene.manifest()).unwrap();
        self.differs(&estate, &end, at, &self.made_but_settings(&estate, at))
    }

    /// The difference if the worker is killed and a person starts the manifest again after a while.
    ///
    /// A takeover that is requested again is tagged again, with the time of that request.
    pub(crate) fn started_again(&self, at: Place) -> Option<String> {
        let (estate, mut execution) = self.begin(at.killed());
        let end = execution.run_again_after(AGAIN, &self.scene.manifest());
        let made = self.made_but(&estate, at, |action| action == "AddTagsToResource");
        self.differs(&estate, &end, at, &made)
    }

    /// The same, but the manifest is started again before lists show the changes.
    pub(crate) fn started_again_at_once(&self, at: Place) -> Option<String> {
        let (estate, mut execution) = self.begin(at.killed());
        let end = execution.run_despite_kills(&self.scene.manifest());
        self.differs(&estate, &end, at, &self.made_but_settings(&estate, at))
    }

    /// The same for a scene that every execution does anew.
    ///
    /// Each execution does the work once, and the next one deletes everything that the killed one left behind.
    pub(crate) fn done_anew(&self, at: Place, pause: TimeDelta) -> Option<String> {
        let (estate, mut execution) = self.begin(at.killed());
        let end = execution.run_again_after(pause, &self.scene.manifest());
        let made = self.made(&estate, at);
        let next = anew(self.scene, &estate).run(&self.scene.manifest()).unwrap();
        let left = estate.lines();
        let is_well = [end.verdict, next.verdict] == [Verdict::Recovered; 2] && left == self.scene.end;
        let is_twice =
            made.iter().any(|(change, times)| *times > self.twice.get(change).copied().unwrap_or_default());
        (is_twice || !is_well).then(|| {
            format!("{}, {at:?}: {made:?}, {left:#?}, {}, {}", self.scene.name, end.message, next.message)
        })
    }
}

/// Another execution of the scene, at a time when a drill deletes the resources that an earlier one left behind.
pub(crate) fn anew(scene: &Scene, estate: &Estate) -> Execution {
    estate.simulation.advance_by(NEXT_DRILL);
    let next = scene.execution(estate);
    Execution { name: "next".to_owned(), began: estate.simulation.now(), ..next }
}

/// True if an action sets values. Setting them once more is harmless.
pub(crate) fn sets(action: &str) -> bool {
    action.starts_with("Modify") || action == "AddTagsToResource"
}

pub(crate) fn count<'a>(calls: impl Iterator<Item = &'a Change>) -> Changes {
    let mut changes = Changes::new();
    for change in calls {
        *changes.entry(change.clone()).or_default() += 1;
    }
    changes
}
