//! Runs every worker through all its paths on the simulator and prints the permissions that the runs needed.
//!
//! Each permission is one line of JSON, with the worker and the deployment that needed it.
//! `tests/contract/test_least_privilege.py` checks that the policies of the deployment grant these permissions and
//! no others.
#![allow(clippy::unwrap_used, reason = "only a test runs this, and a panic fails it")]

mod cycles;
mod recoveries;

use std::collections::BTreeSet;
use std::io::Write;

use pilot_light_domain::model::ids::AccountId;
use pilot_light_simulator::in_process::Simulation;
use pilot_light_tests::path_of;
use serde_json::{Value, json};

/// The account and Region of a deployed worker, and the stack parameters on which its policies depend.
struct Deployment {
    worker: &'static str,
    account: AccountId,
    region: &'static str,
    parameters: Value,
}

/// All lines so far, without repetitions.
#[derive(Default)]
struct Record(BTreeSet<String>);

impl Record {
    /// Adds the permissions that the workers of these deployments needed.
    fn add(&mut self, simulation: &Simulation, deployments: &[Deployment]) {
        for needed in simulation.permissions().iter() {
            let of = |deployment: &&Deployment| deployment.worker == needed.principal;
            let Some(deployment) = deployments.iter().find(of) else { continue };
            assert_eq!(needed.account, deployment.account);
            let mut parameters = deployment.parameters.clone();
            parameters["ParameterPath"] = path_of(deployment.worker).into();
            let line = json!({
                "worker": deployment.worker,
                "deployment": {
                    "account": deployment.account,
                    "region": deployment.region,
                    "parameters": parameters,
                },
                "action": needed.permission.action,
                "resource": needed.permission.resource,
                "context": needed.permission.context,
            });
            self.0.insert(line.to_string());
        }
    }
}

fn main() -> std::io::Result<()> {
    let mut record = Record::default();
    cycles::record(&mut record);
    recoveries::record(&mut record);
    let mut out = std::io::stdout().lock();
    record.0.iter().try_for_each(|line| writeln!(out, "{line}"))
}
