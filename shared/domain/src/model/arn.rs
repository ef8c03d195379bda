//! ARNs of snapshots, databases and KMS keys, in every partition.
//!
//! In the destination, identity comes from ARNs and never from a tag that a source account could have written.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Deref;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::ids::{
    AccountId, DatabaseId, DatabaseKind, DatabaseName, InvalidId, Partition, Region, SnapshotId,
};
use crate::model::interning::reuse;

/// The ARN of a DB snapshot or DB cluster snapshot. A plan holds thousands of them, and most are in the same place.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SnapshotArn {
    /// Its identifier in its place. It is compared first, because most ARNs differ only in it.
    pub id: SnapshotId,
    place: Arc<SnapshotPlace>,
}

/// The place of a snapshot: the parts of its ARN before the identifier.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SnapshotPlace {
    /// Partition, such as `aws-us-gov`.
    pub partition: Partition,
    /// The Region the snapshot is in.
    pub region: Region,
    /// The account that owns it.
    pub account: AccountId,
    /// Snapshot of an instance or of a cluster.
    pub kind: DatabaseKind,
}

/// The ARN of a DB instance or DB cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DatabaseArn {
    /// Partition, such as `aws-us-gov`.
    pub partition: Partition,
    /// Account, Region, kind and identifier.
    pub id: DatabaseId,
}

/// The ARN of a KMS key (`key/…`). An alias is not accepted, since it can be moved to another key. A fleet has few
/// keys, and thousands of snapshots share each of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KmsKeyArn(Arc<KmsKeyArnParts>);

/// The parts of a key's ARN.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KmsKeyArnParts {
    /// Partition, such as `aws-us-gov`.
    pub partition: Partition,
    /// The key's Region.
    pub region: Region,
    /// The account that owns the key.
    pub account: AccountId,
    /// The part after `key/`.
    pub key: String,
}

impl From<KmsKeyArnParts> for KmsKeyArn {
    fn from(parts: KmsKeyArnParts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for KmsKeyArn {
    type Target = KmsKeyArnParts;
    fn deref(&self) -> &KmsKeyArnParts {
        &self.0
    }
}

impl Deref for SnapshotArn {
    type Target = SnapshotPlace;
    fn deref(&self) -> &SnapshotPlace {
        &self.place
    }
}

/// The order is by place, and then by identifier.
impl Ord for SnapshotArn {
    fn cmp(&self, other: &Self) -> Ordering {
        let places = if Arc::ptr_eq(&self.place, &other.place) {
            Ordering::Equal
        } else {
            self.place.cmp(&other.place)
        };
        places.then_with(|| self.id.cmp(&other.id))
    }
}

impl PartialOrd for SnapshotArn {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl SnapshotArn {
    /// The snapshot `id` in `place`.
    #[must_use]
    pub fn new(place: SnapshotPlace, id: SnapshotId) -> Self {
        Self { id, place: Arc::new(place) }
    }

    /// The snapshot `id` in the same place. Both share the storage of the place, which also makes their comparison faster.
    #[must_use]
    pub fn neighbour(&self, id: SnapshotId) -> Self {
        Self { id, place: Arc::clone(&self.place) }
    }

    /// The length of its text in characters.
    #[must_use]
    pub fn text_len(&self) -> usize {
        let parts = self.parts();
        parts.iter().map(|part| part.len()).sum::<usize>() + parts.len() - 1
    }

    /// True if `text` is this ARN.
    #[must_use]
    pub fn is_written(&self, text: &str) -> bool {
        let [before @ .., id] = self.parts();
        let last = before.iter().try_fold(text, |rest, part| rest.strip_prefix(part)?.strip_prefix(':'));
        last == Some(id)
    }

    /// True if both are of one kind in one account and Region. Only their identifiers can then differ.
    #[must_use]
    pub fn is_beside(&self, other: &Self) -> bool {
        self.place == other.place
    }

    /// Shares with `other` the storage of the parts that are equal in both.
    pub(crate) fn reuse(&mut self, other: &Self) {
        reuse(&mut self.place, &other.place);
        reuse(&mut self.id, &other.id);
    }

    /// The texts between the colons.
    fn parts(&self) -> [&str; 7] {
        let SnapshotPlace { partition, region, account, kind } = &**self;
        let resource = match kind {
            DatabaseKind::Instance => "snapshot",
            DatabaseKind::Cluster => "cluster-snapshot",
        };
        ["arn", partition.as_str(), "rds", region.as_str(), account.as_str(), resource, self.id.as_str()]
    }
}

struct Parts<'a> {
    partition: Partition,
    region: Region,
    account: AccountId,
    resource: &'a str,
}

fn split<'a>(text: &'a str, service: &str) -> Option<Parts<'a>> {
    let mut parts = text.splitn(6, ':');
    (parts.next()? == "arn").then_some(())?;
    let partition = Partition::new(parts.next()?).ok()?;
    (parts.next()? == service).then_some(())?;
    let region = Region::new(parts.next()?).ok()?;
    let account = AccountId::new(parts.next()?).ok()?;
    Some(Parts { partition, region, account, resource: parts.next()? })
}

