//! The earlier state of a resource, which `Describe…` still shows for a while after a change, as AWS does.
//!
//! Only descriptions lag. Every other request meets the resource in its present state.

use std::sync::Arc;

use pilot_light_domain::Instant;

/// A thing as it was, and until when it is told so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Before<T>(Option<(Instant, Arc<T>)>);

impl<T> Default for Before<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Before<T> {
    /// What is told now, where it is not the thing as it is.
    pub(crate) fn told(&self, now: Instant) -> Option<&Arc<T>> {
        self.0.as_ref().filter(|(until, _)| now < *until).map(|(_, before)| before)
    }

    /// Tells of `before` until then.
    pub(crate) fn keep(before: Arc<T>, until: Instant) -> Self {
        Self(Some((until, before)))
    }
}

/// A thing of which an earlier state may be told.
pub(crate) trait Lags: Clone {
    /// The place of its earlier state.
    fn before(&mut self) -> &mut Before<Self>;

    /// Is about to change at `now`, of which nothing is told until `until`.
    fn keep_before(&mut self, now: Instant, until: Instant) {
        if until <= now {
            return;
        }
        let told = self.before().told(now).cloned();
        let told = told.unwrap_or_else(|| {
            let mut told = self.clone();
            // Of the past of the past nothing is told.
            *told.before() = Before::default();
            Arc::new(told)
        });
        *self.before() = Before::keep(told, until);
    }
}
