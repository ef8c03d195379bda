//! A failed call to AWS: its kind, and AWS's own code and message.
//!
//! Which of AWS's codes is of which kind is in [`crate::aws::error_codes`].

use std::fmt;

use serde::{Deserialize, Serialize};

/// What an AWS error means for us, whatever its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum GatewayErrorKind {
    /// Called too often.
    Throttled,
    /// Time-out, 5xx or no connection; the effect may have happened all the same.
    Unavailable,
    /// The resource is in a state that will pass.
    InvalidState,
    /// The account has as many manual snapshots as it may have.
    TooManySnapshots,
    /// As many copies are in progress as there may be.
    TooManyCopies,
    /// IAM refuses.
    AccessDenied,
    /// The KMS key is disabled, deleted, or not ours to use.
    KeyNotAccessible,
    /// The same, where our own key is known to be usable, so that the source's is meant.
    SourceKeyNotAccessible,
    /// No such resource.
    NotFound,
    /// The identifier is taken.
    AlreadyExists,
    /// The option group that the parameters name does not exist.
    NoSuchOptionGroup,
    /// A subnet, parameter or security group, or a kind of storage, that the request names is not there or
    /// does not fit.
    UnfitSetting,
    /// The account has as many instances, clusters or as much storage as it may have.
    TooManyDatabases,
    /// AWS has no instance of this class to give there now.
    NoCapacity,
    /// The run's time was up before it was asked; nothing happened.
    OutOfTime,
    /// AWS refuses the request as such.
    InvalidRequest,
    /// An answer that lacks what AWS documents, or a code that nobody knows.
    Unexpected,
}

impl fmt::Display for GatewayErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Throttled => "AWS throttles the calls",
            Self::Unavailable => "AWS does not answer in time",
            Self::InvalidState => "it is in a state that does not allow this now",
            Self::TooManySnapshots => "the account has as many manual snapshots as its quota allows",
            Self::TooManyCopies => "as many copies are in progress as AWS allows",
            Self::AccessDenied => "access is denied",
            Self::KeyNotAccessible => "the KMS key is disabled, deleted or not accessible",
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
            Self::OutOfTime => "the run's time is up, and the next one goes on",
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
    /// What it means for us.
    pub kind: GatewayErrorKind,
    /// AWS's code, or what stands for it (`timeout`, `dispatch failure`, `missing field`).
    pub code: String,
    /// AWS's message.
    pub message: String,
}
