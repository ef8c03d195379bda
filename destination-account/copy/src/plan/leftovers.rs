//! The snapshots to remove: failed copies, and intermediates that nothing needs any more.
//!
//! An intermediate is removed only when a point at least as new of the same incarnation is complete, here or one hop behind it,
//! and no copy reads from it. Expired copies are left to destination-delete.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::recovery_point::RecoveryPoint;
use pilot_light_domain::model::retention::Promise;
use pilot_light_domain::model::snapshot::{LIST_DELAY, Phase};
use pilot_light_domain::model::tags;
use pilot_light_domain::run::plan::{Action, SkipReason};

use super::copy_slots::Turns;
use super::standing::{Standing, data_time, is_lost, may_replace};
use super::states::{hangs_since, of_progress};
use super::ways::Next;
use super::{Copy, Part, skip};

/// The removals, in the order of their ARNs. Every intermediate that is neither removed nor copied next has its
/// reason among the skips.
///
/// `keep_for` is the retention.
pub(super) fn removals(next: &[Next<'_>], turns: &Turns, keep_for: TimeDelta, now: Instant) -> Part {
    let removal = |point: &RecoveryPoint, why| Copy::Remove { arn: point.snapshot.arn.clone(), why };
    let mut part = Part::default();
    for next in next {
        let standing = next.standing;
        let evidence = evidence(next, turns);
        let is_evidence = |arn: &SnapshotArn| evidence.contains(&arn);
        for copy in standing.copies.iter().filter(|copy| is_lost(copy)) {
            if !copy.snapshot.is_copied_by_us() {
                // The older tool's, within one account. This worker has no permission to delete it.
                let status = copy.snapshot.status.to_string();
                part.skips.push(skip(&copy.snapshot.arn, SkipReason::NotUsable(status)));
                continue;
            }
            if !is_evidence(&copy.snapshot.arn) {
                part.actions.push(removal(copy, "the copy failed"));
            }
            part.skips.push(skip(&copy.origin, SkipReason::CopyFailed));
        }
        for intermediate in &standing.intermediates {
            let arn = &intermediate.snapshot.arn;
            if next.copies(arn) {
                continue;
            }
            if is_evidence(arn) {
                part.skips.push(skip(arn, SkipReason::CopyFailed));
                continue;
            }
            match verdict(standing, intermediate, keep_for, now) {
                Ok(why) => part.actions.push(removal(intermediate, why)),
                Err(reason) => part.skips.push(skip(arn, reason)),
            }
        }
        for unconfirmed in &standing.unconfirmed {
            let arn = &unconfirmed.snapshot.arn;
            let reason = SkipReason::of_progress(&unconfirmed.snapshot, now, SkipReason::CopyInProgress);
            part.skips.push(skip(arn, reason));
        }
        for stray in &standing.strays {
            match verdict_on_stray(standing, stray, keep_for, now) {
                Ok(why) => part.actions.push(removal(stray, why)),
                Err(reason) => part.skips.push(skip(&stray.snapshot.arn, reason)),
            }
        }
    }
    part.actions.sort_by_cached_key(Action::subject);
    part
}

/// The failed copies that stay.
///
/// - Those of a snapshot whose copy starts in this run. A run at the same time must not find a name free again.
/// - The newest in each Region, until a point as new arrives. It shows that the database must queue behind others, and
///   the number of its next attempt. If nothing is left to copy, or the quota is full, it is removed as well: it takes a
///   place there.
fn evidence<'a>(next: &Next<'a>, turns: &Turns) -> Vec<&'a SnapshotArn> {
    let starts = |arn: &SnapshotArn| turns.starts.iter().any(|copy| copy.source() == Some(arn));
    let starting = next.candidates.iter().map(|candidate| candidate.source);
    let origins: Vec<_> =
        starting.filter(|source| starts(&source.snapshot.arn)).map(|source| &source.origin).collect();
    let mut failed: Vec<_> = next.standing.failures().collect();
    failed.sort_by_cached_key(|point| {
        let id = point.snapshot.arn.id.as_str();
        (data_time(point), id.len(), id.to_owned())
    });
    let is_kept = next.standing.is_active() && !turns.is_quota_full;
    let newest = failed.iter().filter(|_| is_kept).map(|point| (&point.snapshot.arn.region, *point));
    let newest: BTreeMap<_, _> = newest.collect();
    let is_started = |point: &&RecoveryPoint| origins.contains(&&point.origin);
    let started = failed.iter().copied().filter(is_started);
    newest.into_values().chain(started).map(|point| &point.snapshot.arn).collect()
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
    match intermediate.snapshot.status.phase() {
        Phase::Usable => {}
        Phase::Lost => return Ok("the first of two hops failed"),
        Phase::InProgress => {
            return Err(of_progress(intermediate, hangs_since(standing, intermediate, now), now));
        }
        Phase::Deleting => {
            return Err(SkipReason::NotUsable(intermediate.snapshot.status.to_string()));
        }
    }
    if standing.is_read(intermediate) {
        return Err(SkipReason::InUse);
    }
    // No run begins to copy from an intermediate once a point at least as new is listed. After the delay, every copy that
    // an earlier run began is listed too.
    let is_surely_listed = |newer: &RecoveryPoint| is_surely_listed(newer, now);
    // The older tool finds copies by their names. It would make its intermediate again and again if its copy had another name.
    let has_arrived =
        |copy: &&RecoveryPoint| !is_adopted || copy.snapshot.arn.id == intermediate.snapshot.arn.id;
    let mut arrived = standing.arrived(intermediate).filter(has_arrived).peekable();
    if arrived.peek().is_some() {
        let is_over = arrived.any(is_surely_listed);
        return if is_over { Ok("its copy has arrived") } else { Err(SkipReason::AlreadyCopied) };
    }
    if time.is_none() {
        return Err(SkipReason::UnknownTime);
    }
    if standing.is_unwanted && !is_adopted {
        // A run that still saw it as wanted may have begun to copy from it a moment ago. Points that many databases of one name
        // leave halfway are wanted only while the retention keeps them for their age, so none is begun after that. That run may have
        // read the retention before it was changed, so a day passes in any case.
        let promised = match Promise::of(&intermediate.snapshot) {
            Promise::Known(promise) => promise.keep_for,
            Promise::Unreadable(_) | Promise::None => keep_for,
        };
        let wanted_for = keep_for.max(promised).max(TimeDelta::days(1));
        let is_over = time < Some(now - wanted_for - LIST_DELAY);
        let why = "a later database of its name has copies as old as promised";
        return if is_over { Ok(why) } else { Err(SkipReason::Superseded) };
    }
    if standing.is_unwanted || standing.home_of(intermediate) >= time {
        let is_newer =
            |copy: &&&RecoveryPoint| copy.usable_since() >= time && may_replace(copy, intermediate);
        let is_over = standing.is_unwanted
            || standing.copies.iter().filter(is_newer).any(|copy| is_surely_listed(copy));
        let is_expired = time < Some(now - keep_for);
        return match (is_over, is_adopted, is_expired) {
            (true, false, _) => Ok("a newer copy has arrived"),
            // It may never have been on its way to us, so it is kept as long as any recovery point.
            (true, true, true) => Ok("it outlived the retention"),
            _ => Err(SkipReason::Superseded),
        };
    }
    if is_adopted {
        return Err(SkipReason::CopyInProgress);
    }
    let is_newer = |other: &RecoveryPoint| other.usable_since() > time && may_replace(other, intermediate);
    let newer: Vec<_> = standing.intermediates.iter().filter(|other| is_newer(other)).collect();
    if newer.iter().any(|other| is_surely_listed(other)) {
        return Ok("a newer one is on its way");
    }
    Err(if newer.is_empty() { SkipReason::CopyInProgress } else { SkipReason::Superseded })
}

