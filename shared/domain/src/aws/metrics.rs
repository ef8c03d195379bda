//! The metrics of the `PilotLight` namespace: names, units and dimensions.

use serde::{Deserialize, Serialize};

use crate::model::ids::{DatabaseId, Region};

/// The CloudWatch namespace.
pub const NAMESPACE: &str = "PilotLight";

/// A metric; the variant's name is the metric's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MetricName {
    /// Seconds since the time at which a database's newest usable recovery point in the destination was taken, as AWS gives it.
    RecoveryPointAge,
    /// The largest `RecoveryPointAge`.
    OldestRecoveryPointAge,
    /// Work that waits for AWS or for a later run.
    Pending,
    /// Actions that failed.
    Failed,
    /// Databases or snapshots that stay unprotected until a person acts.
    Blocked,
    /// Manual snapshots in percent of the quota.
    SnapshotQuotaUsed,
    /// Seconds from the start of a recovery until one resource, or everything, was up.
    RecoveryTime,
    /// 1 when `RtoTarget` passes while a recovery runs.
    RtoTargetPassed,
}

impl MetricName {
    /// The name in CloudWatch.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RecoveryPointAge => "RecoveryPointAge",
            Self::OldestRecoveryPointAge => "OldestRecoveryPointAge",
            Self::Pending => "Pending",
            Self::Failed => "Failed",
            Self::Blocked => "Blocked",
            Self::SnapshotQuotaUsed => "SnapshotQuotaUsed",
            Self::RecoveryTime => "RecoveryTime",
            Self::RtoTargetPassed => "RtoTargetPassed",
        }
    }

    /// Its unit, as CloudWatch names it.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::RecoveryPointAge | Self::OldestRecoveryPointAge | Self::RecoveryTime => "Seconds",
            Self::Pending | Self::Failed | Self::Blocked | Self::RtoTargetPassed => "Count",
            Self::SnapshotQuotaUsed => "Percent",
        }
    }
}

/// `SnapshotQuotaUsed` of a Region: its manual snapshots in percent of the quota.
#[must_use]
pub fn quota_used(snapshots: usize, quota: u32, region: &Region) -> Metric {
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    let used = 100.0 * snapshots as f64 / f64::from(quota.max(1));
    Metric::of_region(MetricName::SnapshotQuotaUsed, region, used)
}

/// One measured value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// The metric.
    pub name: MetricName,
    /// The names and values of its dimensions.
    pub dimensions: Vec<(String, String)>,
    /// The value in the unit of `name`.
    pub value: f64,
}

impl Metric {
    /// A metric of the whole account and Region.
    #[must_use]
    pub fn overall(name: MetricName, value: f64) -> Self {
        Self { name, dimensions: Vec::new(), value }
    }

    /// A metric of one Region (dimension `Region`).
    #[must_use]
    pub fn of_region(name: MetricName, region: &Region, value: f64) -> Self {
        Self::overall(name, value).with("Region", region)
    }

    /// A metric of one worker (dimension `Worker`).
    #[must_use]
    pub fn of_worker(name: MetricName, worker: &str, value: f64) -> Self {
        Self::overall(name, value).with("Worker", worker)
    }

    /// A metric of one database (dimension `Database`).
    #[must_use]
    pub fn of_database(name: MetricName, database: &DatabaseId, value: f64) -> Self {
        Self::overall(name, value).with("Database", database)
    }

    /// The metric with one more dimension.
    #[must_use]
    pub fn with(mut self, dimension: &str, value: impl ToString) -> Self {
        self.dimensions.push((dimension.to_owned(), value.to_string()));
        self
    }
}
