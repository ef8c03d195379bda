//! The earlier state of a resource, which `Describe…` still shows for a while after a change, as AWS does.
//!
//! Only descriptions lag. Every other request meets the resource in its present state.

use std::sync::Arc;

use pilot_light_domain::Instant;
use serde::{Deserialize, Serialize};

/// The earlier state of a resource, and the instant until which it is described.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Before<T>(Option<(Instant, Arc<T>)>);

impl<T> Default for Before<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Before<T> {
    /// True if there is no earlier state.
    pub(crate) fn is_absent(&self) -> bool {
        self.0.is_none()
    }

    /// The earlier state, if it is still described now.
    pub(crate) fn shown(&self, now: Instant) -> Option<&Arc<T>> {
        self.0.as_ref().filter(|(until, _)| now < *until).map(|(_, before)| before)
    }

    /// Describes `before` until this instant.
    pub(crate) fn keep(before: Arc<T>, until: Instant) -> Self {
        Self(Some((until, before)))
    }
}

/// A resource that may be described in an earlier state.
pub(crate) trait Lags: Clone {
    /// The place of its earlier state.
    fn before(&mut self) -> &mut Before<Self>;

    /// Keeps the present state before a change at `now`, to be described until `until`.
    fn keep_before(&mut self, now: Instant, until: Instant) {
        if until <= now {
            return;
        }
        let earlier = self.before().shown(now).cloned();
        let earlier = earlier.unwrap_or_else(|| {
            let mut earlier = self.clone();
            // An earlier state has no earlier state of its own.
            *earlier.before() = Before::default();
            Arc::new(earlier)
        });
        *self.before() = Before::keep(earlier, until);
    }
}
