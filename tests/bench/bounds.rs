//! Least number of RDS calls that any correct program needs for a run.

use crate::fleet::{Due, Fleet, Key, Worker};

/// The most items that RDS gives in one page.
const PAGE: usize = 100;
/// The copies that may be in progress to one Region at the same time.
pub(crate) const COPY_SLOTS: usize = 20;

/// The number of pages of a list with so many items. An empty list takes one page too.
fn pages(items: usize) -> usize {
    items.div_ceil(PAGE).max(1)
}

/// The number of RDS calls of a run that carries out `actions`, after earlier runs that carried out `earlier` actions.
pub(crate) fn of_run(worker: Worker, fleet: Fleet, earlier: usize, actions: usize) -> usize {
    let more = match worker {
        Worker::Take | Worker::Copy => earlier.cast_signed(),
        Worker::SourceDelete | Worker::DestinationDelete => -earlier.cast_signed(),
        // A re-encryption makes one more snapshot. A share makes none.
        Worker::Share if fleet.key == Key::Default => earlier.cast_signed(),
        Worker::Share => 0,
    };
    // Sharing a snapshot takes one call to share it and one call to tag it as shared. A re-encryption takes one call.
    let is_sharing = worker == Worker::Share && fleet.key == Key::Own;
    let calls = if is_sharing { 2 * actions } else { actions };
    reads(worker, fleet, more) + calls
}

/// The number of calls that read lists, after earlier runs of the worker that made `more` snapshots (or deleted some).
fn reads(worker: Worker, fleet: Fleet, more: isize) -> usize {
    let changed = |items: usize| pages(items.saturating_add_signed(more));
    match worker {
        Worker::Take => pages(fleet.databases) + changed(fleet.in_source()),
        Worker::Share | Worker::SourceDelete => changed(fleet.in_source()),
        Worker::DestinationDelete => changed(fleet.in_destination(worker)),
        // The lists of shared snapshots, of intermediate copies (there are none), and of copies.
        Worker::Copy => pages(fleet.in_source()) + pages(0) + changed(fleet.in_destination(worker)),
    }
}

/// The scenario of a fleet, in words.
pub(crate) fn scenario(due: Due) -> &'static str {
    match due {
        Due::Nothing => "steady",
        Due::Tenth => "tenth due",
        Due::All => "all due",
    }
}
