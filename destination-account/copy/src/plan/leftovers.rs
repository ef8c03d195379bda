//! Which snapshots of ours are done with: failed copies, and intermediates that have served.
//!
//! An intermediate goes only when something at least as new is complete, here or one hop behind it, and no
//! copy reads from it.

use pilot_light_domain::Instant;
use pilot_light_domain::plan::{Plan, SkipReason};
use pilot_light_domain::recovery_point::RecoveryPoint;
use pilot_light_domain::snapshot::SnapshotStatus;
use pilot_light_domain::tags;

use super::Copy;
use super::standing::Standing;
use super::ways::Wish;

/// Plans the removals; every intermediate that neither goes nor is copied next is left with its reason.
///
/// `expiry` is the instant before which the retention ends.
pub(super) fn remove(standing: &Standing<'_>, wishes: &[Wish<'_>], expiry: Instant, plan: &mut Plan<Copy>) {
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
        match verdict(standing, intermediate, expiry) {
            Ok(why) => plan.actions.push(removal(intermediate, why)),
            Err(reason) => plan.skip(arn, reason),
        }
    }
}

fn verdict(
    standing: &Standing<'_>,
    intermediate: &RecoveryPoint,
    expiry: Instant,
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
    if standing.is_here(&intermediate.origin) {
        return Ok("its copy has arrived");
    }
    let is_superseded = time.is_some() && standing.protected_until() >= time;
    if is_adopted && is_superseded {
        // Perhaps never on its way: it stays as long as any recovery point would.
        return if time < Some(expiry) {
            Ok("it outlived the retention")
        } else {
            Err(SkipReason::Superseded)
        };
    }
    if is_superseded {
        return Ok("a newer copy has arrived");
    }
    if is_adopted {
        return Err(SkipReason::CopyInProgress);
    }
    if standing.intermediates.iter().any(|other| time.is_some() && other.usable_since() > time) {
        return Ok("a newer one is on its way");
    }
    Err(SkipReason::CopyInProgress)
}
