//! Fleets: worlds of N databases with M snapshots each, as the workers themselves would have left them.
//!
//! Each database has one snapshot a day. No interval therefore ends while a case is measured, except at midnight UTC.

use std::collections::BTreeMap;

use chrono::Timelike;
use pilot_light_domain::Instant;
use pilot_light_simulator::world::World;

use super::builder::{Builder, Failure};

pub(crate) const SOURCE: &str = "111111111111";
pub(crate) const DESTINATION: &str = "222222222222";
pub(crate) const SOURCE_REGION: &str = "us-east-1";
pub(crate) const DESTINATION_REGION: &str = "us-west-2";
pub(crate) const SOURCE_KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/databases";
pub(crate) const KEY: &str = "arn:aws:kms:us-west-2:222222222222:key/copies";
pub(crate) const KEY_BETWEEN: &str = "arn:aws:kms:us-east-1:222222222222:key/between";
/// The scheduled workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Worker {
    Take,
    Share,
    SourceDelete,
    Copy,
    DestinationDelete,
}

/// The number of databases that have an action due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    Nothing,
    Tenth,
    All,
}

/// The key of the databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    /// A key of the account, which the destination may use.
    Own,
    /// The account's default key. The share worker re-encrypts each snapshot before it shares it.
    Default,
}

/// The size of a fleet, the key of its databases, and the actions that are due in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fleet {
    pub(crate) key: Key,
    pub(crate) databases: usize,
    pub(crate) snapshots: usize,
    pub(crate) due: Due,
}

impl Worker {
    pub(crate) const ALL: [Self; 5] =
        [Self::Take, Self::Share, Self::SourceDelete, Self::Copy, Self::DestinationDelete];

    /// The name of the worker and of its zip.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Take => "source-take",
            Self::Share => "source-share",
            Self::SourceDelete => "source-delete",
            Self::Copy => "destination-copy",
            Self::DestinationDelete => "destination-delete",
        }
    }

    /// The account and Region of the worker.
    pub(crate) fn home(self) -> (&'static str, &'static str) {
        match self {
            Self::Take | Self::Share | Self::SourceDelete => (SOURCE, SOURCE_REGION),
            Self::Copy | Self::DestinationDelete => (DESTINATION, DESTINATION_REGION),
        }
    }

    /// The parameters of the worker. Their number is that of a real deployment.
    pub(crate) fn parameters(self, fleet: Fleet) -> BTreeMap<String, String> {
        let keep = format!("{}d", fleet.snapshots + 1);
        let share_key = if fleet.key == Key::Default { SOURCE_KEY } else { "None" };
        let own: &[(&str, &str)] = match self.home().0 {
            SOURCE => &[
                ("InstanceNamePattern", "ALL_INSTANCES"),
                ("TaggedInstance", "FALSE"),
                ("BackupInterval", "1d"),
                ("BackupSchedule", "cron(0/5 * * * ? *)"),
                ("ShareSchedule", "cron(0/5 * * * ? *)"),
                ("DestinationAccount", DESTINATION),
                ("ShareSnapshots", "TRUE"),
                ("KmsKeyShare", share_key),
            ],
            _ => &[
                ("SourceAccounts", SOURCE),
                ("SnapshotPattern", "ALL_SNAPSHOTS"),
                ("DestinationRegion", DESTINATION_REGION),
                ("CopySchedule", "cron(0/5 * * * ? *)"),
                ("CrossAccountCopy", "TRUE"),
                ("KmsKeySource", KEY_BETWEEN),
                ("KmsKeyDestination", KEY),
                ("OptionGroupDestination", "None"),
                ("CopyRetentionDays", "None"),
                ("KeepDaily", "0"),
            ],
        };
        let common = [
            ("DeleteSchedule", "rate(1 hour)"),
            ("DeleteOldSnapshots", "TRUE"),
            ("RetentionDays", keep.as_str()),
            ("KeepLast", "1"),
            ("CustomEngines", "FALSE"),
            ("SourceRegionOverride", SOURCE_REGION),
            ("LogLevel", "ERROR"),
            ("RpoTarget", "1h"),
            ("RtoTarget", "3h"),
        ];
        own.iter().chain(&common).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }
}

impl Fleet {
    /// The number of databases that have an action due.
    pub(crate) fn due(self) -> usize {
        match self.due {
            Due::Nothing => 0,
            Due::Tenth => self.databases.div_ceil(10),
            Due::All => self.databases,
        }
    }

    /// Snapshots in the source Region, with the re-encrypted copies of those under the default key.
    pub(crate) fn in_source(self) -> usize {
        let all = self.databases * self.snapshots;
        if self.key == Key::Default { 2 * all - self.due() } else { all }
    }

    /// Copies in the destination Region.
    pub(crate) fn in_destination(self, worker: Worker) -> usize {
        let all = self.databases * self.snapshots;
        if worker == Worker::Copy { all - self.due() } else { all }
    }

    /// The world that `worker` finds at `now`.
    ///
    /// # Errors
    /// If the world refuses a request that builds the fleet.
    pub(crate) fn world(self, worker: Worker, now: Instant) -> Result<World, Failure> {
        let midnight = now.with_hour(0).and_then(|at| at.with_minute(0)).and_then(|at| at.with_second(0));
        let today = midnight.and_then(|at| at.with_nanosecond(0)).ok_or("no midnight")?;
        Builder::new(self, worker, today)?.build()
    }
}
