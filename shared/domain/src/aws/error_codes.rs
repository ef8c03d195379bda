//! The meaning of each of AWS's error codes. The real and the simulated gateway share this one table, so both fail
//! alike.
//!
//! Source: the errors of each action in the API references of RDS, ElastiCache and SSM, and the common errors of the
//! query protocol.

use crate::aws::error::{GatewayError, GatewayErrorKind as Kind};

const CODES: &[(Kind, &[&str])] = &[
    (
        Kind::Throttled,
        &[
            "Throttling",
            "ThrottlingException",
            "RequestLimitExceeded",
            "TooManyRequestsException",
            "RequestThrottled",
            "RequestThrottledException",
            "SlowDown",
            "LimitExceededException",
        ],
    ),
    (
        Kind::Unavailable,
        &[
            "InternalFailure",
            "InternalServerError",
            "InternalError",
            "ServiceUnavailable",
            "ServiceUnavailableException",
            "RequestTimeout",
            "RequestTimeoutException",
            "DependencyTimeoutException",
            "KMSInternalException",
        ],
    ),
    (
        Kind::InvalidState,
        &[
            "InvalidDBSnapshotState",
            "InvalidDBInstanceState",
            "InvalidDBClusterSnapshotStateFault",
            "InvalidDBClusterStateFault",
            "InvalidDBSecurityGroupState",
            "InvalidDBShardGroupState",
            "InvalidDBSubnetGroupStateFault",
            "InvalidGlobalClusterStateFault",
            "InvalidGlobalReplicationGroupState",
        ],
    ),
    (Kind::TooManySnapshots, &["SnapshotQuotaExceeded", "SnapshotQuotaExceededFault"]),
    (
        Kind::TooManyDatabases,
        &[
            "InstanceQuotaExceeded",
            "StorageQuotaExceeded",
            "DBClusterQuotaExceededFault",
            "GlobalClusterQuotaExceededFault",
            "TenantDatabaseQuotaExceeded",
            "DBInstanceAutomatedBackupQuotaExceeded",
            "DBClusterAutomatedBackupQuotaExceededFault",
        ],
    ),
    (
        Kind::NoCapacity,
        &[
            "InsufficientDBInstanceCapacity",
            "InsufficientStorageClusterCapacity",
            "ProvisionedIopsNotAvailableInAZFault",
        ],
    ),
    (
        Kind::AccessDenied,
        &[
            "AccessDenied",
            "AccessDeniedException",
            "UnauthorizedOperation",
            "NotAuthorized",
            "InvalidClientTokenId",
            "UnrecognizedClientException",
            "ExpiredToken",
            "ExpiredTokenException",
            "MissingAuthenticationToken",
            "OptInRequired",
            "SignatureDoesNotMatch",
            "AuthFailure",
        ],
    ),
    (
        Kind::KeyNotAccessible,
        &["KMSKeyNotAccessibleFault", "DisabledException", "KMSInvalidStateException", "InvalidKeyId"],
    ),
    (
        Kind::NotFound,
        &[
            "DBSnapshotNotFound",
            "DBSnapshotNotFoundFault",
            "DBInstanceNotFound",
            "DBInstanceNotFoundFault",
            "DBClusterSnapshotNotFoundFault",
            "DBClusterNotFoundFault",
            "GlobalClusterNotFoundFault",
            "GlobalReplicationGroupNotFoundFault",
            "ResourceNotFoundFault",
            "NotFoundException",
            "ParameterNotFound",
            "ParameterVersionNotFound",
            "ExecutionDoesNotExist",
            "StateMachineDoesNotExist",
        ],
    ),
    (
        Kind::AlreadyExists,
        &[
            "DBSnapshotAlreadyExists",
            "DBSnapshotAlreadyExistsFault",
            "DBInstanceAlreadyExists",
            "DBClusterSnapshotAlreadyExistsFault",
            "DBClusterAlreadyExistsFault",
            "GlobalClusterAlreadyExistsFault",
            "ExecutionAlreadyExists",
        ],
    ),
    (Kind::NoSuchOptionGroup, &["OptionGroupNotFoundFault"]),
    (
        Kind::UnfitSetting,
        &[
            "DBSubnetGroupNotFoundFault",
            "DBSubnetGroupDoesNotCoverEnoughAZs",
            "DBSubnetGroupNotAllowedFault",
            "InvalidDBSubnetGroupFault",
            "InvalidSubnet",
            "InvalidVPCNetworkStateFault",
            "DBParameterGroupNotFound",
            "DBClusterParameterGroupNotFound",
            "DBSecurityGroupNotFound",
            "NetworkTypeNotSupported",
            "StorageTypeNotSupported",
            "StorageTypeNotAvailableFault",
        ],
    ),
    (
        Kind::InvalidRequest,
        &[
            "InvalidParameterValue",
            "InvalidParameterCombination",
            "MissingParameter",
            "ValidationError",
            "ValidationException",
            "SharedSnapshotQuotaExceeded",
            "InvalidAction",
            "CustomAvailabilityZoneNotFound",
            "InvalidRestoreFault",
        ],
    ),
];

