//! A demand: the database that a resource is going to create, with everything that AWS must have for it.
//!
//! The kinds make the demands. The lists that a demand needs are left to `lists`, the conclusions to the checks.

mod unread;

use std::sync::Arc;

use pilot_light_domain::model::ids::Region;
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::recovery::{DbInstance, Specification};

pub(crate) use self::unread::is_identified;

/// A database to create, in one Region. A property that is not known is absent, and its checks are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Demand {
    /// The Region of the new database.
    pub(crate) region: Region,
    /// The origin of the data in words: `the snapshot orders-1`, `the source`.
    pub(crate) origin: String,
    /// Engine, version, licence and storage of the data.
    pub(crate) data: Data,
    /// `DBInstanceClass`.
    pub(crate) class: Class,
    /// Storage that the request determines; absent for a cluster, whose storage AWS manages.
    pub(crate) storage: Option<Storage>,
    /// The network.
    pub(crate) network: Network,
    /// `DBParameterGroupName`.
    pub(crate) parameter_group: Option<String>,
    /// `OptionGroupName`.
    pub(crate) option_group: Option<String>,
    /// `MultiAZ`.
    pub(crate) multi_az: Option<bool>,
    /// `Port`.
    pub(crate) port: Option<u16>,
    /// The keys that AWS needs for it.
    pub(crate) keys: Vec<KeyUse>,
    /// `MonitoringRoleArn`, if enhanced monitoring is on.
    pub(crate) monitoring_role: Option<String>,
    /// The cluster, if the database is a member of one in a global cluster.
    pub(crate) member: Option<Member>,
    /// The time for which it needs room.
    pub(crate) room: Room,
    /// True if applications use the database afterwards.
    pub(crate) serves: bool,
}

/// The properties that the data determines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Data {
    /// `Engine`.
    pub(crate) engine: Option<String>,
    /// `EngineVersion`.
    pub(crate) version: Option<String>,
    /// `LicenseModel`.
    pub(crate) license: Option<String>,
    /// `StorageType`.
    pub(crate) storage_type: Option<String>,
    /// `AllocatedStorage` in GiB.
    pub(crate) gib: Option<u32>,
}

/// The class of the new instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Class {
    /// The manifest gives these, in the order of the attempts.
    Given(Vec<String>),
    /// It is the class of the source.
    Inherited(String),
    /// AWS chooses it, and no list shows it.
    LeftToAws,
}

/// `StorageType` and `Iops`, as the manifest gives them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Storage {
    /// `StorageType`.
    pub(crate) kind: Option<String>,
    /// `Iops`.
    pub(crate) iops: Option<u32>,
}

/// The name of a group that AWS chooses if the manifest does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum GroupName {
    /// The manifest gives it.
    Given(String),
    /// The manifest does not, so it is `default`.
    #[default]
    Default,
    /// The manifest gives it, but it cannot be read.
    Unread,
}

impl From<Option<String>> for GroupName {
    fn from(name: Option<String>) -> Self {
        name.map_or(Self::Default, Self::Given)
    }
}

/// The network of the new database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Network {
    /// `DBSubnetGroupName`.
    pub(crate) subnet_group: GroupName,
    /// `VpcSecurityGroupIds`.
    pub(crate) security_groups: Vec<String>,
}

/// A key that AWS needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeyUse {
    /// The parameter `KmsKeyId`.
    Given(String),
    /// The key of the data.
    OfData(String),
}

/// The cluster of a new member, which is in a global cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Member {
    /// The recovery creates the cluster.
    OfNewCluster,
    /// The cluster exists.
    OfCluster,
}

/// The time for which a new database needs room in the quotas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// It stays.
    Lasting,
    /// It is deleted again before its layer ends.
    Passing,
    /// Nobody knows whether it exists already.
    Unknown,
}

impl Class {
    /// The classes, or those of the source.
    pub(crate) fn names(&self) -> &[String] {
        match self {
            Self::Given(names) => names,
            Self::Inherited(name) => std::slice::from_ref(name),
            Self::LeftToAws => &[],
        }
    }
}

impl KeyUse {
    /// The key: an ARN, an id or an alias.
    pub(crate) fn key(&self) -> &str {
        match self {
            Self::Given(key) | Self::OfData(key) => key,
        }
    }
}

impl Data {
    /// The properties of an instance.
    pub(crate) fn of_instance(found: &DbInstance) -> Self {
        let Specification { engine_version, license, storage_type, gib, .. } = found.specification.clone();
        let engine = Some(found.engine.0.to_string());
        Self { engine, version: engine_version, license, storage_type, gib }
    }

    /// The properties of a snapshot.
    fn of_snapshot(snapshot: &Snapshot) -> Self {
        let text = |text: &Option<_>| text.as_ref().map(ToString::to_string);
        Self {
            engine: Some(snapshot.engine.0.to_string()),
            version: text(&snapshot.engine_version),
            license: text(&snapshot.license_model),
            storage_type: text(&snapshot.storage_type),
            gib: snapshot.allocated_gib,
        }
    }
}

/// The snapshot of a restore in words, its properties, and its key. All are absent if there is no snapshot.
pub(crate) fn of_snapshot(snapshot: Option<&Arc<Snapshot>>) -> (String, Data, Vec<KeyUse>) {
    let Some(snapshot) = snapshot else { return ("the snapshot".to_owned(), Data::default(), Vec::new()) };
    let key = snapshot.kms_key.iter().map(ToString::to_string).filter(|key| !key.is_empty());
    let origin = format!("the snapshot {}", snapshot.arn.id);
    (origin, Data::of_snapshot(snapshot), key.map(KeyUse::OfData).collect())
}
