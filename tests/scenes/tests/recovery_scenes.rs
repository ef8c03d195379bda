//! Every kind of resource on the simulator, by the real worker: what stands at the end, and that a worker that is
//! killed, refused or left without an answer at any call ends the same and does nothing twice.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use destination_recover::{DestinationRecover, Progress, Verdict};
use pilot_light_domain::recovery::{Answer, Call, Operator, RecoveryCloud};
use pilot_light_domain::run::error::WorkerError;
use pilot_light_simulator::in_process::{Effect, Fault};
use pilot_light_simulator::world::Dump;
use pilot_light_tests::recovery::Execution;
use pilot_light_tests::recovery::estate::Estate;
use pilot_light_tests::recovery::late::LateLists;
use pilot_light_tests::recovery::scenes::{SCENES, Scene};
use serde_json::Value;

/// How long the state machine waits before it makes a call again: lists still tell of what was before.
const RETRY: TimeDelta = TimeDelta::seconds(2);
/// How long a person takes to start a manifest again: they do not any more.
const AGAIN: TimeDelta = TimeDelta::minutes(1);
/// After how long a drill takes away what an earlier one left behind.
const NEXT_DRILL: TimeDelta = TimeDelta::hours(9);

/// A change: the Region, and the action.
type Change = (String, &'static str);

/// How often each change took effect.
type Changes = BTreeMap<Change, usize>;

/// Before or after the effect of a call of a scene.
#[derive(Debug, Clone, Copy)]
struct At {
    call: u64,
    effect: Effect,
}

impl At {
    fn killed(self) -> Fault {
        Fault::Kill { call: self.call, effect: self.effect }
    }

    /// A refusal before the effect, a lost answer after it.
    fn failed(self) -> Fault {
        let code = if self.effect == Effect::After { "RequestTimeout" } else { "Throttling" };
        let (code, message) = (code.to_owned(), "injected".to_owned());
        Fault::Fail { call: self.call, effect: self.effect, code, message }
    }
}

/// A scene as it goes without faults.
struct Clean<W> {
    scene: &'static Scene,
    worker: fn() -> W,
    end: Dump,
    /// The change that each call made, if it made one.
    calls: Vec<Option<Change>>,
    /// How often each change took effect where the same is done anew afterwards.
    twice: Changes,
}

impl<W: Operator> Clean<W> {
    fn of(scene: &'static Scene, worker: fn() -> W) -> Self {
        let estate = scene.estate();
        let end = scene.execution(&estate).with(worker()).run(&scene.manifest()).unwrap();
        assert_eq!(end.verdict, Verdict::Recovered, "{}: {}", scene.name, end.message);
        let (end, once) = (estate.end(), calls(&estate));
        let next = anew(scene, &estate).with(worker()).run(&scene.manifest()).unwrap();
        assert_eq!(next.verdict, Verdict::Recovered, "{}: {}", scene.name, next.message);
        Self { scene, worker, end, calls: once, twice: count(calls(&estate).iter().flatten()) }
    }

    /// Before and after the effect of every call.
    fn boundaries(&self) -> impl Iterator<Item = At> + use<W> {
        let calls = 1..=u64::try_from(self.calls.len()).unwrap();
        calls.flat_map(|call| [Effect::Before, Effect::After].map(|effect| At { call, effect }))
    }

    /// The world before, in which a fault is to come.
    fn begin(&self, fault: Fault) -> (Estate, Execution<W>) {
        let estate = self.scene.estate();
        estate.simulation.inject(fault);
        let execution = self.scene.execution(&estate).with((self.worker)());
        (estate, execution)
    }

    /// The change whose answer a fault loses: the world is the clean run's up to there.
    fn lost(&self, at: At) -> Option<Change> {
        let call = usize::try_from(at.call).unwrap() - 1;
        self.calls[call].clone().filter(|_| at.effect == Effect::After)
    }

    /// What is not as it is without faults, where the changes that were made are these.
    fn differs(&self, estate: &Estate, end: &Progress, at: At, made: &Changes) -> Option<String> {
        let clean = count(self.calls.iter().flatten());
        let what = if end.verdict != Verdict::Recovered {
            end.message.clone()
        } else if *made != clean {
            format!("{made:?}, and without a fault {clean:?}")
        } else if estate.end() != self.end {
            format!("{:#?}", estate.lines())
        } else {
            return None;
        };
        Some(format!("{}, {at:?} of {}: {what}", self.scene.name, self.calls.len()))
    }

    /// How often each change took effect, the lost one with them.
    fn made(&self, estate: &Estate, at: At) -> Changes {
        count(calls(estate).iter().flatten().chain(&self.lost(at)))
    }

    /// The same, a setting whose answer was lost counted once: it may be made again before it shows, and then sets
    /// what is set.
    fn made_but_settings(&self, estate: &Estate, at: At) -> Changes {
        let mut made = self.made(estate, at);
        let clean = count(self.calls.iter().flatten());
        let sets = |action: &str| action.starts_with("Modify") || action == "AddTagsToResource";
        if let Some(change) = self.lost(at).filter(|(_, action)| sets(action)) {
            let times = made.entry(change.clone()).or_default();
            *times -= usize::from(*times == clean[&change] + 1);
        }
        made
    }

    /// What differs if the worker has this fault, and the state machine makes the call again.
    fn retried(&self, at: At, fault: Fault) -> Option<String> {
        let (estate, mut execution) = self.begin(fault);
        execution.retry = Some(RETRY);
        let end = execution.run(&self.scene.manifest()).unwrap();
        self.differs(&estate, &end, at, &self.made_but_settings(&estate, at))
    }

    /// What differs if the worker is killed, and the manifest is started again.
    fn started_again(&self, at: At) -> Option<String> {
        let (estate, mut execution) = self.begin(at.killed());
        let end = execution.run_again_after(AGAIN, &self.scene.manifest());
        self.differs(&estate, &end, at, &self.made(&estate, at))
    }

    /// The same, started again before lists tell of what was done.
    fn started_again_at_once(&self, at: At) -> Option<String> {
        let (estate, mut execution) = self.begin(at.killed());
        let end = execution.run_despite_kills(&self.scene.manifest());
        self.differs(&estate, &end, at, &self.made_but_settings(&estate, at))
    }

    /// The same for what another execution does once more: each does it once, and nothing is left behind for ever.
    fn done_anew(&self, at: At, pause: TimeDelta) -> Option<String> {
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

/// Another execution of the scene, once a drill would take away what one before left behind.
fn anew(scene: &Scene, estate: &Estate) -> Execution {
    estate.simulation.advance_by(NEXT_DRILL);
    let next = scene.execution(estate);
    Execution { name: "next".to_owned(), began: estate.simulation.now(), ..next }
}

/// The change that each accepted call made.
fn calls(estate: &Estate) -> Vec<Option<Change>> {
    let reads = |action: &str| ["Describe", "Get", "List"].iter().any(|verb| action.starts_with(verb));
    let calls = estate.simulation.calls();
    let changes = calls.latest().skip(usize::try_from(estate.calls_before).unwrap()).map(|call| {
        let is_change = call.error.is_none() && !reads(call.action);
        is_change.then(|| (call.region.to_string(), call.action))
    });
    changes.collect()
}

fn count<'a>(calls: impl Iterator<Item = &'a Change>) -> Changes {
    let mut changes = Changes::new();
    for change in calls {
        *changes.entry(change.clone()).or_default() += 1;
    }
    changes
}

/// Every boundary of these scenes.
fn at_all<W: Operator>(
    scenes: impl Iterator<Item = &'static Scene>,
    worker: fn() -> W,
    differs: impl Fn(&Clean<W>, At) -> Option<String>,
) -> Vec<String> {
    let mut all = Vec::new();
    for scene in scenes {
        let clean = Clean::of(scene, worker);
        all.extend(clean.boundaries().filter_map(|at| differs(&clean, at)));
    }
    all
}

/// Those that another execution does once more, or those that it does not.
fn scenes(is_anew: bool) -> impl Iterator<Item = &'static Scene> {
    SCENES.iter().filter(move |scene| scene.is_anew == is_anew)
}

fn assert_none(differing: &[String]) {
    assert!(differing.is_empty(), "{} differ:\n{}", differing.len(), differing.join("\n"));
}

#[test]
fn every_scene_ends_as_it_must() {
    for scene in SCENES {
        let estate = scene.estate();
        let end = scene.execution(&estate).run(&scene.manifest()).unwrap();
        assert_eq!(end.verdict, Verdict::Recovered, "{}: {}", scene.name, end.message);
        assert_eq!(estate.lines(), scene.end, "{}", scene.name);
    }
}

#[test]
fn every_kind_has_a_scene_in_which_it_changes_something() {
    let alone = SCENES.iter().filter(|scene| (scene.layers)().len() == 1);
    let kinds: BTreeSet<&str> = alone
        .filter(|scene| Clean::of(scene, || DestinationRecover).calls.iter().any(Option::is_some))
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
fn killed_at_any_call_and_started_again_it_ends_the_same_and_nothing_is_done_twice() {
    assert_none(&at_all(scenes(false), || DestinationRecover, Clean::started_again));
    assert_none(&at_all(scenes(false), || DestinationRecover, Clean::started_again_at_once));
}

#[test]
fn a_drill_and_a_refresh_killed_at_any_call_are_done_anew_and_leave_nothing() {
    for pause in [TimeDelta::zero(), AGAIN] {
        assert_none(&at_all(scenes(true), || DestinationRecover, |clean, at| clean.done_anew(at, pause)));
    }
}

#[test]
fn killed_at_any_call_and_retried_it_ends_the_same_and_nothing_is_done_twice() {
    assert_none(&at_all(SCENES.iter(), || DestinationRecover, |clean, at| clean.retried(at, at.killed())));
}

#[test]
fn where_what_was_created_shows_late_a_killed_worker_does_nothing_twice() {
    assert_none(&at_all(SCENES.iter(), LateLists::default, |clean, at| clean.retried(at, at.killed())));
    assert_none(&at_all(scenes(false), LateLists::default, Clean::started_again_at_once));
}

#[test]
fn a_refusal_or_a_lost_answer_at_any_call_is_made_good_and_nothing_is_done_twice() {
    assert_none(&at_all(SCENES.iter(), || DestinationRecover, |clean, at| clean.retried(at, at.failed())));
}

/// A worker with a bug: it calls what it restores after the execution, so that another one does not know it again.
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
fn a_worker_that_starts_a_restore_twice_is_caught() {
    let restore = || SCENES.iter().take(1);
    let caught = at_all(restore(), || NamesAfterExecution, Clean::started_again);
    let twice = |told: &&String| told.contains(r#""RestoreDBInstanceFromDBSnapshot"): 2"#);
    assert!(caught.iter().any(|told| twice(&told)), "{caught:#?}");
    assert_none(&at_all(restore(), || NamesAfterExecution, |clean, at| clean.retried(at, at.killed())));
}