/// The meaning of a code. The message decides only where AWS uses one code for two meanings: both too many snapshots
/// and too many copies in progress are `SnapshotQuotaExceeded`.
#[must_use]
pub fn meaning(code: &str, message: &str) -> Kind {
    let known = CODES.iter().find(|(_, codes)| codes.contains(&code)).map(|(kind, _)| *kind);
    match known {
        Some(Kind::TooManySnapshots) if message.to_ascii_lowercase().contains("cop") => Kind::TooManyCopies,
        known => known.unwrap_or(Kind::Unexpected),
    }
}

impl GatewayError {
    /// An error that AWS returned with `code` and `message`.
    #[must_use]
    pub fn of_code(action: &'static str, code: &str, message: &str) -> Self {
        Self::new(action, meaning(code, message), code, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::error::ErrorName;

    #[test]
    fn each_code_is_listed_once() {
        let mut all: Vec<_> = CODES.iter().flat_map(|(_, codes)| codes.iter()).collect();
        all.sort();
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn each_code_has_its_documented_meaning_and_error_name() {
        for (code, message, kind, name) in [
            ("Throttling", "Rate exceeded", Kind::Throttled, ErrorName::Throttled),
            ("ThrottlingException", "", Kind::Throttled, ErrorName::Throttled),
            ("RequestLimitExceeded", "", Kind::Throttled, ErrorName::Throttled),
            ("InternalFailure", "", Kind::Unavailable, ErrorName::Unavailable),
            ("ServiceUnavailable", "", Kind::Unavailable, ErrorName::Unavailable),
            ("InvalidDBSnapshotState", "", Kind::InvalidState, ErrorName::Conflict),
            ("InvalidDBInstanceState", "", Kind::InvalidState, ErrorName::Conflict),
            ("InvalidDBClusterSnapshotStateFault", "", Kind::InvalidState, ErrorName::Conflict),
            (
                "SnapshotQuotaExceeded",
                "Cannot create more than 100 manual snapshots",
                Kind::TooManySnapshots,
                ErrorName::QuotaExceeded,
            ),
            (
                "SnapshotQuotaExceeded",
                "You have reached the maximum of 20 in-progress snapshot copies",
                Kind::TooManyCopies,
                ErrorName::QuotaExceeded,
            ),
            ("SharedSnapshotQuotaExceeded", "", Kind::InvalidRequest, ErrorName::Internal),
            ("AccessDenied", "", Kind::AccessDenied, ErrorName::AccessDenied),
            ("KMSKeyNotAccessibleFault", "", Kind::KeyNotAccessible, ErrorName::AccessDenied),
            ("DBSnapshotNotFound", "", Kind::NotFound, ErrorName::Conflict),
            ("DBSnapshotNotFoundFault", "", Kind::NotFound, ErrorName::Conflict),
            ("DBInstanceNotFound", "", Kind::NotFound, ErrorName::Conflict),
            ("DBClusterSnapshotNotFoundFault", "", Kind::NotFound, ErrorName::Conflict),
            ("DBSnapshotAlreadyExists", "", Kind::AlreadyExists, ErrorName::Conflict),
            ("InvalidParameterValue", "", Kind::InvalidRequest, ErrorName::Internal),
            ("InvalidParameterCombination", "", Kind::InvalidRequest, ErrorName::Internal),
            ("GlobalClusterNotFoundFault", "", Kind::NotFound, ErrorName::Conflict),
            ("InvalidGlobalClusterStateFault", "", Kind::InvalidState, ErrorName::Conflict),
            ("InvalidGlobalReplicationGroupState", "", Kind::InvalidState, ErrorName::Conflict),
            ("GlobalClusterAlreadyExistsFault", "", Kind::AlreadyExists, ErrorName::Conflict),
            ("InstanceQuotaExceeded", "", Kind::TooManyDatabases, ErrorName::QuotaExceeded),
            ("InsufficientDBInstanceCapacity", "", Kind::NoCapacity, ErrorName::QuotaExceeded),
            ("DBSubnetGroupNotFoundFault", "", Kind::UnfitSetting, ErrorName::InvalidConfiguration),
            ("DBParameterGroupNotFound", "", Kind::UnfitSetting, ErrorName::InvalidConfiguration),
            ("SomethingNew", "", Kind::Unexpected, ErrorName::Internal),
        ] {
            assert_eq!(meaning(code, message), kind, "{code} {message}");
            assert_eq!(kind.name(), name, "{code}");
        }
    }
}
