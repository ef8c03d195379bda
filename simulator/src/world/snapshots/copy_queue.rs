//! Copies in progress: the number to each place, their order, and their sources.
//!
//! AWS runs the copies of one source database one after another. The snapshots themselves change in `copy` and
//! `progress`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use pilot_light_domain::model::arn::SnapshotArn;

use crate::world::place::Place;

/// The queue of one source database to one place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Queue {
    to: Place,
    /// `DbiResourceId` of the database of the snapshots.
    source_database: String,
}

#[derive(Debug)]
struct Job {
    source: SnapshotArn,
    queue: Queue,
}

/// All copies in progress.
#[derive(Debug, Default)]
pub(crate) struct Copies {
    jobs: BTreeMap<SnapshotArn, Job>,
    queues: BTreeMap<Queue, VecDeque<SnapshotArn>>,
    readers: BTreeMap<SnapshotArn, BTreeSet<SnapshotArn>>,
    per_place: BTreeMap<Place, usize>,
}

impl Copies {
    /// Every queue: the place that it leads to, the source database, and its copies in order.
    pub(crate) fn queues(&self) -> impl Iterator<Item = (&Place, &str, &VecDeque<SnapshotArn>)> {
        self.queues.iter().map(|(queue, copies)| (&queue.to, queue.source_database.as_str(), copies))
    }

    /// Copies in progress or queued to a place.
    pub(crate) fn in_progress(&self, to: &Place) -> usize {
        self.per_place.get(to).copied().unwrap_or(0)
    }

    /// Copies that read from `source`.
    pub(crate) fn readers_of(&self, source: &SnapshotArn) -> Vec<SnapshotArn> {
        self.readers.get(source).into_iter().flatten().cloned().collect()
    }

    /// The source of the copy `target`, while it is in progress.
    pub(crate) fn source_of(&self, target: &SnapshotArn) -> Option<&SnapshotArn> {
        self.jobs.get(target).map(|job| &job.source)
    }

    /// Enters a copy; true if it is its turn at once.
    pub(crate) fn enter(&mut self, target: SnapshotArn, source: SnapshotArn, source_database: &str) -> bool {
        let to = Place::of_snapshot(&target);
        *self.per_place.entry(to.clone()).or_default() += 1;
        self.readers.entry(source.clone()).or_default().insert(target.clone());
        let queue = Queue { to, source_database: source_database.to_owned() };
        let waiting = self.queues.entry(queue.clone()).or_default();
        waiting.push_back(target.clone());
        let is_first = waiting.len() == 1;
        self.jobs.insert(target, Job { source, queue });
        is_first
    }

    /// Removes a copy that is complete, cancelled or failed; returns the next copy of its queue, if its turn has come.
    pub(crate) fn leave(&mut self, target: &SnapshotArn) -> Option<SnapshotArn> {
        let Job { source, queue } = self.jobs.remove(target)?;
        if let Some(readers) = self.readers.get_mut(&source) {
            readers.remove(target);
            if readers.is_empty() {
                self.readers.remove(&source);
            }
        }
        if let Some(count) = self.per_place.get_mut(&queue.to) {
            *count -= 1;
            if *count == 0 {
                self.per_place.remove(&queue.to);
            }
        }
        self.leave_queue(target, &queue)
    }

    fn leave_queue(&mut self, target: &SnapshotArn, queue: &Queue) -> Option<SnapshotArn> {
        let waiting = self.queues.get_mut(queue)?;
        let was_first = waiting.front() == Some(target);
        waiting.retain(|other| other != target);
        let next = waiting.front().cloned();
        if next.is_none() {
            self.queues.remove(queue);
        }
        next.filter(|_| was_first)
    }
}
