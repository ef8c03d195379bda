//! A failed call to AWS: its kind, and AWS's own code and message.
//!
//! The table that gives each of AWS's codes its kind is in [`crate::aws::error_codes`].

use std::fmt;

use serde::{Deserialize, Serialize};

/// The kind of an AWS error: its meaning for Pilot Light, whatever its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum GatewayErrorKind {
    /// AWS throttles the calls.
    Throttled,
    /// A time-out, a 5xx answer or no connection. The effect may have happened all the same.
    Unavailable,
    /// The resource is in a temporary state that does not allow the action.
    InvalidState,
    /// AWS names the state of the resource as its reason, although that state allows the action.
    LastingState,
    /// AWS refuses to delete a failed snapshot, and such a snapshot never changes its state.
    FailedAndUndeletable,
    /// The account's quota of manual snapshots is used up.
    TooManySnapshots,
    /// The limit of copies in progress is reached.
    TooManyCopies,
    /// IAM refuses the action.
    AccessDenied,
    /// The KMS key is disabled, deleted, or not accessible to this account.
    KeyNotAccessible,
    /// The KMS key of a database is disabled, deleted, or not accessible to the worker.
    DatabaseKeyNotAccessible,
    /// The KMS key is not accessible, and our own key is known to be usable: the source's key is the cause.
    SourceKeyNotAccessible,
    /// The resource does not exist.
    NotFound,
    /// Another resource already has the identifier.
    AlreadyExists,
    /// The option group that the parameters name does not exist.
    NoSuchOptionGroup,
    /// The request names a subnet, a parameter group, a security group or a storage type that does not exist or
    /// does not fit.
    UnfitSetting,
    /// The account's quota of instances, clusters or storage is used up.
    TooManyDatabases,
    /// AWS currently has no capacity for an instance of this class there.
    NoCapacity,
    /// The run's time was up before the call began, so nothing happened.
    OutOfTime,
    /// AWS rejects the request itself.
    InvalidRequest,
    /// The answer lacks a field that AWS documents, or its code is unknown to us.
    Unexpected,
}

impl fmt::Display for GatewayErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Throttled => "AWS throttles the calls",
            Self::Unavailable => "AWS does not answer in time",
            Self::InvalidState => "it is in a state that does not allow this now",
            Self::LastingState => {
                "AWS refuses this although the listed status allows it, so another attempt does not help; remove the cause that AWS names, or leave the database out of the pattern"
            }
            Self::FailedAndUndeletable => {
                "AWS does not delete this failed snapshot, which counts for the quota; delete it in the console, or ask AWS Support"
            }
            Self::TooManySnapshots => "the account has as many manual snapshots as its quota allows",
            Self::TooManyCopies => "as many copies are in progress as AWS allows",
            Self::AccessDenied => "access is denied",
            Self::KeyNotAccessible => "the KMS key is disabled, deleted or not accessible",
            Self::DatabaseKeyNotAccessible => {
                "the KMS key of the database is disabled, deleted or not accessible; enable it, or correct its policy"
            }
            Self::SourceKeyNotAccessible => "the KMS key of the source snapshot does not admit this account",
            Self::NotFound => "it does not exist",
            Self::AlreadyExists => "the identifier is taken by something else",
            Self::NoSuchOptionGroup => "the option group does not exist there; see OptionGroupDestination",
            Self::UnfitSetting => {
                "a subnet, parameter or security group or kind of storage is not there or does not fit"
            }
            Self::TooManyDatabases => {
                "the account has as many instances, clusters or as much storage as its quotas allow"
            }
            Self::NoCapacity => "AWS has no instance of this class to give there now",
            Self::OutOfTime => "the run's time is up; the next run continues",
            Self::InvalidRequest => "AWS refuses the request",
            Self::Unexpected => "AWS gave an unexpected answer",
        })
    }
}

/// A call to AWS that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{action} failed with {code}: {message}")]
pub struct GatewayError {
    /// The API action, as in `CopyDBSnapshot`.
    pub action: &'static str,
    /// Its meaning for Pilot Light.
    pub kind: GatewayErrorKind,
    /// AWS's code, or a substitute where AWS gave none (`timeout`, `dispatch failure`, `missing field`).
    pub code: String,
    /// AWS's message.
    pub message: String,
}
