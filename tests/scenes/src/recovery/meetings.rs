//! Two manifests that meet in one database, for every pair of types that can meet.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::estate::{EAST, Estate, WEST, instance};
use super::resources::{carts, promote, replica, secondary, switch_over, take_over};

/// The Region and the purpose of a state machine, and the only resource of its manifest.
pub type Side = (&'static str, &'static str, (&'static str, Value));

/// Two manifests that are started at the same time.
#[derive(Debug, Clone, Copy)]
pub struct Meeting {
    /// Its name.
    pub name: &'static str,
    /// Builds the world before.
    pub before: fn() -> Estate,
    /// The two manifests.
    pub sides: fn() -> [Side; 2],
    /// The expected ends of both.
    pub ends: Ends,
    /// The changes of both together, each with its number.
    pub made: &'static [(&'static str, usize)],
}

/// The expected ends of a meeting.
#[derive(Debug, Clone, Copy)]
pub enum Ends {
    /// Both come up: they bring up different things, or the same one, or one waits for the other.
    Both,
    /// One comes up. The other refuses, with these words.
    One(&'static str),
    /// The second alone refuses, with these words, if it does not come first. Otherwise both come up.
    OneOrBoth(&'static str),
}

const RESTORE: &str = "RestoreDBInstanceFromDBSnapshot";
const DELETE: &str = "DeleteDBInstance";
/// Between the two copies of `orders`.
const EARLY: &str = "2026-03-01T00:09:00Z";

fn settled(change: impl FnOnce(&Estate), is_of_copies: bool) -> Estate {
    let estate = Estate::with(|settings| settings.new_lag_seconds = settings.lag_seconds);
    let mut estate = if is_of_copies { estate.of_copies() } else { estate };
    change(&estate);
    estate.calls_before = estate.simulation.total_calls();
    estate
}

fn copies() -> Estate {
    let two = |estate: &Estate| {
        estate.copy("orders-1", "orders");
        estate.simulation.advance_by(TimeDelta::minutes(10));
        estate.copy("orders-2", "orders");
    };
    settled(two, true)
}

fn copies_and_tests() -> Estate {
    let mut estate = copies();
    estate.database(WEST, "tests", &[("PilotLightRefreshable", "YES")]);
    estate.calls_before = estate.simulation.total_calls();
    estate
}

fn followed() -> Estate {
    let followed = |estate: &Estate| {
        estate.database(EAST, "orders", &[]);
        estate.replica(WEST, "orders");
    };
    settled(followed, false)
}

fn two_primaries() -> Estate {
    let two = |estate: &Estate| {
        estate.database(EAST, "orders", &[]);
        estate.database(EAST, "billing", &[]);
    };
    settled(two, false)
}

fn shop() -> Estate {
    settled(Estate::shop, false)
}

fn shop_apart() -> Estate {
    let apart = |estate: &Estate| {
        estate.shop();
        estate.detach_west();
    };
    settled(apart, false)
}

fn both_carts() -> Estate {
    settled(Estate::carts, false)
}

/// The parameters, with `more` added.
fn with(mut parameters: Value, more: Value) -> Value {
    if let (Some(all), Value::Object(more)) = (parameters.as_object_mut(), more) {
        all.extend(more);
    }
    parameters
}

fn restore(more: Value) -> Side {
    let class = json!({"DBInstanceIdentifier": "orders", "DBInstanceClass": "db.r6g.large"});
    (WEST, "failover", ("RestoreFromSnapshot", with(class, more)))
}

/// A restore of `orders` as `tests`, the name that a refresh also gives.
fn restore_tests() -> Side {
    restore(json!({"DBInstanceIdentifier": "tests", "SourceDBInstanceIdentifier": "orders"}))
}

fn drill(more: Value) -> Side {
    let class = json!({"DBInstanceIdentifier": "orders", "DBInstanceClass": "db.r6g.large"});
    (WEST, "drill", ("RestoreDrill", with(class, more)))
}

fn refresh(more: Value) -> Side {
    let class = json!({"originDB": "orders", "newDB": "tests", "newDBClass": "db.r6g.large"});
    (WEST, "drill", ("RefreshFromSnapshot", with(class, more)))
}

/// A replica of a primary in the east, as `orders` in the west.
fn replica_of(source: &str, more: Value) -> Side {
    let (kind, parameters) = replica(WEST, "orders");
    let source = json!({"SourceRDSInstanceIdentifier": instance(EAST, source)});
    (WEST, "failback", (kind, with(with(parameters, source), more)))
}

fn failover(resource: (&'static str, Value)) -> Side {
    (WEST, "failover", resource)
}

fn failback(resource: (&'static str, Value)) -> Side {
    (EAST, "failback", resource)
}

/// All meetings.
pub const MEETINGS: &[Meeting] = &[
    Meeting {
        name: "two restores of different points under one name",
        before: copies,
        sides: || [restore(json!({"At": EARLY})), restore(json!({}))],
        ends: Ends::One("there is already an instance 'orders', restored from orders-"),
        made: &[(RESTORE, 1)],
    },
    Meeting {
        name: "two restores with different classes under one name",
        before: copies,
        sides: || [restore(json!({"DBInstanceClass": "db.r6g.xlarge"})), restore(json!({}))],
        ends: Ends::One("another recovery restored 'orders' from the point that this manifest chooses"),
        made: &[(RESTORE, 1)],
    },
    Meeting {
        name: "a restore and a drill of one database",
        before: copies,
        sides: || [restore(json!({})), drill(json!({}))],
        ends: Ends::Both,
        made: &[(DELETE, 1), (RESTORE, 2)],
    },
    Meeting {
        name: "two drills of different points",
        before: copies,
        sides: || [drill(json!({"At": EARLY})), drill(json!({}))],
        ends: Ends::Both,
        made: &[(DELETE, 2), (RESTORE, 2)],
    },
    Meeting {
        name: "two drills with different classes",
        before: copies,
        sides: || [drill(json!({"DBInstanceClass": "db.r6g.xlarge"})), drill(json!({}))],
        ends: Ends::Both,
        made: &[(DELETE, 2), (RESTORE, 2)],
    },
    Meeting {
        name: "a restore and a refresh that give the same new name",
        before: copies,
        sides: || [restore_tests(), refresh(json!({}))],
        ends: Ends::One("'tests'"),
        made: &[(RESTORE, 1)],
    },
    Meeting {
        name: "a restore under the name of an instance that a refresh swaps",
        before: copies_and_tests,
        sides: || [restore_tests(), refresh(json!({}))],
        ends: Ends::One("there is an instance 'tests' that no recovery restored"),
        made: &[(DELETE, 1), (RESTORE, 1)],
    },
    Meeting {
        name: "a restore under the name of an instance that a refresh replaces",
        before: copies_and_tests,
        sides: || [restore_tests(), refresh(json!({"Mode": "Replace"}))],
        ends: Ends::One("there is an instance 'tests' that no recovery restored"),
        made: &[(DELETE, 1), (RESTORE, 1)],
    },
    Meeting {
        name: "a refresh that swaps and one that replaces",
        before: copies_and_tests,
        sides: || [refresh(json!({})), refresh(json!({"Mode": "Replace"}))],
        ends: Ends::One("another refresh of 'tests' is under way"),
        made: &[(DELETE, 1), (RESTORE, 1)],
    },
    Meeting {
        name: "two refreshes with different classes",
        before: copies_and_tests,
        sides: || [refresh(json!({})), refresh(json!({"newDBClass": "db.r6g.xlarge"}))],
        ends: Ends::One("another refresh of 'tests' is under way"),
        made: &[(DELETE, 1), (RESTORE, 1)],
    },
    Meeting {
        name: "two refreshes from different points",
        before: copies_and_tests,
        sides: || [refresh(json!({})), refresh(json!({"At": EARLY}))],
        ends: Ends::One("another refresh of 'tests' is under way"),
        made: &[(DELETE, 1), (RESTORE, 1)],
    },
    Meeting {
        name: "two refreshes that replace, from different points",
        before: copies_and_tests,
        sides: || {
            let replace = json!({"Mode": "Replace"});
            [refresh(replace.clone()), refresh(with(replace, json!({"At": EARLY})))]
        },
        ends: Ends::One("another refresh of 'tests' is under way"),
        made: &[(DELETE, 1), (RESTORE, 1)],
    },
    Meeting {
        name: "a refresh from a database and a drill of it",
        before: copies_and_tests,
        sides: || [refresh(json!({})), drill(json!({}))],
        ends: Ends::Both,
        made: &[(DELETE, 2), (RESTORE, 2)],
    },
    Meeting {
        name: "a promotion, and a failback that needs the replica as it is",
        before: followed,
        sides: || [failover(promote("orders")), replica_of("orders", json!({}))],
        ends: Ends::One("'orders' already follows"),
        made: &[("PromoteReadReplica", 1)],
    },
    Meeting {
        name: "a promotion, and a failback to it in the other Region",
        before: followed,
        sides: || [failover(promote("orders")), failback(replica(EAST, "orders"))],
        ends: Ends::One("'orders' still follows"),
        made: &[("PromoteReadReplica", 1)],
    },
    Meeting {
        name: "two promotions of one replica",
        before: followed,
        sides: || {
            let (kind, parameters) = promote("orders");
            let other = with(parameters.clone(), json!({"TargetClusterIdentifier": "unused"}));
            [failover((kind, parameters)), failover((kind, other))]
        },
        ends: Ends::Both,
        made: &[("PromoteReadReplica", 1)],
    },
    Meeting {
        name: "two replicas of different primaries under one name",
        before: two_primaries,
        sides: || [replica_of("orders", json!({})), replica_of("billing", json!({}))],
        ends: Ends::One("'orders' is a replica of"),
        made: &[("CreateDBInstanceReadReplica", 1)],
    },
    Meeting {
        name: "two replicas of one primary, one of them with a standby",
        before: two_primaries,
        sides: || [replica_of("orders", json!({})), replica_of("orders", json!({"MultiAZ": "True"}))],
        ends: Ends::OneOrBoth("MultiAZ false, not true"),
        made: &[("CreateDBInstanceReadReplica", 1)],
    },
    Meeting {
        name: "a switchover and a detachment of one cluster",
        before: shop,
        sides: || [failover(take_over(WEST, "False")), failover(switch_over(WEST))],
        ends: Ends::OneOrBoth("is not a member of global cluster 'shop'"),
        made: &[],
    },
    Meeting {
        name: "a switchover of a cluster and its failover with loss of data",
        before: shop,
        sides: || [failover(take_over(WEST, "True")), failover(switch_over(WEST))],
        ends: Ends::Both,
        made: &[],
    },
    Meeting {
        name: "a detachment of a cluster and its failover with loss of data",
        before: shop,
        sides: || [failover(take_over(WEST, "True")), failover(take_over(WEST, "False"))],
        ends: Ends::Both,
        made: &[],
    },
    Meeting {
        name: "a detachment, and a failback to the cluster in the other Region",
        before: shop,
        sides: || [failover(take_over(WEST, "False")), failback(secondary(EAST))],
        ends: Ends::One("is not the writer of global cluster 'shop'"),
        made: &[("RemoveFromGlobalCluster", 1)],
    },
    Meeting {
        name: "a switchover, and a failback to the cluster in the other Region",
        before: shop,
        sides: || [failover(switch_over(WEST)), failback(secondary(EAST))],
        ends: Ends::One("is not the writer of global cluster 'shop'"),
        made: &[("SwitchoverGlobalCluster", 1)],
    },
    Meeting {
        name: "a switchover to each of two Regions",
        before: shop,
        sides: || [failover(switch_over(WEST)), (EAST, "failover", switch_over(EAST))],
        ends: Ends::One("is the writer of global cluster 'shop' already"),
        made: &[("SwitchoverGlobalCluster", 1)],
    },
    Meeting {
        name: "a failover of a datastore to each of two Regions",
        before: both_carts,
        sides: || [failover(carts(WEST)), failback(carts(EAST))],
        ends: Ends::One("something else has made another one the primary since"),
        made: &[("FailoverGlobalReplicationGroup", 1)],
    },
    Meeting {
        name: "two failbacks of one cluster with different classes",
        before: shop_apart,
        sides: || {
            let (kind, parameters) = secondary(EAST);
            let larger = with(parameters.clone(), json!({"DBInstanceClass": "db.r6g.xlarge"}));
            [failback((kind, parameters)), failback((kind, larger))]
        },
        ends: Ends::One("with the class"),
        made: &[
            ("CreateDBCluster", 1),
            ("CreateDBInstance", 1),
            ("CreateGlobalCluster", 1),
            ("DeleteDBCluster", 1),
            (DELETE, 2),
            ("DeleteGlobalCluster", 1),
            ("RemoveFromGlobalCluster", 1),
        ],
    },
];
