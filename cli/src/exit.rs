//! Why nothing came of it, so that the exit code can tell a wrong question from a failure.

use std::fmt;
use std::process::ExitCode;

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CommandError {
    /// What was asked cannot be done as it was asked; asked otherwise, it can.
    WrongUse(String),
    /// It was tried and failed.
    Failure(String),
}

impl CommandError {
    /// 2 for wrong use, as clap has it, else 1.
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
    fn wrong_use_exits_otherwise_than_a_failure() {
        let code = |fault: CommandError| format!("{:?}", fault.exit_code());
        assert_eq!(code(CommandError::WrongUse(String::new())), format!("{:?}", ExitCode::from(2)));
        assert_eq!(code(CommandError::Failure(String::new())), format!("{:?}", ExitCode::from(1)));
    }
}
