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

/// The present state of the resource that a call was refused for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateNow {
    /// It allows the action, or it will never change: another attempt meets the same refusal.
    Allows,
    /// It is another one than the plan was made from, or it is unknown.
    Changed,
    /// The snapshot has failed, and never changes its state again.
    Lost,
}

impl GatewayErrorKind {
    /// The kind of a refusal once the state of its resource is known.
    ///
    /// AWS uses its codes of states (`InvalidDBInstanceState` and others) for two meanings: a state that passes, and a
    /// resource that never allows the action, such as a read replica of SQL Server. Only the state of the resource shows which.
    #[must_use]
    pub fn in_state(self, state: StateNow) -> Self {
        match (self, state) {
            (Self::InvalidState, StateNow::Allows) => Self::LastingState,
            (Self::InvalidState, StateNow::Lost) => Self::FailedAndUndeletable,
            (kind, _) => kind,
        }
    }

    /// The name of the worker error for this kind.
    #[must_use]
    pub fn name(self) -> ErrorName {
        match self {
            Self::Throttled => ErrorName::Throttled,
            Self::Unavailable | Self::OutOfTime => ErrorName::Unavailable,
            // The resources changed between read and apply. The next run reads them again.
            Self::InvalidState
            | Self::LastingState
            | Self::FailedAndUndeletable
            | Self::NotFound
            | Self::AlreadyExists => ErrorName::Conflict,
            // Like a quota, capacity does not return through an action of the worker, and not within seconds.
            Self::TooManySnapshots | Self::TooManyCopies | Self::TooManyDatabases | Self::NoCapacity => {
                ErrorName::QuotaExceeded
            }
            Self::AccessDenied
            | Self::KeyNotAccessible
            | Self::DatabaseKeyNotAccessible
            | Self::SourceKeyNotAccessible => ErrorName::AccessDenied,
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
            Self::DatabaseKeyNotAccessible
            | Self::SourceKeyNotAccessible
            | Self::LastingState
            | Self::FailedAndUndeletable
            | Self::InvalidRequest => Verdict::Blocked,
            _ => Verdict::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_for_a_state_lasts_only_if_that_state_allows_the_action_or_is_an_end() {
        use GatewayErrorKind::{FailedAndUndeletable, InvalidState, LastingState, Throttled};
        for (kind, state, expected, verdict) in [
            (InvalidState, StateNow::Allows, LastingState, Verdict::Blocked),
            (InvalidState, StateNow::Changed, InvalidState, Verdict::Failed),
            (InvalidState, StateNow::Lost, FailedAndUndeletable, Verdict::Blocked),
            (Throttled, StateNow::Allows, Throttled, Verdict::Failed),
        ] {
            let kind = kind.in_state(state);
            assert_eq!((kind, kind.verdict()), (expected, verdict), "{state:?}");
        }
    }
}
