//! Closes a recovery that has ended, so that no later execution of its manifest continues it.
//!
//! The changes are decided in `identity`.

use std::collections::BTreeSet;

use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::recovery::{Call, Change, RecoveryCloud, RecoveryGateway};
use pilot_light_domain::run::effects::side_by_side;
use serde_json::{Value, json};

use crate::apply::is_temporary;
use crate::facts::{Facts, Need};
use crate::identity;
use crate::read::Reading;
use crate::request::Run;

/// The most requests of one list or tag.
const ATTEMPTS: u32 = 3;

/// Closes the recovery. One tag of many is enough, and nobody has to wait for it: everything is up.
///
/// Returns a log line with the words of AWS if it refused every tag, or did not list the databases.
pub(super) async fn close<C: RecoveryCloud>(
    cloud: &C,
    call: &Call,
    run: &Run,
    reading: &mut Reading,
) -> Option<Value> {
    let here = reading.facts.region.clone();
    let mut unread = missing(&reading.facts);
    for _ in 0..ATTEMPTS {
        reading.read_more(cloud, call, &unread).await;
        unread = missing(&reading.facts);
    }
    let recovery = run.recovery();
    let changes = identity::closing(&reading.facts, &recovery, &run.layers);
    let refusals = refusals(&cloud.recovery(&here), &changes).await;
    if refusals.len() < changes.len() {
        return None;
    }
    let unread = unread.iter().filter_map(|need| reading.facts.unread.get(need).cloned());
    let why = refusals.iter().map(ToString::to_string).chain(unread).next()?;
    Some(json!({"event": "recovery_not_closed", "recovery": recovery.id, "why": why}))
}

/// The lists of databases in the worker's Region that are not read yet.
fn missing(facts: &Facts) -> BTreeSet<Need> {
    let here = &facts.region;
    let instances = (!facts.instances.contains_key(here)).then(|| Need::Instances(here.clone()));
    let clusters = (!facts.clusters.contains_key(here)).then(|| Need::Clusters(here.clone()));
    instances.into_iter().chain(clusters).collect()
}

/// Requests the changes, each up to three times while AWS refuses it temporarily. Returns the refusals that remain.
async fn refusals<G: RecoveryGateway>(gateway: &G, changes: &[Change]) -> Vec<GatewayError> {
    let mut left: Vec<&Change> = changes.iter().collect();
    let mut refused = Vec::new();
    for attempt in 1..=ATTEMPTS {
        let calls = left.iter().map(|change| gateway.change(change)).collect();
        let answers = side_by_side(calls).await;
        let mut again = Vec::new();
        for (change, answer) in left.into_iter().zip(answers) {
            match answer {
                Err(error) if is_temporary(&error) && attempt < ATTEMPTS => again.push(change),
                Err(error) => refused.push(error),
                Ok(()) => {}
            }
        }
        left = again;
    }
    refused
}
