//! The earlier state of a resource, which `Describe…` still shows for a while after a change, as AWS does.
//!
//! Before its creation a resource is absent. `Describe…` may therefore not show a new resource yet.
//! Only descriptions lag. Every other request meets the resource in its present state.

use std::sync::Arc;

use pilot_light_domain::Instant;
use serde::{Deserialize, Serialize};

/// The earlier state of a resource, and the instant until which it is described. A new resource was absent earlier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Before<T>(Option<(Instant, Option<Arc<T>>)>);

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

    /// The state that is described now, given the present one. `None`: the resource is described as absent.
    pub(crate) fn described<'a>(&'a self, present: &'a Arc<T>, now: Instant) -> Option<&'a Arc<T>> {
        match &self.0 {
            Some((until, before)) if now < *until => before.as_ref(),
            _ => Some(present),
        }
    }

    /// True if an earlier state is still described now.
    pub(crate) fn is_described(&self, now: Instant) -> bool {
        self.0.as_ref().is_some_and(|(until, _)| now < *until)
    }

    /// Describes a new resource as absent until this instant.
    pub(crate) fn absent(until: Instant) -> Self {
        Self(Some((until, None)))
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
        let standing = self.before().0.clone().filter(|(end, _)| now < *end);
        *self.before() = Before(Some(match standing {
            Some((end, None)) => (end.max(until), None),
            Some((_, earlier)) => (until, earlier),
            None => {
                let mut earlier = self.clone();
                // An earlier state has no earlier state of its own.
                *earlier.before() = Before::default();
                (until, Some(Arc::new(earlier)))
            }
        }));
    }
}
