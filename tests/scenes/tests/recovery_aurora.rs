//! The changes of each recovery of a global cluster, from every beginning.
//!
//! `recovery_scenes` interrupts these recoveries at every call. The crate `destination-recover` tests the decision in each
//! single state.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::collections::BTreeSet;

use destination_recover::Verdict;
use pilot_light_simulator::world::{
    ClusterRequest, CreateDbCluster, CreateDbInstance, CreateGlobalCluster, DeleteDbInstance, Request,
};
use pilot_light_tests::DESTINATION;
use pilot_light_tests::recovery::Stop;
use pilot_light_tests::recovery::estate::{EAST, Estate, WEST};
use pilot_light_tests::recovery::manifests::{one, resource};
use pilot_light_tests::recovery::resources::{secondary, switch_over, take_over};
use pilot_light_tests::recovery::scenes::recover;
use serde_json::{Value, json};

/// Builds the world before a recovery.
type Before = fn(&Estate);

const WHOLE_WAY: [&str; 9] = [
    "ModifyDBCluster",
    "RemoveFromGlobalCluster",
    "DeleteDBInstance",
    "DeleteDBInstance",
    "DeleteDBCluster",
    "DeleteGlobalCluster",
    "CreateGlobalCluster",
    "CreateDBCluster",
    "CreateDBInstance",
];

/// The end closes a recovery with a tag on each database that it made.
const TAG: &str = "AddTagsToResource";

