//! The properties that a secondary must share with its primary: the version and the encryption.
//!
//! AWS sees them only after the old cluster is deleted. The guards therefore compare them with the primary before.

use pilot_light_domain::recovery::{CreateSecondaryCluster, DbCluster, StorageEncryption};

use super::super::aurora::Obstacle;
use super::parameters::{ENCRYPTED, KEY, VERSION};
use super::state::{CreateAuroraSecondaryDBCluster, State};
use crate::facts::Facts;

impl CreateAuroraSecondaryDBCluster {
    /// Every difference between the new secondary and its primary for which AWS refuses it. There is none if the secondary
    /// exists.
    pub(super) fn unlike_primary(&self, facts: &Facts) -> Vec<Obstacle> {
        match (self.state(facts), facts.cluster(&self.primary)) {
            (State::Follows(_) | State::Coming(_), _) | (_, None) => Vec::new(),
            (_, Some(primary)) => {
                self.other_version(primary).into_iter().chain(self.other_key(primary)).collect()
            }
        }
    }

    fn other_version(&self, primary: &DbCluster) -> Option<Obstacle> {
        let (given, version) = (self.cluster.engine_version.as_ref()?, primary.engine_version.as_ref()?);
        let what = || {
            let primary = &self.primary;
            format!("is {given}, but '{primary}' has {version}; write {version}, or leave it out")
        };
        (given != version).then(|| (VERSION, what()))
    }

    /// A secondary is encrypted if its primary is. AWS uses no default key in another Region.
    fn other_key(&self, primary: &DbCluster) -> Option<Obstacle> {
        let CreateSecondaryCluster { kms_key, encrypted, .. } = &self.cluster;
        let (name, region) = (&self.primary, self.region());
        match (primary.encryption?, encrypted, kms_key) {
            (StorageEncryption::Kms, Some(false), _) => {
                Some((ENCRYPTED, format!("is false, but '{name}' is encrypted; write true, and give {KEY}")))
            }
            (StorageEncryption::Kms, _, None) => {
                let said =
                    format!("is missing; '{name}' is encrypted, so its secondary needs a key of {region}");
                Some((KEY, said))
            }
            (StorageEncryption::Unencrypted, Some(true), _) => {
                let said = format!(
                    "is true, but '{name}' is not encrypted, so its secondary cannot be; leave it out"
                );
                Some((ENCRYPTED, said))
            }
            (StorageEncryption::Unencrypted, _, Some(key)) => {
                let said = format!(
                    "is {key}, but '{name}' is not encrypted, so its secondary cannot be; leave it out"
                );
                Some((KEY, said))
            }
            _ => None,
        }
    }

    /// The new cluster, with the properties of the primary that the manifest leaves out. Without a version, AWS takes its
    /// default one and refuses the cluster if the primary has another.
    pub(super) fn like_primary(&self, facts: &Facts) -> CreateSecondaryCluster {
        let primary = facts.cluster(&self.primary);
        let version = primary.and_then(|primary| primary.engine_version.clone());
        let is_encrypted = primary.is_some_and(|primary| primary.encryption == Some(StorageEncryption::Kms));
        CreateSecondaryCluster {
            engine_version: self.cluster.engine_version.clone().or(version),
            encrypted: self.cluster.encrypted.or(is_encrypted.then_some(true)),
            ..self.cluster.clone()
        }
    }
}
