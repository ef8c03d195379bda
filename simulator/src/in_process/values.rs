//! CloudFormation exports and single SSM parameters, of all accounts.

use std::collections::BTreeMap;

use pilot_light_domain::model::arn::KmsKeyArn;
use pilot_light_domain::model::ids::{AccountId, Region};

/// An account in a Region, and a name there.
pub(super) type Named = (AccountId, Region, String);

/// The exports and SSM parameters of all accounts.
#[derive(Debug, Default)]
pub(super) struct Values {
    pub(super) exports: BTreeMap<Named, String>,
    /// Every version of a parameter, the first one first.
    pub(super) parameters: BTreeMap<Named, Vec<String>>,
    /// The keys of secure parameters.
    pub(super) keys: BTreeMap<Named, KmsKeyArn>,
}

impl Values {
    pub(super) fn exports(&self, account: &AccountId, region: &Region) -> BTreeMap<String, String> {
        let here = |((owner, at, _), _): &(&Named, &String)| owner == account && at == region;
        let exports = self.exports.iter().filter(here);
        exports.map(|((_, _, name), value)| (name.clone(), value.clone())).collect()
    }

    /// The latest version, or the version given after a colon.
    pub(super) fn parameter(&self, account: &AccountId, region: &Region, name: &str) -> Option<String> {
        let (name, version) = match name.rsplit_once(':') {
            Some((name, version)) => (name, Some(version.parse::<usize>().ok()?)),
            None => (name, None),
        };
        let versions = self.parameters.get(&(account.clone(), region.clone(), name.to_owned()))?;
        let index = version.unwrap_or(versions.len()).checked_sub(1)?;
        versions.get(index).cloned()
    }
}
