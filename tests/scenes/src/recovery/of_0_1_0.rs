//! A recovery under way as version 0.1.0 leaves it: the progress that its state machine holds, its tags and its names.
//!
//! The fields and the names come from the commit of 0.1.0, `da2b6d43a59f9ef342ce331201596467a6183a49`. They never change.

use destination_recover::DestinationRecover;
use pilot_light_domain::recovery::{Answer, Call, Operator, RecoveryCloud};
use pilot_light_domain::run::error::WorkerError;
use pilot_light_simulator::in_process::Simulation;
use pilot_light_simulator::world::World;
use serde_json::{Map, Value, json};

use super::Execution;
use super::estate::Estate;

/// The fields of the progress, of a resource in it, and of the notes on a resource.
const PROGRESS: [&str; 6] = ["at", "verdict", "resources", "seconds", "rto_target_seconds", "message"];
const RESOURCE: [&str; 8] = ["layer", "name", "type", "status", "step", "seconds", "polls", "mark"];
const MARK: [&str; 3] = ["noted", "up", "asked"];
/// The tags on whatever it restored or created.
const TAGS: [&str; 2] = ["PilotLightRecovery", "PilotLightResource"];
/// Tags that it does not know.
const NEWER_TAGS: [&str; 5] = [
    "PilotLightStarted",
    "PilotLightManifest",
    "PilotLightDataTime",
    "PilotLightReplaces",
    "PilotLightPromoted",
];
/// Temporary instances, each with the database in its name. Their names end with a hash of that and of the execution.
const TEMPORARY: [(&str, &str); 2] = [("drill-orders-", "orders"), ("new-tests-", "tests")];

/// This version's worker, called by the state machine of 0.1.0.
#[derive(Debug, Clone, Copy)]
pub struct CalledBy0_1_0;

impl Operator for CalledBy0_1_0 {
    fn name(&self) -> &'static str {
        "called-by-0-1-0"
    }

    async fn answer<C: RecoveryCloud>(
        &self,
        cloud: &C,
        call: &Call,
        event: &Value,
    ) -> Result<Answer, WorkerError> {
        let mut event = event.clone();
        event.as_object_mut().map(|event| event.remove("sends_late"));
        DestinationRecover.answer(cloud, call, &event).await
    }
}

/// The world and the execution as 0.1.0 would have left them at this point. `state` becomes that of its state machine.
///
/// # Panics
/// If the world cannot be saved and loaded.
#[must_use]
pub fn left_by_0_1_0(estate: &Estate, execution: &Execution, state: &mut Value) -> (Estate, Execution) {
    let mut saved = serde_json::to_value(estate.simulation.with_world(|world| world.save())).unwrap();
    each_tags(&mut saved);
    let text = rename(saved.to_string(), &execution.name);
    let world = World::load(text.as_bytes()).unwrap();
    let estate = Estate { simulation: Simulation::over(world), calls_before: 0, ..estate.clone() };
    let place = execution.cloud.region().to_string();
    let began = execution.began;
    let again = Execution::new(&estate.simulation, &estate.cloud(&place), execution.purpose, &execution.name);
    *state = serde_json::from_str(&rename(state.to_string(), &execution.name)).unwrap();
    turn_back(state);
    (estate, Execution { began, ..again })
}

/// The progress in the form of 0.1.0.
fn turn_back(state: &mut Value) {
    let progress = &mut state["progress"];
    keep(progress, &PROGRESS);
    for resource in progress["resources"].as_array_mut().unwrap() {
        keep(resource, &RESOURCE);
        let kind = resource["type"].as_str().unwrap().to_owned();
        let Some(mark) = resource.get_mut("mark") else { continue };
        keep(mark, &MARK);
        let is_up = !mark["noted"]["up"].is_null();
        mark["noted"] = match (kind.as_str(), is_up) {
            ("RefreshFromSnapshot", false) => json!({"adopted": null}),
            ("RefreshFromSnapshot", true) => json!({"adopted": null, "up": true}),
            ("RestoreDrill", true) => json!({"up": true}),
            _ => Value::Null,
        };
        // Its changes have other fields, and so other hashes.
        if let Some(change) = mark["asked"]["change"].as_u64() {
            mark["asked"]["change"] = (change ^ 1).into();
        }
    }
}

fn keep(object: &mut Value, fields: &[&str]) {
    object.as_object_mut().unwrap().retain(|name, _| fields.contains(&name.as_str()));
}

/// Removes the newer tags everywhere. What took over has none at all.
fn each_tags(value: &mut Value) {
    match value {
        Value::Object(fields) => fields.iter_mut().for_each(|(name, value)| match value {
            Value::Object(tags) if name == "tags" => as_then(tags),
            other => each_tags(other),
        }),
        Value::Array(values) => values.iter_mut().for_each(each_tags),
        _ => {}
    }
}

fn as_then(tags: &mut Map<String, Value>) {
    let took_over = tags.contains_key("PilotLightPromoted");
    let is_newer = |name: &str| NEWER_TAGS.contains(&name) || took_over && TAGS.contains(&name);
    tags.retain(|name, _| !is_newer(name));
}

/// Gives temporary instances the names that 0.1.0 gives them in an execution.
fn rename(mut text: String, execution: &str) -> String {
    for (prefix, database) in TEMPORARY {
        let name = format!("{prefix}{:08x}", hash(&format!("{database}/{execution}")));
        let mut from = 0;
        while let Some(at) = text[from..].find(prefix).map(|at| from + at) {
            let end = at + prefix.len() + 8;
            if text
                .get(at + prefix.len()..end)
                .is_some_and(|hash| hash.chars().all(|c| c.is_ascii_hexdigit()))
            {
                text.replace_range(at..end, &name);
            }
            from = at + prefix.len();
        }
    }
    text
}

/// FNV-1a, folded to 32 bits.
fn hash(text: &str) -> u32 {
    let whole = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    u32::try_from((whole >> 32) ^ (whole & 0xffff_ffff)).unwrap()
}
