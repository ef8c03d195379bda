//! How the copies of all databases go through the slots of one Region, and what a snapshot waits for.

use chrono::TimeDelta;

use super::spacing::{is_held_up, least, up};
use super::sum::Unbounded;
use crate::conditions::{Backlog, Cadence, Conditions, Hops, steps};

/// The copies into one Region.
#[derive(Debug)]
pub(super) struct Copies {
    /// From the time of the pass that starts a copy to that of the pass that finds it finished.
    pub(super) turn: TimeDelta,
    /// How many turns it takes until every database has had a slot.
    pub(super) batches: i32,
    /// The same for the first of two hops, in which a database may be served twice before another once.
    pub(super) first_batches: i32,
    /// What a snapshot waits for besides a slot.
    pub(super) behind: Behind,
}

/// What of its own database a snapshot may have to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Behind {
    /// Nothing: earlier copies are done in time.
    Nothing,
    /// A copy that was begun a moment before the snapshot was offered.
    AnEarlierCopy,
    /// Every older snapshot, which together take so long.
    OlderOnes(TimeDelta),
}

impl Copies {
    pub(super) fn of(cadence: &Cadence, conditions: &Conditions) -> Result<Self, Unbounded> {
        let turn = up(conditions.copying + conditions.late, cadence.copy);
        let turns = |copies: u64| i32::try_from(copies.div_ceil(conditions.slots.max(1)).max(1));
        let batches = turns(conditions.databases).unwrap_or(i32::MAX);
        let mut copies = Self { turn, batches, first_batches: batches, behind: Behind::Nothing };
        match conditions.backlog {
            Backlog::Skipped if copies.keep_up(cadence, conditions) => {}
            Backlog::Skipped => copies.behind = Behind::AnEarlierCopy,
            Backlog::Copied => copies.behind = copies.older_ones(cadence, conditions)?,
        }
        if copies.is_crowded(cadence, conditions) {
            let twice = conditions.databases.saturating_mul(2).saturating_sub(1);
            copies.first_batches = turns(twice).unwrap_or(i32::MAX);
        }
        Ok(copies)
    }

    /// True if snapshots may be offered while others of the round before wait for a slot between the hops. Who
    /// goes first is decided by what has arrived, and not by what is half way.
    fn is_crowded(&self, cadence: &Cadence, conditions: &Conditions) -> bool {
        let offered = conditions.snapshot + conditions.late * 2 + cadence.share + cadence.copy;
        conditions.hops == Hops::Two
            && self.batches > 1
            && (offered + self.turn * self.batches > least(cadence.interval, cadence.take)
                || self.behind != Behind::Nothing)
    }

    /// True if the copies of one snapshot of each database are found finished a pass before the next ones are
    /// offered: with less to spare, one run that is missed would be felt for hours.
    fn keep_up(&self, cadence: &Cadence, conditions: &Conditions) -> bool {
        let due = if is_held_up(cadence, conditions) {
            cadence.take
        } else {
            least(cadence.interval, cadence.take)
        };
        let apart = least(least(due, cadence.share), cadence.copy);
        let rounds = self.turn * self.batches;
        let spare = apart - rounds - cadence.copy;
        match conditions.hops {
            Hops::One => spare >= TimeDelta::zero(),
            // Late runs add up over both hops. At most two snapshots of a database are between them, and one that
            // has arrived is among them until the pass after the one that sees so.
            Hops::Two => spare >= conditions.late * 2 && rounds + self.turn + cadence.copy <= apart * 2,
        }
    }

    fn older_ones(&self, cadence: &Cadence, conditions: &Conditions) -> Result<Behind, Unbounded> {
        let interval = least(cadence.interval, cadence.take);
        let needed = conditions.copying * self.batches;
        if needed > interval {
            return Err(Unbounded { needed, interval });
        }
        let (whole, rest) = steps(cadence.copy, interval);
        let older = if rest.is_zero() { whole.saturating_sub(1) } else { whole };
        Ok(Behind::OlderOnes(conditions.copying * older.max(0)))
    }

    /// How many passes more it takes until an earlier one is cleared away from between the hops.
    pub(super) fn clearing(&self, conditions: &Conditions) -> i32 {
        i32::from(self.behind == Behind::AnEarlierCopy && conditions.hops == Hops::Two)
    }

    /// How long a second hop waits, if an earlier copy keeps it back for `behind`: the one before it may itself
    /// have been kept back, and have begun a moment before this one's first hop was found finished.
    pub(super) fn second_waits(&self, behind: TimeDelta) -> TimeDelta {
        match self.behind {
            Behind::AnEarlierCopy => behind + self.turn * (self.batches - 1),
            Behind::Nothing if self.first_batches > self.batches => self.turn * (self.batches - 1),
            Behind::Nothing | Behind::OlderOnes(_) => behind,
        }
    }
}
