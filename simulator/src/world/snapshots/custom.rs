//! Snapshots of RDS Custom: what AWS allows with them.
//!
//! RDS Custom for SQL Server: a snapshot can be copied, also across Regions, within its account. The API reference of
//! `CopyDBSnapshot` contradicts this ("doesn't apply to RDS Custom"); here it holds for RDS Custom for Oracle only. The codes
//! are *unverified*.

use super::record::SnapshotRecord;
use crate::world::api::error::{ApiError, invalid_value, snapshot_state};

/// Refuses to share a snapshot of RDS Custom.
pub(in crate::world) fn check_sharing(record: &SnapshotRecord) -> Result<(), ApiError> {
    if !record.shape.engine.0.starts_with("custom-") {
        return Ok(());
    }
    Err(snapshot_state(format!("The snapshot {} of RDS Custom cannot be shared.", record.arn.id)))
}

/// Refuses to copy a snapshot of RDS Custom for Oracle.
pub(in crate::world) fn check_copy(record: &SnapshotRecord) -> Result<(), ApiError> {
    let engine = record.shape.engine.0.as_str();
    if !engine.starts_with("custom-oracle") {
        return Ok(());
    }
    Err(invalid_value(format!("CopyDBSnapshot does not support the engine {engine}.")))
}
