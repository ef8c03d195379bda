//! The copies of all databases into one Region: their turns in its copy slots, and the wait of a snapshot for them.

use chrono::TimeDelta;

use super::spacing::{is_held_up, least, up};
use super::sum::Unbounded;
use crate::conditions::{Backlog, Cadence, Conditions, CopyMode, steps};

/// The copies into one Region.
#[derive(Debug)]
pub(super) struct Copies {
    /// From the time of the run that starts a copy to the time of the run that finds it finished.
    pub(super) turn: TimeDelta,
    /// The number of turns until every database has had a copy slot.
    pub(super) batches: i32,
    /// The same for the first of two hops. There, one database may get a copy slot twice before another gets its first.
    pub(super) first_batches: i32,
    /// The wait of a snapshot besides the wait for a copy slot.
    pub(super) behind: Behind,
}

/// The copies of its own database that a snapshot may have to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Behind {
    /// None, since earlier copies are finished in time.
    Nothing,
    /// One copy, which was begun a moment before the snapshot was offered.
    AnEarlierCopy,
    /// The copies of all older snapshots, which take this time together.
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

    /// True if snapshots may be offered while others of the previous round still wait for a copy slot between the hops.
    /// The next copy is chosen by the snapshots that have arrived, and not by those half-way.
    fn is_crowded(&self, cadence: &Cadence, conditions: &Conditions) -> bool {
        let offered = conditions.snapshot + conditions.late * 2 + cadence.share + cadence.copy;
        conditions.copy_mode == CopyMode::TwoHop
            && self.batches > 1
            && (offered + self.turn * self.batches > least(cadence.interval, cadence.take)
                || self.behind != Behind::Nothing)
    }

    /// True if the copies of one snapshot of each database are found finished one run before the next snapshots are
    /// offered. With less to spare, the effect of one missed run would last for hours.
    fn keep_up(&self, cadence: &Cadence, conditions: &Conditions) -> bool {
        let due = if is_held_up(cadence, conditions) {
            cadence.take
        } else {
            least(cadence.interval, cadence.take)
        };
        let apart = least(least(due, cadence.share), cadence.copy);
        let rounds = self.turn * self.batches;
        let spare = apart - rounds - cadence.copy;
        match conditions.copy_mode {
            CopyMode::OneStep => spare >= TimeDelta::zero(),
            // Late runs add up over both hops. At most two snapshots of a database are between them, and one that
            // has arrived still counts until the run after the one that finds it there.
            CopyMode::TwoHop => {
                spare >= conditions.late * 2 && rounds + self.turn + cadence.copy <= apart * 2
            }
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

    /// The number of further runs until an earlier copy is removed from between the hops.
    pub(super) fn clearing(&self, conditions: &Conditions) -> i32 {
        i32::from(self.behind == Behind::AnEarlierCopy && conditions.copy_mode == CopyMode::TwoHop)
    }

    /// The wait of a second hop that an earlier copy delays by `behind`. That copy may itself have been delayed, and may
    /// have begun a moment before the first hop of this one was found finished.
    pub(super) fn second_waits(&self, behind: TimeDelta) -> TimeDelta {
        match self.behind {
            Behind::AnEarlierCopy => behind + self.turn * (self.batches - 1),
            Behind::Nothing if self.first_batches > self.batches => self.turn * (self.batches - 1),
            Behind::Nothing | Behind::OlderOnes(_) => behind,
        }
    }
}
