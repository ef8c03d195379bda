//! Which snapshots of ours are done with: failed copies, and intermediates that have served.
//!
//! An intermediate goes only when something at least as new is complete, here or one hop behind it, and no
//! copy reads from it.

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::recovery_point::RecoveryPoint;
use pilot_light_domain::model::snapshot::SnapshotStatus;
use pilot_light_domain::model::tags;
use pilot_light_domain::run::plan::{Plan, SkipReason};

use super::standing::Standing;
use super::ways::Wish;
use super::{Copy, TOLD};

/// Plans the removals; every intermediate that neither goes nor is copied next is left with its reason.
///
/// `keep_for` is the retention.
pub(super) fn remove(
    standing: &Standing<'_>,
    wishes: &[Wish<'_>],
    keep_for: TimeDelta,
    now: Instant,
    plan: &mut Plan<Copy>,
) {
    let removal = |point: &RecoveryPoint, why| Copy::Remove { arn: point.snapshot.arn.clone(), why };
    for copy in &standing.copies {
        if copy.snapshot.status == SnapshotStatus::Failed {
            plan.actions.push(removal(copy, "the copy failed"));
            plan.skip(&copy.origin, SkipReason::CopyFailed);
        }
    }
    for intermediate in &standing.intermediates {
        let arn = &intermediate.snapshot.arn;
        if wishes.iter().any(|wish| wish.source.snapshot.arn == *arn) {
            continue;
        }
        match verdict(standing, intermediate, keep_for, now) {
            Ok(why) => plan.actions.push(removal(intermediate, why)),
            Err(reason) => plan.skip(arn, reason),
        }
    }
}

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
        status if status.in_progress() => return Err(SkipReason::CopyInProgress),
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
        // Perhaps never on its way: it stays as long as any recovery point would.
        return if time < Some(now - keep_for) {
            Ok("it outlived the retention")
        } else {
            Err(SkipReason::Superseded)
        };
    }
    // Nobody begins to copy from it once something newer is listed, and by then whoever began before is listed too.
    let is_told = |newer: &RecoveryPoint| newer.snapshot.created_at.is_some_and(|at| now - at >= TOLD);
    if is_superseded {
        let mut newer = standing.copies.iter().filter(|copy| copy.usable_since() >= time);
        return if newer.any(|copy| is_told(copy)) {
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
    if newer.iter().any(|other| is_told(other)) {
        return Ok("a newer one is on its way");
    }
    Err(if newer.is_empty() { SkipReason::CopyInProgress } else { SkipReason::Superseded })
}
