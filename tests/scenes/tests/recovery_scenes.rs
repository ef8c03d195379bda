//! The scenes of recovery with the real worker on the simulator, without faults and with a fault at every call.
//!
//! A worker that is killed, refused or left without an answer at any call reaches the same end, and makes no change
//! twice. The crate's `recovery::scenes` defines the scenes.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use destination_recover::{DestinationRecover, Progress, Verdict};
use pilot_light_domain::recovery::{Answer, Call, Operator, RecoveryCloud};
use pilot_light_domain::run::error::WorkerError;
use pilot_light_simulator::in_process::{Effect, Fault};
use pilot_light_simulator::world::{Dump, Settings};
use pilot_light_tests::recovery::Execution;
use pilot_light_tests::recovery::estate::Estate;
use pilot_light_tests::recovery::scenes::{SCENES, Scene};
use serde_json::Value;

/// The pause before the state machine repeats a call. It is so short that lists still show the state before the change.
const RETRY: TimeDelta = TimeDelta::seconds(2);
/// The time that a person takes to start a manifest again. By then lists show every change.
const AGAIN: TimeDelta = TimeDelta::minutes(1);
/// The time after which a drill deletes the resources that an earlier drill left behind.
const NEXT_DRILL: TimeDelta = TimeDelta::hours(9);

