//! Multi-AZ of SQL Server, which mirrors databases and therefore has rules of its own.
//!
//! The text about retention is recorded: hashicorp/terraform-provider-aws issue 5594. That a restore never accepts Multi-AZ is
//! the reading of that issue: the restored instance has no backups yet.

use pilot_light_domain::model::database::Engine;

use super::record::InstanceOptions;
use crate::world::api::error::{ApiError, invalid_combination, invalid_value};

/// Refuses Multi-AZ for an instance of SQL Server without backups, or of an edition that has no Multi-AZ.
pub(in crate::world) fn check(engine: &Engine, options: &InstanceOptions) -> Result<(), ApiError> {
    if !is_mirrored(engine, options) {
        return Ok(());
    }
    check_edition(engine)?;
    if options.backup_retention_days.unwrap_or(0) > 0 { Ok(()) } else { Err(without_backups()) }
}

/// Refuses Multi-AZ for a restore of SQL Server.
pub(in crate::world) fn check_restore(engine: &Engine, options: &InstanceOptions) -> Result<(), ApiError> {
    if !is_mirrored(engine, options) {
        return Ok(());
    }
    check_edition(engine)?;
    Err(without_backups())
}

/// True for an engine that can be Multi-AZ at all.
pub(crate) fn is_capable(engine: &str) -> bool {
    !["sqlserver-ex", "sqlserver-web"].contains(&engine)
}

fn is_mirrored(engine: &Engine, options: &InstanceOptions) -> bool {
    engine.0.starts_with("sqlserver") && options.multi_az == Some(true)
}

/// *Unverified*: the code and the text.
fn check_edition(engine: &Engine) -> Result<(), ApiError> {
    if is_capable(&engine.0) {
        return Ok(());
    }
    Err(invalid_combination(format!("Multi-AZ is not supported for engine {}.", engine.0)))
}

fn without_backups() -> ApiError {
    invalid_value("Mirroring cannot be applied to instances with backup retention set to zero")
}
