//! The worst age under cron expressions on the clock: where take, share and copy pass at the full hour and every
//! so many minutes from there, what waits for which pass is known to the minute.
//!
//! Each run starts up to `late` after its time, whatever the others do. Passes that fall anywhere are
//! [`super::worst`]'s.

use chrono::TimeDelta;

use super::copies::{Behind, Copies};
use super::spacing::{down, is_held_up, until_seen, up};
use super::sum::{BEHIND, Sum};
use crate::conditions::{Cadence, Conditions, Hops, Phase};

const HOUR: TimeDelta = TimeDelta::hours(1);

/// True if the passes are where these sums take them to be.
pub(super) fn applies(cadence: &Cadence, conditions: &Conditions) -> bool {
    let divides = |period: TimeDelta| up(HOUR, period) == HOUR && period >= TimeDelta::minutes(1);
    conditions.phase == Phase::OnTheClock
        && [cadence.take, cadence.share, cadence.copy].into_iter().all(divides)
}

/// The worst of all the ways that a snapshot can go, each begun at another minute of the hour.
pub(super) fn worst(cadence: &Cadence, conditions: &Conditions, copies: &Copies) -> Sum {
    let ways = starts(cadence, conditions).into_iter().map(|start| way(start, cadence, conditions, copies));
    let total = |terms: &Terms| terms.iter().map(|(_, time)| *time).sum::<TimeDelta>();
    // The first of several that are as bad.
    ways.rev().max_by_key(total).map_or(Sum { terms: Vec::new() }, Sum::of)
}

const TERMS: usize = 15;
type Terms = [(&'static str, TimeDelta); TERMS];

/// A pass that takes a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Start {
    /// Its time, counted from a full hour.
    at: TimeDelta,
    /// How much before it the data of the snapshot before may be.
    spacing: TimeDelta,
}

/// Every pass that fills a slot, until minutes and slots fall together again.
fn starts(cadence: &Cadence, conditions: &Conditions) -> Vec<Start> {
    let Cadence { interval, take, .. } = *cadence;
    let mut passes: Vec<_> = (0..=60).map(|slot| up(interval * slot, take)).collect();
    passes.dedup();
    // A pass of the slot before that starts late may fall into this one, and fill it.
    let earliest = |pass: TimeDelta| {
        let slot = down(pass, interval);
        slot.max(up(slot - conditions.late, take))
    };
    let next = passes.iter().skip(1);
    let due = passes.iter().zip(next).map(|(before, at)| Start { at: *at, spacing: *at - earliest(*before) });
    let mut starts: Vec<_> = due.collect();
    if is_held_up(cadence, conditions) {
        let spacing = until_seen(conditions.snapshot, take, conditions.late);
        let any = (0..60).map(|pass| take * pass).take_while(|at| *at < HOUR);
        starts.extend(any.map(|at| Start { at, spacing: spacing.max(up(interval, take)) }));
    }
    starts
}

/// From the data of the snapshot before to the arrival of this one.
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
    let [second, second_behind, second_late, second_copy] = match conditions.hops {
        Hops::One => [none; 4],
        Hops::Two => {
            let waits = copies.second_waits(self::behind(copied, cadence, conditions, copies));
            [up(copied, cadence.copy) - copied, waits, late, copying]
        }
    };
    [
        ("between two snapshots", start.spacing),
        ("a take pass that starts late", late),
        ("the snapshot", snapshot),
        ("until the next share pass", share - finished),
        ("a share pass that starts late", late),
        ("until the next copy pass", copy - shared),
        (BEHIND, behind),
        ("until an earlier copy between the hops is cleared away", clearing),
        ("waiting for copy slots", slots),
        ("a copy pass that starts late", late),
        ("the copy", copying),
        ("until the next copy pass, for the second hop", second),
        ("waiting for earlier copies, in the second hop", second_behind),
        ("a second hop that starts late", second_late),
        ("the copy of the second hop", second_copy),
    ]
}

/// How much later than the next copy pass it is when a copy is done that was begun before `offered`, and a pass
/// sees so.
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