/// A change: its Region and its action.
type Change = (String, &'static str);

/// The number of times that each change took effect.
type Changes = BTreeMap<Change, usize>;

/// The place of a fault: before or after the effect of one call of a scene.
#[derive(Debug, Clone, Copy)]
struct Place {
    call: u64,
    effect: Effect,
}

impl Place {
    fn killed(self) -> Fault {
        Fault::Kill { call: self.call, effect: self.effect }
    }

    /// A failed call: a refusal before the effect, or a lost answer after it.
    fn failed(self) -> Fault {
        let code = if self.effect == Effect::After { "RequestTimeout" } else { "Throttling" };
        let (code, message) = (code.to_owned(), "injected".to_owned());
        Fault::Fail { call: self.call, effect: self.effect, code, message }
    }
}

/// The course of a scene without faults.
struct Clean<W> {
    scene: &'static Scene,
    worker: W,
    settings: fn(&mut Settings),
    end: Dump,
    /// For each call the change that it made, if it made one.
    calls: Vec<Option<Change>>,
    /// The number of times that each change took effect in this execution and in a second one that does the work anew.
    twice: Changes,
}

impl<W: Operator + Copy> Clean<W> {
    fn of(scene: &'static Scene, worker: W, settings: fn(&mut Settings)) -> Self {
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
    fn boundaries(&self) -> impl Iterator<Item = Place> + use<W> {
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

    /// The same, but a setting whose answer was lost counts once.
    ///
    /// The worker may make such a change again before lists show it. The repetition sets the same values and is harmless.
    fn made_but_settings(&self, estate: &Estate, at: Place) -> Changes {
        let mut made = self.made(estate, at);
        let clean = count(self.calls.iter().flatten());
        if let Some(change) = self.lost(at).filter(|(_, action)| sets(action)) {
            let times = made.entry(change.clone()).or_default();
            *times -= usize::from(*times == clean[&change] + 1);
        }
        made
    }

    /// The difference if the worker meets this fault and the state machine repeats the call.
    fn retried(&self, at: Place, fault: Fault) -> Option<String> {
        let (estate, mut execution) = self.begin(fault);
        execution.retry = Some(RETRY);
        let end = execution.run(&self.scene.manifest()).unwrap();
        self.differs(&estate, &end, at, &self.made_but_settings(&estate, at))
    }

    /// The difference if the worker is killed and a person starts the manifest again after a while.
    fn started_again(&self, at: Place) -> Option<String> {
        let (estate, mut execution) = self.begin(at.killed());
        let end = execution.run_again_after(AGAIN, &self.scene.manifest());
        self.differs(&estate, &end, at, &self.made(&estate, at))
    }

    /// The same, but the manifest is started again before lists show the changes.
    fn started_again_at_once(&self, at: Place) -> Option<String> {
        let (estate, mut execution) = self.begin(at.killed());
        let end = execution.run_despite_kills(&self.scene.manifest());
        self.differs(&estate, &end, at, &self.made_but_settings(&estate, at))
    }

    /// The same for a scene that every execution does anew.
    ///
    /// Each execution does the work once, and the next one deletes everything that the killed one left behind.
    fn done_anew(&self, at: Place, pause: TimeDelta) -> Option<String> {
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
fn anew(scene: &Scene, estate: &Estate) -> Execution {
    estate.simulation.advance_by(NEXT_DRILL);
    let next = scene.execution(estate);
    Execution { name: "next".to_owned(), began: estate.simulation.now(), ..next }
}

/// True if an action sets values. Setting them once more is harmless.
fn sets(action: &str) -> bool {
    action.starts_with("Modify") || action == "AddTagsToResource"
}

/// The worker, on the simulated AWS as it is.
fn usual() -> (DestinationRecover, fn(&mut Settings)) {
    (DestinationRecover, as_usual)
}

fn as_usual(_: &mut Settings) {}

/// `Describe…` shows a new resource as late as any other change.
fn shown_late(settings: &mut Settings) {
    settings.new_lag_seconds = settings.lag_seconds;
}

fn count<'a>(calls: impl Iterator<Item = &'a Change>) -> Changes {
    let mut changes = Changes::new();
    for change in calls {
        *changes.entry(change.clone()).or_default() += 1;
    }
    changes
}

/// The differences at every place of these scenes.
fn at_every_place<W: Operator + Copy>(
    scenes: impl Iterator<Item = &'static Scene>,
    (worker, settings): (W, fn(&mut Settings)),
    differs: impl Fn(&Clean<W>, Place) -> Option<String>,
) -> Vec<String> {
    let mut all = Vec::new();
    for scene in scenes {
        let clean = Clean::of(scene, worker, settings);
        all.extend(clean.boundaries().filter_map(|at| differs(&clean, at)));
    }
    all
}

/// The scenes that every execution does anew, or the scenes that are done only once.
fn scenes(is_anew: bool) -> impl Iterator<Item = &'static Scene> {
    SCENES.iter().filter(move |scene| scene.is_anew == is_anew)
}

fn assert_none(differing: &[String]) {
    assert!(differing.is_empty(), "{} differ:\n{}", differing.len(), differing.join("\n"));
}

#[test]
fn every_scene_ends_in_its_expected_state() {
    for scene in SCENES {
        let estate = scene.estate();
        let end = scene.execution(&estate).run(&scene.manifest()).unwrap();
        assert_eq!(end.verdict, Verdict::Recovered, "{}: {}", scene.name, end.message);
        assert_eq!(estate.lines(), scene.end, "{}", scene.name);
    }
}

#[test]
fn every_type_of_resource_has_a_scene_in_which_it_changes_something() {
    let alone = SCENES.iter().filter(|scene| (scene.layers)().len() == 1);
    let kinds: BTreeSet<&str> = alone
        .filter(|scene| Clean::of(scene, DestinationRecover, as_usual).calls.iter().any(Option::is_some))
        .map(|scene| (scene.layers)()[0].0)
        .collect();
    let all = [
        "CreateAuroraSecondaryDBCluster",
        "CreateRDSReadReplica",
        "FailoverElastiCacheCluster",
        "PlannedFailoverAurora",
        "PromoteRDSReadReplica",
        "RefreshFromSnapshot",
        "RestoreDrill",
        "RestoreFromSnapshot",
        "UnPlannedFailoverAurora",
    ];
    assert_eq!(kinds, BTreeSet::from(all));
}

#[test]
fn a_recovery_killed_at_any_call_and_started_again_ends_the_same_and_does_nothing_twice() {
    assert_none(&at_every_place(scenes(false), usual(), Clean::started_again));
    assert_none(&at_every_place(scenes(false), usual(), Clean::started_again_at_once));
}

#[test]
fn a_drill_or_refresh_killed_at_any_call_is_done_anew_and_leaves_nothing_behind() {
    for pause in [TimeDelta::zero(), AGAIN] {
        assert_none(&at_every_place(scenes(true), usual(), |clean, at| clean.done_anew(at, pause)));
    }
}

#[test]
fn a_recovery_killed_at_any_call_and_retried_ends_the_same_and_does_nothing_twice() {
    assert_none(&at_every_place(SCENES.iter(), usual(), |clean, at| clean.retried(at, at.killed())));
}

#[test]
fn a_killed_worker_does_nothing_twice_even_if_lists_show_new_resources_late() {
    let late = || (DestinationRecover, shown_late as fn(&mut Settings));
    assert_none(&at_every_place(SCENES.iter(), late(), |clean, at| clean.retried(at, at.killed())));
    assert_none(&at_every_place(scenes(false), late(), Clean::started_again_at_once));
}

#[test]
fn calls_that_are_all_repeated_do_nothing_twice() {
    for settings in [as_usual as fn(&mut Settings), shown_late] {
        for scene in SCENES {
            let clean = Clean::of(scene, DestinationRecover, settings);
            let estate = scene.estate_with(settings);
            let mut twice = scene.execution(&estate);
            twice.calls_for_each_step = 2;
            let end = twice.run(&scene.manifest()).unwrap();
            assert_eq!(end.verdict, Verdict::Recovered, "{}: {}", scene.name, end.message);
            let but_settings =
                |calls: &[Option<Change>]| count(calls.iter().flatten().filter(|(_, action)| !sets(action)));
            let made = but_settings(&estate.changes_by_call());
            assert_eq!(made, but_settings(&clean.calls), "{}", scene.name);
            assert_eq!(estate.lines(), scene.end, "{}", scene.name);
        }
    }
}

#[test]
fn a_retry_makes_good_a_refusal_or_a_lost_answer_at_any_call_and_does_nothing_twice() {
    assert_none(&at_every_place(SCENES.iter(), usual(), |clean, at| clean.retried(at, at.failed())));
}

/// A worker with a bug: it names the restored instance after the execution, so that another execution does not recognize
/// the instance.
#[derive(Debug, Clone, Copy)]
struct NamesAfterExecution;

impl Operator for NamesAfterExecution {
    fn name(&self) -> &'static str {
        "names-after-execution"
    }

    async fn answer<C: RecoveryCloud>(
        &self,
        cloud: &C,
        call: &Call,
        event: &Value,
    ) -> Result<Answer, WorkerError> {
        let execution = event["execution"]["id"].as_str().unwrap().rsplit(':').next().unwrap();
        let event = event.to_string().replace("\"orders-2\"", &format!("\"orders-2-{execution}\""));
        DestinationRecover.answer(cloud, call, &serde_json::from_str(&event).unwrap()).await
    }
}

#[test]
fn the_checks_detect_a_worker_that_starts_a_restore_twice() {
    let restore = || SCENES.iter().take(1);
    let names = || (NamesAfterExecution, as_usual as fn(&mut Settings));
    let found = at_every_place(restore(), names(), Clean::started_again);
    let twice = |difference: &&String| difference.contains(r#""RestoreDBInstanceFromDBSnapshot"): 2"#);
    assert!(found.iter().any(|difference| twice(&difference)), "{found:#?}");
    assert_none(&at_every_place(restore(), names(), |clean, at| clean.retried(at, at.killed())));
}