/// The reason to remove an intermediate for another Region, or the reason to keep it as the error.
///
/// Another installation may need it. That one brings its intermediates on and removes them within hours, so one that outlived
/// the retention is left from an earlier `DestinationRegion`.
fn verdict_on_stray(
    standing: &Standing<'_>,
    stray: &RecoveryPoint,
    keep_for: TimeDelta,
    now: Instant,
) -> Result<&'static str, SkipReason> {
    let phase = stray.snapshot.status.phase();
    match phase {
        Phase::Usable | Phase::Lost => {}
        Phase::InProgress => {
            return Err(SkipReason::of_progress(&stray.snapshot, now, SkipReason::CopyInProgress));
        }
        Phase::Deleting => return Err(SkipReason::NotUsable(stray.snapshot.status.to_string())),
    }
    let Some(begun) = stray.snapshot.created_at.max(data_time(stray)) else {
        return Err(SkipReason::UnknownTime);
    };
    if now - begun <= keep_for {
        return Err(SkipReason::Retained);
    }
    if phase == Phase::Lost {
        return Ok("it failed, and is for a Region that is no longer the destination");
    }
    if standing.is_read(stray) {
        return Err(SkipReason::InUse);
    }
    if standing.is_needed(stray) {
        return Err(SkipReason::NewestUsable);
    }
    Ok("it outlived the retention, and is for a Region that is no longer the destination")
}

/// True if AWS lists this copy in every list by now.
///
/// Of a complete copy, AWS may give no time of its own. A day after the original was taken, the copy is complete for long
/// enough: AWS copies the largest database within a day.
fn is_surely_listed(copy: &RecoveryPoint, now: Instant) -> bool {
    const LONGEST_COPY: TimeDelta = TimeDelta::hours(24);
    match copy.snapshot.created_at {
        Some(at) => now - at >= LIST_DELAY,
        None => copy.usable_since().is_some_and(|taken| now - taken >= LONGEST_COPY + LIST_DELAY),
    }
}
