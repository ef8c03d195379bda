//! What a recovery reads of an account besides RDS: CloudFormation exports and single SSM parameters.

use std::collections::BTreeMap;

use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::model::arn::KmsKeyArn;
use pilot_light_domain::model::ids::{AccountId, Region};
use pilot_light_domain::recovery::RecoveryCloud;

use super::{SimulatedCloud, SimulatedRds, SimulatedRecovery};

/// An account in a Region, and a name there.
type Named = (AccountId, Region, String);

/// The exports and SSM parameters of all accounts.
#[derive(Debug, Default)]
pub(super) struct Values {
    exports: BTreeMap<Named, String>,
    /// Every version of a parameter, the first one first.
    parameters: BTreeMap<Named, Vec<String>>,
    /// The keys of those that are secure.
    keys: BTreeMap<Named, KmsKeyArn>,
}

impl Values {
    fn exports(&self, account: &AccountId, region: &Region) -> BTreeMap<String, String> {
        let here = |((owner, at, _), _): &(&Named, &String)| owner == account && at == region;
        let exports = self.exports.iter().filter(here);
        exports.map(|((_, _, name), value)| (name.clone(), value.clone())).collect()
    }

    /// The latest version, or the one behind a colon.
    fn parameter(&self, account: &AccountId, region: &Region, name: &str) -> Option<String> {
        let (name, version) = match name.rsplit_once(':') {
            Some((name, version)) => (name, Some(version.parse::<usize>().ok()?)),
            None => (name, None),
        };
        let versions = self.parameters.get(&(account.clone(), region.clone(), name.to_owned()))?;
        let index = version.unwrap_or(versions.len()).checked_sub(1)?;
        versions.get(index).cloned()
    }
}

impl SimulatedCloud {
    /// Gives the account an export in this Region, as a stack would.
    pub fn set_export(&self, name: &str, value: &str) {
        let named = self.here(name);
        self.simulation.lock().values.exports.insert(named, value.to_owned());
    }

    /// Puts an SSM parameter in this Region; each time it is put it has one version more.
    pub fn put_parameter(&self, name: &str, value: &str) {
        let named = self.here(name);
        self.simulation.lock().values.parameters.entry(named).or_default().push(value.to_owned());
    }

    /// The same, under a key.
    pub fn put_secure_parameter(&self, name: &str, value: &str, key: KmsKeyArn) {
        self.put_parameter(name, value);
        let here = self.here(name);
        self.simulation.lock().values.keys.insert(here, key);
    }

    fn here(&self, name: &str) -> Named {
        (self.account.clone(), self.region.clone(), name.to_owned())
    }
}

impl RecoveryCloud for SimulatedCloud {
    type Recovery = SimulatedRecovery;

    fn recovery(&self, region: &Region) -> SimulatedRecovery {
        SimulatedRecovery(SimulatedRds::new(self, region))
    }

    async fn exports(&self) -> Result<BTreeMap<String, String>, GatewayError> {
        let place = (&self.account, &self.region);
        let read = |state: &mut super::State| {
            state.ask_exports(&self.principal, place.0);
            Ok(state.values.exports(place.0, place.1))
        };
        self.simulation.call(place, "ListExports", read).await
    }

    async fn parameter(&self, name: &str) -> Result<Option<String>, GatewayError> {
        let place = (&self.account, &self.region);
        let read = |state: &mut super::State| {
            let key = state.values.keys.get(&self.here(name)).cloned();
            state.ask_parameter(&self.principal, place, name, key.as_ref());
            Ok(state.values.parameter(place.0, place.1, name))
        };
        self.simulation.call(place, "GetParameter", read).await
    }
}
