//! The least number of RDS calls that any correct program needs for a run.

use crate::fleet::{Due, Fleet, Worker};

/// The most items that RDS gives in one page.
const PAGE: usize = 100;
/// Copies that may be in progress to one Region.
pub(crate) const COPY_SLOTS: usize = 20;

/// Pages that a list of so many items takes; an empty one takes one too.
fn pages(items: usize) -> usize {
    items.div_ceil(PAGE).max(1)
}

/// RDS calls of a run that carries out so many actions, where runs before it have carried out `earlier` ones.
pub(crate) fn of_run(worker: Worker, fleet: Fleet, earlier: usize, actions: usize) -> usize {
    let more = match worker {
        Worker::Take | Worker::Copy => earlier.cast_signed(),
        Worker::SourceDelete | Worker::DestinationDelete => -earlier.cast_signed(),
        Worker::Share => 0,
    };
    // Sharing and remembering.
    let calls = if worker == Worker::Share { 2 * actions } else { actions };
    reads(worker, fleet, more) + calls
}

/// The lists, where the worker's own runs have made `more` snapshots.
fn reads(worker: Worker, fleet: Fleet, more: isize) -> usize {
    let changed = |items: usize| pages(items.saturating_add_signed(more));
    match worker {
        Worker::Take => pages(fleet.databases) + changed(fleet.in_source()),
        Worker::Share | Worker::SourceDelete => changed(fleet.in_source()),
        Worker::DestinationDelete => changed(fleet.in_destination(worker)),
        // What is shared, the intermediates beside it (none), and the copies.
        Worker::Copy => pages(fleet.in_source()) + pages(0) + changed(fleet.in_destination(worker)),
    }
}

/// What a fleet is made for, in words.
pub(crate) fn scenario(due: Due) -> &'static str {
    match due {
        Due::Nothing => "steady",
        Due::Tenth => "tenth due",
        Due::All => "all due",
    }
}
