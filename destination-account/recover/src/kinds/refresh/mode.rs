//! The order of the steps of a refresh, as a manifest gives it. The steps themselves are left to the parent module.

use std::str::FromStr;

/// The order of the steps of a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// The new y is restored before the old y is deleted.
    Swap,
    /// The old y is deleted first. There is no y while the new one is restored.
    Replace,
}

impl FromStr for Mode {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "swap" => Ok(Self::Swap),
            "replace" => Ok(Self::Replace),
            _ => Err(format!("is '{text}'; write Swap or Replace")),
        }
    }
}
