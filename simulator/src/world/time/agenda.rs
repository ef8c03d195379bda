//! The passage of time: the events of the agenda happen one after another, each at its exact instant.
//!
//! The effect of each event is in the module of its resource.

use chrono::TimeDelta;
use pilot_light_domain::Instant;

use super::event::Event;
use super::lag::Before;
use crate::world::World;

impl World {
    /// Moves time forward to `now`, through all events up to and including that instant.
    pub fn advance(&mut self, now: Instant) {
        while self.agenda.first().is_some_and(|(at, _)| *at <= now) {
            let Some((at, event)) = self.agenda.pop_first() else { break };
            self.now = self.now.max(at);
            self.beneath_impositions(|world| world.happen(event));
        }
        self.now = self.now.max(now);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::CopyBegins(arn) => self.show_copying(&arn),
            Event::SnapshotComplete(arn) => self.complete_snapshot(&arn),
            Event::InstanceReached(arn) => self.reach_status(&arn),
            Event::SnapshotSeen(arn, account) => self.see_snapshot(&arn, &account),
            Event::TagsSeen(arn) => self.see_tags(&arn),
            Event::ClusterReached(arn) => self.reach_cluster(&arn),
            Event::ClusterSnapshotComplete(arn) => self.complete_cluster_snapshot(&arn),
            Event::GlobalReached(key) => self.reach_global(&key),
            Event::DatastoreReached(key) => self.reach_datastore(&key),
            Event::GroupReached(account, region, id) => self.reach_group(&account, &region, &id),
            Event::SnapshotUpgraded(arn) => self.finish_upgrade(&arn),
            Event::SwitchedOver(account, region, id) => self.finish_switchover(&account, &region, &id),
            Event::ImpositionOver(id) => {
                self.lift(id);
            }
            Event::LagOver => {}
        }
    }

    /// The instant of the next event.
    #[must_use]
    pub fn next_event(&self) -> Option<Instant> {
        self.agenda.first().map(|(at, _)| *at)
    }

    /// The duration of a change of a cluster or group. The earlier state is described until its end.
    pub(in crate::world) fn lasts(&self, why: &str, what: &str) -> TimeDelta {
        self.settings.instance_seconds.draw(self.settings.seed, &[why, what]).max(self.lag())
    }

    /// The time for which descriptions lag behind a change.
    pub(in crate::world) fn lag(&self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.settings.lag_seconds))
    }

    /// The instant until which descriptions lag behind a change of now.
    pub(in crate::world) fn lag_end(&mut self) -> Instant {
        self.lag_ends_after(self.lag())
    }

    /// The earlier state of a resource that is created now: it was absent.
    pub(in crate::world) fn before_creation<T>(&mut self) -> Before<T> {
        let lag = TimeDelta::seconds(i64::from(self.settings.new_lag_seconds));
        Before::absent(self.lag_ends_after(lag))
    }

    fn lag_ends_after(&mut self, lag: TimeDelta) -> Instant {
        let until = self.now + lag;
        if until > self.now {
            self.agenda.insert((until, Event::LagOver));
        }
        until
    }
}
