//! A frozen installation: the world, the parameters, the schedules and the reports that an earlier version recorded.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use pilot_light_domain::aws::cloud::Parameters;
use pilot_light_simulator::world::World;
use serde_json::Value;

use crate::point::Point;

/// The account that owns the databases.
pub(crate) const SOURCE: (&str, &str) = ("111111111111", "us-east-1");
/// The account and Region of the copies.
pub(crate) const DESTINATION: (&str, &str) = ("222222222222", "us-west-2");
/// The account and Region of the intermediates.
pub(crate) const BETWEEN: (&str, &str) = ("222222222222", "us-east-1");

/// An installation as its files describe it.
#[derive(Debug, Clone)]
pub(crate) struct Frozen {
    json: Value,
}

impl Frozen {
    /// The installation of 0.1.0 whose copies take this way: `one-step` or `two-hop`.
    pub(crate) fn of_0_1_0(way: &str) -> Self {
        let path = format!("{}/../upgrade/0.1.0/world-{way}.json", env!("CARGO_MANIFEST_DIR"));
        Self { json: serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap() }
    }

    /// The installation as a version sees it that reads a tag under another key: no snapshot has the tag.
    pub(crate) fn without_tag(mut self, key: &str) -> Self {
        for place in self.json["places"].as_array_mut().unwrap() {
            for snapshot in place["snapshots"].as_array_mut().unwrap() {
                snapshot["tags"].as_object_mut().unwrap().remove(key);
            }
        }
        self
    }

    /// The whole file, as the simulator loads it.
    pub(crate) fn world(&self) -> World {
        World::load(self.json.to_string().as_bytes()).unwrap()
    }

    /// The part of the file that the simulator saves too.
    pub(crate) fn saved(&self) -> Value {
        let names = ["now", "settings", "keys", "places", "copy_queues", "agenda"];
        names.into_iter().map(|name| (name.to_owned(), self.json[name].clone())).collect()
    }

    /// A part of the file that the simulator ignores.
    pub(crate) fn note(&self, name: &str) -> &Value {
        &self.json[name]
    }

    /// The instant of the upgrade.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.json["now"].as_str().unwrap().parse().unwrap()
    }

    /// The parameters that a worker found in SSM.
    pub(crate) fn parameters(&self, worker: &str) -> Parameters {
        let account = worker.split('-').next().unwrap();
        serde_json::from_value(self.json["parameters"][account].clone()).unwrap()
    }

    /// A worker's schedule, and the instant from which a rate counts.
    pub(crate) fn schedule(&self, worker: &str) -> (String, DateTime<Utc>) {
        let schedule = &self.json["schedules"][worker];
        let text = |name: &str| schedule[name].as_str().unwrap().to_owned();
        (text("schedule"), text("rate_counts_from").parse().unwrap())
    }

    /// All snapshots, by ARN.
    pub(crate) fn points(&self) -> BTreeMap<String, Point> {
        let places = self.json["places"].as_array().unwrap().iter();
        let snapshots = places.flat_map(|place| place["snapshots"].as_array().unwrap());
        snapshots.map(Point::of).map(|point| (point.arn.clone(), point)).collect()
    }

    /// The databases of which the last runs reported a blocked snapshot, by worker.
    pub(crate) fn blocked(&self, worker: &str) -> BTreeSet<String> {
        let entries = self.json["last_reports"][worker]["blockers"].as_array().unwrap();
        entries.iter().map(|entry| database_of(entry["subject"].as_str().unwrap())).collect()
    }

    /// The actions that a dry run of this version planned at that instant: verb and subject.
    pub(crate) fn planned(&self, worker: &str) -> BTreeSet<(String, String)> {
        let actions = self.json["next_reports"][worker]["actions"].as_array().unwrap();
        let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
        actions.iter().map(|entry| (text(entry, "what"), text(entry, "subject"))).collect()
    }
}

/// The database of a snapshot's ARN, or of a database's identifier. No name of these databases contains a hyphen, except
/// that of the member of the cluster `aurora`.
pub(crate) fn database_of(subject: &str) -> String {
    let name = subject.rsplit([':', '/']).next().unwrap();
    name.split('-').next().unwrap().to_owned()
}
