//! AWS as one worker in one account and Region sees it.

use pilot_light_domain::aws::cloud::Parameters;
use pilot_light_domain::model::ids::{AccountId, Region};

use super::principal::Principal;
use super::simulation::Simulation;

/// AWS as one worker in one account sees it.
#[derive(Debug, Clone)]
pub struct SimulatedCloud {
    pub(super) simulation: Simulation,
    pub(super) account: AccountId,
    pub(super) region: Region,
    pub(super) parameters: Parameters,
    pub(super) principal: Principal,
}

impl Simulation {
    /// AWS as a worker sees it that runs in `account` and `region` with these parameters.
    #[must_use]
    pub fn cloud(&self, account: &AccountId, region: &Region, parameters: Parameters) -> SimulatedCloud {
        SimulatedCloud {
            simulation: self.clone(),
            account: account.clone(),
            region: region.clone(),
            parameters,
            principal: Principal::default(),
        }
    }
}

impl SimulatedCloud {
    /// The same cloud as one run sees it.
    #[must_use]
    pub fn seen_by(&self, run: &Simulation) -> Self {
        Self { simulation: run.clone(), ..self.clone() }
    }

    /// The same cloud under the name of a worker whose parameters are at `path`, for the record of permissions.
    #[must_use]
    pub fn named(self, worker: &str, path: &str) -> Self {
        Self { principal: Principal::new(worker, path), ..self }
    }

    /// The account that it works in.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The Region that it works in.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// Gives it other parameters, as an operator would in SSM.
    pub fn configure(&mut self, parameters: Parameters) {
        self.parameters = parameters;
    }
}
