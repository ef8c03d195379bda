//! Scenes of recovery for every type of resource: the world before, the manifest, and the expected world at the end.
//!
//! [`super::estate`] builds the worlds, and [`super::Execution`] runs the manifests.

use destination_recover::{Progress, Verdict};
use pilot_light_simulator::world::Settings;
use serde_json::{Value, json};

use super::Execution;
use super::estate::{EAST, Estate, WEST};
use super::resources::{carts, promote, refresh, replica, secondary, switch_over, take_over};

/// A scene of recovery.
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    /// Its name.
    pub name: &'static str,
    /// Builds the world before the recovery.
    pub before: fn(&Estate),
    /// The Region of the state machine.
    pub region: &'static str,
    /// The purpose of the state machine.
    pub purpose: &'static str,
    /// One resource for each layer: its type and its parameters.
    pub layers: fn() -> Vec<(&'static str, Value)>,
    /// The expected [`Estate::lines`] at the end.
    pub end: &'static [&'static str],
    /// True if every execution does the whole work anew, even if an earlier execution has done it. A drill is an example.
    pub is_anew: bool,
}

impl Scene {
    /// The world before the recovery.
    #[must_use]
    pub fn estate(&self) -> Estate {
        self.estate_with(|_| {})
    }

    /// The same, with other settings of the simulated AWS.
    #[must_use]
    pub fn estate_with(&self, settings: impl FnOnce(&mut Settings)) -> Estate {
        let mut estate = Estate::with(settings);
        (self.before)(&estate);
        estate.simulation.clear_faults();
        estate.calls_before = estate.simulation.total_calls();
        estate
    }

    /// The input of the state machine.
    #[must_use]
    pub fn manifest(&self) -> Value {
        manifest((self.layers)())
    }

    /// An execution that has not begun.
    #[must_use]
    pub fn execution(&self, estate: &Estate) -> Execution {
        Execution::new(&estate.simulation, &estate.cloud(self.region), self.purpose, "once")
    }
}

