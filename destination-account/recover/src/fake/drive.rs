//! The part of the state machine in tests: validate, start and check, until the execution ends.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::recovery_point::Sources;
use pilot_light_domain::recovery::{Answer, Call, Operator};
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::testing::at;
use serde_json::{Value, json};

use super::{ACCOUNT, FakeCloud, HERE, SOURCE, THERE, World};
use crate::facts::{Facts, Setting};
use crate::identity::Recovery;
use crate::{DestinationRecover, Progress, Verdict};

/// One execution.
#[derive(Debug, Clone)]
pub(crate) struct Drive {
    pub(crate) cloud: FakeCloud,
    pub(crate) purpose: &'static str,
    pub(crate) execution: &'static str,
    pub(crate) now: Instant,
    pub(crate) answers: Vec<Answer>,
}

/// A call at that time.
fn call(now: Instant) -> Call {
    Call { account: ACCOUNT.parse().unwrap(), region: HERE.parse().unwrap(), now }
}

/// The event's field `execution`.
fn execution_named(name: &str) -> Value {
    let id = format!("arn:aws:states:{HERE}:{ACCOUNT}:execution:recovery:{name}");
    json!({"id": id, "started": "2026-01-02T00:00:00Z"})
}

/// The setting of a resource in that execution.
pub(crate) fn setting(execution: &str, resource: &str) -> Setting {
    Setting {
        account: ACCOUNT.parse().unwrap(),
        region: HERE.parse().unwrap(),
        recovery: Recovery {
            id: execution.to_owned(),
            started: at("2026-01-02T00:00:00Z"),
            manifest: "m".to_owned(),
        },
        refusals: 0,
        resource: resource.to_owned(),
    }
}

/// The facts of a world.
pub(crate) fn facts(world: &World) -> Facts {
    let mut instances: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for found in &world.instances {
        instances.entry(found.arn.id.region.clone()).or_default().push(found.clone());
    }
    Facts {
        account: ACCOUNT.parse().unwrap(),
        region: HERE.parse().unwrap(),
        now: at("2026-01-02T00:00:00Z"),
        sources: Sources { accounts: [SOURCE.parse().unwrap()].into(), region: THERE.parse().unwrap() },
        instances,
        clusters: BTreeMap::new(),
        global_clusters: BTreeMap::new(),
        replication_groups: BTreeMap::new(),
        snapshots: world.snapshots.clone(),
        unread: BTreeMap::new(),
        odd: BTreeMap::new(),
    }
}

impl Drive {
    pub(crate) fn new(world: World, purpose: &'static str) -> Self {
        let (cloud, now) = (FakeCloud::new(world), at("2026-01-02T00:00:00Z"));
        Self { cloud, purpose, execution: "run-1", now, answers: vec![] }
    }

    fn send(&mut self, event: &Value) -> Result<Answer, WorkerError> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(DestinationRecover.answer(&self.cloud, &call(self.now), event))
    }

    pub(crate) fn validate(&mut self, input: &Value) -> Result<Value, WorkerError> {
        let event = json!({"operation": "validate", "purpose": self.purpose,
            "execution": execution_named(self.execution), "input": input});
        self.send(&event).map(|answer| answer.output)
    }

    /// One call of `start` or `check`. If the caller dies during the call, the answer is lost and the call is repeated.
    pub(crate) fn operate(&mut self, operation: &str, validated: &Value) -> Result<Value, WorkerError> {
        let event = json!({"operation": operation, "purpose": self.purpose,
            "execution": execution_named(self.execution),
            "layers": validated["layers"], "progress": validated["progress"]});
        let mut answer = self.send(&event);
        let died = self.cloud.with(|world| match world.dies_before {
            Some(last) if world.requested >= last => world.dies_before.take().is_some(),
            _ => false,
        });
        if died {
            answer = self.send(&event);
        }
        self.answers.push(answer?);
        Ok(self.answers.last().unwrap().output.clone())
    }

    /// Runs the whole execution and returns its last progress.
    pub(crate) fn run(&mut self, input: &Value) -> Result<Progress, WorkerError> {
        let mut state = self.validate(input)?;
        let mut operation = "start";
        for _ in 0..3000 {
            state["progress"] = self.operate(operation, &state)?;
            let progress: Progress = serde_json::from_value(state["progress"].clone()).unwrap();
            match progress.verdict {
                Verdict::Next => operation = "start",
                Verdict::Waiting | Verdict::Late => {
                    operation = "check";
                    self.now += TimeDelta::seconds(15);
                    self.cloud.with(World::tick);
                }
                Verdict::Recovered | Verdict::Failed => return Ok(progress),
            }
        }
        panic!("it never ends")
    }

    /// The changes that took effect so far.
    pub(crate) fn done(&self) -> Vec<String> {
        self.cloud.with(|world| world.done.clone())
    }
}
