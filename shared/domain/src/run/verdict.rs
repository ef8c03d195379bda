//! The consequence of a failed call to AWS for the run that made it.

use crate::aws::error::GatewayErrorKind;
use crate::run::error::ErrorName;

/// What an action's error means for the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The run failed.
    Failed,
    /// The next run does it.
    Waits,
    /// Only this one database or snapshot is concerned, and trying again is no help: a person must act.
    Blocked,
}

impl GatewayErrorKind {
    /// The worker error that it becomes.
    #[must_use]
    pub fn name(self) -> ErrorName {
        match self {
            Self::Throttled => ErrorName::Throttled,
            Self::Unavailable | Self::OutOfTime => ErrorName::Unavailable,
            // The world moved between read and apply; the next read sees it.
            Self::InvalidState | Self::NotFound | Self::AlreadyExists => ErrorName::Conflict,
            // Capacity comes back as a quota does: for nothing that we do, and not within seconds.
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

    /// What it means for the run.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        match self {
            Self::OutOfTime => Verdict::Waits,
            Self::SourceKeyNotAccessible | Self::InvalidRequest => Verdict::Blocked,
            _ => Verdict::Failed,
        }
    }
}
