//! Each state of a failover, including the state before it, and each guard.

use pilot_light_domain::recovery::{CacheEndpoint, Endpoint};

use super::*;
use crate::testing::{EAST, WEST, fields, names_of, nothing, region, setting, with};

const GIVEN: [(&str, &str); 3] = [
    ("GlobalReplicationGroupId", "ldgnf-Cart"),
    ("TargetRegion", "us-west-2"),
    ("TargetReplicationGroupId", "cart-west"),
];

fn kind() -> FailoverElastiCacheCluster {
    FailoverElastiCacheCluster::read(&mut fields(&GIVEN), &setting(WEST, "one")).unwrap()
}

fn group(region_name: &str, id: &str, role: ReplicationRole, status: &str) -> ReplicationGroupMember {
    ReplicationGroupMember { id: id.to_owned(), region: region(region_name), role, status: status.to_owned() }
}

/// A datastore in `status` whose primary is in `primary`.
fn datastore(status: &str, primary: &str, east: &str, west: &str) -> Facts {
    let role = |of| if of == primary { ReplicationRole::Primary } else { ReplicationRole::Secondary };
    let members =
        vec![group(EAST, "cart-east", role(EAST), east), group(WEST, "cart-west", role(WEST), west)];
    let mut facts = nothing(WEST);
    let datastore =
        GlobalReplicationGroup { id: "ldgnf-cart".to_owned(), status: status.to_owned(), members };
    facts.replication_groups.insert(region(WEST), vec![datastore]);
    facts
}

fn next(facts: &Facts) -> Next {
    kind().next(facts, &Value::Null, &setting(WEST, "one"))
}

#[test]
fn every_state_of_a_failover_leads_to_the_right_action() {
    let fail_over = Next::Ask {
        region: region(WEST),
        change: Change::FailoverReplicationGroup {
            id: "ldgnf-cart".to_owned(),
            region: region(WEST),
            group: "cart-west".to_owned(),
        },
        then: "failing over global datastore 'ldgnf-cart' to 'cart-west'".to_owned(),
    };
    let modifying = Next::Wait("global datastore 'ldgnf-cart' is 'modifying'".to_owned());
    let wait = |group: &str| Next::Wait(format!("replication group '{group}' is 'associating'"));
    for (what, facts, expected) in [
        (
            "before, and right after the call",
            datastore("available", EAST, "associated", "associated"),
            fail_over,
        ),
        ("begun", datastore("modifying", EAST, "associated", "associated"), modifying.clone()),
        ("the new role, not settled", datastore("modifying", WEST, "associated", "associated"), modifying),
        (
            "the target is not ready",
            datastore("available", EAST, "associated", "associating"),
            wait("cart-west"),
        ),
        ("the new primary", datastore("available", WEST, "associated", "associating"), wait("cart-west")),
        ("the old one joins", datastore("available", WEST, "associating", "associated"), wait("cart-east")),
        ("after", datastore("available", WEST, "associated", "associated"), Next::Done),
    ] {
        assert_eq!(next(&facts), expected, "{what}");
    }
}

#[test]
fn an_obstacle_to_a_failover_is_reported_with_its_parameter() {
    let mut stranger = datastore("available", EAST, "associated", "associated");
    stranger.replication_groups.get_mut(&region(WEST)).unwrap()[0].members[1].region = region("eu-west-1");
    for (facts, parameter) in [
        (datastore("deleting", EAST, "associated", "associated"), DATASTORE),
        (Facts { replication_groups: [(region(WEST), vec![])].into(), ..nothing(WEST) }, DATASTORE),
        (stranger, GROUP),
    ] {
        let obstacles = kind().obstacles(&facts, &setting(WEST, "one"));
        assert_eq!(obstacles.iter().map(|(name, _)| *name).collect::<Vec<_>>(), [parameter], "{obstacles:?}");
        assert_eq!(next(&facts), Next::Failed(obstacles[0].1.clone()));
    }
    for facts in [
        datastore("available", EAST, "associated", "associated"),
        datastore("modifying", EAST, "associated", "associated"),
        datastore("available", WEST, "associated", "associated"),
    ] {
        assert_eq!(kind().obstacles(&facts, &setting(WEST, "one")), []);
    }
}

#[test]
fn a_failover_is_accepted_only_in_the_region_that_takes_over() {
    for (other, problems) in [
        (("TargetRegion", "us-west-2"), vec![]),
        (("TargetRegion", "us-east-1"), vec!["TargetRegion"]),
        (("TargetRegion", "west"), vec!["TargetRegion"]),
        (("TargetReplicationGroupId", " "), vec!["TargetReplicationGroupId"]),
        (("GlobalReplicationGroupId", "None"), vec!["GlobalReplicationGroupId"]),
    ] {
        let mut fields = fields(&with(&GIVEN, &[other]));
        let read = FailoverElastiCacheCluster::read(&mut fields, &setting(WEST, "one"));
        assert_eq!(read.is_some(), problems.is_empty(), "{other:?}");
        assert_eq!(names_of(fields.finish()), problems, "{other:?}");
    }
    let mut elsewhere = datastore("available", EAST, "associated", "associated");
    elsewhere.region = region(EAST);
    elsewhere.replication_groups =
        [(region(EAST), elsewhere.replication_groups[&region(WEST)].clone())].into();
    assert!(matches!(kind().next(&elsewhere, &Value::Null, &setting(EAST, "one")), Next::Failed(_)));
}

#[test]
fn acts_on_names_the_datastore() {
    assert_eq!(kind().acts_on(&setting(WEST, "one")), ["datastore/ldgnf-cart"]);
}

#[test]
fn the_result_is_the_endpoint_of_the_group_that_took_over_if_it_has_one() {
    let of = |group: &str, address: Option<&str>| {
        let endpoint = address.map(|address| Endpoint { address: address.to_owned(), port: 6379 });
        CacheEndpoint { group: group.to_owned(), endpoint }
    };
    for (found, expected) in [
        (vec![of("other", Some("other.aws")), of("cart-west", Some("cart.aws"))], Some("cart.aws:6379")),
        (vec![of("cart-west", None)], None),
        (vec![of("other", Some("other.aws"))], None),
    ] {
        let facts = Facts { cache_endpoints: [(region(WEST), found)].into(), ..nothing(WEST) };
        let outcome = kind().outcome(&facts, &setting(WEST, "one"));
        assert_eq!(outcome.and_then(|found| found.endpoint).as_deref(), expected);
    }
}
