//! The checks of a saved world before it is loaded: each part agrees with the others.
//!
//! The types check each value by itself.

use std::collections::{BTreeMap, BTreeSet};

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::{DatabaseArn, SnapshotArn};
use serde_path_to_error::Error as PathError;

use super::{SavedPlace, SavedQueue, SavedWorld};
use crate::world::place::Place;
use crate::world::snapshots::record::Work;
use crate::world::time::event::Event;

/// A file that is no saved world.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct InvalidWorld {
    /// The path of the field in the file, as in `places[0].snapshots[3].status`.
    field: String,
    problem: String,
}

impl InvalidWorld {
    pub(super) fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { field: field.into(), problem: problem.into() }
    }
}

impl From<PathError<serde_json::Error>> for InvalidWorld {
    fn from(error: PathError<serde_json::Error>) -> Self {
        Self::new(error.path().to_string(), error.inner().to_string())
    }
}

/// Checks that the parts of a saved world agree.
pub(super) fn check(saved: &SavedWorld) -> Result<(), InvalidWorld> {
    let mut copies = BTreeMap::new();
    for (number, place) in saved.places.iter().enumerate() {
        let field = format!("places[{number}]");
        if saved.places[..number].iter().any(|other| place_of(other) == place_of(place)) {
            return Err(InvalidWorld::new(field, "this account and Region are there twice"));
        }
        check_place(place, &field)?;
        let queued =
            place.snapshots.iter().filter(|one| matches!(one.work, Work::Queued | Work::Copying { .. }));
        copies.extend(queued.map(|one| (&one.arn, &one.work)));
    }
    for (number, queue) in saved.copy_queues.iter().enumerate() {
        check_queue(queue, &format!("copy_queues[{number}]"), &mut copies)?;
    }
    if let Some(arn) = copies.keys().next() {
        return Err(InvalidWorld::new(
            "copy_queues",
            format!("the copy {arn} is in progress and in no queue"),
        ));
    }
    check_agenda(saved)
}

fn place_of(saved: &SavedPlace) -> Place {
    Place::new(&saved.account, &saved.region)
}

fn check_place(saved: &SavedPlace, field: &str) -> Result<(), InvalidWorld> {
    let SavedPlace { instances, clusters, snapshots, cluster_snapshots, .. } = saved;
    let place = place_of(saved);
    let is_ours = |arn: &DatabaseArn| Place::of_instance(arn) == place;
    each(instances.iter().map(|one| &one.arn), is_ours, &format!("{field}.instances"))?;
    each(clusters.iter().map(|one| &one.arn), is_ours, &format!("{field}.clusters"))?;
    let is_ours = |arn: &SnapshotArn| Place::of_snapshot(arn) == place;
    each(snapshots.iter().map(|one| &one.arn), is_ours, &format!("{field}.snapshots"))?;
    each(cluster_snapshots.iter().map(|one| &one.arn), is_ours, &format!("{field}.cluster_snapshots"))
}

/// Checks that each ARN is of this account and Region, and is there once.
fn each<'a, T: Ord + ToString + 'a>(
    arns: impl Iterator<Item = &'a T>,
    is_ours: impl Fn(&T) -> bool,
    field: &str,
) -> Result<(), InvalidWorld> {
    let mut seen = BTreeSet::new();
    for (number, arn) in arns.enumerate() {
        let problem = match (is_ours(arn), seen.insert(arn)) {
            (true, true) => continue,
            (false, _) => "is of another account or Region",
            (true, false) => "is there twice",
        };
        return Err(InvalidWorld::new(
            format!("{field}[{number}].arn"),
            format!("{} {problem}", arn.to_string()),
        ));
    }
    Ok(())
}

/// Takes the copies of a queue out of those in progress. The first one is being copied and the others wait.
fn check_queue(
    queue: &SavedQueue,
    field: &str,
    copies: &mut BTreeMap<&SnapshotArn, &Work>,
) -> Result<(), InvalidWorld> {
    let place = Place::new(&queue.account, &queue.region);
    for (number, one) in queue.copies.iter().enumerate() {
        let is_in_turn = |work: &Work| matches!(work, Work::Queued) == (number > 0);
        let work = copies.remove(&one.copy).filter(|_| Place::of_snapshot(&one.copy) == place);
        if !work.is_some_and(is_in_turn) {
            let expected = if number == 0 { "Copying" } else { "Queued" };
            let problem = format!("the work of {} there is not {expected}", one.copy);
            return Err(InvalidWorld::new(format!("{field}.copies[{number}].copy"), problem));
        }
    }
    Ok(())
}

/// Checks that the events of instances and snapshots follow from their records. An agenda can lack such events.
fn check_agenda(saved: &SavedWorld) -> Result<(), InvalidWorld> {
    let instances = saved.places.iter().flat_map(|place| &place.instances);
    let reached = instances.filter_map(|one| Some((one.next?.0, Event::InstanceReached(one.arn.clone()))));
    let snapshots = saved.places.iter().flat_map(|place| &place.snapshots);
    let complete =
        snapshots.filter_map(|one| Some((one.work.until()?, Event::SnapshotComplete(one.arn.clone()))));
    let expected: BTreeSet<(Instant, Event)> = reached.chain(complete).collect();
    for (number, due) in saved.agenda.iter().enumerate() {
        let follows = matches!(due.event, Event::InstanceReached(_) | Event::SnapshotComplete(_));
        if follows && !expected.contains(&(due.at, due.event.clone())) {
            let problem =
                format!("{:?} at {} does not follow from its record", due.event, due.at.to_rfc3339());
            return Err(InvalidWorld::new(format!("agenda[{number}]"), problem));
        }
    }
    Ok(())
}
