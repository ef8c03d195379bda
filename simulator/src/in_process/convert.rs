//! From the world's answers to the domain's types.

use pilot_light_domain::database::Database;
use pilot_light_domain::errors::GatewayError;
use pilot_light_domain::snapshot::Snapshot;

use crate::world::{ApiError, InstanceRecord, SnapshotView};

/// An instance as a gateway gives it.
pub(super) fn database(record: &InstanceRecord) -> Database {
    Database {
        arn: record.arn.clone(),
        engine: record.shape.engine.clone(),
        status: record.status.clone(),
        created_at: record.created_at,
        cluster: record.cluster.clone(),
        kms_key: record.kms_key.clone(),
        tags: record.tags.clone(),
    }
}

/// A snapshot as a gateway gives it; another account's tags are not there.
pub(super) fn snapshot(view: &SnapshotView) -> Snapshot {
    let record = &view.record;
    Snapshot {
        arn: record.arn.clone(),
        database: record.database.clone(),
        engine: record.shape.engine.clone(),
        status: record.status.clone(),
        created_at: record.created_at,
        original_created_at: record.original_created_at,
        database_time: view.database_time(),
        copied_from: record.copied_from.clone(),
        kms_key: record.kms_key.clone(),
        tags: view.tags().cloned().unwrap_or_default(),
    }
}

/// An error through the table that the real gateway uses too.
pub(super) fn error(action: &'static str, error: &ApiError) -> GatewayError {
    GatewayError::of_code(action, error.code, &error.message)
}

/// An answer that is not of the kind that the action gives.
pub(super) fn unexpected(action: &'static str) -> GatewayError {
    GatewayError::of_code(action, "unexpected answer", "the simulator answered another question")
}
