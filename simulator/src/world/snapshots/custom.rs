//! Snapshots of RDS Custom: the rules of copying and sharing.
//!
//! "Copying an Amazon RDS Custom for SQL Server DB snapshot" allows copies across Regions within the account, without an
//! option group, and nothing else. The API reference of `CopyDBSnapshot` contradicts this ("doesn't apply to RDS Custom").
//! Here it holds for RDS Custom for Oracle only. AWS names no codes: they are *unverified*.

use super::record::SnapshotRecord;
use crate::world::api::error::{ApiError, invalid_combination, invalid_value, snapshot_state};
use crate::world::api::request::CopyDbSnapshot;
use crate::world::place::Place;

/// Refuses to share a snapshot of RDS Custom.
pub(in crate::world) fn check_sharing(record: &SnapshotRecord) -> Result<(), ApiError> {
    if !record.shape.engine.0.starts_with("custom-") {
        return Ok(());
    }
    Err(snapshot_state(format!("The snapshot {} of RDS Custom cannot be shared.", record.arn.id)))
}

/// Refuses to copy a snapshot of RDS Custom, except one of SQL Server to another Region of its account.
pub(in crate::world) fn check_copy(
    place: &Place,
    source: &SnapshotRecord,
    ask: &CopyDbSnapshot,
) -> Result<(), ApiError> {
    let engine = source.shape.engine.0.as_str();
    if !engine.starts_with("custom-") {
        return Ok(());
    }
    if !engine.starts_with("custom-sqlserver") {
        return Err(invalid_value(format!("CopyDBSnapshot does not support the engine {engine}.")));
    }
    if source.arn.account != place.account || source.arn.region == place.region {
        return Err(invalid_value(format!(
            "Snapshots of {engine} can only be copied to another Region of the same account."
        )));
    }
    if ask.option_group.is_some() || ask.copy_option_group {
        return Err(invalid_combination(format!("A copy of a snapshot of {engine} has no option group.")));
    }
    Ok(())
}
