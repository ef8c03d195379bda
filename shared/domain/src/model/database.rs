//! A database as the source account describes it, and the engines that can be protected.

use ecow::EcoString;
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::model::arn::DatabaseArn;
use crate::model::ids::{DatabaseKind, DatabaseName};
use crate::model::storage_key::StorageKey;
use crate::model::tags::Tags;

/// A database engine as AWS names it, such as `postgres` or `oracle-ee-cdb`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Engine(pub EcoString);

/// The way in which an engine's snapshots are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineSupport {
    /// `CreateDBSnapshot` on the instance.
    Instance,
    /// RDS Custom: works like an instance, and is used only with `CustomEngines=TRUE`.
    Custom,
    /// Aurora, Neptune and DocumentDB: only the cluster has snapshots.
    Cluster,
    /// An engine that Pilot Light does not know.
    Unknown,
}

impl Engine {
    /// True if AWS takes manual snapshots of read replicas of this engine. For SQL Server it does not ("Read replica
    /// limitations with SQL Server").
    #[must_use]
    pub fn has_snapshots_of_replicas(&self) -> bool {
        !self.0.starts_with("sqlserver-") && !self.0.starts_with("custom-sqlserver-")
    }

    /// The way in which snapshots of this engine are made, determined by AWS's engine names.
    #[must_use]
    pub fn support(&self) -> EngineSupport {
        let name = self.0.as_str();
        if ["mariadb", "mysql", "postgres"].contains(&name)
            || ["sqlserver-", "oracle-", "db2-"].iter().any(|prefix| name.starts_with(prefix))
        {
            EngineSupport::Instance
        } else if name.starts_with("custom-") {
            EngineSupport::Custom
        } else if name.starts_with("aurora") || ["neptune", "docdb"].contains(&name) {
            EngineSupport::Cluster
        } else {
            EngineSupport::Unknown
        }
    }
}

/// The state of an instance, as AWS spells it (`available`, `modifying`, …).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InstanceStatus(pub String);

impl InstanceStatus {
    /// True in the two states in which `CreateDBSnapshot` is accepted.
    #[must_use]
    pub fn accepts_snapshot(&self) -> bool {
        ["available", "storage-optimization"].contains(&self.0.as_str())
    }

    /// True in the statuses in which the instance takes connections, even while a change is in progress.
    ///
    /// AWS's documentation supports this list:
    /// - The list of statuses calls only `creating` inaccessible, and `storage-optimization` fully operational.
    /// - "Backup window": a backup may suspend I/O for some seconds.
    /// - "Settings for DB instances": Enhanced Monitoring, IAM authentication and log exports are configured without
    ///   downtime.
    ///
    /// AWS states this for no other status.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        const USABLE: [&str; 6] = [
            "available",
            "backing-up",
            "configuring-enhanced-monitoring",
            "configuring-iam-database-auth",
            "configuring-log-exports",
            "storage-optimization",
        ];
        USABLE.contains(&self.0.as_str())
    }

    /// True in the statuses that do not end by themselves. Every other status passes, also one that AWS adds later.
    ///
    /// The list is from "Viewing Amazon RDS DB instance status", and includes RDS Custom. `stopped` is not part of it: a
    /// stopped instance has no new data to protect, and AWS starts it again within seven days.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        const BROKEN: [&str; 8] = [
            "failed",
            "inaccessible-encryption-credentials",
            "inaccessible-encryption-credentials-recoverable",
            "insufficient-capacity",
            "restore-error",
            "storage-full",
            "unsupported-configuration",
            "upgrade-failed",
        ];
        BROKEN.contains(&self.0.as_str()) || self.0.starts_with("incompatible-")
    }
}

/// The instance or cluster that a read replica follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Primary {
    /// An instance of the same account and Region.
    Here(DatabaseName),
    /// An instance of another Region or account, or a cluster.
    Elsewhere,
}

impl Primary {
    /// Reads `ReadReplicaSourceDBInstanceIdentifier` of the instance `replica`: an identifier within the Region, an ARN
    /// across Regions. Any other text names something that is not here.
    #[must_use]
    pub fn of(text: &str, replica: &DatabaseArn) -> Self {
        let is_beside =
            |arn: &DatabaseArn| arn.id.account == replica.id.account && arn.id.region == replica.id.region;
        let name = match text.parse::<DatabaseArn>() {
            Ok(arn) if is_beside(&arn) && arn.id.kind == DatabaseKind::Instance => Some(arn.id.name),
            Ok(_) => None,
            Err(_) => DatabaseName::new(text).ok(),
        };
        name.map_or(Self::Elsewhere, Self::Here)
    }
}

