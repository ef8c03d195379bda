//! The names under which a worker fails, and its error with the message for a person.
//!
//! The names are contracts with `statemachines/*.asl.json`. The kind of each of AWS's codes is in
//! [`crate::aws::error_codes`]. The name that each kind becomes is beside [`crate::run::Verdict`].

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::aws::error::GatewayError;

/// The name of a worker's failure, as the state machine matches it (case-sensitive).
///
/// The names are ordered from the mildest to the gravest. Of several failures, the run reports the gravest
/// retryable one if there is any, and else the gravest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ErrorName {
    /// Throttling remains after the SDK's own retries.
    Throttled,
    /// Time-out, 5xx or no connection.
    Unavailable,
    /// A resource is in a temporary state that does not allow the action.
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
    /// Every name, the mildest first.
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

    /// True if the same run may succeed later without any intervention.
    #[must_use]
    pub fn is_retryable(self) -> bool {
        matches!(self, Self::Throttled | Self::Unavailable | Self::Conflict | Self::QuotaExceeded)
    }

    /// The one name that represents several failures: the gravest retryable one if there is any, else the gravest.
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
    /// The parameters are unusable. The message lists all problems.
    #[error("{0}")]
    InvalidConfiguration(String),
    /// A deletion guard stopped the plan.
    #[error("nothing was deleted: {0}")]
    SafetyRefused(String),
    /// AWS could not be read, so nothing was done.
    #[error("cannot {doing}: {cause}")]
    Read {
        /// The object of the reading, as in "list the snapshots in us-east-1".
        doing: String,
        /// AWS's error. The text of this error contains its whole text.
        cause: GatewayError,
    },
    /// The run reached its end, and some of its actions failed.
    #[error("{failed} of {attempted} actions failed, first: {first}")]
    Actions {
        /// The number of failed actions.
        failed: usize,
        /// The number of attempted actions.
        attempted: usize,
        /// The first failure, with the name of its snapshot or database.
        first: String,
        /// The one name that represents all failures.
        name: ErrorName,
    },
    /// A broken invariant.
    #[error("{0}")]
    Internal(String),
}

impl WorkerError {
    /// Turns a failed call into a worker's error. `doing` describes the failed reading.
    pub fn reading(doing: impl Into<String>) -> impl FnOnce(GatewayError) -> Self {
        let doing = doing.into();
        move |cause| Self::Read { doing, cause }
    }

    /// The name that the state machine matches.
    #[must_use]
    pub fn name(&self) -> ErrorName {
        match self {
            Self::InvalidInput(_) => ErrorName::InvalidInput,
            Self::InvalidConfiguration(_) => ErrorName::InvalidConfiguration,
            Self::SafetyRefused(_) => ErrorName::SafetyRefused,
            Self::Read { cause, .. } => cause.kind.name(),
            Self::Actions { name, .. } => *name,
            Self::Internal(_) => ErrorName::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retryable_failure_is_reported_before_a_grave_one() {
        use ErrorName::{AccessDenied, Conflict, Internal, Throttled};
        assert_eq!(ErrorName::of_many([]), None);
        assert_eq!(ErrorName::of_many([AccessDenied, Internal]), Some(Internal));
        assert_eq!(ErrorName::of_many([AccessDenied, Throttled, Internal]), Some(Throttled));
        assert_eq!(ErrorName::of_many([Throttled, Conflict]), Some(Conflict));
    }

    #[test]
    fn no_name_begins_with_a_prefix_reserved_by_step_functions() {
        for name in ErrorName::ALL {
            assert!(!["States.", "Lambda.", "Runtime."].iter().any(|own| name.as_str().starts_with(own)));
            assert_eq!(serde_json::to_value(name).ok(), Some(serde_json::Value::from(name.as_str())));
        }
    }

    #[test]
    fn the_message_of_a_failed_reading_has_the_action_the_code_and_the_words_of_aws() {
        let refusal = GatewayError::of_code("DescribeDBSnapshots", "Throttling", "Rate exceeded");
        let text = WorkerError::reading("list the snapshots")(refusal).to_string();
        let parts = ["list the snapshots", "AWS throttles the calls", "DescribeDBSnapshots", "Throttling"];
        assert!(
            parts.iter().all(|part| text.contains(part)) && text.contains("Rate exceeded"),
            "AWS's words are missing: {text}"
        );
    }
}