/// Recovers one resource in an estate. Returns the progress at the end.
#[must_use]
pub fn recover(
    estate: &Estate,
    (region, purpose): (&str, &'static str),
    name: &str,
    resource: (&'static str, Value),
) -> Progress {
    let mut execution = Execution::new(&estate.simulation, &estate.cloud(region), purpose, name);
    execution.run(&manifest(vec![resource])).unwrap()
}

fn manifest(layers: Vec<(&'static str, Value)>) -> Value {
    let layer = |(n, (kind, parameters)): (usize, (&str, Value))| {
        let name = format!("{kind} {n}");
        let resource = json!({"resourceType": kind, "resourceName": name, "parameters": parameters});
        json!({"layer": n + 1, "resources": [resource]})
    };
    json!({"StatePayload": layers.into_iter().enumerate().map(layer).collect::<Vec<_>>()})
}

fn orders(estate: &Estate) {
    estate.database(EAST, "orders", &[]);
}

fn orders_and_tests(estate: &Estate) {
    orders(estate);
    estate.database(EAST, "tests", &[("PilotLightRefreshable", "YES")]);
}

fn orders_and_refreshed_tests(estate: &Estate) {
    orders_and_tests(estate);
    let before = recover(estate, (EAST, "drill"), "before", refresh("Swap").remove(0));
    assert_eq!(before.verdict, Verdict::Recovered, "{}", before.message);
    estate.simulation.settle();
}

fn orders_followed(estate: &Estate) {
    orders(estate);
    estate.replica(WEST, "orders");
}

fn orders_in_both(estate: &Estate) {
    orders(estate);
    estate.database(WEST, "orders", &[]);
}

fn shop_apart(estate: &Estate) {
    estate.shop();
    estate.detach_west();
}

fn all_followed(estate: &Estate) {
    orders_followed(estate);
    estate.shop();
    estate.carts();
}

/// All scenes. Every type of resource has at least one.
pub const SCENES: &[Scene] = &[
    Scene {
        name: "an instance is restored from its newest snapshot",
        before: orders,
        region: EAST,
        purpose: "failover",
        layers: || {
            let names = json!({"SourceDBInstanceIdentifier": "orders", "DBInstanceIdentifier": "orders-2"});
            vec![("RestoreFromSnapshot", names)]
        },
        end: &["us-east-1: orders available, protected", "us-east-1: orders-2 available"],
        is_anew: false,
    },
    Scene {
        name: "a drill restores an instance and leaves nothing behind",
        before: orders,
        region: EAST,
        purpose: "drill",
        layers: || vec![("RestoreDrill", json!({"DBInstanceIdentifier": "orders"}))],
        end: &["us-east-1: orders available, protected"],
        is_anew: true,
    },
    Scene {
        name: "a copy for tests is swapped for a new one",
        before: orders_and_tests,
        region: EAST,
        purpose: "drill",
        layers: || refresh("Swap"),
        end: &[
            "us-east-1: orders available, protected",
            "us-east-1: tests available, protected",
            "us-east-1: kept refreshed-tests",
        ],
        is_anew: true,
    },
    Scene {
        name: "a copy for tests is replaced by a new one",
        before: orders_and_tests,
        region: EAST,
        purpose: "drill",
        layers: || refresh("Replace"),
        end: &[
            "us-east-1: orders available, protected",
            "us-east-1: tests available, protected",
            "us-east-1: kept refreshed-tests",
        ],
        is_anew: true,
    },
    Scene {
        name: "a copy for tests is swapped once more, and the earlier final snapshot is deleted",
        before: orders_and_refreshed_tests,
        region: EAST,
        purpose: "drill",
        layers: || refresh("Swap"),
        end: &[
            "us-east-1: orders available, protected",
            "us-east-1: tests available, protected",
            "us-east-1: kept refreshed-tests",
        ],
        is_anew: true,
    },
    Scene {
        name: "a replica is created where there is no instance",
        before: orders,
        region: WEST,
        purpose: "failback",
        layers: || vec![replica(WEST, "orders")],
        end: &[
            "us-east-1: orders available, protected",
            "us-west-2: orders available, follows us-east-1, protected",
        ],
        is_anew: false,
    },
    Scene {
        name: "the old primary is replaced by a replica of the new one",
        before: orders_in_both,
        region: EAST,
        purpose: "failback",
        layers: || vec![replica(EAST, "orders")],
        end: &[
            "us-east-1: orders available, follows us-west-2, protected",
            "us-west-2: orders available, protected",
            "us-east-1: kept final-orders",
        ],
        is_anew: false,
    },
    Scene {
        name: "a replica is promoted",
        before: orders_followed,
        region: WEST,
        purpose: "failover",
        layers: || vec![promote("orders")],
        end: &["us-east-1: orders available, protected", "us-west-2: orders available"],
        is_anew: false,
    },
    Scene {
        name: "a global cluster is switched over",
        before: Estate::shop,
        region: WEST,
        purpose: "failover",
        layers: || vec![switch_over(WEST)],
        end: &[
            "us-east-1: shop-east-1 available, in shop-east",
            "us-east-1: shop-east-2 available, in shop-east",
            "us-west-2: shop-west-1 available, in shop-west",
            "us-east-1: cluster shop-east available, protected",
            "us-west-2: cluster shop-west available",
            "shop available, led by shop-west, of shop-east and shop-west",
        ],
        is_anew: false,
    },
    Scene {
        name: "a secondary cluster is detached",
        before: Estate::shop,
        region: WEST,
        purpose: "failover",
        layers: || vec![take_over(WEST, "False")],
        end: &[
            "us-east-1: shop-east-1 available, in shop-east",
            "us-east-1: shop-east-2 available, in shop-east",
            "us-west-2: shop-west-1 available, in shop-west",
            "us-east-1: cluster shop-east available, protected",
            "us-west-2: cluster shop-west available",
            "shop available, led by shop-east, of shop-east",
        ],
        is_anew: false,
    },
    Scene {
        name: "a secondary cluster takes over without the data that is not replicated yet",
        before: Estate::shop,
        region: WEST,
        purpose: "failover",
        layers: || vec![take_over(WEST, "True")],
        end: &[
            "us-east-1: shop-east-1 available, in shop-east",
            "us-east-1: shop-east-2 available, in shop-east",
            "us-west-2: shop-west-1 available, in shop-west",
            "us-east-1: cluster shop-east available, protected",
            "us-west-2: cluster shop-west available",
            "shop available, led by shop-west, of shop-east and shop-west",
        ],
        is_anew: false,
    },
    Scene {
        name: "the old primary cluster is replaced by a secondary of the new one",
        before: shop_apart,
        region: EAST,
        purpose: "failback",
        layers: || vec![secondary(EAST)],
        end: &[
            "us-east-1: shop-east-1 available, in shop-east",
            "us-west-2: shop-west-1 available, in shop-west",
            "us-east-1: cluster shop-east available, protected",
            "us-west-2: cluster shop-west available",
            "shop available, led by shop-west, of shop-west and shop-east",
            "us-east-1: kept final-shop-east",
        ],
        is_anew: false,
    },
    Scene {
        name: "a global datastore fails over",
        before: Estate::carts,
        region: WEST,
        purpose: "failover",
        layers: || vec![carts(WEST)],
        end: &["ldgnf-carts available, led by carts-dr"],
        is_anew: false,
    },
    Scene {
        name: "an instance, a cluster and a datastore fail over, layer by layer",
        before: all_followed,
        region: WEST,
        purpose: "failover",
        layers: || vec![promote("orders"), take_over(WEST, "False"), carts(WEST)],
        end: &[
            "us-east-1: orders available, protected",
            "us-east-1: shop-east-1 available, in shop-east",
            "us-east-1: shop-east-2 available, in shop-east",
            "us-west-2: orders available",
            "us-west-2: shop-west-1 available, in shop-west",
            "us-east-1: cluster shop-east available, protected",
            "us-west-2: cluster shop-west available",
            "shop available, led by shop-east, of shop-east",
            "ldgnf-carts available, led by carts-dr",
        ],
        is_anew: false,
    },
];
