//! Settings that may differ per database, and KMS keys that must be the account's own.

use std::collections::BTreeMap;
use std::fmt::Display;

use crate::model::arn::{KmsKeyArn, KmsKeyArnParts};
use crate::model::ids::{AccountId, DatabaseName, Region};

/// A setting for all databases, with other values for some: `value,orders=other,billing=another`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PerDatabase<T> {
    default: Option<T>,
    of: BTreeMap<DatabaseName, T>,
}

impl<T> Default for PerDatabase<T> {
    fn default() -> Self {
        Self { default: None, of: BTreeMap::new() }
    }
}

impl<T> PerDatabase<T> {
    /// The setting for one database, if there is any.
    #[must_use]
    pub fn of(&self, database: &DatabaseName) -> Option<&T> {
        self.of.get(database).or(self.default.as_ref())
    }

    /// Reads a list with at most one plain value and any number of `database=value`.
    pub(super) fn parse<E: Display>(
        text: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Self, String> {
        let mut settings = Self { default: None, of: BTreeMap::new() };
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let (database, value) = match entry.split_once('=') {
                Some((database, value)) => (Some(database.trim()), value.trim()),
                None => (None, entry),
            };
            let value = parse(value).map_err(|error| error.to_string())?;
            let before = match database {
                None => settings.default.replace(value),
                Some(name) => settings.of.insert(name.parse().map_err(|error| format!("{error}"))?, value),
            };
            if before.is_some() {
                return Err(format!("{} is given twice", database.unwrap_or("the plain value")));
            }
        }
        Ok(settings)
    }
}

/// Reads a key of `account` in `region`, given as its ARN or as its bare id.
///
/// A key of another account would be lost with that account, and an alias can be moved to another key.
pub(super) fn own_key(text: &str, account: &AccountId, region: &Region) -> Result<KmsKeyArn, String> {
    let is_bare_id =
        |text: &str| text.len() >= 36 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if is_bare_id(text) {
        let (partition, key) = (region.partition(), text.to_owned());
        let (region, account) = (region.clone(), account.clone());
        return Ok(KmsKeyArnParts { partition, region, account, key }.into());
    }
    let key: KmsKeyArn = text.parse().map_err(|error| format!("{error}"))?;
    if key.account != *account {
        return Err(format!(
            "the key belongs to account {}; give a key of this account, {account}",
            key.account
        ));
    }
    if key.region != *region {
        return Err(format!("the key is in {}; give a key in {region}", key.region));
    }
    Ok(key)
}
