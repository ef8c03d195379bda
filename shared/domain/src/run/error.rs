//! The names under which a worker fails, and what a failed call to AWS means for us.
//!
//! The names are contracts with `statemachines/*.asl.json`. Which of AWS's codes means what is in
//! [`crate::aws::error_codes`].

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::aws::error::GatewayError;

/// The name of a worker's failure, as the state machine matches it (case-sensitive).
///
/// Ordered from the mildest to the gravest: when several failures meet, the gravest permanent one is told,
/// unless something can be retried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ErrorName {
    /// Throttling remains after the SDK's own retries.
    Throttled,
    /// Time-out, 5xx or no connection.
    Unavailable,
    /// A resource is in a state that will pass.
    Conflict,
    /// Too many snapshots, databases or copies in progress, or no capacity.
    QuotaExceeded,
    /// The event is unusable.
    InvalidInput,
    /// The parameters are unusable.
    InvalidConfiguration,
    /// IAM refuses, or a key is not accessible.
    AccessDenied,
    /// A broken invariant.
    Internal,
    /// A deletion guard stopped the plan.
    SafetyRefused,
}

impl ErrorName {
    /// Every name, mildest first.
    pub const ALL: [Self; 9] = [
        Self::Throttled,
        Self::Unavailable,
        Self::Conflict,
        Self::QuotaExceeded,
        Self::InvalidInput,
        Self::InvalidConfiguration,
        Self::AccessDenied,
        Self::Internal,
        Self::SafetyRefused,
    ];

    /// The wire string.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Throttled => "Throttled",
            Self::Unavailable => "Unavailable",
            Self::Conflict => "Conflict",
            Self::QuotaExceeded => "QuotaExceeded",
            Self::AccessDenied => "AccessDenied",
            Self::InvalidInput => "InvalidInput",
            Self::InvalidConfiguration => "InvalidConfiguration",
            Self::SafetyRefused => "SafetyRefused",
            Self::Internal => "Internal",
        }
    }

    /// True if the same run may succeed later without anyone doing anything.
    #[must_use]
    pub fn is_retryable(self) -> bool {
        matches!(self, Self::Throttled | Self::Unavailable | Self::Conflict | Self::QuotaExceeded)
    }

    /// The one name that stands for several failures: something retryable if there is any, else the gravest.
    #[must_use]
    pub fn of_many(names: impl IntoIterator<Item = Self>) -> Option<Self> {
        names.into_iter().max_by_key(|name| (name.is_retryable(), *name))
    }
}

impl fmt::Display for ErrorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A worker's failure: the name for the state machine, the message for a person.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The event is unusable.
    #[error("the event is unusable: {0}")]
    InvalidInput(String),
    /// The parameters are unusable; all faults are listed.
    #[error("{0}")]
    InvalidConfiguration(String),
    /// A deletion guard stopped the plan.
    #[error("nothing was deleted: {0}")]
    SafetyRefused(String),
    /// AWS could not be read, so nothing was done.
    #[error("cannot {doing}: {}", source.kind)]
    Read {
        /// What was being read, as in "list the snapshots in us-east-1".
        doing: String,
        /// What AWS said.
        #[source]
        source: GatewayError,
    },
    /// The run went through, and some of its actions failed.
    #[error("{failed} of {attempted} actions failed, first: {first}")]
    Actions {
        /// How many failed.
        failed: usize,
        /// How many were tried.
        attempted: usize,
        /// The first failure, with the name of its snapshot or database.
        first: String,
        /// The one name for them all.
        name: ErrorName,
    },
    /// A broken invariant.
    #[error("{0}")]
    Internal(String),
}

impl WorkerError {
    /// Makes a failed reading of what `doing` says into a worker's error.
    pub fn reading(doing: impl Into<String>) -> impl FnOnce(GatewayError) -> Self {
        let doing = doing.into();
        move |source| Self::Read { doing, source }
    }

    /// The name that the state machine matches.
    #[must_use]
    pub fn name(&self) -> ErrorName {
        match self {
            Self::InvalidInput(_) => ErrorName::InvalidInput,
            Self::InvalidConfiguration(_) => ErrorName::InvalidConfiguration,
            Self::SafetyRefused(_) => ErrorName::SafetyRefused,
            Self::Read { source, .. } => source.kind.name(),
            Self::Actions { name, .. } => *name,
            Self::Internal(_) => ErrorName::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_retryable_is_told_before_something_grave() {
        use ErrorName::{AccessDenied, Conflict, Internal, Throttled};
        assert_eq!(ErrorName::of_many([]), None);
        assert_eq!(ErrorName::of_many([AccessDenied, Internal]), Some(Internal));
        assert_eq!(ErrorName::of_many([AccessDenied, Throttled, Internal]), Some(Throttled));
        assert_eq!(ErrorName::of_many([Throttled, Conflict]), Some(Conflict));
    }

    #[test]
    fn no_name_looks_like_one_of_step_functions_own() {
        for name in ErrorName::ALL {
            assert!(!["States.", "Lambda.", "Runtime."].iter().any(|own| name.as_str().starts_with(own)));
            assert_eq!(serde_json::to_value(name).ok(), Some(serde_json::Value::from(name.as_str())));
        }
    }
}