/// The changes of a recovery in an estate. A second execution must find everything done.
fn changes(
    before: Before,
    place: (&str, &'static str),
    resource: (&'static str, Value),
) -> (Estate, Vec<&'static str>) {
    let mut estate = Estate::default();
    before(&estate);
    estate.calls_before = estate.simulation.total_calls();
    let end = recover(&estate, place, "one", resource.clone());
    assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
    let changes = estate.changes();
    let again = recover(&estate, place, "two", resource);
    assert_eq!(again.resources[0].step, "was already done");
    assert_eq!(estate.changes(), changes);
    (estate, changes)
}

fn about(estate: &Estate, place: &str, request: ClusterRequest) {
    estate.set(place, Request::Cluster(Box::new(request)));
}

fn cluster(place: &str, name: &str) -> String {
    format!("arn:aws:rds:{place}:{DESTINATION}:cluster:{name}")
}

/// The west was detached. The old primary in the east is the only member of `shop`.
fn detached(estate: &Estate) {
    estate.shop();
    estate.detach_west();
    estate.database(EAST, "unrelated", &[]);
}

/// The same without `shop`.
fn both_alone(estate: &Estate) {
    detached(estate);
    let east = cluster(EAST, "shop-east");
    about(estate, EAST, ClusterRequest::RemoveFromGlobalCluster("shop".to_owned(), east));
    about(estate, EAST, ClusterRequest::DeleteGlobalCluster("shop".to_owned()));
}

/// The new primary in the west is in no global cluster, and the east is empty.
fn west_alone(estate: &Estate) {
    estate.lone_cluster(WEST, "shop-west");
}

/// The same, but the new primary leads `shop`.
fn west_leads(estate: &Estate) {
    west_alone(estate);
    let source = Some(cluster(WEST, "shop-west"));
    let create = CreateGlobalCluster { id: "shop".to_owned(), source, ..Default::default() };
    about(estate, WEST, ClusterRequest::CreateGlobalCluster(create));
}

/// After a switchover: the old primary follows the new one.
fn switched(estate: &Estate) {
    estate.shop();
    let west = cluster(WEST, "shop-west");
    about(estate, WEST, ClusterRequest::SwitchoverGlobalCluster("shop".to_owned(), west));
}

/// The same, but the old primary has no instance.
fn switched_without_instance(estate: &Estate) {
    switched(estate);
    for name in ["shop-east-1", "shop-east-2"] {
        let delete =
            DeleteDbInstance { name: name.to_owned(), skip_final_snapshot: true, final_snapshot: None };
        estate.set(EAST, Request::DeleteDbInstance(delete));
    }
}

#[test]
fn a_switchover_and_a_takeover_each_make_one_change_between_the_tags_of_beginning_and_end() {
    for (resource, change) in [
        (switch_over(WEST), "SwitchoverGlobalCluster"),
        (take_over(WEST, "False"), "RemoveFromGlobalCluster"),
        (take_over(WEST, "True"), "FailoverGlobalCluster"),
    ] {
        assert_eq!(changes(Estate::shop, (WEST, "failover"), resource).1, [TAG, change, TAG]);
    }
}

#[test]
fn the_old_primary_becomes_a_secondary_of_the_new_one_change_by_change() {
    let (estate, changes) = changes(detached, (EAST, "failback"), secondary(EAST));
    assert_eq!(changes, [WHOLE_WAY.as_slice(), &[TAG; 2]].concat());
    let new = estate.simulation.with_world(|world| world.dump()).clusters;
    let new = new.into_iter().find(|found| found.arn.to_string() == cluster(EAST, "shop-east")).unwrap();
    assert_eq!(new.tags.get("PilotLightRecovery"), Some("one"));
    assert!(estate.instances(EAST).contains(&"unrelated".to_owned()));
}

#[test]
fn only_the_remaining_changes_are_requested() {
    let skipped = ["RemoveFromGlobalCluster", "DeleteGlobalCluster"];
    let without_global = WHOLE_WAY.into_iter().filter(|action| !skipped.contains(action));
    let without_global: Vec<_> = without_global.chain([TAG; 2]).collect();
    let beginnings: [(Before, &[&str]); 5] = [
        (west_alone, &["CreateGlobalCluster", "CreateDBCluster", "CreateDBInstance", TAG, TAG]),
        (west_leads, &["CreateDBCluster", "CreateDBInstance", TAG, TAG]),
        (both_alone, &without_global),
        (switched_without_instance, &["CreateDBInstance", TAG]),
        (switched, &[]),
    ];
    for (before, expected) in beginnings {
        assert_eq!(changes(before, (EAST, "failback"), secondary(EAST)).1, expected);
    }
}

#[test]
fn the_deletion_protection_of_the_new_secondary_does_not_block_the_next_failback() {
    let failed_over_again = |estate: &Estate| {
        detached(estate);
        let chapters = [
            (EAST, "failback", secondary(EAST)),
            (EAST, "failover", switch_over(EAST)),
            (WEST, "failover", take_over(WEST, "False")),
        ];
        for (at, (place, purpose, resource)) in chapters.into_iter().enumerate() {
            let end = recover(estate, (place, purpose), &format!("before-{at}"), resource);
            assert_eq!(end.verdict, Verdict::Recovered, "{}", end.message);
        }
        estate.simulation.settle();
    };
    let again = changes(failed_over_again, (EAST, "failback"), secondary(EAST)).1;
    assert_eq!(again.first(), Some(&"ModifyDBCluster"));
    assert!(again.contains(&"DeleteDBCluster"), "{again:?}");
}

/// An encrypted cluster in the west with a version that is not the default one. The old one in the east is alone, too.
fn vaults(estate: &Estate) {
    for (place, name, key) in [(EAST, "shop-east", EAST_KEY), (WEST, "shop-west", WEST_KEY)] {
        estate.simulation.with_world(|world| world.register_key(key.parse().unwrap(), BTreeSet::new()));
        let create = CreateDbCluster {
            name: name.to_owned(),
            engine: "aurora-postgresql".to_owned(),
            engine_version: Some("16.8".to_owned()),
            encrypted: Some(true),
            kms_key: Some(key.to_owned()),
            ..Default::default()
        };
        about(estate, place, ClusterRequest::CreateDbCluster(create));
        let member = CreateDbInstance {
            name: format!("{name}-1"),
            engine: "aurora-postgresql".to_owned(),
            class: "db.r6g.large".to_owned(),
            cluster: Some(name.to_owned()),
            ..Default::default()
        };
        estate.set(place, Request::CreateDbInstance(member));
    }
}

const EAST_KEY: &str = "arn:aws:kms:us-east-1:222222222222:key/vault";
const WEST_KEY: &str = "arn:aws:kms:us-west-2:222222222222:key/vault";

/// The secondary of the cluster in the west, with these parameters beside the required ones.
fn of_vault(other: &[(&str, &str)]) -> (&'static str, Value) {
    let (kind, mut parameters) = secondary(EAST);
    parameters["Engine"] = json!("aurora-postgresql");
    for (name, value) in other {
        parameters[*name] = json!(value);
    }
    (kind, parameters)
}

#[test]
fn a_secondary_that_aws_would_refuse_is_reported_and_nothing_is_deleted() {
    let key = ("KmsKeyId", EAST_KEY);
    for (other, said) in [
        (
            &[][..],
            "KmsKeyId: is missing; 'arn:aws:rds:us-west-2:222222222222:cluster:shop-west' is encrypted",
        ),
        (&[key, ("StorageEncrypted", "False")], "StorageEncrypted: is false, but"),
        (&[key, ("EngineVersion", "16.4")], "EngineVersion: is 16.4, but"),
        (
            &[key, ("DBInstanceClass", "db.t3.medium")],
            "is db.t3.medium, which AWS refuses in a global cluster",
        ),
        (&[key, ("DBInstanceClass", "db.serverless")], "is db.serverless, for which AWS requires"),
    ] {
        let mut estate = Estate::default();
        vaults(&estate);
        estate.calls_before = estate.simulation.total_calls();
        let (kind, parameters) = of_vault(other);
        let mut execution = estate.execution(EAST, "failback", "one");
        let error = execution
            .run(&one(resource(kind, "vault", parameters)))
            .map_err(Stop::error)
            .unwrap_err()
            .to_string();
        assert!(error.contains("the manifest has 1 problem:") && error.contains(said), "{said}\n\n{error}");
        assert_eq!(estate.changes(), [""; 0], "{said}");
    }
}

#[test]
fn a_secondary_gets_the_version_and_the_encryption_of_its_primary() {
    let (_, changes) = changes(vaults, (EAST, "failback"), of_vault(&[("KmsKeyId", EAST_KEY)]));
    assert!(changes.ends_with(&["CreateDBInstance", TAG, TAG]), "{changes:?}");
}
