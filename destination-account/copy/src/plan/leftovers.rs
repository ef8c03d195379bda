//! The snapshots to remove: failed copies, and intermediates that nothing needs any more.
//!
//! An intermediate is removed only when a point at least as new is complete, here or one hop behind it, and no
//! copy reads from it. Expired copies are left to destination-delete.

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::recovery_point::RecoveryPoint;
use pilot_light_domain::model::snapshot::{LIST_DELAY, SnapshotStatus};
use pilot_light_domain::model::tags;
use pilot_light_domain::run::plan::{Action, SkipReason};

use super::standing::Standing;
use super::ways::Next;
use super::{Copy, Part, skip};

/// The removals, in the order of their ARNs. Every intermediate that is neither removed nor copied next has its
/// reason among the skips.
///
/// `keep_for` is the retention.
pub(super) fn removals(next: &[Next<'_>], keep_for: TimeDelta, now: Instant) -> Part {
    let removal = |point: &RecoveryPoint, why| Copy::Remove { arn: point.snapshot.arn.clone(), why };
    let mut part = Part::default();
    for next in next {
        let standing = next.standing;
        for copy in standing.copies.iter().filter(|copy| copy.snapshot.status == SnapshotStatus::Failed) {
            part.actions.push(removal(copy, "the copy failed"));
            part.skips.push(skip(&copy.origin, SkipReason::CopyFailed));
        }
        for intermediate in &standing.intermediates {
            let arn = &intermediate.snapshot.arn;
            if next.copies(arn) {
                continue;
            }
            match verdict(standing, intermediate, keep_for, now) {
                Ok(why) => part.actions.push(removal(intermediate, why)),
                Err(reason) => part.skips.push(skip(arn, reason)),
            }
        }
    }
    part.actions.sort_by_cached_key(Action::subject);
    part
}

/// The reason to remove an intermediate, or the reason to keep it as the error.
fn verdict(
    standing: &Standing<'_>,
    intermediate: &RecoveryPoint,
    keep_for: TimeDelta,
    now: Instant,
) -> Result<&'static str, SkipReason> {
    let is_adopted = !intermediate.snapshot.tags.contains_key(tags::INTERMEDIATE_FOR);
    let time = intermediate.usable_since();
    match &intermediate.snapshot.status {
        SnapshotStatus::Available => {}
        SnapshotStatus::Failed if !is_adopted => return Ok("the first of two hops failed"),
        status if status.in_progress() => {
            return Err(SkipReason::of_progress(&intermediate.snapshot, now, SkipReason::CopyInProgress));
        }
        status => return Err(SkipReason::NotUsable(status.to_string())),
    }
    if standing.is_read(intermediate) {
        return Err(SkipReason::InUse);
    }
    if standing.has_arrived(intermediate) {
        return Ok("its copy has arrived");
    }
    let is_superseded = time.is_some() && standing.protected_until() >= time;
    if is_adopted && is_superseded {
        // It may never have been on its way to us, so it is kept as long as any recovery point.
        return if time < Some(now - keep_for) {
            Ok("it outlived the retention")
        } else {
            Err(SkipReason::Superseded)
        };
    }
    // No run begins to copy from an intermediate once a newer point is listed. After the delay, every copy that an
    // earlier run began is listed too.
    let is_surely_listed =
        |newer: &RecoveryPoint| newer.snapshot.created_at.is_some_and(|at| now - at >= LIST_DELAY);
    if is_superseded {
        let mut newer = standing.copies.iter().filter(|copy| copy.usable_since() >= time);
        return if newer.any(|copy| is_surely_listed(copy)) {
            Ok("a newer copy has arrived")
        } else {
            Err(SkipReason::Superseded)
        };
    }
    if is_adopted {
        return Err(SkipReason::CopyInProgress);
    }
    let is_newer = |other: &RecoveryPoint| time.is_some() && other.usable_since() > time;
    let newer: Vec<_> = standing.intermediates.iter().filter(|other| is_newer(other)).collect();
    if newer.iter().any(|other| is_surely_listed(other)) {
        return Ok("a newer one is on its way");
    }
    Err(if newer.is_empty() { SkipReason::CopyInProgress } else { SkipReason::Superseded })
}
