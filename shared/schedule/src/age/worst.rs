//! The worst age of a database's newest restorable point, just before the next one becomes restorable.
//!
//! Where passes fall anywhere, `W = T + S + C + s + c` (snapshot interval, share pass, copy pass, snapshot, copy),
//! a pass and a copy more with two hops, the waiting for slots, and each run's lateness. On the clock it is less,
//! and exact (`super::on_the_clock`). Faults and retries are not in it.

use chrono::TimeDelta;

use super::copies::{Behind, Copies};
use super::on_the_clock;
use super::spacing::{longest, straddling, until_seen};
use super::sum::{BEHIND, Sum, Unbounded};
use crate::conditions::{Cadence, Conditions, Hops};

/// The worst age under a schedule.
///
/// A shorter interval makes it better as long as the copies keep up; where they stop doing so, one copy more
/// has to be waited for.
///
/// # Errors
/// [`Unbounded`] if the copies cannot keep up and none is ever skipped.
pub fn worst(cadence: &Cadence, conditions: &Conditions) -> Result<Sum, Unbounded> {
    let copies = Copies::of(cadence, conditions)?;
    let is_exact = on_the_clock::applies(cadence, conditions);
    Ok(if is_exact {
        on_the_clock::worst(cadence, conditions, &copies)
    } else {
        anywhere(cadence, conditions, &copies)
    })
}

/// Each pass as far away as it can be.
fn anywhere(cadence: &Cadence, conditions: &Conditions, copies: &Copies) -> Sum {
    let behind = match copies.behind {
        Behind::Nothing => TimeDelta::zero(),
        Behind::OlderOnes(together) => together,
        // One was begun a moment before the snapshot was offered.
        Behind::AnEarlierCopy => until_seen(conditions.copying, cadence.copy, conditions.late) - cadence.copy,
    };
    let hops = conditions.hops.count();
    let second = |time: TimeDelta| time * (hops - 1);
    Sum::of([
        ("between two snapshots", longest(cadence, conditions)),
        ("a snapshot that just misses its slot", straddling(cadence, conditions)),
        ("the snapshot", conditions.snapshot),
        ("until the next share pass", cadence.share),
        ("until the next copy pass", cadence.copy),
        (BEHIND, behind),
        (
            "until an earlier copy between the hops is cleared away",
            cadence.copy * copies.clearing(conditions),
        ),
        ("waiting for copy slots", copies.turn * (copies.first_batches - 1)),
        ("the copy", conditions.copying),
        ("until the next copy pass, for the second hop", second(cadence.copy)),
        ("waiting for earlier copies, in the second hop", second(copies.second_waits(behind))),
        ("the copy of the second hop", second(conditions.copying)),
        ("runs that start late", conditions.late * (2 + hops)),
    ])
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
