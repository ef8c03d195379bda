//! Tags, and the names and values that Pilot Light and the tools before it put on snapshots.
//!
//! The old tool's keys and values are kept letter for letter, so its snapshots are adopted as they are.

use std::collections::BTreeMap;

/// Tags of a resource, by key.
pub type Tags = BTreeMap<String, String>;

/// On a snapshot that was taken by us: value [`TOOL`].
pub const CREATED_BY: &str = "CreatedBy";
/// When it was begun (ours: the slot it is for), `YYYY-MM-DD-HH-MM` in UTC. No age is read from it; it only
/// tells take which slot is filled, since AWS's times are those of the end and of the last transaction.
pub const CREATED_ON: &str = "CreatedOn";
/// On a snapshot that is to be shared: value [`YES`].
pub const SHARE_AND_COPY: &str = "shareAndCopy";
/// On a copy that was made by us: value [`TOOL`].
pub const COPIED_BY: &str = "CopiedBy";
/// On a snapshot that is shared: the account ids, separated by spaces. share's memory.
pub const SHARED_WITH: &str = "SharedWith";
/// On a copy: the ARN of the snapshot that the copy goes back to, over any intermediate.
pub const SOURCE_SNAPSHOT_ARN: &str = "SourceSnapshotArn";
/// On a copy: the account the database belongs to.
pub const SOURCE_ACCOUNT: &str = "SourceAccount";
/// On a copy: the time of the data in it, RFC 3339.
pub const DATABASE_TIME: &str = "DatabaseTime";
/// On the first of two hops: the Region it is on its way to.
pub const INTERMEDIATE_FOR: &str = "IntermediateFor";
/// Opt-in tag of an instance, used with `TaggedInstance=TRUE`.
pub const COPY_DB_SNAPSHOT: &str = "CopyDBSnapshot";

/// Who made it: the value of [`CREATED_BY`] and [`COPIED_BY`], as the old tool wrote it.
pub const TOOL: &str = "Snapshot Tool for RDS";
/// The value of [`SHARE_AND_COPY`].
pub const YES: &str = "YES";
/// The value of [`COPY_DB_SNAPSHOT`], exact.
pub const TRUE: &str = "True";

/// True if `tags` has `key` with exactly `value`.
#[must_use]
pub fn has(tags: &Tags, key: &str, value: &str) -> bool {
    // Most differ in their lengths already, and so no text is read: thousands of snapshots are asked.
    tags.iter().any(|(found, text)| text == value && found == key)
}

/// Tags from pairs.
#[must_use]
pub fn of<const N: usize>(pairs: [(&str, &str); N]) -> Tags {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}
