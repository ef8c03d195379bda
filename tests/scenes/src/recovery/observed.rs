//! Executions in an estate, the changes that they make, and the calls that the simulated AWS refuses.

use destination_recover::{Progress, Status};
use pilot_light_simulator::in_process::Fault;

use super::Execution;
use super::estate::Estate;
use crate::region;

impl Estate {
    /// An execution that has not begun.
    #[must_use]
    pub fn execution(&self, place: &str, purpose: &'static str, name: &str) -> Execution {
        Execution::new(&self.simulation, &self.cloud(place), purpose, name)
    }

    /// Refuses every call of an action, in every Region, until the faults of the simulation are cleared.
    pub fn refuse(&self, action: &'static str, code: &str) {
        let (code, message) = (code.to_owned(), "refused by the test".to_owned());
        self.simulation.inject(Fault::Refuse { action, region: None, code, message });
    }

    /// The same, in one Region only.
    pub fn refuse_in(&self, place: &str, action: &'static str, code: &str) {
        let (code, message) = (code.to_owned(), "refused by the test".to_owned());
        self.simulation.inject(Fault::Refuse { action, region: Some(region(place)), code, message });
    }

    /// For each call the Region and action of the change that it made. Refused calls and calls that only read made none.
    #[must_use]
    pub fn changes_by_call(&self) -> Vec<Option<(String, &'static str)>> {
        let reads = |action: &str| ["Describe", "Get", "List"].iter().any(|verb| action.starts_with(verb));
        let calls = self.simulation.calls();
        let changes = calls.latest().skip(usize::try_from(self.calls_before).unwrap()).map(|call| {
            let is_change = call.error.is_none() && !reads(call.action);
            is_change.then(|| (call.region.to_string(), call.action))
        });
        changes.collect()
    }

    /// The actions that changed something, in their order.
    #[must_use]
    pub fn changes(&self) -> Vec<&'static str> {
        self.changes_by_call().into_iter().flatten().map(|(_, action)| action).collect()
    }

    /// The actions that changed something after the first `calls` calls.
    #[must_use]
    pub fn changes_since(&self, calls: u64) -> Vec<&'static str> {
        Self { calls_before: calls, ..self.clone() }.changes()
    }

    /// The names of the instances in a Region.
    #[must_use]
    pub fn instances(&self, place: &str) -> Vec<String> {
        let all = self.end().databases.into_iter();
        let here = all
            .filter(|found| found.account.as_str() == crate::DESTINATION && found.region.as_str() == place);
        here.map(|found| found.id.to_string()).collect()
    }

    /// A tag of an instance in a Region.
    #[must_use]
    pub fn tag(&self, place: &str, name: &str, key: &str) -> Option<String> {
        let all = self.simulation.with_world(|world| world.dump()).databases;
        let mut here = all
            .into_iter()
            .filter(|found| found.account.as_str() == crate::DESTINATION && found.region.as_str() == place);
        here.find(|found| found.id.as_str() == name)?.tags.get(key).map(str::to_owned)
    }

    /// The snapshot from which an instance was restored.
    #[must_use]
    pub fn restored_from(&self, place: &str, name: &str) -> Option<String> {
        let arn = self.tag(place, name, "RestoredFrom")?;
        arn.rsplit_once(':').map(|(_, id)| id.to_owned())
    }

    /// The time of the data in a snapshot and its copies, as texts contain it.
    ///
    /// # Panics
    /// If there is no such snapshot.
    #[must_use]
    pub fn data_of(&self, id: &str) -> String {
        let all = self.simulation.with_world(|world| world.dump()).snapshots;
        let taken = all.iter().filter(|found| found.id == id).find_map(|found| found.original_created_at);
        taken.unwrap().format("%Y-%m-%dT%H:%M:%SZ").to_string()
    }
}

/// The statuses of the resources of a manifest.
#[must_use]
pub fn statuses(progress: &Progress) -> Vec<Status> {
    progress.resources.iter().map(|resource| resource.status).collect()
}
