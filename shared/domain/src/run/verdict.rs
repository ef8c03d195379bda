//! The consequence of a failed call to AWS for the run that made it.

use crate::aws::error::GatewayErrorKind;
use crate::run::error::ErrorName;

/// The consequence of an action's error for the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The run failed.
    Failed,
    /// The next run carries the action out.
    Waits,
    /// The error concerns only this one database or snapshot, and another attempt does not help. A person must act.
    Blocked,
}

impl GatewayErrorKind {
    /// The name of the worker error for this kind.
    #[must_use]
    pub fn name(self) -> ErrorName {
        match self {
            Self::Throttled => ErrorName::Throttled,
            Self::Unavailable | Self::OutOfTime => ErrorName::Unavailable,
            // The resources changed between read and apply. The next run reads them again.
            Self::InvalidState | Self::FailedAndUndeletable | Self::NotFound | Self::AlreadyExists => {
                ErrorName::Conflict
            }
            // Like a quota, capacity does not return through an action of the worker, and not within seconds.
            Self::TooManySnapshots | Self::TooManyCopies | Self::TooManyDatabases | Self::NoCapacity => {
                ErrorName::QuotaExceeded
            }
            Self::AccessDenied | Self::KeyNotAccessible | Self::SourceKeyNotAccessible => {
                ErrorName::AccessDenied
            }
            Self::NoSuchOptionGroup | Self::UnfitSetting => ErrorName::InvalidConfiguration,
            Self::InvalidRequest | Self::Unexpected => ErrorName::Internal,
        }
    }

    /// The consequence for the run.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        match self {
            // Copies that the worker cannot recognise in a list, or that others have just started, occupy slots too.
            Self::OutOfTime | Self::TooManyCopies => Verdict::Waits,
            Self::SourceKeyNotAccessible | Self::FailedAndUndeletable | Self::InvalidRequest => {
                Verdict::Blocked
            }
            _ => Verdict::Failed,
        }
    }
}