/// A DB instance, with the fields that decisions need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Database {
    /// Its ARN: account, Region, identifier.
    pub arn: DatabaseArn,
    /// Engine name.
    pub engine: Engine,
    /// Its status.
    pub status: InstanceStatus,
    /// `InstanceCreateTime`; absent while it is being created.
    pub created_at: Option<Instant>,
    /// `DbiResourceId`, which no other instance has. A renamed instance keeps it, and one that takes over a name brings its own.
    pub resource_id: Option<EcoString>,
    /// The cluster it is a member of. Only the cluster has snapshots then.
    pub cluster: Option<DatabaseName>,
    /// The instance or cluster that it follows as a read replica.
    pub replica_of: Option<Primary>,
    /// The key of its storage; absent when unencrypted.
    pub kms_key: Option<StorageKey>,
    /// Tags from `TagList`.
    pub tags: Tags,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_usable_in_exactly_the_statuses_in_which_aws_documents_connections() {
        let of = |status: &str| InstanceStatus(status.to_owned());
        for status in [
            "available",
            "backing-up",
            "configuring-enhanced-monitoring",
            "configuring-iam-database-auth",
            "configuring-log-exports",
            "storage-optimization",
        ] {
            assert!(of(status).is_usable() && !of(status).is_broken(), "{status}");
        }
        for status in [
            "creating",
            "deleting",
            "failed",
            "incompatible-parameters",
            "maintenance",
            "modifying",
            "rebooting",
            "renaming",
            "resetting-master-credentials",
            "restore-error",
            "starting",
            "stopped",
            "storage-full",
            "storage-initialization",
            "upgrading",
            "a-status-of-next-year",
        ] {
            assert!(!of(status).is_usable(), "{status}");
        }
    }

    #[test]
    fn an_instance_is_broken_only_in_the_statuses_that_somebody_must_end() {
        let is_broken = |status: &str| InstanceStatus(status.to_owned()).is_broken();
        for status in [
            "failed",
            "inaccessible-encryption-credentials",
            "inaccessible-encryption-credentials-recoverable",
            "incompatible-create",
            "incompatible-network",
            "incompatible-option-group",
            "incompatible-parameters",
            "incompatible-restore",
            "insufficient-capacity",
            "restore-error",
            "storage-full",
            "unsupported-configuration",
            "upgrade-failed",
        ] {
            assert!(is_broken(status), "{status}");
        }
        for status in [
            "available",
            "backing-up",
            "converting-to-vpc",
            "creating",
            "delete-precheck",
            "deleting",
            "maintenance",
            "modifying",
            "moving-to-vpc",
            "rebooting",
            "renaming",
            "resetting-master-credentials",
            "starting",
            "stopped",
            "stopping",
            "storage-config-upgrade",
            "storage-initialization",
            "storage-optimization",
            "upgrading",
            "a-status-of-next-year",
        ] {
            assert!(!is_broken(status), "{status}");
        }
    }

    #[test]
    fn a_primary_is_here_only_if_it_is_an_instance_of_the_same_account_and_region() {
        let replica = "arn:aws:rds:us-east-1:111111111111:db:replica".parse().unwrap();
        let orders = Primary::Here("orders".parse().unwrap());
        for (text, primary) in [
            ("orders", orders.clone()),
            ("arn:aws:rds:us-east-1:111111111111:db:orders", orders),
            ("arn:aws:rds:us-west-2:111111111111:db:orders", Primary::Elsewhere),
            ("arn:aws:rds:us-east-1:222222222222:db:orders", Primary::Elsewhere),
            ("arn:aws:rds:us-east-1:111111111111:cluster:orders", Primary::Elsewhere),
            ("a text of next year", Primary::Elsewhere),
        ] {
            assert_eq!(Primary::of(text, &replica), primary, "{text}");
        }
    }

    #[test]
    fn every_engine_of_the_old_tool_and_the_newer_ones_are_known() {
        for name in [
            "mariadb",
            "mysql",
            "postgres",
            "sqlserver-se",
            "sqlserver-ee",
            "sqlserver-ex",
            "sqlserver-web",
            "oracle-se",
            "oracle-se1",
            "oracle-se2",
            "oracle-ee",
            "oracle-se2-cdb",
            "oracle-ee-cdb",
            "db2-se",
            "db2-ae",
        ] {
            assert_eq!(Engine(name.into()).support(), EngineSupport::Instance, "{name}");
        }
        for (name, support) in [
            ("custom-oracle-ee", EngineSupport::Custom),
            ("aurora-postgresql", EngineSupport::Cluster),
            ("docdb", EngineSupport::Cluster),
            ("papyrus", EngineSupport::Unknown),
        ] {
            assert_eq!(Engine(name.into()).support(), support, "{name}");
        }
    }
}
