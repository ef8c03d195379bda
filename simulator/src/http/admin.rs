//! The admin interface under `/_simulator/`: keys, settings, saved worlds, and reports on the world and its calls.

use std::collections::BTreeSet;

use hyper::Method;
use pilot_light_domain::model::arn::KmsKeyArn;
use pilot_light_domain::model::ids::AccountId;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::front::{Front, Incoming, Outgoing, status};
use crate::calls::Call;
use crate::world::{KeyState, SecondsRange, Settings, World};

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

/// `POST /_simulator/settings`: absent fields keep their values.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsChange {
    snapshot_seconds: Option<SecondsRange>,
    copy_seconds: Option<SecondsRange>,
    instance_seconds: Option<SecondsRange>,
    lag_seconds: Option<u32>,
    quota: Option<u32>,
    copy_slots: Option<u32>,
    one_step: Option<bool>,
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
        (&Method::POST, "reset") => {
            front.reset(incoming.now);
            Ok(json!({}))
        }
        (method, path) => {
            Err(Refusal { code: 404, message: format!("there is no {method} /_simulator/{path}") })
        }
    }
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
            instance_seconds: self.instance_seconds.unwrap_or(before.instance_seconds),
            lag_seconds: self.lag_seconds.unwrap_or(before.lag_seconds),
            quota: self.quota.unwrap_or(before.quota),
            copy_slots: self.copy_slots.unwrap_or(before.copy_slots),
            one_step: self.one_step.unwrap_or(before.one_step),
        }
    }
}
