//! The name under which a caller is recorded.

use std::sync::Arc;

use crate::permissions::PERSON;

/// Who asks.
#[derive(Debug, Clone)]
pub(super) struct Principal {
    pub(super) name: Arc<str>,
    /// Where its parameters are.
    pub(super) path: Arc<str>,
}

impl Default for Principal {
    fn default() -> Self {
        Self::new(PERSON, "/")
    }
}

impl Principal {
    pub(super) fn new(name: &str, path: &str) -> Self {
        Self { name: name.into(), path: path.into() }
    }
}
