//! Tags, and the keys and values that Pilot Light and the older tools put on snapshots.
//!
//! The old tool's keys and values are kept letter for letter, so its snapshots are adopted unchanged.

use std::fmt;
use std::iter::Zip;

use ecow::vec::IntoIter;
use ecow::{EcoString, EcoVec};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The tags of a resource, each key once, in the order of the keys. Thousands of snapshots have tags, nearly all under the same
/// keys, so the list of the keys can be shared. Clones share both lists.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Tags {
    keys: EcoVec<EcoString>,
    /// One for each key.
    values: EcoVec<EcoString>,
}

/// On a snapshot that Pilot Light took: value [`TOOL`].
pub const CREATED_BY: &str = "CreatedBy";
/// On a snapshot that Pilot Light took: the start of its interval, `YYYY-MM-DD-HH-MM` in UTC. The old tool wrote the
/// time at which it began. No age is read from it. Take uses it only to find out which interval already has a
/// snapshot, since AWS's times are those of the end and of the last transaction.
pub const CREATED_ON: &str = "CreatedOn";
/// On a snapshot that is to be shared: value [`YES`].
pub const SHARE_AND_COPY: &str = "shareAndCopy";
/// On a copy that Pilot Light made: value [`TOOL`].
pub const COPIED_BY: &str = "CopiedBy";
/// On a snapshot that Pilot Light shared: the account ids it is shared with, separated by spaces, or [`NOBODY`]. A share
/// ends only for an account that is in this tag.
pub const SHARED_WITH: &str = "SharedWith";
/// On a copy: the ARN of the original snapshot, also where the copy was made from an intermediate one.
pub const SOURCE_SNAPSHOT_ARN: &str = "SourceSnapshotArn";
/// On a copy: the account the database belongs to.
pub const SOURCE_ACCOUNT: &str = "SourceAccount";
/// On a copy: the time at which its original was taken, RFC 3339.
pub const DATABASE_TIME: &str = "DatabaseTime";
/// On a copy: `DbiResourceId` of the instance that its original was taken of.
pub const SOURCE_RESOURCE_ID: &str = "SourceResourceId";
/// On a snapshot that Pilot Light took or copied: the retention that was in force then.
pub const RETENTION: &str = "PromisedRetention";
/// On a copy: the time at which a person retired its database, the person, and the end. See [`crate::model::retirement`].
pub const RETIRED: &str = "Retired";
/// On the copy that the first of two hops makes: the Region of the second.
pub const INTERMEDIATE_FOR: &str = "IntermediateFor";
/// On a copy whose name is not that of its original: its own name. A copy that a person makes of it with its tags has
/// another name.
pub const COPY_NAME: &str = "CopyName";
/// Opt-in tag of an instance, used with `TaggedInstance=TRUE`.
pub const COPY_DB_SNAPSHOT: &str = "CopyDBSnapshot";

/// The value of [`CREATED_BY`] and [`COPIED_BY`], as the old tool wrote it.
pub const TOOL: &str = "Snapshot Tool for RDS";
/// The value of [`SHARE_AND_COPY`].
pub const YES: &str = "YES";
/// The value of [`SHARED_WITH`] after all shares have ended. AWS accepts no empty value.
pub const NOBODY: &str = "None";
/// The value of [`COPY_DB_SNAPSHOT`], in any case. The old tool requires exactly these letters.
pub const TRUE: &str = "True";
/// The value of [`COPY_DB_SNAPSHOT`], in any case, that leaves an instance out whatever the parameters say.
pub const FALSE: &str = "False";

/// On an instance that a recovery restored: the ARN of the snapshot.
pub const RESTORED_FROM: &str = "RestoredFrom";

/// The longest value of a tag, in characters.
pub const LONGEST_VALUE: usize = 256;

/// The most tags that AWS accepts on a resource.
const LIMIT: usize = 50;

/// The keys that belong to Pilot Light, besides those that begin with [`RECOVERY`].
const OWN: [&str; 15] = [
    CREATED_BY,
    CREATED_ON,
    SHARE_AND_COPY,
    COPIED_BY,
    SHARED_WITH,
    SOURCE_SNAPSHOT_ARN,
    SOURCE_ACCOUNT,
    DATABASE_TIME,
    SOURCE_RESOURCE_ID,
    RETENTION,
    RETIRED,
    INTERMEDIATE_FOR,
    COPY_NAME,
    COPY_DB_SNAPSHOT,
    RESTORED_FROM,
];

/// The beginning of the keys that a recovery puts on instances.
const RECOVERY: &str = "PilotLight";

/// The beginnings of keys that AWS reserves.
const RESERVED: [&str; 2] = ["aws:", "rds:"];

/// True if a tag under `key` belongs to Pilot Light. IAM does not distinguish the case of keys, so the case does not count.
#[must_use]
pub fn is_own(key: &str) -> bool {
    OWN.iter().any(|own| own.eq_ignore_ascii_case(key)) || begins(key, RECOVERY)
}

