//! What a recovery reads of an account besides RDS: CloudFormation exports and single SSM parameters.

use std::collections::BTreeMap;

use pilot_light_domain::errors::GatewayError;
use pilot_light_domain::ids::{AccountId, Region};
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
        let named = self.named(name);
        self.simulation.lock().values.exports.insert(named, value.to_owned());
    }

    /// Puts an SSM parameter in this Region; each time it is put it has one version more.
    pub fn put_parameter(&self, name: &str, value: &str) {
        let named = self.named(name);
        self.simulation.lock().values.parameters.entry(named).or_default().push(value.to_owned());
    }

    fn named(&self, name: &str) -> Named {
        (self.account.clone(), self.region.clone(), name.to_owned())
    }
}

impl RecoveryCloud for SimulatedCloud {
    type Recovery = SimulatedRecovery;

    fn recovery(&self, region: &Region) -> SimulatedRecovery {
        SimulatedRecovery(SimulatedRds::new(self.simulation.clone(), self.account.clone(), region.clone()))
    }

    async fn exports(&self) -> Result<BTreeMap<String, String>, GatewayError> {
        let place = (&self.account, &self.region);
        let read = |state: &mut super::State| Ok(state.values.exports(place.0, place.1));
        self.simulation.call(place, "ListExports", read).await
    }

    async fn parameter(&self, name: &str) -> Result<Option<String>, GatewayError> {
        let place = (&self.account, &self.region);
        let read = |state: &mut super::State| Ok(state.values.parameter(place.0, place.1, name));
        self.simulation.call(place, "GetParameter", read).await
    }
}
