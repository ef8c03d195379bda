//! Identifiers as types: account, Region, partition, database and snapshot.
//!
//! Each type has one fallible constructor, so an invalid text stops at the edge. ARNs are in
//! [`crate::model::arn`].

use std::fmt;
use std::str::FromStr;

use ecow::EcoString;
use serde::{Deserialize, Serialize};

/// A text that is not a valid identifier, with the expected kind and the allowed form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{given}' is not a valid {kind}; allowed: {allowed}")]
pub struct InvalidId {
    /// The expected kind of identifier, as in "account id".
    pub kind: &'static str,
    /// The given text, cut to 80 characters.
    pub given: String,
    /// The allowed form.
    pub allowed: &'static str,
}

impl InvalidId {
    pub(crate) fn new(kind: &'static str, given: &str, allowed: &'static str) -> Self {
        Self { kind, given: given.chars().take(80).collect(), allowed }
    }
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $allowed:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(EcoString);

        impl $name {
            /// Accepts `text` if it is a valid identifier of this kind.
            ///
            /// # Errors
            /// [`InvalidId`] with the given text and the allowed form.
            pub fn new(text: &str) -> Result<Self, InvalidId> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) { Ok(Self(text.into())) } else { Err(InvalidId::new($kind, text, $allowed)) }
            }

            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::new(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.into()
            }
        }
    };
}

identifier!(
    /// An AWS account: exactly 12 digits.
    AccountId, "account id", "exactly 12 digits",
    |text| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
);

identifier!(
    /// An AWS Region such as `us-east-1` or `us-gov-west-1`.
    Region, "Region", "a Region's code such as us-east-1",
    |text| {
        let Some((names, number)) = text.rsplit_once('-') else { return false };
        names.contains('-')
            && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
            && names.split('-').all(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase()))
    }
);

identifier!(
    /// An AWS partition: `aws`, `aws-cn`, `aws-us-gov` and others.
    Partition, "partition", "aws, aws-cn, aws-us-gov or another that begins with aws",
    |text| text == "aws" || text.strip_prefix("aws-").is_some_and(
        |rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
);

identifier!(
    /// The identifier of a DB instance or DB cluster, as AWS stores it: 1 to 63 lowercase letters, digits
    /// and hyphens.
    DatabaseName, "database identifier", "1 to 63 lowercase letters, digits and hyphens, beginning with a letter",
    |text| (1..=63).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
);

identifier!(
    /// The identifier of a snapshot within its account and Region: 1 to 255 characters. The identifiers of automated
    /// snapshots have the prefix `rds:`, so colons are accepted.
    SnapshotId, "snapshot identifier", "1 to 255 letters, digits, hyphens and colons, beginning with a letter",
    |text| (1..=255).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b':')
);

impl Region {
    /// The partition of this Region, determined by the prefix of its code.
    #[must_use]
    pub fn partition(&self) -> Partition {
        const BY_PREFIX: [(&str, &str); 7] = [
            ("cn-", "aws-cn"),
            ("us-gov-", "aws-us-gov"),
            ("us-isob-", "aws-iso-b"),
            ("us-isof-", "aws-iso-f"),
            ("us-iso-", "aws-iso"),
            ("eu-isoe-", "aws-iso-e"),
            ("eusc-", "aws-eusc"),
        ];
        let name =
            BY_PREFIX.iter().find(|(prefix, _)| self.0.starts_with(prefix)).map_or("aws", |(_, name)| name);
        Partition(name.into())
    }
}

/// The kind of a database: a single DB instance or a DB cluster. Their snapshots are different resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DatabaseKind {
    /// A DB instance with snapshots of its own.
    Instance,
    /// A DB cluster (Aurora, Neptune, DocumentDB, Multi-AZ cluster).
    Cluster,
}

/// A database's identity: its account, its Region, its kind and its identifier there.
///
/// Two accounts may each have an `orders`. These are two databases.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DatabaseId {
    /// The account that owns the database.
    pub account: AccountId,
    /// The Region it runs in.
    pub region: Region,
    /// Instance or cluster.
    pub kind: DatabaseKind,
    /// Its identifier in that account and Region.
    pub name: DatabaseName,
}

impl fmt::Display for DatabaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { account, region, kind, name } = self;
        match kind {
            DatabaseKind::Instance => write!(f, "{account}/{region}/{name}"),
            DatabaseKind::Cluster => write!(f, "{account}/{region}/cluster/{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_ids_have_exactly_twelve_digits() {
        assert_eq!(AccountId::new("111111111111").map(String::from), Ok("111111111111".to_owned()));
        for wrong in ["", "11111111111", "1111111111111", "11111111111a", "１１１１１１１１１１１１"]
        {
            assert_eq!(AccountId::new(wrong).map_err(|e| e.kind), Err("account id"), "{wrong}");
        }
    }

    #[test]
    fn each_region_has_its_partition_and_an_invalid_region_is_rejected() {
        for (region, partition) in [
            ("us-east-1", "aws"),
            ("ap-southeast-4", "aws"),
            ("cn-northwest-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("us-iso-east-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
            ("eusc-de-east-1", "aws-eusc"),
        ] {
            assert_eq!(Region::new(region).map(|r| r.partition().to_string()), Ok(partition.to_owned()));
        }
        for wrong in ["", "us-east", "us_east_1", "US-EAST-1", "us--1", "us-east-1a", "NO"] {
            assert!(Region::new(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn database_names_are_at_most_63_lowercase_letters_digits_and_hyphens() {
        assert!(DatabaseName::new("orders-2").is_ok());
        assert!(DatabaseName::new(&"a".repeat(63)).is_ok());
        for wrong in ["", "2orders", "Orders", "or_ders", &"a".repeat(64)] {
            assert!(DatabaseName::new(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_invalid_identifier_is_rejected_naming_the_text_and_the_allowed_form() {
        let error = AccountId::new("11111111111").unwrap_err();
        assert_eq!(error.to_string(), "'11111111111' is not a valid account id; allowed: exactly 12 digits");
    }
}
