//! The form of a command's output.

use clap::ValueEnum;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// Text, for people.
    Text,
    /// JSON, for programs.
    Json,
}
