//! The worst age of a database's newest restorable point, just before the next one becomes restorable.
//!
//! `W = T + S + C + s + c` (snapshot interval, share pass, copy pass, snapshot, copy), a pass and a copy more
//! with two hops, and the waiting for slots. Faults and retries are not in it.

use std::fmt;

use chrono::TimeDelta;

use super::{Backlog, Cadence, Conditions, Hops, Phase, steps};

/// A sum of durations with its terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// What it is made of, in the order of events.
    pub terms: Vec<Term>,
}

/// One line of a sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// What takes the time, in words.
    pub name: &'static str,
    /// How long at worst.
    pub time: TimeDelta,
}

/// There is no bound: copies pile up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unbounded {
    /// How long the copies of one interval take, in all slots together.
    pub needed: TimeDelta,
    /// How long they have.
    pub interval: TimeDelta,
}

/// The worst age under a schedule.
///
/// A shorter interval makes it better as long as the copies keep up; where they stop doing so, one copy more
/// has to be waited for.
///
/// # Errors
/// [`Unbounded`] if the copies cannot keep up and none is ever skipped.
pub fn worst(cadence: &Cadence, conditions: &Conditions) -> Result<Sum, Unbounded> {
    let copies = Copies::of(cadence, conditions);
    let behind = copies.behind(cadence, conditions)?;
    let hops = conditions.hops.count();
    let second = |time: TimeDelta| time * (hops - 1);
    let all = [
        ("between two snapshots", longest_spacing(cadence, conditions)),
        ("a snapshot that just misses its slot", straddling(cadence, conditions)),
        ("the snapshot", conditions.snapshot),
        ("until the next share pass", cadence.share),
        ("until the next copy pass", cadence.copy),
        ("waiting for copy slots", copies.turn * (copies.batches - 1)),
        ("the copy before it, which is still in progress", behind),
        ("the copy", conditions.copying),
        ("until the next copy pass, for the second hop", second(cadence.copy)),
        ("the copy before it, in the second hop", second(behind)),
        ("the copy of the second hop", second(conditions.copying)),
        ("runs that start late", conditions.late * (2 + hops)),
    ];
    let terms = all.into_iter().filter(|(_, time)| *time > TimeDelta::zero());
    Ok(Sum { terms: terms.map(|(name, time)| Term { name, time }).collect() })
}

impl Sum {
    /// All terms together.
    #[must_use]
    pub fn total(&self) -> TimeDelta {
        self.terms.iter().map(|term| term.time).sum()
    }
}

impl fmt::Display for Unbounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (needed, interval) = (self.needed.num_minutes(), self.interval.num_minutes());
        write!(
            f,
            "no bound: the copies of one interval take {needed} minutes and the next are due after {interval}, so they pile up"
        )
    }
}

/// How the copies into one Region go through its slots.
struct Copies {
    /// From the pass that starts a copy to the pass that finds it finished.
    turn: TimeDelta,
    /// How many turns it takes until every database has had a slot.
    batches: i32,
}

impl Copies {
    fn of(cadence: &Cadence, conditions: &Conditions) -> Self {
        let (passes, _) = steps(conditions.copying + conditions.late, cadence.copy);
        let batches = conditions.databases.div_ceil(conditions.slots.max(1)).max(1);
        let batches = i32::try_from(batches).unwrap_or(i32::MAX);
        Self { turn: cadence.copy * passes.saturating_add(1), batches }
    }

    /// How long a snapshot waits for copies of its own database that were begun before its own.
    fn behind(&self, cadence: &Cadence, conditions: &Conditions) -> Result<TimeDelta, Unbounded> {
        let interval = shortest_spacing(cadence);
        match conditions.backlog {
            Backlog::Skipped if self.turn * self.batches <= interval => Ok(TimeDelta::zero()),
            // One was begun a moment before the snapshot was offered.
            Backlog::Skipped => Ok(self.turn - cadence.copy),
            Backlog::Copied => {
                let needed = conditions.copying * self.batches;
                let (whole, rest) = steps(cadence.copy, interval);
                let older = if rest.is_zero() { whole.saturating_sub(1) } else { whole };
                let fits = needed <= interval;
                if fits { Ok(conditions.copying * older.max(0)) } else { Err(Unbounded { needed, interval }) }
            }
        }
    }
}

/// The least time between two snapshots of a database, passes being what they are.
fn shortest_spacing(cadence: &Cadence) -> TimeDelta {
    let (whole, _) = steps(cadence.interval, cadence.take);
    if whole == 0 { cadence.take } else { cadence.take * whole }
}

/// The most: slots are seen by passes only, and a snapshot that outlasts its slot holds the next one up.
fn longest_spacing(cadence: &Cadence, conditions: &Conditions) -> TimeDelta {
    let (whole, rest) = steps(cadence.interval, cadence.take);
    let due = cadence.take * if rest.is_zero() { whole.max(1) } else { whole.saturating_add(1) };
    let (busy, _) = steps(conditions.snapshot, cadence.take);
    due.max(cadence.take * busy.saturating_add(1))
}

/// A pass shortly before a slot begins, started late once and in time the next time, is too early by
/// moments, and the slot waits for the next pass.
fn straddling(cadence: &Cadence, conditions: &Conditions) -> TimeDelta {
    let longest = longest_spacing(cadence, conditions);
    match conditions.phase {
        Phase::Anywhere if conditions.late > TimeDelta::zero() => {
            (cadence.interval + cadence.take - longest).max(TimeDelta::zero())
        }
        Phase::Anywhere | Phase::OnTheClock => TimeDelta::zero(),
    }
}

/// The least age that any schedule could give: snapshots and copies one straight after the other.
#[must_use]
pub fn floor(conditions: &Conditions) -> TimeDelta {
    let copies = match conditions.hops {
        Hops::One => conditions.copying,
        Hops::Two => conditions.copying * 2,
    };
    conditions.snapshot + copies
}
