//! The standby of a restored instance of SQL Server, for which AWS needs requests of their own after the restore.

use pilot_light_domain::model::database::Engine;
use pilot_light_domain::recovery::{Change, DbInstance};

use super::super::Next;
use crate::facts::Setting;

/// An instance for which AWS refuses the standby.
pub(super) const WITHOUT: &str = "without its standby (MultiAZ)";

/// The next step towards the standby of a usable instance. AWS mirrors no instance of SQL Server without automated backups.
pub(super) fn stand_by(found: &DbInstance, setting: &Setting) -> Next {
    let (instance, region, without) = (found.arn.id.name.clone(), setting.region.clone(), WITHOUT.to_owned());
    if found.backup_retention_days == Some(0) {
        let then = format!("keeping backups of '{instance}' for 1 day, which Multi-AZ requires");
        return Next::Adjust { region, change: Change::KeepBackups { instance, days: 1 }, then, without };
    }
    let then = format!("making '{instance}' Multi-AZ");
    Next::Adjust { region, change: Change::StandBy(instance), then, without }
}

/// True if an engine gets its standby after the restore. AWS refuses `MultiAZ` in the restore of SQL Server.
pub(super) fn is_stood_by_later(engine: &Engine) -> bool {
    engine.0.starts_with("sqlserver")
}
