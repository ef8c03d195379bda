//! The key of an encrypted snapshot or instance, in every form in which AWS gives it.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use ecow::EcoString;
use serde::{Deserialize, Serialize};

use crate::model::arn::KmsKeyArn;

/// The alias of an account's default key for RDS.
const DEFAULT_ALIAS: &str = "alias/aws/rds";

/// The key of encrypted storage. AWS documents a key ARN, a key id, an alias ARN and an alias name, and may give none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum StorageKey {
    /// The ARN of a key.
    Arn(KmsKeyArn),
    /// A key id, an alias or anything else, letter for letter. Empty if AWS names no key.
    Other(EcoString),
}

impl StorageKey {
    /// True if this is known to be the account's default key for RDS. `default` is that key, if it is known.
    #[must_use]
    pub fn is_default(&self, default: Option<&KmsKeyArn>) -> bool {
        match self {
            Self::Arn(arn) => default == Some(arn),
            Self::Other(text) => {
                let is_alias = text == DEFAULT_ALIAS || text.ends_with(":alias/aws/rds");
                is_alias || default.is_some_and(|key| *text == key.key)
            }
        }
    }
}

impl From<&str> for StorageKey {
    fn from(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Other(text.into()), Self::Arn)
    }
}

impl From<String> for StorageKey {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<KmsKeyArn> for StorageKey {
    fn from(arn: KmsKeyArn) -> Self {
        Self::Arn(arn)
    }
}

impl FromStr for StorageKey {
    type Err = Infallible;
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

impl From<StorageKey> for String {
    fn from(key: StorageKey) -> Self {
        key.to_string()
    }
}

impl fmt::Display for StorageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arn(arn) => arn.fmt(f),
            Self::Other(text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_key_is_recognised_in_every_form_of_aws() {
        let arn = "arn:aws:kms:us-east-1:111111111111:key/1234abcd";
        let default: KmsKeyArn = arn.parse().unwrap();
        let alias = "arn:aws:kms:us-east-1:111111111111:alias/aws/rds";
        for form in [arn, "1234abcd", "alias/aws/rds", alias] {
            assert!(StorageKey::from(form).is_default(Some(&default)), "{form}");
        }
        for other in ["arn:aws:kms:us-east-1:111111111111:key/9", "9", "alias/mine", ""] {
            assert!(!StorageKey::from(other).is_default(Some(&default)), "{other}");
        }
        assert!(!StorageKey::from(arn).is_default(None) && StorageKey::from(alias).is_default(None));
    }
}
