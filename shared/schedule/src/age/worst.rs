//! The worst age of a database's newest restorable point, just before the next one becomes restorable.
//!
//! Where runs fall at any time, the age is `W = T + S + C + s + c`: the snapshot interval, the share period, the copy
//! period, the snapshot and the copy. These are added to it:
//! - another copy period and another copy, if there are two hops
//! - the waits for copy slots and for earlier copies
//! - the lateness of each run
//!
//! On the clock the age is lower, and exact (`super::on_the_clock`). Faults and retries are not included.

use chrono::TimeDelta;

use super::copies::{Behind, Copies};
use super::on_the_clock;
use super::spacing::{longest, straddling, until_seen};
use super::sum::{BEHIND, Sum, Unbounded};
use crate::conditions::{Cadence, Conditions, CopyMode};

/// The worst age under a schedule.
///
/// A shorter interval reduces the age as long as the copies keep up. Once they no longer do, a snapshot waits for one
/// more copy.
///
/// # Errors
/// [`Unbounded`] if the copies cannot keep up and none is skipped.
pub fn worst(cadence: &Cadence, conditions: &Conditions) -> Result<Sum, Unbounded> {
    let copies = Copies::of(cadence, conditions)?;
    let is_exact = on_the_clock::applies(cadence, conditions);
    Ok(if is_exact {
        on_the_clock::worst(cadence, conditions, &copies)
    } else {
        anywhere(cadence, conditions, &copies)
    })
}

/// The worst age if each run is as far away as possible.
fn anywhere(cadence: &Cadence, conditions: &Conditions, copies: &Copies) -> Sum {
    let behind = match copies.behind {
        Behind::Nothing => TimeDelta::zero(),
        Behind::OlderOnes(together) => together,
        // One copy was begun a moment before the snapshot was offered.
        Behind::AnEarlierCopy => until_seen(conditions.copying, cadence.copy, conditions.late) - cadence.copy,
    };
    let hops = conditions.copy_mode.hops();
    let second = |time: TimeDelta| time * (hops - 1);
    Sum::of([
        ("between two snapshots", longest(cadence, conditions)),
        ("a snapshot that just misses its interval", straddling(cadence, conditions)),
        ("the snapshot", conditions.snapshot),
        ("until the next share run", cadence.share),
        ("until the next copy run", cadence.copy),
        (BEHIND, behind),
        ("until an earlier copy between the hops is removed", cadence.copy * copies.clearing(conditions)),
        ("waiting for copy slots", copies.turn * (copies.first_batches - 1)),
        ("the copy", conditions.copying),
        ("until the next copy run, for the second hop", second(cadence.copy)),
        ("waiting for earlier copies, in the second hop", second(copies.second_waits(behind))),
        ("the copy of the second hop", second(conditions.copying)),
        ("runs that start late", conditions.late * (2 + hops)),
    ])
}

/// The least age that any schedule could give: the snapshot and its copies follow each other without a wait.
#[must_use]
pub fn floor(conditions: &Conditions) -> TimeDelta {
    let copies = match conditions.copy_mode {
        CopyMode::OneStep => conditions.copying,
        CopyMode::TwoHop => conditions.copying * 2,
    };
    conditions.snapshot + copies
}