impl FromStr for SnapshotArn {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let parse = || {
            let Parts { partition, region, account, resource } = split(text, "rds")?;
            let (kind, id) = match resource.split_once(':')? {
                ("snapshot", id) => (DatabaseKind::Instance, id),
                ("cluster-snapshot", id) => (DatabaseKind::Cluster, id),
                _ => return None,
            };
            let place = SnapshotPlace { partition, region, account, kind };
            Some(Self::new(place, SnapshotId::new(id).ok()?))
        };
        parse().ok_or_else(|| {
            InvalidId::new(
                "snapshot ARN",
                text,
                "arn:<partition>:rds:<Region>:<account>:snapshot:<identifier>",
            )
        })
    }
}

impl fmt::Display for SnapshotArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.parts().join(":"))
    }
}

impl FromStr for DatabaseArn {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let parse = || {
            let Parts { partition, region, account, resource } = split(text, "rds")?;
            let (kind, name) = match resource.split_once(':')? {
                ("db", name) => (DatabaseKind::Instance, name),
                ("cluster", name) => (DatabaseKind::Cluster, name),
                _ => return None,
            };
            Some(Self {
                partition,
                id: DatabaseId { account, region, kind, name: DatabaseName::new(name).ok()? },
            })
        };
        parse().ok_or_else(|| {
            InvalidId::new("database ARN", text, "arn:<partition>:rds:<Region>:<account>:db:<identifier>")
        })
    }
}

impl fmt::Display for DatabaseArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, id: DatabaseId { account, region, kind, name } } = self;
        let resource = match kind {
            DatabaseKind::Instance => "db",
            DatabaseKind::Cluster => "cluster",
        };
        write!(f, "arn:{partition}:rds:{region}:{account}:{resource}:{name}")
    }
}

impl FromStr for KmsKeyArn {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let parse = || {
            let Parts { partition, region, account, resource } = split(text, "kms")?;
            let key = resource.strip_prefix("key/").filter(|key| !key.is_empty())?;
            Some(KmsKeyArnParts { partition, region, account, key: key.to_owned() }.into())
        };
        parse().ok_or_else(|| {
            InvalidId::new(
                "KMS key ARN",
                text,
                "arn:<partition>:kms:<Region>:<account>:key/<id>, never an alias, which can be moved to another key",
            )
        })
    }
}

impl fmt::Display for KmsKeyArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let KmsKeyArnParts { partition, region, account, key } = &**self;
        write!(f, "arn:{partition}:kms:{region}:{account}:key/{key}")
    }
}

macro_rules! text_conversions {
    ($($name:ident),*) => {$(
        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(arn: $name) -> String {
                arn.to_string()
            }
        }
    )*};
}

text_conversions!(SnapshotArn, DatabaseArn, KmsKeyArn);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_of_every_partition_are_read_and_written_back() {
        for text in [
            "arn:aws:rds:us-east-1:111111111111:snapshot:orders-2026-01-01-00-00",
            "arn:aws-cn:rds:cn-north-1:111111111111:snapshot:orders",
            "arn:aws-us-gov:rds:us-gov-west-1:111111111111:cluster-snapshot:orders",
            "arn:aws:rds:us-east-1:111111111111:snapshot:rds:orders-2026-01-01-00-00",
        ] {
            let arn = text.parse::<SnapshotArn>();
            assert_eq!(
                arn.as_ref().map(|arn| (arn.to_string(), arn.text_len())),
                Ok((text.to_owned(), text.len()))
            );
            for other in
                [text, &text[1..], &text[..text.len() - 1], &format!("{text}:a"), &text.replace("s:c", "s:e")]
            {
                assert_eq!(arn.as_ref().map(|arn| arn.is_written(other)), Ok(other == text), "{other}");
            }
        }
        for text in [
            "arn:aws:rds:us-east-1:111111111111:db:orders",
            "arn:aws-cn:rds:cn-north-1:111111111111:cluster:o",
        ] {
            assert_eq!(text.parse::<DatabaseArn>().map(|arn| arn.to_string()), Ok(text.to_owned()));
        }
        let key = "arn:aws-us-gov:kms:us-gov-west-1:111111111111:key/mrk-1";
        assert_eq!(key.parse::<KmsKeyArn>().map(|arn| arn.to_string()), Ok(key.to_owned()));
    }

    #[test]
    fn snapshot_arns_are_ordered_by_place_and_then_by_identifier() {
        let [east, west] = ["us-east-1", "us-west-2"].map(|region| {
            let text = format!("arn:aws:rds:{region}:111111111111:snapshot:b");
            text.parse::<SnapshotArn>().unwrap()
        });
        let [before, after] = ["a", "c"].map(|id| east.neighbour(id.parse().unwrap()));
        assert_eq!(after.to_string(), "arn:aws:rds:us-east-1:111111111111:snapshot:c");
        let mut all = [&west, &after, &east, &before];
        all.sort();
        assert_eq!(all, [&before, &east, &after, &west]);
    }

    #[test]
    fn an_alias_is_not_accepted_as_a_key() {
        let error = "arn:aws:kms:us-east-1:111111111111:alias/mine".parse::<KmsKeyArn>().unwrap_err();
        assert!(error.to_string().contains("never an alias"), "{error}");
    }

    #[test]
    fn an_incomplete_snapshot_arn_is_rejected() {
        for text in [
            "",
            "arn",
            "arn:aws:rds:us-east-1:1:snapshot:a",
            "arn:aws:rds:us-east-1:111111111111:db:a",
            "orders",
        ] {
            assert!(text.parse::<SnapshotArn>().is_err(), "{text}");
        }
    }
}
