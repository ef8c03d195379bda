//! The properties of every plan: stable, complete, within the copy slots, and never removing a newest point.

use std::collections::BTreeSet;

use pilot_light_domain::run::plan::Action;
use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn every_plan_is_stable_and_complete_and_keeps_to_the_copy_slots(
        snapshots in proptest::collection::vec((0_usize..25, 0_u32..60, 0_u8..7), 0..80),
        refused in any::<bool>(),
        turn in any::<prop::sample::Index>(),
    ) {
        let (mut offered, mut between, mut here) = (Vec::new(), Vec::new(), Vec::new());
        let mut names = BTreeSet::new();
        for (n, minute, state) in snapshots {
            let offer = offer(&format!("db-{n:02}"), minute);
            if !names.insert(offer.arn.clone()) { continue; }
            match state {
                0 => between.push(halfway_of(&offer, "creating")),
                1 => between.push(halfway_of(&offer, "available")),
                2 => here.push(copy_of(&offer, "copying")),
                3 => here.push(copy_of(&offer, "available")),
                4 => here.push(copy_of(&offer, "failed")),
                _ => {}
            }
            offered.push(offer);
        }
        let one_step = if refused { OneStep::Refused } else { OneStep::Assumed };
        let facts = Facts { one_step, ..facts(&offered, &between, &here) };
        let made = plan(&facts, &policy(&[]), at(NOW)).unwrap();
        let mut turned = facts.clone();
        turned.offered.reverse();
        for list in [&mut turned.between, &mut turned.here] {
            if !list.is_empty() { let by = turn.index(list.len()); list.rotate_left(by); }
        }
        prop_assert_eq!(&made, &plan(&turned, &policy(&[]), at(NOW)).unwrap());

        let accounted: BTreeSet<_> =
            made.skips.iter().map(|skip| skip.subject.to_string()).chain(made.actions.iter().map(Action::subject)).collect();
        for snapshot in offered.iter().chain(&between) {
            prop_assert!(accounted.contains(&snapshot.arn.to_string()), "{} vanished", snapshot.arn);
        }
        for (list, region) in [(&between, "us-east-1"), (&here, "us-west-2")] {
            let busy = list.iter().filter(|snapshot| snapshot.status.in_progress()).count();
            let started = made.actions.iter().filter(|action| matches!(action,
                Copy::Make { region: to, .. } if to.as_str() == region)).count();
            prop_assert!(started == 0 || busy + started <= 20);
        }
        for action in &made.actions {
            match action {
                Copy::Make { copy, database, .. } => {
                    prop_assert_eq!(&copy.kms_key.as_ref().unwrap().account.to_string(), "222222222222");
                    let arriving = here.iter().any(|c| c.status.in_progress() && c.database == database.name);
                    prop_assert!(!arriving || copy.tags.contains_key(tags::INTERMEDIATE_FOR));
                }
                Copy::Remove { arn, .. } => {
                    let gone = between.iter().chain(&here).find(|s| s.arn == *arn).unwrap();
                    let time = gone.taken_at();
                    let newer = between.iter().chain(&here).any(|other| {
                        other.arn != *arn && other.is_available() && other.database == gone.database && other.taken_at() >= time
                    });
                    prop_assert!(newer || gone.status == SnapshotStatus::Failed);
                }
            }
        }
    }
}
