//! Closes a recovery that has ended, so that no later execution of its manifest continues it.
//!
//! The changes are decided in `identity`.

use std::collections::BTreeSet;

use pilot_light_domain::recovery::{Call, RecoveryCloud, RecoveryGateway};
use pilot_light_domain::run::effects::side_by_side;
use serde_json::{Value, json};

use crate::facts::Need;
use crate::identity::{self, Recovery};
use crate::read::Reading;

/// Closes the recovery. One tag of many is enough, and nobody has to wait for it: everything is up.
///
/// Returns a log line with the words of AWS if it refused every tag, or did not list the databases.
pub(super) async fn close<C: RecoveryCloud>(
    cloud: &C,
    call: &Call,
    recovery: &Recovery,
    reading: &mut Reading,
) -> Option<Value> {
    let facts = &reading.facts;
    let here = facts.region.clone();
    let mut needs = BTreeSet::new();
    if !facts.instances.contains_key(&here) {
        needs.insert(Need::Instances(here.clone()));
    }
    if !facts.clusters.contains_key(&here) {
        needs.insert(Need::Clusters(here.clone()));
    }
    reading.read_more(cloud, call, &needs).await;
    let gateway = cloud.recovery(&here);
    let changes = identity::closing(&reading.facts, recovery);
    let answers = side_by_side(changes.iter().map(|change| gateway.change(change)).collect()).await;
    if answers.iter().any(Result::is_ok) {
        return None;
    }
    let refusals = answers.into_iter().filter_map(Result::err).map(|error| error.to_string());
    let unread = needs.iter().filter_map(|need| reading.facts.unread.get(need).cloned());
    let why = refusals.chain(unread).next()?;
    Some(json!({"event": "recovery_not_closed", "recovery": recovery.id, "why": why}))
}
