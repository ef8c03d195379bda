//! Reads the lists that the demands of a manifest need, and examines the manifest with them.
//!
//! The conclusions are left to `readiness`. This file only reads.

use pilot_light_domain::recovery::{Call, RecoveryCloud};

use crate::entry::Entry;
use crate::facts::Facts;
use crate::manifest::Layer;
use crate::read::Reading;
use crate::readiness::{Finding, Placed, missing, readiness};

/// The rounds of reading: the lists of the demands, then all classes of an engine where a class is not offered.
const ROUNDS: usize = 2;

/// The findings about the databases that the entries will create.
pub(crate) async fn examine<C: RecoveryCloud>(
    cloud: &C,
    call: &Call,
    (entries, layers): (&[Entry], &[Layer]),
    reading: &mut Reading,
) -> Vec<Finding> {
    let places = places(layers);
    let demands = demands(entries, &places, &reading.facts);
    for _ in 0..ROUNDS {
        let needs = missing(&demands, &reading.facts);
        if !needs.is_empty() {
            reading.read_more(cloud, call, &needs).await;
        }
    }
    readiness(&demands, &reading.facts)
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
