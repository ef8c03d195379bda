//! A snapshot as the frozen files write it. Nothing here uses the product's own code.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;

/// The value of the tags by which the tools of every version know their snapshots.
pub(crate) const TOOL: &str = "Snapshot Tool for RDS";

/// A snapshot.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Point {
    pub(crate) arn: String,
    pub(crate) database: String,
    pub(crate) status: String,
    pub(crate) automated: bool,
    /// The time at which it was complete itself.
    pub(crate) created: Option<DateTime<Utc>>,
    /// The time at which the original snapshot was complete.
    pub(crate) taken: Option<DateTime<Utc>>,
    /// The time of the data in it.
    pub(crate) data: Option<DateTime<Utc>>,
    pub(crate) copied_from: Option<String>,
    pub(crate) kms_key: Option<String>,
    pub(crate) shared_with: Vec<String>,
    pub(crate) tags: BTreeMap<String, String>,
}

impl Point {
    /// The snapshot of a record in a saved world.
    pub(crate) fn of(record: &Value) -> Self {
        let text = |name: &str| record[name].as_str().map(str::to_owned);
        let time = |name: &str| record[name].as_str().map(|text| text.parse::<DateTime<Utc>>().unwrap());
        let list = |name: &str| serde_json::from_value(record[name].clone()).unwrap();
        // AWS shows the time of the data when the snapshot is complete.
        let data = time("created_at").and_then(|_| time("database_time"));
        Self {
            arn: text("arn").unwrap(),
            database: text("database").unwrap(),
            status: text("status").unwrap(),
            created: time("created_at"),
            automated: record["origin"] == "automated",
            taken: time("original_created_at").or(data).or_else(|| time("created_at")),
            data: data.or_else(|| time("original_created_at")).or_else(|| time("created_at")),
            copied_from: text("copied_from"),
            kms_key: text("kms_key"),
            shared_with: list("shared_with"),
            tags: serde_json::from_value(record["tags"].clone()).unwrap(),
        }
    }

    pub(crate) fn tag(&self, key: &str) -> Option<&str> {
        self.tags.get(key).map(String::as_str)
    }

    /// The account and the Region.
    pub(crate) fn place(&self) -> (&str, &str) {
        let mut parts = self.arn.split(':').skip(3);
        let region = parts.next().unwrap();
        (parts.next().unwrap(), region)
    }

    pub(crate) fn id(&self) -> &str {
        self.arn.rsplit(':').next().unwrap()
    }

    pub(crate) fn is_usable(&self) -> bool {
        self.status == "available" && self.taken.is_some()
    }

    pub(crate) fn is_in_progress(&self) -> bool {
        ["creating", "copying", "pending"].contains(&self.status.as_str())
    }
}