/// True if a tag of Pilot Light under `key` only notes something, and does not show what the snapshot is.
#[must_use]
pub fn is_note(key: &str) -> bool {
    [RETENTION, SOURCE_RESOURCE_ID, RETIRED].contains(&key)
}

/// The tags `own` of a snapshot, and beside them the tags that the user gave to its database, such as the cost centre.
///
/// `found` contains the tags of the database, or of the snapshot that is copied. The user's tags are those that belong
/// neither to Pilot Light nor to AWS. If not all fit into AWS's limit, the first in the order of the keys are kept. One
/// place stays free for [`SHARED_WITH`], which is added later.
#[must_use]
pub fn beside_those_of_user(own: Tags, found: &Tags) -> Tags {
    let is_users = |key: &str| !is_own(key) && !RESERVED.iter().any(|reserved| begins(key, reserved));
    let users = found.iter().filter(|(key, _)| is_users(key) && !own.contains_key(key));
    let users: Vec<_> = users.take(LIMIT.saturating_sub(own.len() + 1)).collect();
    let mut tags = own;
    tags.extend(users);
    tags
}

fn begins(key: &str, start: &str) -> bool {
    key.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start))
}

/// Tags from pairs.
#[must_use]
pub fn of<const N: usize>(pairs: [(&str, &str); N]) -> Tags {
    pairs.into_iter().collect()
}

impl Tags {
    /// No tags.
    #[must_use]
    pub const fn new() -> Self {
        Self { keys: EcoVec::new(), values: EcoVec::new() }
    }

    /// The value under `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        // The comparison reads no text where the lengths differ, as they do for most keys. Thousands of snapshots are searched.
        self.keys.iter().position(|found| found == key).map(|at| self.values[at].as_str())
    }

    /// True if there is a tag with exactly this key and value.
    #[must_use]
    pub fn has(&self, key: &str, value: &str) -> bool {
        // The lengths of values differ even more often.
        self.values.iter().zip(&self.keys).any(|(text, found)| text == value && found == key)
    }

    /// True if there is a tag under `key`.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Adds a tag. If the key exists, overwrites its value and returns the old one.
    pub fn insert(&mut self, key: impl Into<EcoString>, value: impl Into<EcoString>) -> Option<EcoString> {
        let (key, value) = (key.into(), value.into());
        match self.place(&key) {
            Ok(at) => Some(std::mem::replace(&mut self.values.make_mut()[at], value)),
            Err(at) => {
                self.keys.insert(at, key);
                self.values.insert(at, value);
                None
            }
        }
    }

    /// Removes the tag under `key`, if there is one.
    pub fn remove(&mut self, key: &str) {
        if let Ok(at) = self.place(key) {
            self.keys.remove(at);
            self.values.remove(at);
        }
    }

    /// Removes all tags.
    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// The number of tags.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// True if there is no tag.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Keys and values, in the order of the keys.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.keys.iter().zip(&self.values).map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Shares with `other` the list of the keys if it has the same keys, and the values that are equal. Needs no more memory than
    /// the values themselves.
    pub(crate) fn reuse(&mut self, other: &Self) {
        if self == other {
            self.clone_from(other);
            return;
        }
        if self.keys == other.keys {
            self.keys.clone_from(&other.keys);
            let shared =
                |(mine, other): (&EcoString, &EcoString)| if mine == other { other } else { mine }.clone();
            self.values = self.values.iter().zip(&other.values).map(shared).collect();
        }
    }

    /// The position of `key`, or the position at which to insert it.
    fn place(&self, key: &str) -> Result<usize, usize> {
        self.keys.binary_search_by(|found| found.as_str().cmp(key))
    }
}

impl<K: Into<EcoString>, V: Into<EcoString>> Extend<(K, V)> for Tags {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, pairs: I) {
        let pairs = pairs.into_iter();
        self.keys.reserve(pairs.size_hint().0);
        self.values.reserve(pairs.size_hint().0);
        for (key, value) in pairs {
            self.insert(key, value);
        }
    }
}

impl<K: Into<EcoString>, V: Into<EcoString>> FromIterator<(K, V)> for Tags {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut tags = Self::new();
        tags.extend(pairs);
        tags
    }
}

impl IntoIterator for Tags {
    type Item = (EcoString, EcoString);
    type IntoIter = Zip<IntoIter<EcoString>, IntoIter<EcoString>>;

    fn into_iter(self) -> Self::IntoIter {
        self.keys.into_iter().zip(self.values)
    }
}

impl fmt::Debug for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Serialize for Tags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Map;
        impl<'de> Visitor<'de> for Map {
            type Value = Tags;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("tags as a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tags, A::Error> {
                let mut tags = Tags::new();
                while let Some((key, value)) = map.next_entry::<String, String>()? {
                    tags.insert(key, value);
                }
                Ok(tags)
            }
        }
        deserializer.deserialize_map(Map)
    }
}

#[cfg(test)]
mod tests;
