//! `SwitchoverBlueGreenDeployment`: for a while both instances are busy, then the names change at one instant.
//!
//! AWS does not document the status of the instances meanwhile. *Unverified*: they are `renaming`.

use std::sync::Arc;

use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::database::InstanceStatus;
use pilot_light_domain::model::ids::{AccountId, DatabaseName, Region};

use super::record::{BlueGreenRecord, Stage};
use crate::world::World;
use crate::world::api::error::{ApiError, refused};
use crate::world::instances::record::InstanceRecord;
use crate::world::place::Place;
use crate::world::time::event::Event;
use crate::world::time::journal::Happening;
use crate::world::time::lag::Before;

/// The end of the name that the blue instance gets, before its number.
pub(in crate::world) const OLD: &str = "-old";

impl World {
    pub(in crate::world) fn begin_switchover(
        &mut self,
        place: &Place,
        id: &str,
    ) -> Result<Arc<BlueGreenRecord>, ApiError> {
        let found = self.staged(self.blue_green(place, id)?);
        let both = [&found.source, &found.target];
        let is_available = |arn: &DatabaseArn| {
            let instance = self.instance(place, arn.id.name.as_str());
            instance.is_ok_and(|instance| instance.status.0 == "available")
        };
        if found.stage != Stage::Prepared || !both.iter().all(|arn| is_available(arn)) {
            return Err(refused(
                "InvalidBlueGreenDeploymentStateFault",
                format!(
                    "The blue/green deployment {id} cannot be switched over: {}. Both instances must be available.",
                    found.stage.name()
                ),
            ));
        }
        for arn in both {
            if let Some(instance) = self.change_instance(arn) {
                instance.status = InstanceStatus("renaming".to_owned());
            }
        }
        let at = self.now + self.lasts("switchover", id);
        let Place { account, region } = place.clone();
        self.agenda.insert((at, Event::SwitchedOver(account, region, id.to_owned())));
        Ok(self.restage(place, &found, Stage::Switching))
    }

    /// Gives the green instance the name of the blue one, and the blue one a new name.
    pub(in crate::world) fn finish_switchover(&mut self, account: &AccountId, region: &Region, id: &str) {
        let place = Place::new(account, region);
        let Ok(found) = self.blue_green(&place, id).cloned() else { return };
        let old = self.old_name(&place, &found.source);
        let instances = &mut self.holdings_mut(&place).instances;
        let blue = instances.remove(&found.source.id.name);
        let green = instances.remove(&found.target.id.name);
        let (Some(mut blue), Some(mut green)) = (blue, green) else { return };
        let (new_blue, new_green) = (Arc::make_mut(&mut blue), Arc::make_mut(&mut green));
        new_blue.replicas.remove(&found.target);
        new_green.replica_of = None;
        new_green.tags.clone_from(&new_blue.tags);
        rename(new_blue, place.instance_arn(old));
        rename(new_green, found.source.clone());
        instances.insert(new_blue.arn.id.name.clone(), Arc::clone(&blue));
        instances.insert(new_green.arn.id.name.clone(), Arc::clone(&green));
        self.rename_relations(&blue, &found.source);
        self.rename_relations(&green, &found.target);
        for renamed in [&blue, &green] {
            self.enter(|_| Some(Happening::DatabaseRenamed(Arc::clone(renamed))));
        }
        let switched = BlueGreenRecord {
            source: blue.arn.clone(),
            target: green.arn.clone(),
            ..BlueGreenRecord::clone(&found)
        };
        self.restage(&place, &switched, Stage::Completed);
    }

    /// The first free name of the form `…-old1`.
    pub(in crate::world) fn old_name(&self, place: &Place, blue: &DatabaseArn) -> DatabaseName {
        let mut names = (1..).filter_map(|n| DatabaseName::new(&format!("{}{OLD}{n}", blue.id.name)).ok());
        let is_free = |name: &DatabaseName| self.instance(place, name.as_str()).is_err();
        names.find(is_free).unwrap_or_else(|| blue.id.name.clone())
    }

    fn restage(&mut self, place: &Place, found: &BlueGreenRecord, stage: Stage) -> Arc<BlueGreenRecord> {
        let record = Arc::new(BlueGreenRecord { stage, ..found.clone() });
        self.holdings_mut(place).blue_greens.insert(record.id.clone(), Arc::clone(&record));
        record
    }
}

fn rename(instance: &mut InstanceRecord, arn: DatabaseArn) {
    instance.arn = arn;
    instance.status = InstanceStatus("available".to_owned());
    instance.before = Before::default();
}
