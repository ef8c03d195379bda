//! `RestoreFromSnapshot`: a database is restored from its newest usable recovery point, as a new instance.
//!
//! An instance of that name that holds another point is never changed, and never taken for the result. The choice of the snapshot is left to
//! `points`.

use pilot_light_domain::Instant;
use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::recovery::DbInstance;
use serde_json::{Value, json};

use super::restoring::{Options, holds, is_deleting, outcome, point, point_of, taken};
use super::{Kind, Next, instance_in};
use crate::facts::{Facts, Need, Setting};
use crate::fields::Fields;
use crate::identity::lasts;
use crate::points::Wanted;
use crate::progress::Outcome;
use crate::readiness::{Demand, Room};
use crate::registry::Purpose;
use crate::tagging;

const INSTANCE: &str = "DBInstanceIdentifier";
const SOURCE: &str = "SourceDBInstanceIdentifier";
/// The database, under its name here and that of the Onica tool.
const SOURCES: [&str; 2] = [SOURCE, "rds_instance"];

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
        let source = fields.instance_of(&SOURCES);
        let instance = new_instance(fields, source.as_ref());
        let options = Options::read_lasting(fields, &["DBInstanceClass", "rds_instance_type"], 0);
        let has_source = source.is_some() || fields.has_problem(&SOURCES);
        let (names, database) =
            if has_source { (&SOURCES[..], source) } else { (&[INSTANCE][..], instance.clone()) };
        let wanted = Wanted::read(fields, names, database)?;
        Some(Self { instance: instance?, wanted, options })
    }

    fn needs(&self, setting: &Setting) -> Vec<Need> {
        vec![Need::Instances(setting.region.clone()), Need::Snapshots]
    }

    fn acts_on(&self, setting: &Setting) -> Vec<String> {
        vec![instance_in(&setting.region, &self.instance)]
    }

    fn obstacles(&self, facts: &Facts, setting: &Setting) -> Vec<(&'static str, String)> {
        let found = self.present(facts);
        let mark = self.mark(facts, setting);
        let refusal = found.and_then(|found| self.refusal(found, facts, (&mark, setting)));
        // The refusal of an instance that a recovery restored mentions the missing point already.
        let needs_point = found.is_none_or(|found| foreign(found).is_some());
        let point = self.wanted.problem(facts).filter(|_| needs_point);
        refusal.map(|why| (INSTANCE, why)).into_iter().chain(point.map(|why| (SOURCE, why))).collect()
    }

    fn demands(&self, facts: &Facts, setting: &Setting) -> Vec<Demand> {
        let found = self.present(facts);
        let mark = self.mark(facts, setting);
        if found.is_some_and(|found| self.refusal(found, facts, (&mark, setting)).is_none()) {
            return Vec::new();
        }
        let snapshot = self.wanted.choose(facts).ok();
        vec![self.options.demand(snapshot.as_ref(), setting, Room::Lasting, true)]
    }

    /// The point, if there was no instance at the first look. Another execution may restore it at the same time.
    fn mark(&self, facts: &Facts, _setting: &Setting) -> Value {
        let point = self.wanted.choose(facts).ok().filter(|_| self.present(facts).is_none());
        json!({"point": point.map(|point| point.arn.to_string())})
    }

    fn next(&self, facts: &Facts, mark: &Value, setting: &Setting) -> Next {
        match facts.instance(&self.instance) {
            Some(found) if is_deleting(found) => {
                Next::Wait(format!("the old '{}' is being deleted", self.instance))
            }
            Some(found) => match self.refusal(found, facts, (mark, setting)) {
                Some(why) => Next::Failed(why),
                None => self.options.complete(found, facts, setting),
            },
            None => self.restore(facts, setting),
        }
    }

    fn outcome(&self, facts: &Facts, _setting: &Setting) -> Option<Outcome> {
        facts.instance(&self.instance).map(outcome)
    }
}

/// The name of the new instance, which is that of its database if the manifest gives no other.
fn new_instance(fields: &mut Fields, source: Option<&DatabaseName>) -> Option<DatabaseName> {
    let instance = fields.instance(INSTANCE);
    let [current, older] = SOURCES;
    let names = [INSTANCE, current, older];
    if names.iter().all(|name| fields.text(name).is_none()) {
        fields.missing(
            &names,
            "is missing; give the name of the new instance, which is also the database unless SourceDBInstanceIdentifier is given",
        );
    }
    let is_own = instance.is_some() || fields.has_problem(&[INSTANCE]);
    let (parameter, name) = if is_own { (INSTANCE, instance) } else { (SOURCE, source.cloned()) };
    name.and_then(|name| fields.checked_new(parameter, name)).or_else(|| fields.stand_in(parameter))
}

