//! Instances over time: each reaches its next status at a planned instant.
//!
//! The actions that begin a transition are in files of their own.

use std::sync::Arc;

use pilot_light_domain::model::arn::{DatabaseArn, SnapshotArn};
use pilot_light_domain::model::database::InstanceStatus;

use super::record::Transition;
use crate::world::World;
use crate::world::place::Place;
use crate::world::time::event::Event;
use crate::world::time::journal::Happening;

impl World {
    /// Plans the next status of an instance.
    pub(in crate::world) fn schedule(&mut self, arn: &DatabaseArn, why: &str, transition: Transition) {
        let parts = [why, &arn.to_string()];
        let lasts = self.settings.instance_seconds.draw(self.settings.seed, &parts);
        let lasts = match transition {
            Transition::Available => lasts,
            // The earlier state is described until then.
            Transition::Gone | Transition::Stopped | Transition::Started => lasts.max(self.lag()),
            // A reboot is the other half.
            Transition::Promoted | Transition::Renamed => (lasts / 2).max(self.lag()),
            Transition::Rebooted => lasts / 2,
        };
        let at = self.now + lasts;
        let Some(instance) = self.instance_mut(&Place::of_instance(arn), &arn.id.name) else { return };
        let earlier = instance.next.replace((at, transition));
        if let Some((earlier, _)) = earlier {
            self.agenda.remove(&(earlier, Event::InstanceReached(arn.clone())));
        }
        self.agenda.insert((at, Event::InstanceReached(arn.clone())));
    }

    pub(in crate::world) fn reach_status(&mut self, arn: &DatabaseArn) {
        let now = self.now;
        let place = Place::of_instance(arn);
        let Some(instance) = self.instance_mut(&place, &arn.id.name) else { return };
        match instance.next.take() {
            Some((_, Transition::Gone)) => self.remove_instance(arn),
            Some((_, Transition::Promoted)) => self.finish_promotion(arn),
            Some((_, Transition::Renamed)) => self.finish_rename(arn),
            Some((_, Transition::Stopped)) => self.finish_stop(arn),
            Some((_, Transition::Started)) => self.begin_start(arn),
            Some((_, Transition::Available | Transition::Rebooted)) => {
                instance.status = InstanceStatus("available".to_owned());
                let is_new = instance.created_at.is_none();
                instance.created_at.get_or_insert(now);
                if is_new && instance.options.backup_retention_days.is_some_and(|days| days > 0) {
                    self.take_automated(&place, arn);
                }
                if is_new {
                    let ready = |world: &Self| world.instance(&place, arn.id.name.as_str()).ok().cloned();
                    self.enter(|world| ready(world).map(Happening::DatabaseReady));
                }
            }
            None => {}
        }
    }

    pub(in crate::world) fn remove_instance(&mut self, arn: &DatabaseArn) {
        let place = Place::of_instance(arn);
        let holdings = self.holdings_mut(&place);
        let Some(gone) = holdings.instances.remove(&arn.id.name) else { return };
        let automated: Vec<SnapshotArn> = holdings
            .snapshots
            .values()
            .filter(|snapshot| snapshot.is_automated_of(&gone.shape.resource_id))
            .map(|snapshot| snapshot.arn.clone())
            .collect();
        for snapshot in automated {
            self.remove_snapshot(&snapshot);
        }
        self.enter(|_| Some(Happening::DatabaseGone(Arc::clone(&gone))));
        self.forget_relations(&gone);
        self.leave_cluster(&gone);
    }

    /// Ends the snapshot of an instance, which is complete, failed or removed.
    pub(in crate::world) fn release_instance(&mut self, arn: &DatabaseArn) {
        let place = Place::of_instance(arn);
        let Some(instance) = self.instance_mut(&place, &arn.id.name) else { return };
        let before = instance.before_snapshot.take();
        if instance.status.0 == "backing-up" {
            instance.status = before.unwrap_or_else(|| InstanceStatus("available".to_owned()));
        } else if instance.status.0 == "deleting" && instance.next.is_none() {
            self.remove_instance(arn);
        }
    }
}
