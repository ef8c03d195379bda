//! In which order a refresh goes, as a manifest names it.

use std::str::FromStr;

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// The new y first.
    Swap,
    /// The old y goes first: there is none while the new one is restored.
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
