//! The gateways of an account, its parameters, exports and metrics: the domain's traits for [`SimulatedCloud`].

use std::collections::BTreeMap;
use std::future::Future;

use pilot_light_domain::aws::cloud::{Cloud, Parameters};
use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::aws::metrics::Metric;
use pilot_light_domain::aws::retries::Repeats;
use pilot_light_domain::model::arn::KmsKeyArn;
use pilot_light_domain::model::ids::Region;
use pilot_light_domain::recovery::RecoveryCloud;

use super::cloud::SimulatedCloud;
use super::gateway::SimulatedRds;
use super::recovery::SimulatedRecovery;
use super::simulation::{Published, State};
use super::values::Named;

impl SimulatedCloud {
    /// Gives the account an export in this Region, as a stack would.
    pub fn set_export(&self, name: &str, value: &str) {
        let named = self.here(name);
        self.simulation.lock().values.exports.insert(named, value.to_owned());
    }

    /// Puts an SSM parameter in this Region. Each put adds a version.
    pub fn put_parameter(&self, name: &str, value: &str) {
        let named = self.here(name);
        self.simulation.lock().values.parameters.entry(named).or_default().push(value.to_owned());
    }

    /// Puts an SSM parameter that is encrypted with this key.
    pub fn put_secure_parameter(&self, name: &str, value: &str, key: KmsKeyArn) {
        self.put_parameter(name, value);
        let here = self.here(name);
        self.simulation.lock().values.keys.insert(here, key);
    }

    /// Deletes an SSM parameter, with all its versions.
    pub fn delete_parameter(&self, name: &str) {
        let named = self.here(name);
        self.simulation.lock().values.parameters.remove(&named);
    }

    fn here(&self, name: &str) -> Named {
        (self.account.clone(), self.region.clone(), name.to_owned())
    }
}

impl Cloud for SimulatedCloud {
    type Rds = SimulatedRds;

    fn rds(&self, region: &Region) -> SimulatedRds {
        SimulatedRds::new(self, region)
    }

    fn parameters(&self) -> impl Future<Output = Result<Parameters, GatewayError>> + Send {
        let place = (&self.account, &self.region);
        let read = |state: &mut State| {
            state.ask_path(&self.principal, (&self.account, &self.region));
            let adversity = state.faults.adversity.as_ref();
            let given = &self.parameters;
            Ok(adversity
                .map_or_else(|| given.clone(), |it| it.parameters(&self.account, &self.region, given)))
        };
        self.simulation.call(place, "GetParametersByPath", Repeats::Sdk, read)
    }

    async fn publish(&self, metrics: &[Metric]) -> Result<(), GatewayError> {
        if metrics.is_empty() {
            return Ok(());
        }
        let place = (&self.account, &self.region);
        let enter = |state: &mut State| {
            state.ask_metrics(&self.principal, &self.account);
            let at = state.now;
            state.published.extend(metrics.iter().map(|metric| Published {
                at,
                account: self.account.clone(),
                region: self.region.clone(),
                metric: metric.clone(),
            }));
            Ok(())
        };
        self.simulation.call(place, "PutMetricData", Repeats::Sdk, enter).await
    }
}

impl RecoveryCloud for SimulatedCloud {
    type Recovery = SimulatedRecovery;

    fn recovery(&self, region: &Region) -> SimulatedRecovery {
        SimulatedRecovery(SimulatedRds::of_recovery(self, region))
    }

    async fn exports(&self) -> Result<BTreeMap<String, String>, GatewayError> {
        let place = (&self.account, &self.region);
        let read = |state: &mut State| {
            state.ask_exports(&self.principal, place.0);
            Ok(state.values.exports(place.0, place.1))
        };
        self.simulation.call(place, "ListExports", Repeats::Sdk, read).await
    }

    async fn parameter(&self, name: &str) -> Result<Option<String>, GatewayError> {
        let place = (&self.account, &self.region);
        let read = |state: &mut State| {
            let key = state.values.keys.get(&self.here(name)).cloned();
            state.ask_parameter(&self.principal, place, name, key.as_ref());
            Ok(state.values.parameter(place.0, place.1, name))
        };
        self.simulation.call(place, "GetParameter", Repeats::Sdk, read).await
    }
}
