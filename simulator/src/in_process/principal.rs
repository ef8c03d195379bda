//! The name under which a caller is recorded.

use std::sync::Arc;

use crate::permissions::PERSON;

/// A caller, as the record of permissions names it.
#[derive(Debug, Clone)]
pub(super) struct Principal {
    pub(super) name: Arc<str>,
    /// The path of its parameters.
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
