//! The errors of a command, and their exit codes.

use std::fmt;
use std::process::ExitCode;

/// An error that ends the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CommandError {
    /// The arguments, or a file that they name, are wrong; the user can correct them.
    WrongUse(String),
    /// The command was tried and failed.
    Failure(String),
}

impl CommandError {
    /// 2 for wrong use, as clap does, and 1 for a failure.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::WrongUse(_) => ExitCode::from(2),
            Self::Failure(_) => ExitCode::FAILURE,
        }
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::WrongUse(why) | Self::Failure(why)) = self;
        f.write_str(why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_use_exits_with_2_and_a_failure_with_1() {
        let code = |error: CommandError| format!("{:?}", error.exit_code());
        assert_eq!(code(CommandError::WrongUse(String::new())), format!("{:?}", ExitCode::from(2)));
        assert_eq!(code(CommandError::Failure(String::new())), format!("{:?}", ExitCode::from(1)));
    }
}
