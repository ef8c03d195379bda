//! Errors as AWS answers them: code, message and HTTP status.
//!
//! Codes and statuses are those of the RDS and KMS API models. Their meaning for a worker is in
//! `pilot_light_domain::aws::error_codes`.

/// A request that AWS refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    /// AWS's error code, as in `DBSnapshotNotFound`.
    pub code: &'static str,
    /// The message for a person.
    pub message: String,
    /// The HTTP status it travels with.
    pub http_status: u16,
}

/// A refusal with status 400.
pub(crate) fn refused(code: &'static str, message: impl Into<String>) -> ApiError {
    ApiError { code, message: message.into(), http_status: 400 }
}

/// A value that AWS does not accept.
pub(crate) fn invalid_value(message: impl Into<String>) -> ApiError {
    refused("InvalidParameterValue", message)
}

/// Parameters that do not go together.
pub(crate) fn invalid_combination(message: impl Into<String>) -> ApiError {
    refused("InvalidParameterCombination", message)
}

/// A snapshot that does not exist, or that the caller may not know of.
pub(crate) fn snapshot_not_found(id: &str) -> ApiError {
    not_found("DBSnapshotNotFound", format!("DBSnapshot {id} not found."))
}

/// An instance that does not exist.
pub(crate) fn instance_not_found(id: &str) -> ApiError {
    not_found("DBInstanceNotFound", format!("DBInstance {id} not found."))
}

/// A snapshot in a state that does not allow the request.
pub(crate) fn snapshot_state(message: impl Into<String>) -> ApiError {
    refused("InvalidDBSnapshotState", message)
}

/// An instance in a state that does not allow the request.
pub(crate) fn instance_state(message: impl Into<String>) -> ApiError {
    refused("InvalidDBInstanceState", message)
}

/// A cluster that does not exist, or is no member.
pub(crate) fn cluster_not_found(id: &str) -> ApiError {
    not_found("DBClusterNotFoundFault", format!("DBCluster {id} not found."))
}

/// A cluster snapshot that does not exist.
pub(crate) fn cluster_snapshot_not_found(id: &str) -> ApiError {
    not_found("DBClusterSnapshotNotFoundFault", format!("DBClusterSnapshot {id} not found."))
}

/// A global cluster that does not exist.
pub(crate) fn global_not_found(id: &str) -> ApiError {
    not_found("GlobalClusterNotFoundFault", format!("Global cluster {id} not found."))
}

/// A cluster in a state that does not allow the request.
pub(crate) fn cluster_state(message: impl Into<String>) -> ApiError {
    refused("InvalidDBClusterStateFault", message)
}

/// A global cluster in a state that does not allow the request.
pub(crate) fn global_state(message: impl Into<String>) -> ApiError {
    refused("InvalidGlobalClusterStateFault", message)
}

/// A global datastore that does not exist.
pub(crate) fn datastore_not_found(id: &str) -> ApiError {
    not_found("GlobalReplicationGroupNotFoundFault", format!("Global datastore {id} not found."))
}

/// A global datastore in a state that does not allow the request.
pub(crate) fn datastore_state(message: impl Into<String>) -> ApiError {
    refused("InvalidGlobalReplicationGroupState", message)
}

/// A replication group that does not exist.
pub(crate) fn group_not_found(id: &str) -> ApiError {
    not_found("ReplicationGroupNotFoundFault", format!("Replication group {id} not found."))
}

/// A key that the caller cannot use; `which` is "source snapshot" or "target".
pub(crate) fn key_not_accessible(which: &str, key: &str) -> ApiError {
    refused(
        "KMSKeyNotAccessibleFault",
        format!(
            "The {which} KMS key [{key}] does not exist, is not enabled or you do not have permissions to access it."
        ),
    )
}

/// An option group that does not exist.
pub(crate) fn option_group_not_found(name: &str) -> ApiError {
    not_found("OptionGroupNotFoundFault", format!("Specified OptionGroupName: {name} not found."))
}

/// An option group that cannot be changed or deleted now.
pub(crate) fn option_group_state(message: impl Into<String>) -> ApiError {
    refused("InvalidOptionGroupStateFault", message)
}

/// A service that does not answer at present.
pub(crate) fn unavailable() -> ApiError {
    let message = "The service is unavailable. Please try again shortly.".to_owned();
    ApiError { code: "ServiceUnavailable", message, http_status: 503 }
}

/// A refusal with status 404.
pub(crate) fn not_found(code: &'static str, message: String) -> ApiError {
    ApiError { code, message, http_status: 404 }
}
