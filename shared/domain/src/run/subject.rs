//! The subject of a skip: a snapshot, a database, or another text. Its text is made only where it is shown.
//!
//! A plan leaves thousands of snapshots alone, and its report lists some dozens. The reasons are in
//! [`crate::run::plan`].

use std::cmp::Ordering;
use std::fmt;

use crate::model::arn::SnapshotArn;
use crate::model::ids::DatabaseId;

/// The database or snapshot that a skip concerns.
#[derive(Debug, Clone)]
pub enum Subject {
    /// A snapshot.
    Snapshot(SnapshotArn),
    /// A database.
    Database(Box<DatabaseId>),
    /// Anything else, as a text.
    Other(String),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Snapshot(arn) => arn.fmt(f),
            Self::Database(id) => id.fmt(f),
            Self::Other(text) => f.write_str(text),
        }
    }
}

/// Subjects are ordered by their texts. The texts of two snapshots in one place differ only in the identifier.
impl Ord for Subject {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Snapshot(a), Self::Snapshot(b)) if a.is_beside(b) => a.id.cmp(&b.id),
            _ => self.to_string().cmp(&other.to_string()),
        }
    }
}

impl PartialOrd for Subject {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Subject {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Subject {}

impl From<&SnapshotArn> for Subject {
    fn from(arn: &SnapshotArn) -> Self {
        Self::Snapshot(arn.clone())
    }
}

impl From<&DatabaseId> for Subject {
    fn from(id: &DatabaseId) -> Self {
        Self::Database(Box::new(id.clone()))
    }
}

impl From<&str> for Subject {
    fn from(text: &str) -> Self {
        Self::Other(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_ordered_by_their_texts() {
        let snapshot = |text: &str| Subject::from(&crate::testing::arn(text));
        let subjects = [
            snapshot("arn:aws:rds:us-east-10:111111111111:snapshot:a"),
            snapshot("arn:aws:rds:us-east-1:111111111111:snapshot:b"),
            snapshot("arn:aws:rds:us-east-1:111111111111:snapshot:a"),
            snapshot("arn:aws:rds:us-east-1:111111111111:cluster-snapshot:c"),
            snapshot("arn:aws:rds:us-east-1:222222222222:snapshot:a"),
            Subject::from(&crate::testing::database("orders").arn.id),
            Subject::from("account 111111111111 in us-east-1"),
        ];
        for a in &subjects {
            for b in &subjects {
                assert_eq!(a.cmp(b), a.to_string().cmp(&b.to_string()), "{a} and {b}");
            }
        }
    }
}
