//! The admin interface under `/_simulator/`: keys, settings, impositions, saved worlds, and reports on the world and its calls.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use hyper::Method;
use pilot_light_domain::model::arn::KmsKeyArn;
use pilot_light_domain::model::ids::{AccountId, Region};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::front::{Front, Incoming, Outgoing, status};
use crate::calls::Call;
use crate::world::{Imposition, KeyState, OriginalTime, SecondsRange, Settings, VersionStatus, World};

/// `POST /_simulator/keys`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    arn: KmsKeyArn,
    #[serde(default)]
    users: BTreeSet<AccountId>,
}

/// `POST /_simulator/keys/state`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyChange {
    arn: KmsKeyArn,
    enabled: bool,
}

/// `POST /_simulator/advance`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: u32,
}

/// `POST /_simulator/settings`: absent fields keep their values.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsChange {
    snapshot_seconds: Option<SecondsRange>,
    copy_seconds: Option<SecondsRange>,
    pending_seconds: Option<SecondsRange>,
    instance_seconds: Option<SecondsRange>,
    lag_seconds: Option<u32>,
    new_lag_seconds: Option<u32>,
    quota: Option<u32>,
    instances: Option<u32>,
    licensed_instances: Option<u32>,
    storage_gib: Option<u32>,
    not_offered: Option<BTreeMap<Region, Vec<String>>>,
    versions: Option<BTreeMap<String, VersionStatus>>,
    copy_slots: Option<u32>,
    one_step: Option<bool>,
    database_time_percent: Option<u8>,
    original_time: Option<OriginalTime>,
    failed_can_be_deleted: Option<bool>,
}

struct Refusal {
    code: u16,
    message: String,
}

pub(super) fn answer(front: &mut Front, path: &str, incoming: Incoming<'_>, request_id: String) -> Outgoing {
    let (code, body) = match attempt(front, path, incoming) {
        Ok(body) => (200, body),
        Err(refusal) => (refusal.code, json!({"error": refusal.message})),
    };
    let body = format!("{body}\n");
    Outgoing { status: status(code), content_type: "application/json", request_id, body }
}

fn attempt(front: &mut Front, path: &str, incoming: Incoming<'_>) -> Result<Value, Refusal> {
    match (incoming.method, path) {
        (&Method::GET, "world") => written(&front.world.dump()),
        (&Method::GET, "saved") => written(&front.world.save()),
        (&Method::POST, "saved") => {
            front.world = World::load(incoming.body)
                .map_err(|error| Refusal { code: 400, message: error.to_string() })?;
            Ok(json!({}))
        }
        (&Method::GET, "calls") => Ok(calls(front)),
        (&Method::GET, "permissions") => written(&front.permissions),
        (&Method::GET, "settings") => written(front.world.settings()),
        (&Method::POST, "settings") => {
            let changed = read::<SettingsChange>(incoming.body)?.of(front.world.settings());
            front.world.configure(changed);
            written(front.world.settings())
        }
        (&Method::POST, "keys") => {
            let Key { arn, users } = read(incoming.body)?;
            front.world.register_key(arn, users);
            Ok(json!({}))
        }
        (&Method::POST, "keys/state") => change_key(front, &read(incoming.body)?),
        (&Method::POST, "impositions") => impose(front, read(incoming.body)?),
        (&Method::GET, "impositions") => written(&front.world.impositions().collect::<Vec<_>>()),
        (&Method::DELETE, path) if path.split('/').next() == Some("impositions") => lift(front, path),
        (&Method::POST, "advance") => {
            let Advance { seconds } = read(incoming.body)?;
            front.advance(TimeDelta::seconds(seconds.into()), incoming.now);
            Ok(json!({"now": front.world.now()}))
        }
        (&Method::POST, "reset") => {
            front.reset(incoming.now);
            Ok(json!({}))
        }
        (method, path) => {
            Err(Refusal { code: 404, message: format!("there is no {method} /_simulator/{path}") })
        }
    }
}

fn impose(front: &mut Front, imposition: Imposition) -> Result<Value, Refusal> {
    let imposed = front.world.impose(imposition);
    imposed.map(|id| json!({"id": id})).map_err(|error| Refusal { code: 400, message: error.to_string() })
}

/// Lifts the imposition that the path names, or all of them.
fn lift(front: &mut Front, path: &str) -> Result<Value, Refusal> {
    let all = || front.world.impositions().map(|standing| standing.id).collect();
    let named = path.split_once('/').map(|(_, id)| id.parse().map(|id| vec![id]));
    let ids: Vec<u64> = named.unwrap_or_else(|| Ok(all())).unwrap_or_default();
    let lifted = ids.into_iter().filter(|id| front.world.lift(*id)).count();
    if lifted == 0 && path.contains('/') {
        let standing = front.world.impositions().map(|standing| standing.id.to_string());
        let standing = standing.collect::<Vec<_>>().join(", ");
        let message =
            format!("there is no {path}; in force: {}", if standing.is_empty() { "none" } else { &standing });
        return Err(Refusal { code: 404, message });
    }
    Ok(json!({"lifted": lifted}))
}

fn change_key(front: &mut Front, change: &KeyChange) -> Result<Value, Refusal> {
    let state = if change.enabled { KeyState::Enabled } else { KeyState::Disabled };
    if front.world.set_key_state(&change.arn, state) {
        return Ok(json!({}));
    }
    Err(Refusal { code: 404, message: format!("there is no key {}", change.arn) })
}

fn calls(front: &Front) -> Value {
    let latest: Vec<&Call> = front.calls.latest().collect();
    json!({"total": front.calls.total(), "counts": front.calls.counts(), "latest": latest})
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal { code: 400, message: error.to_string() })
}

fn written(value: &impl serde::Serialize) -> Result<Value, Refusal> {
    serde_json::to_value(value).map_err(|error| Refusal { code: 500, message: error.to_string() })
}

impl SettingsChange {
    fn of(self, before: &Settings) -> Settings {
        Settings {
            seed: before.seed,
            snapshot_seconds: self.snapshot_seconds.unwrap_or(before.snapshot_seconds),
            copy_seconds: self.copy_seconds.unwrap_or(before.copy_seconds),
            pending_seconds: self.pending_seconds.unwrap_or(before.pending_seconds),
            instance_seconds: self.instance_seconds.unwrap_or(before.instance_seconds),
            lag_seconds: self.lag_seconds.unwrap_or(before.lag_seconds),
            new_lag_seconds: self.new_lag_seconds.unwrap_or(before.new_lag_seconds),
            quota: self.quota.unwrap_or(before.quota),
            instances: self.instances.unwrap_or(before.instances),
            licensed_instances: self.licensed_instances.unwrap_or(before.licensed_instances),
            storage_gib: self.storage_gib.unwrap_or(before.storage_gib),
            not_offered: self.not_offered.unwrap_or_else(|| before.not_offered.clone()),
            versions: self.versions.unwrap_or_else(|| before.versions.clone()),
            copy_slots: self.copy_slots.unwrap_or(before.copy_slots),
            one_step: self.one_step.unwrap_or(before.one_step),
            database_time_percent: self.database_time_percent.unwrap_or(before.database_time_percent),
            original_time: self.original_time.unwrap_or(before.original_time),
            failed_can_be_deleted: self.failed_can_be_deleted.unwrap_or(before.failed_can_be_deleted),
        }
    }
}