/// The reason that an instance is never changed: no recovery restored it, or a drill or refresh did, which replaces or deletes it.
fn foreign(found: &DbInstance) -> Option<String> {
    let name = &found.arn.id.name;
    for (tag, what) in [(tagging::REFRESH_OF, "refresh"), (tagging::DRILL, "drill")] {
        if found.tags.get(tag).is_some() {
            return Some(format!(
                "there is an instance '{name}' that a {what} restored, and the next {what} may delete it; give another DBInstanceIdentifier"
            ));
        }
    }
    found.tags.get(tagging::RESTORED_FROM).is_none().then(|| {
        format!(
            "there is an instance '{name}' that no recovery restored, and it is not changed; give another DBInstanceIdentifier"
        )
    })
}

/// The recovery that restored an instance, and the reason that this one does not continue it, in words.
fn by_other_recovery(found: &DbInstance, setting: &Setting) -> String {
    let Some(id) = found.tags.get(tagging::RECOVERY) else { return String::new() };
    let began = tagging::started(&found.tags);
    let at = began.map_or_else(String::new, |began| format!(", which began at {}", tagging::time(began)));
    let is_old = began.is_some_and(|began| setting.recovery.started - began >= lasts(Purpose::Failover));
    let why = match found.tags.get(tagging::MANIFEST) {
        Some(manifest) if *manifest != setting.recovery.manifest => " for another manifest",
        Some(_) if is_old => " and is too old to be continued",
        Some(_) => " and is not continued, because it is complete or because of --new",
        None => "",
    };
    format!(", by the recovery {id}{at}{why}")
}

impl RestoreFromSnapshot {
    /// The instance of that name. One that is being deleted makes room for the new one.
    fn present<'a>(&self, facts: &'a Facts) -> Option<&'a DbInstance> {
        facts.instance(&self.instance).filter(|found| !is_deleting(found))
    }

    /// The reason that an instance of that name is not the result. This very recovery must have restored it, or it must be
    /// as the manifest asks, and hold the point that the manifest chooses now or chose at the first look.
    fn refusal(
        &self,
        found: &DbInstance,
        facts: &Facts,
        (mark, setting): (&Value, &Setting),
    ) -> Option<String> {
        let name = &found.arn.id.name;
        let from = found.tags.get(tagging::RESTORED_FROM);
        let (Some(from), None) = (from, foreign(found)) else { return foreign(found) };
        // A note of version 0.1.0 is null. It counted every instance that a recovery restored for the resource.
        let is_of_0_1_0 = mark.is_null() && tagging::has(found, tagging::RESOURCE, &setting.resource);
        // Version 0.1.0 did not tag the manifest, which may have been corrected since: with an At, or with another database.
        let fits = || self.wanted.at.is_none() && self.at_of(from, found, facts).is_some();
        let is_of_manifest = || found.tags.get(tagging::MANIFEST).is_some() || fits();
        if (tagging::are_ours(&found.tags, setting) && is_of_manifest()) || is_of_0_1_0 {
            return None;
        }
        if !self.wanted.is_known {
            return None;
        }
        let chosen = self.wanted.choose_beside(found, facts);
        let is_chosen = chosen.as_ref().is_ok_and(|chosen| holds(found, chosen));
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
        let held = format!("{}{}", point_of(found, facts), by_other_recovery(found, setting));
        let ways_out = "give another DBInstanceIdentifier, or rename or delete it";
        let ways_out = match self.at_of(from, found, facts) {
            Some(at) => format!("to keep it, give At: {}; otherwise {ways_out}", tagging::time(at)),
            None => format!("this manifest cannot choose the point that it holds; {ways_out}"),
        };
        Some(format!("there is already an instance '{name}', restored from {held}, but {chosen}; {ways_out}"))
    }

    /// The `At` that makes the manifest choose the point that the instance holds. None if the point is one of another database,
    /// or is gone.
    fn at_of(&self, from: &str, found: &DbInstance, facts: &Facts) -> Option<Instant> {
        let at = outcome(found).data_time.or_else(|| taken(from, facts))?;
        let wanted = Wanted { at: Some(at), ..self.wanted.clone() };
        let is_chosen = wanted.choose_beside(found, facts).is_ok_and(|chosen| holds(found, &chosen));
        is_chosen.then_some(at)
    }

    fn restore(&self, facts: &Facts, setting: &Setting) -> Next {
        match self.wanted.choose(facts) {
            Ok(snapshot) => Next::Ask {
                region: setting.region.clone(),
                change: self.options.restore(&self.instance, &snapshot, setting, Tags::new()),
                then: format!(
                    "restoring '{}' from {}{}",
                    self.instance,
                    snapshot.arn.id,
                    self.wanted.remark(&snapshot, facts)
                ),
            },
            Err(why) => Next::Failed(why),
        }
    }
}

#[cfg(test)]
mod tests;
