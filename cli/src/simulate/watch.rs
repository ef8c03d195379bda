//! What must hold whatever goes wrong, looked at from outside the workers.
//!
//! The destination is read from the world itself, so nothing a worker believes can hide a violation.

use std::collections::BTreeMap;

use pilot_light_domain::Instant;
use pilot_light_domain::ids::{AccountId, DatabaseName};
use pilot_light_domain::tags;
use pilot_light_simulator::world::SnapshotView;

use super::ages::Ages;

/// The most violations that are told; one is enough to fail.
const TOLD: usize = 20;

/// Violations so far.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    pub(crate) violations: Vec<String>,
}

/// True for a copy of ours; others have snapshots there too.
pub(crate) fn is_ours(view: &SnapshotView) -> bool {
    tags::has(&view.record.tags, tags::COPIED_BY, tags::TOOL)
}

impl Watch {
    /// Looks at all manual snapshots of the destination after something happened.
    pub(crate) fn look(&mut self, here: &[SnapshotView], owner: &AccountId, ages: &Ages, now: Instant) {
        let mut present: BTreeMap<DatabaseName, Instant> = BTreeMap::new();
        for copy in here.iter().filter(|view| is_ours(view)) {
            let record = &copy.record;
            if record.kms_key.as_ref().is_none_or(|key| key.account != *owner) {
                self.tell(now, format!("{} is not under a key of the destination", record.arn));
            }
            if record.status.as_str() == "available" {
                let newest = present.entry(record.database.clone()).or_insert(record.database_time);
                *newest = (*newest).max(record.database_time);
            }
            let origin = record.tags.get(tags::SOURCE_ACCOUNT).map(String::as_str);
            if origin != Some("111111111111") {
                self.tell(now, format!("{} was copied from {origin:?}, which is not listed", record.arn));
            }
        }
        for database in ages.lost(&present) {
            self.tell(now, format!("the newest usable point of {database} is gone"));
        }
    }

    fn tell(&mut self, now: Instant, what: String) {
        if self.violations.len() < TOLD {
            self.violations.push(format!("{}: {what}", now.format("%Y-%m-%dT%H:%M:%SZ")));
        }
    }
}

#[cfg(test)]
mod tests {
    use pilot_light_simulator::in_process::Simulation;
    use pilot_light_simulator::world::{DescribeDbSnapshots, Request, Response};

    use super::super::engine::Engine;
    use super::super::{CopyMode, Minutes, Plan, Preset};
    use super::*;

    /// A destination with copies in it, and the ages that saw them arrive.
    fn protected() -> (Simulation, Ages) {
        let minutes = |from, to| Minutes { from, to };
        let plan = Plan {
            schedule: Preset::Default,
            databases: 2,
            days: 1,
            seed: 1,
            snapshot: minutes(3, 6),
            copy: minutes(4, 10),
            copy_mode: CopyMode::OneStep,
            faults: pilot_light_simulator::faults::FaultPlan::none(),
        };
        Engine::new(&plan).unwrap().run_to_the_end(&plan).unwrap()
    }

    fn copies(simulation: &Simulation) -> Vec<SnapshotView> {
        let owner = "222222222222".parse().unwrap();
        let list = DescribeDbSnapshots { snapshot_type: Some("manual".to_owned()), ..Default::default() };
        let answer =
            simulation.request(&owner, &"us-west-2".parse().unwrap(), Request::DescribeDbSnapshots(list));
        let Ok(Response::Snapshots(listing)) = answer else { panic!("{answer:?}") };
        listing.items
    }

    fn violations(simulation: &Simulation, ages: &Ages) -> Vec<String> {
        let mut watch = Watch::default();
        watch.look(&copies(simulation), &"222222222222".parse().unwrap(), ages, simulation.now());
        watch.violations
    }

    #[test]
    fn nothing_is_told_of_a_sound_destination() {
        let (simulation, ages) = protected();
        assert_eq!(violations(&simulation, &ages), Vec::<String>::new());
    }

    #[test]
    fn deleting_the_newest_point_is_told() {
        let (simulation, ages) = protected();
        let views = copies(&simulation);
        let newest = views.iter().max_by_key(|view| view.record.database_time).unwrap();
        let delete = Request::DeleteDbSnapshot(newest.identifier());
        simulation.request(&newest.record.arn.account, &newest.record.arn.region, delete).unwrap();
        let told = violations(&simulation, &ages);
        assert!(told.len() == 1 && told[0].contains("the newest usable point of"), "{told:?}");
    }

    #[test]
    fn a_copy_from_an_account_that_is_not_listed_is_told() {
        let (simulation, ages) = protected();
        let victim = copies(&simulation)[0].record.clone();
        let mut forged = victim.tags.clone();
        forged.insert(tags::SOURCE_ACCOUNT.to_owned(), "666666666666".to_owned());
        simulation.with_world(|world| world.impose_snapshot_tags(&victim.arn, forged));
        let told = violations(&simulation, &ages);
        assert!(told.len() == 1 && told[0].contains("which is not listed"), "{told:?}");
    }
}
