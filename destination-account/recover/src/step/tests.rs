use pilot_light_domain::model::listing::OddRecord;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::facts::Need;
use crate::fields::Fields;
use crate::registry::{AnyKind, Purpose};
use crate::testing::{ACCOUNT, EAST, HERE, facts_of, nothing, our_copy, setting};

/// A resource of each kind.
fn kinds() -> Vec<(&'static str, Value)> {
    let global =
        json!({"GlobalClusterIdentifier": "shop", "DBClusterIdentifier": "shop", "ClusterRegion": HERE});
    let there = |kind: &str| format!("arn:aws:rds:{EAST}:{ACCOUNT}:{kind}");
    vec![
        ("PromoteRDSReadReplica", json!({"RDSInstanceIdentifier": "a"})),
        ("RestoreFromSnapshot", json!({"DBInstanceIdentifier": "a"})),
        ("PlannedFailoverAurora", json!({"GlobalClusterIdentifier": "shop", "DBClusterIdentifier": "shop"})),
        ("UnPlannedFailoverAurora", global),
        (
            "FailoverElastiCacheCluster",
            json!({"GlobalReplicationGroupId": "carts", "TargetRegion": HERE, "TargetReplicationGroupId": "carts"}),
        ),
        (
            "CreateAuroraSecondaryDBCluster",
            json!({"GlobalClusterIdentifier": "shop", "DBClusterIdentifier": "shop", "Engine": "aurora-mysql",
                "SourceDBClusterIdentifier": there("cluster:shop"), "DBInstanceIdentifier": "shop-1",
                "DBInstanceClass": "db.r6g.large"}),
        ),
        (
            "CreateRDSReadReplica",
            json!({"RDSInstanceIdentifier": "a", "SourceRDSInstanceIdentifier": there("db:a")}),
        ),
        ("RestoreDrill", json!({"DBInstanceIdentifier": "a"})),
        ("RefreshFromSnapshot", json!({"originDB": "a", "newDB": "b"})),
    ]
}

/// The decision for a resource of that kind, and its progress afterwards.
fn decided(kind: &str, parameters: &Value, unread: Option<Need>) -> (Vec<Ask>, ResourceProgress) {
    let mut state = beginning(kind, parameters);
    let entry = entry(kind, parameters);
    let mut facts = nothing(HERE);
    facts.unread.extend(unread.map(|need| (need, "Throttling".to_owned())));
    (decide(&entry, &facts, &mut state, false), state)
}

/// The progress of a resource before anything has begun.
fn beginning(kind: &str, parameters: &Value) -> ResourceProgress {
    let resource = json!({"resourceType": kind, "resourceName": kind, "parameters": parameters});
    let layer = serde_json::from_value(json!({"layer": 1, "resources": [resource]})).unwrap();
    Progress::beginning(&[layer], 0, 0).resources.remove(0)
}

fn entry(kind: &str, parameters: &Value) -> Entry {
    let given = parameters.as_object().unwrap().iter();
    let given = given.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()));
    let setting = setting(HERE, "run-1");
    let kind = AnyKind::read(kind, &mut Fields::new(given.collect()), &setting).unwrap();
    Entry { index: 0, place: String::new(), setting, kind, words: vec![] }
}

#[test]
fn no_kind_decides_while_a_list_that_it_needs_is_missing() {
    let known = registry::allowed("", Purpose::Drill).unwrap_err();
    assert_eq!(known.matches(", ").count() + 1, kinds().len(), "{known}");
    for (kind, parameters) in kinds() {
        let (asks, state) = decided(kind, &parameters, None);
        assert_eq!((asks.len(), state.status), (0, Status::Failed), "{kind}: an empty list is a fact");
        let Entry { kind: of, setting, .. } = entry(kind, &parameters);
        for need in of.needs(&setting) {
            let (asks, state) = decided(kind, &parameters, Some(need.clone()));
            let gap = format!("cannot list {need}: Throttling");
            assert_eq!((asks.len(), state.status, state.step), (0, Status::Waiting, gap), "{kind}");
            assert_eq!(state.mark, None, "{kind}: nothing unknown is noted");
        }
    }
}

#[test]
fn a_resource_stays_up_if_a_list_or_record_for_its_result_cannot_be_read() {
    let (kind, parameters) = kinds().into_iter().find(|(kind, _)| kind.contains("Cache")).unwrap();
    let entry = entry(kind, &parameters);
    let need = entry.kind.outcome_needs(&entry.setting).remove(0);
    let (mut unread, mut odd) = (nothing(HERE), nothing(HERE));
    unread.unread.insert(need.clone(), "Throttling".to_owned());
    let record = OddRecord { problem: "no ReplicationGroupId".to_owned(), ..OddRecord::default() };
    odd.odd.insert(need, vec![record]);
    for (facts, problem) in [(unread, ": Throttling"), (odd, ": no ReplicationGroupId")] {
        let mut state = beginning(kind, &parameters);
        state.recovers("is up");
        describe(&entry, &facts, &mut state);
        assert_eq!((state.status, &state.outcome), (Status::Recovered, &None));
        let ResourceProgress { step, .. } = state;
        assert!(
            step.starts_with("is up, but its endpoint is unknown: ") && step.ends_with(problem),
            "{step}"
        );
    }
}

proptest! {
    #[test]
    fn the_same_facts_in_any_order_give_the_same_decision(order in Just(vec![0, 1, 2, 3]).prop_shuffle(), polls in 0_u32..2000) {
        let copies = [("a", "10"), ("b", "12"), ("c", "11"), ("d", "12")];
        let at = |index: usize| {
            let (id, hour) = copies[index];
            our_copy(id, "orders", &format!("2026-01-01T{hour}:00:00Z"))
        };
        let look = |order: &[usize]| {
            let parameters = json!({"DBInstanceIdentifier": "orders"});
            let mut state = beginning("RestoreFromSnapshot", &parameters);
            state.polls = polls;
            let facts = facts_of(order.iter().map(|index| at(*index)));
            let asks = decide(&entry("RestoreFromSnapshot", &parameters), &facts, &mut state, false);
            (asks, state)
        };
        prop_assert_eq!(look(&order), look(&[0, 1, 2, 3]));
    }
}
