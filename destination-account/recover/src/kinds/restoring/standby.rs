//! The standby of a restored instance of SQL Server, for which AWS needs requests of their own after the restore.

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::database::Engine;
use pilot_light_domain::recovery::{Change, DbInstance};

use super::super::Next;
use crate::facts::Setting;
use crate::tagging;

/// An instance for which AWS refuses the standby, or is still making it.
pub(super) const WITHOUT: &str = "without its standby (MultiAZ)";

/// The next step towards the standby of a usable instance at the time `now`. AWS mirrors no instance of SQL Server without
/// automated backups.
///
/// A tag shows to every other execution that the instance was usable, and that its standby is requested.
pub(super) fn stand_by(found: &DbInstance, now: Instant, setting: &Setting) -> Next {
    let (instance, region, without) = (found.arn.id.name.clone(), setting.region.clone(), WITHOUT.to_owned());
    if found.backup_retention_days == Some(0) {
        let then = format!("keeping backups of '{instance}' for 1 day, which Multi-AZ requires");
        let change = Change::KeepBackups { instance, days: 1 };
        return Next::Adjust { region, first: None, change, then, without };
    }
    let then = format!("making '{instance}' Multi-AZ");
    let first = (!is_requested(found)).then(|| tag(found, now, setting));
    Next::Adjust { region, first, change: Change::StandBy(instance), then, without }
}

fn tag(found: &DbInstance, now: Instant, setting: &Setting) -> Change {
    let recovery = found.tags.get(tagging::RECOVERY).unwrap_or(&setting.recovery.id);
    tagging::add(&found.arn, recovery, (tagging::STANDBY, &tagging::time(now)))
}

/// The time after its request in which AWS may still make a standby: the longest time of an execution.
const LONGEST: TimeDelta = TimeDelta::hours(12);

/// True if AWS makes the standby of a usable instance. Nobody knows whether it shows `MultiAZ` before or after. Long after the
/// request, it makes another change.
pub(super) fn is_being_made(found: &DbInstance, now: Instant) -> bool {
    let requested = || found.tags.get(tagging::STANDBY)?.parse::<Instant>().ok();
    found.status == "modifying" && requested().is_some_and(|at| now - at < LONGEST)
}

/// True if whoever restored a usable instance may still wait for its standby, for which AWS may have no capacity for hours.
pub(crate) fn may_wait_for_standby(found: &DbInstance) -> bool {
    is_requested(found) && found.multi_az == Some(false)
}

fn is_requested(found: &DbInstance) -> bool {
    found.tags.contains_key(tagging::STANDBY)
}

/// True if an engine gets its standby after the restore. AWS refuses `MultiAZ` in the restore of SQL Server.
pub(super) fn is_stood_by_later(engine: &Engine) -> bool {
    engine.0.starts_with("sqlserver")
}
