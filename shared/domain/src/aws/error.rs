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

impl GatewayErrorKind {
    /// True if AWS refused the action and began nothing, so that its place within a limit is free. A call that may have had
    /// its effect keeps the place. So does one that the limits themselves refused, or the pace of the calls.
    #[must_use]
    pub fn frees_its_place(self) -> bool {
        !matches!(
            self,
            Self::Throttled
                | Self::Unavailable
                | Self::OutOfTime
                | Self::TooManySnapshots
                | Self::TooManyCopies
        )
    }
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

/// A call to AWS that failed. Its text contains our reading of the error, and the action, the code and the message of AWS.
///
/// Only [`GatewayError::new`] makes one, so every text is bounded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} ({action} failed with {code}: {message})")]
#[non_exhaustive]
pub struct GatewayError {
    /// The API action, as in `CopyDBSnapshot`.
    pub action: &'static str,
    /// Its meaning for Pilot Light.
    pub kind: GatewayErrorKind,
    /// AWS's code, or a substitute where AWS gave none (`timeout`, `dispatch failure`, `missing field`).
    pub code: String,
    /// AWS's message, without control characters and with at most 500 characters.
    pub message: String,
}

/// The most characters of AWS's message. The longest that matters, a refusal by IAM, contains two ARNs and has about 400.
const MESSAGE: usize = 500;
/// The most characters of a code.
const CODE: usize = 100;

impl GatewayError {
    /// An error with the code and the message of AWS, or with substitutes for them.
    #[must_use]
    pub fn new(action: &'static str, kind: GatewayErrorKind, code: &str, message: &str) -> Self {
        Self { action, kind, code: on_one_line(code, CODE), message: on_one_line(message, MESSAGE) }
    }

    /// The same error with another reading of it.
    #[must_use]
    pub fn read_as(self, kind: GatewayErrorKind) -> Self {
        Self { kind, ..self }
    }
}

/// A text of unknown origin on one line: at most `most` characters, and a space for each run of spaces and control
/// characters. A shortened text ends with an ellipsis.
#[must_use]
pub fn on_one_line(text: &str, most: usize) -> String {
    let is_gap = |letter: char| letter.is_control() || letter.is_whitespace();
    let mut words = text.split(is_gap).filter(|word| !word.is_empty());
    let mut line = words.next().unwrap_or_default().to_owned();
    for word in words {
        line.push(' ');
        line.push_str(word);
        // The rest of a long text is not needed.
        if line.len() > 4 * most {
            break;
        }
    }
    match line.char_indices().nth(most) {
        None => line,
        Some(_) => line.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_an_error_has_our_reading_and_the_action_the_code_and_the_message_of_aws() {
        let error = GatewayError::of_code("CopyDBSnapshot", "InvalidParameterValue", "No such group.");
        let text =
            "AWS refuses the request (CopyDBSnapshot failed with InvalidParameterValue: No such group.)";
        assert_eq!(error.to_string(), text);
    }

    #[test]
    fn a_message_of_aws_is_bounded_and_has_no_control_characters() {
        let message = |text: &str| GatewayError::of_code("X", "Code\u{7}\n", text).message;
        assert_eq!(message("one\r\n\ttwo\u{1b}[31m \u{0}three "), "one two [31m three");
        assert_eq!(message(""), "");
        assert_eq!(message(&"ü".repeat(500)), "ü".repeat(500));
        assert_eq!(message(&"ü ".repeat(10_000)).chars().count(), 500);
        assert!(message(&"x".repeat(501)).ends_with("x…"));
        assert_eq!(GatewayError::of_code("X", "Code\u{7}\n", "").code, "Code");
    }
}
