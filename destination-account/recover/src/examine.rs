//! Reads the lists that the demands of a manifest need, and examines the manifest with them.
//!
//! The conclusions are left to `readiness`. This file only reads. The validation and the last look before a deletion use it
//! alike.

use std::collections::BTreeSet;

use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::recovery::{Call, RecoveryCloud};

use crate::entry::Entry;
use crate::facts::{Facts, Need};
use crate::manifest::Layer;
use crate::read::Reading;
use crate::readiness::{Finding, Placed, Removed, is_identified, missing, readiness, unread};

/// The rounds of reading: the lists of the demands, then all classes of an engine where a class is not offered.
const ROUNDS: usize = 2;

/// The result of an examination.
#[derive(Debug)]
pub(crate) struct Examination {
    /// The findings about the databases that the entries will create.
    pub(crate) findings: Vec<Finding>,
    /// The lists that AWS does not give now, but may give a moment later.
    pub(crate) gaps: Vec<Gap>,
}

/// A list that AWS does not give now, but may give a moment later.
#[derive(Debug)]
pub(crate) struct Gap {
    /// The index of the resource that needs it.
    pub(crate) index: usize,
    /// The list.
    pub(crate) need: Need,
    /// The answer of AWS.
    pub(crate) error: GatewayError,
}

/// Examines the databases that the entries will create.
pub(crate) async fn examine<C: RecoveryCloud>(
    cloud: &C,
    call: &Call,
    (entries, layers): (&[Entry], &[Layer]),
    reading: &mut Reading,
) -> Examination {
    let places = places(layers);
    let demands = demands(entries, &places, &reading.facts);
    for _ in 0..ROUNDS {
        let needs = missing(&demands, &reading.facts);
        if !needs.is_empty() {
            reading.read_more(cloud, call, &needs).await;
        }
    }
    let unread = unread(&demands, &reading.facts).into_iter();
    let gaps = unread.filter_map(|(index, need)| gap(index, need, reading)).collect();
    let removed = removed(entries, &places, &reading.facts);
    Examination { findings: readiness(&demands, &removed, &reading.facts), gaps }
}

/// The gap that an unread list leaves, if its error may end by itself.
pub(crate) fn gap(index: usize, need: Need, reading: &Reading) -> Option<Gap> {
    let error = reading.errors.get(&need).filter(|error| error.kind.name().is_retryable())?.clone();
    Some(Gap { index, need, error })
}

/// The layer and the parameters of a resource.
type Place = (u32, Vec<String>);

/// The place of each resource, in the order of the progress.
fn places(layers: &[Layer]) -> Vec<Place> {
    let all = layers.iter().flat_map(|layer| layer.resources.iter().map(|found| (layer.layer, found)));
    all.map(|(layer, found)| (layer, found.texts().map(|(name, _)| name.to_owned()).collect())).collect()
}

/// The demands of all entries whose lists could be read.
fn demands<'a>(entries: &'a [Entry], places: &'a [Place], facts: &Facts) -> Vec<Placed<'a>> {
    let of_entry = |entry: &'a Entry| {
        let known = facts.known_to(&entry.kind.needs(&entry.setting), &entry.words);
        let demands = known.map(|known| entry.kind.demands(known, &entry.setting)).unwrap_or_default();
        let (layer, given) = &places[entry.index];
        let unread = &entry.setting.unread;
        demands.into_iter().map(|demand| demand.without(unread)).map(move |demand| Placed {
            index: entry.index,
            place: &entry.place,
            resource: &entry.setting.resource,
            layer: *layer,
            given,
            unread,
            demand,
        })
    };
    entries.iter().flat_map(of_entry).collect()
}

/// The databases that the entries delete, each once. Nobody knows those of a resource whose identity could not be read.
fn removed(entries: &[Entry], places: &[Place], facts: &Facts) -> Vec<Removed> {
    let of_entry = |entry: &Entry| {
        let known = facts.known_to(&entry.kind.needs(&entry.setting), &entry.words).ok();
        let known = known.filter(|_| is_identified(&entry.setting.unread));
        let removals = known.map(|known| entry.kind.removals(known, &entry.setting)).unwrap_or_default();
        let (index, layer) = (entry.index, places[entry.index].0);
        removals.into_iter().map(move |removal| Removed { index, layer, removal })
    };
    // Several drills of one database may find the same one left behind.
    let mut seen = BTreeSet::new();
    let is_new = |removed: &Removed| seen.insert(removed.removal.arn.clone());
    entries.iter().flat_map(of_entry).filter(is_new).collect()
}
