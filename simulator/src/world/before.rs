//! What is still told of a thing for a while after it changed: `Describe…` runs behind, as AWS's does.
//!
//! Only what is told is late. Every other request meets the thing as it is.

use std::sync::Arc;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::DatabaseArn;

use super::World;
use super::instance::InstanceRecord;
use super::lifecycle::Event;
use super::place::Place;

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

impl World {
    /// How long a change is not told.
    pub(super) fn lag(&self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.settings.lag_seconds))
    }

    /// Until when a change of now is not told.
    pub(super) fn told_from(&mut self) -> Instant {
        let until = self.now + self.lag();
        if until > self.now {
            self.agenda.insert((until, Event::Told));
        }
        until
    }

    /// An instance to change, which is told as it was for a while.
    pub(super) fn change_instance(&mut self, arn: &DatabaseArn) -> Option<&mut InstanceRecord> {
        let (now, until) = (self.now, self.told_from());
        let instance = self.instance_mut(&Place::of_instance(arn), &arn.id.name)?;
        instance.keep_before(now, until);
        Some(instance)
    }

    /// What is told of an instance now.
    pub(super) fn told<'a>(&self, record: &'a Arc<InstanceRecord>) -> &'a Arc<InstanceRecord> {
        record.before.told(self.now).unwrap_or(record)
    }
}
