//! The worst age under cron expressions on the clock. Take, share and copy then run at the full hour and every so many
//! minutes from there, so each wait for a run is known to the minute.
//!
//! Each run starts up to `late` after its time, independently of the others. [`super::worst`] is for runs at any other
//! times.

use chrono::TimeDelta;

use super::copies::{Behind, Copies};
use super::spacing::{down, is_held_up, until_seen, up};
use super::sum::{BEHIND, Sum};
use crate::conditions::{Cadence, Conditions, CopyMode, Phase};

const HOUR: TimeDelta = TimeDelta::hours(1);

/// True if the runs have the times that these sums assume.
pub(super) fn applies(cadence: &Cadence, conditions: &Conditions) -> bool {
    let divides = |period: TimeDelta| up(HOUR, period) == HOUR && period >= TimeDelta::minutes(1);
    conditions.phase == Phase::OnTheClock
        && [cadence.take, cadence.share, cadence.copy].into_iter().all(divides)
}

/// The worst of all ways of a snapshot, each begun at another minute of the hour.
pub(super) fn worst(cadence: &Cadence, conditions: &Conditions, copies: &Copies) -> Sum {
    let ways = starts(cadence, conditions).into_iter().map(|start| way(start, cadence, conditions, copies));
    let total = |terms: &Terms| terms.iter().map(|(_, time)| *time).sum::<TimeDelta>();
    // The first of several equally bad ways.
    ways.rev().max_by_key(total).map_or(Sum { terms: Vec::new() }, Sum::of)
}

const TERMS: usize = 15;
type Terms = [(&'static str, TimeDelta); TERMS];

/// A run that takes a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Start {
    /// Its time, counted from a full hour.
    at: TimeDelta,
    /// The longest possible time since the data of the previous snapshot.
    spacing: TimeDelta,
}

/// Every run that takes the snapshot of an interval, until minutes and intervals coincide again.
fn starts(cadence: &Cadence, conditions: &Conditions) -> Vec<Start> {
    let Cadence { interval, take, .. } = *cadence;
    let mut runs: Vec<_> = (0..=60).map(|index| up(interval * index, take)).collect();
    runs.dedup();
    // A late run of the previous interval may fall into this interval and take its snapshot.
    let earliest = |run: TimeDelta| {
        let start = down(run, interval);
        start.max(up(start - conditions.late, take))
    };
    let next = runs.iter().skip(1);
    let due = runs.iter().zip(next).map(|(before, at)| Start { at: *at, spacing: *at - earliest(*before) });
    let mut starts: Vec<_> = due.collect();
    if is_held_up(cadence, conditions) {
        let spacing = until_seen(conditions.snapshot, take, conditions.late);
        let any = (0..60).map(|index| take * index).take_while(|at| *at < HOUR);
        starts.extend(any.map(|at| Start { at, spacing: spacing.max(up(interval, take)) }));
    }
    starts
}

/// The terms from the data of the previous snapshot to the arrival of this one.
fn way(start: Start, cadence: &Cadence, conditions: &Conditions, copies: &Copies) -> Terms {
    let Conditions { late, snapshot, copying, .. } = *conditions;
    let none = TimeDelta::zero();
    let finished = start.at + late + snapshot;
    let share = up(finished, cadence.share);
    let shared = share + late;
    let copy = up(shared, cadence.copy);
    let behind = behind(shared, cadence, conditions, copies);
    let clearing = cadence.copy * copies.clearing(conditions);
    let slots = copies.turn * (copies.first_batches - 1);
    let copied = copy + behind + clearing + slots + late + copying;
    let [second, second_behind, second_late, second_copy] = match conditions.copy_mode {
        CopyMode::OneStep => [none; 4],
        CopyMode::TwoHop => {
            let waits = copies.second_waits(self::behind(copied, cadence, conditions, copies));
            [up(copied, cadence.copy) - copied, waits, late, copying]
        }
    };
    [
        ("between two snapshots", start.spacing),
        ("a take run that starts late", late),
        ("the snapshot", snapshot),
        ("until the next share run", share - finished),
        ("a share run that starts late", late),
        ("until the next copy run", copy - shared),
        (BEHIND, behind),
        ("until an earlier copy between the hops is removed", clearing),
        ("waiting for copy slots", slots),
        ("a copy run that starts late", late),
        ("the copy", copying),
        ("until the next copy run, for the second hop", second),
        ("waiting for earlier copies, in the second hop", second_behind),
        ("a second hop that starts late", second_late),
        ("the copy of the second hop", second_copy),
    ]
}

/// The time from the next copy run after `offered` to the run that finds an earlier copy finished. That copy was begun
/// before `offered`.
fn behind(offered: TimeDelta, cadence: &Cadence, conditions: &Conditions, copies: &Copies) -> TimeDelta {
    match copies.behind {
        Behind::Nothing => TimeDelta::zero(),
        Behind::OlderOnes(together) => together,
        Behind::AnEarlierCopy => {
            let begun = offered.min(down(offered, cadence.copy) + conditions.late);
            let seen = up(begun + conditions.copying, cadence.copy);
            (seen - up(offered, cadence.copy)).max(TimeDelta::zero())
        }
    }
}
