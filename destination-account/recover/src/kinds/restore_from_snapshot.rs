//! `RestoreFromSnapshot`: a database is restored from its newest usable recovery point, as a new instance.
//!
//! An instance of that name that holds another point is never changed, and never taken for the result. The choice of the snapshot is left to
//! `points`.

use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::recovery::DbInstance;
use serde_json::{Value, json};

use super::restoring::{Options, outcome, point, point_of};
use super::{Kind, Next, instance_in};
use crate::facts::{Facts, Need, Setting};
use crate::fields::Fields;
use crate::points::Wanted;
use crate::progress::Outcome;
use crate::readiness::{Demand, Room};
use crate::tagging;

const INSTANCE: &str = "DBInstanceIdentifier";
const SOURCE: &str = "SourceDBInstanceIdentifier";

/// A database to restore.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RestoreFromSnapshot {
    instance: DatabaseName,
    wanted: Wanted,
    options: Options,
}

impl Kind for RestoreFromSnapshot {
    const NAME: &'static str = "RestoreFromSnapshot";

    /// Four hours, which is one hour more than the RTO. After that a person must investigate.
    const LIMIT_MINUTES: u64 = 240;

    fn read(fields: &mut Fields, _setting: &Setting) -> Option<Self> {
        let instance = fields.instance(INSTANCE);
        let source = fields.instance(SOURCE);
        if fields.text(INSTANCE).or_else(|| fields.text(SOURCE)).is_none() {
            fields.missing(
                &[INSTANCE, SOURCE],
                "is missing; give the name of the new instance, which is also the database unless SourceDBInstanceIdentifier is given",
            );
        }
        let options = Options::read_lasting(fields, &["DBInstanceClass", "rds_instance_type"]);
        let wanted = Wanted::read(fields, source.clone().or_else(|| instance.clone()));
        Some(Self { instance: instance.or(source)?, wanted: wanted?, options })
    }

    fn needs(&self, setting: &Setting) -> Vec<Need> {
        vec![Need::Instances(setting.region.clone()), Need::Snapshots]
    }

    fn acts_on(&self, setting: &Setting) -> Vec<String> {
        vec![instance_in(&setting.region, &self.instance)]
    }

    fn obstacles(&self, facts: &Facts, setting: &Setting) -> Vec<(&'static str, String)> {
        match facts.instance(&self.instance) {
            Some(found) => {
                let mark = self.mark(facts, setting);
                self.refusal(found, facts, (&mark, setting)).map(|why| (INSTANCE, why)).into_iter().collect()
            }
            None => self.wanted.choose(facts).err().map(|why| (SOURCE, why)).into_iter().collect(),
        }
    }

    fn demands(&self, facts: &Facts, setting: &Setting) -> Vec<Demand> {
        let found = facts.instance(&self.instance);
        let mark = self.mark(facts, setting);
        if found.is_some_and(|found| self.refusal(found, facts, (&mark, setting)).is_none()) {
            return Vec::new();
        }
        let snapshot = self.wanted.choose(facts).ok();
        vec![self.options.demand(snapshot.as_ref(), setting, Room::NEW, true)]
    }

    /// The point, if there was no instance at the first look. Another execution may restore it at the same time.
    fn mark(&self, facts: &Facts, _setting: &Setting) -> Value {
        let point = self.wanted.choose(facts).ok().filter(|_| facts.instance(&self.instance).is_none());
        json!({"point": point.map(|point| point.arn.to_string())})
    }

    fn next(&self, facts: &Facts, mark: &Value, setting: &Setting) -> Next {
        match facts.instance(&self.instance) {
            Some(found) => match self.refusal(found, facts, (mark, setting)) {
                Some(why) => Next::Failed(why),
                None => self.options.complete(found, setting),
            },
            None => self.restore(facts, setting),
        }
    }

    fn outcome(&self, facts: &Facts, _setting: &Setting) -> Option<Outcome> {
        facts.instance(&self.instance).map(outcome)
    }
}

impl RestoreFromSnapshot {
    /// The reason that an instance of that name is not the result. This very recovery must have restored it, or it must be
    /// as the manifest asks, and hold the point that the manifest chooses now or chose at the first look.
    fn refusal(
        &self,
        found: &DbInstance,
        facts: &Facts,
        (mark, setting): (&Value, &Setting),
    ) -> Option<String> {
        let name = &found.arn.id.name;
        let Some(from) = found.tags.get(tagging::RESTORED_FROM) else {
            return Some(format!(
                "there is an instance '{name}' that no recovery restored, and it is not changed; give another DBInstanceIdentifier"
            ));
        };
        // A note of version 0.1.0 is null. It counted every instance that a recovery restored for the resource.
        let is_of_0_1_0 = mark.is_null() && tagging::has(found, tagging::RESOURCE, &setting.resource);
        if tagging::are_ours(&found.tags, setting) || is_of_0_1_0 {
            return None;
        }
        let chosen = self.wanted.choose_beside(found, facts);
        let is_chosen = chosen.as_ref().is_ok_and(|chosen| chosen.arn.is_written(from));
        if is_chosen || mark["point"].as_str() == Some(from) {
            let differs = self.options.difference(found)?;
            return Some(format!(
                "another recovery restored '{name}' from the point that this manifest chooses, but with {differs}; correct the manifest or change the instance, or give another DBInstanceIdentifier"
            ));
        }
        let chosen = match chosen {
            Ok(chosen) => {
                format!("this manifest chooses {}", point(chosen.arn.id.as_str(), chosen.taken_at()))
            }
            Err(why) => format!("this manifest does not choose one: {why}"),
        };
        let held = point_of(found, facts);
        Some(format!(
            "there is already an instance '{name}', restored from {held}, but {chosen}; to keep it, set At to the time of its data; otherwise give another DBInstanceIdentifier, or rename or delete it"
        ))
    }

    fn restore(&self, facts: &Facts, setting: &Setting) -> Next {
        match self.wanted.choose(facts) {
            Ok(snapshot) => Next::Ask {
                region: setting.region.clone(),
                change: self.options.restore(&self.instance, &snapshot, setting, Tags::new()),
                then: format!("restoring '{}' from {}", self.instance, snapshot.arn.id),
            },
            Err(why) => Next::Failed(why),
        }
    }
}

#[cfg(test)]
mod tests;
