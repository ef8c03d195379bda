//! From the world's answers to the domain's types.

use pilot_light_domain::database::Database;
use pilot_light_domain::errors::GatewayError;

use crate::world::{ApiError, InstanceRecord};

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

/// An error through the table that the real gateway uses too.
pub(super) fn error(action: &'static str, error: &ApiError) -> GatewayError {
    GatewayError::of_code(action, error.code, &error.message)
}

/// An answer that is not of the kind that the action gives.
pub(super) fn unexpected(action: &'static str) -> GatewayError {
    GatewayError::of_code(action, "unexpected answer", "the simulator answered another question")
}
