//! The lists of AWS that decide beforehand whether a new database can be created, as data.
//!
//! Each answer holds the fields that the check needs. The conclusions are left to the crate `destination-recover`.

use std::fmt;

use crate::aws::error::{GatewayError, GatewayErrorKind};
use crate::model::ids::Region;

/// One list in the Region of a gateway.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lookup {
    /// All DB subnet groups (`DescribeDBSubnetGroups`).
    SubnetGroups,
    /// All DB parameter groups (`DescribeDBParameterGroups`).
    ParameterGroups,
    /// All option groups (`DescribeOptionGroups`).
    OptionGroups,
    /// Those of these security groups that exist (`DescribeSecurityGroups` with the filter `group-id`).
    SecurityGroups(Vec<String>),
    /// One engine version, available or not (`DescribeDBEngineVersions` with `IncludeAll`).
    EngineVersion {
        /// `Engine`.
        engine: String,
        /// `EngineVersion`.
        version: String,
    },
    /// The orderable classes of an engine (`DescribeOrderableDBInstanceOptions` with `Vpc`).
    Orderable {
        /// `Engine`.
        engine: String,
        /// `EngineVersion`; absent means all.
        version: Option<String>,
        /// `DBInstanceClass`; absent means all.
        class: Option<String>,
    },
    /// The quotas of the account (`DescribeAccountAttributes`).
    Quotas,
    /// A key by its ARN, its id or an alias (`DescribeKey` of KMS).
    Key(String),
}

/// The answer to a [`Lookup`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The subnet groups.
    SubnetGroups(Vec<SubnetGroup>),
    /// The parameter groups.
    ParameterGroups(Vec<ParameterGroup>),
    /// The option groups.
    OptionGroups(Vec<OptionGroup>),
    /// The security groups.
    SecurityGroups(Vec<SecurityGroup>),
    /// The version; absent if AWS does not list it.
    EngineVersion(Option<EngineVersion>),
    /// One row for each class, licence and type of storage.
    Orderable(Vec<Orderable>),
    /// The quotas.
    Quotas(Quotas),
    /// The key; absent if it does not exist.
    Key(Option<Key>),
}

/// A DB subnet group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubnetGroup {
    /// `DBSubnetGroupName`, in lower case.
    pub name: String,
    /// `VpcId`.
    pub vpc: Option<String>,
    /// The Availability Zones of its subnets, each once.
    pub zones: Vec<String>,
    /// `SubnetGroupStatus`.
    pub status: String,
}

/// A DB parameter group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterGroup {
    /// `DBParameterGroupName`.
    pub name: String,
    /// `DBParameterGroupFamily`.
    pub family: String,
}

/// An option group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionGroup {
    /// `OptionGroupName`.
    pub name: String,
    /// `EngineName`.
    pub engine: String,
    /// `MajorEngineVersion`.
    pub major: String,
    /// `VpcId`: the only VPC whose instances can have the group. Absent if it is not bound to one.
    pub vpc: Option<String>,
}

/// A security group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityGroup {
    /// `GroupId`.
    pub id: String,
    /// `VpcId`.
    pub vpc: String,
}

/// An engine version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineVersion {
    /// `DBParameterGroupFamily`.
    pub family: Option<String>,
    /// `Status`: `available`, `deprecated`, or absent.
    pub status: Option<String>,
}

/// A combination that AWS offers. It does not say that AWS has capacity for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Orderable {
    /// `DBInstanceClass`.
    pub class: String,
    /// `LicenseModel`.
    pub license: String,
    /// `StorageType`.
    pub storage_type: String,
    /// `MultiAZCapable`.
    pub multi_az: bool,
    /// `AvailabilityZones`, by name.
    pub zones: Vec<String>,
    /// `MinStorageSize` and `MaxStorageSize` in GiB.
    pub gib: (Option<u32>, Option<u32>),
    /// `MinIopsPerDbInstance` and `MaxIopsPerDbInstance`.
    pub iops: (Option<u32>, Option<u32>),
    /// `SupportsGlobalDatabases`: whether a member of an Aurora global cluster may have the class.
    pub global: Option<bool>,
}

/// The quotas of an account in a Region. Each is absent if AWS does not give it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quotas {
    /// `DBInstances`.
    pub instances: Option<Quota>,
    /// `AllocatedStorage` in GiB.
    pub storage_gib: Option<Quota>,
}

/// A quota and its use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// `Used`.
    pub used: u64,
    /// `Max`.
    pub max: u64,
}

/// A KMS key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// `Arn`.
    pub arn: String,
    /// `KeyState`.
    pub state: String,
    /// The Region in its ARN.
    pub region: Region,
}

impl Lookup {
    /// The answer that a refusal means, if it means one. AWS refuses to list the classes of a version that it does not
    /// offer, and does not find a key that does not exist.
    #[must_use]
    pub fn answered_by(&self, error: &GatewayError) -> Option<Found> {
        match (self, error.kind) {
            (Self::Orderable { version: Some(_), .. }, GatewayErrorKind::InvalidRequest) => {
                Some(Found::Orderable(Vec::new()))
            }
            (Self::Key(_), GatewayErrorKind::NotFound) => Some(Found::Key(None)),
            _ => None,
        }
    }
}

impl fmt::Display for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SubnetGroups => f.write_str("the DB subnet groups"),
            Self::ParameterGroups => f.write_str("the DB parameter groups"),
            Self::OptionGroups => f.write_str("the option groups"),
            Self::SecurityGroups(_) => f.write_str("the security groups"),
            Self::EngineVersion { engine, version } => write!(f, "the version {version} of {engine}"),
            Self::Orderable { engine, version, class } => {
                let class = class
                    .as_deref()
                    .map_or_else(|| "classes".to_owned(), |class| format!("offers of {class}"));
                let version = version.as_deref().map(|version| format!(" {version}")).unwrap_or_default();
                write!(f, "the {class} for {engine}{version}")
            }
            Self::Quotas => f.write_str("the quotas of the account"),
            Self::Key(key) => write!(f, "the key {key}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refusal_that_means_none_is_an_answer() {
        let of = |code: &str| GatewayError::of_code("DescribeX", code, "no");
        let classes =
            Lookup::Orderable { engine: "postgres".to_owned(), version: Some("9.1".to_owned()), class: None };
        let none = Some(Found::Orderable(Vec::new()));
        assert_eq!(classes.answered_by(&of("InvalidParameterCombination")), none);
        assert_eq!(classes.answered_by(&of("AccessDenied")), None);
        assert_eq!(classes.answered_by(&of("Throttling")), None);
        let key = Lookup::Key("k".to_owned());
        assert_eq!(key.answered_by(&of("NotFoundException")), Some(Found::Key(None)));
        assert_eq!(key.answered_by(&of("AccessDeniedException")), None);
        assert_eq!(Lookup::SubnetGroups.answered_by(&of("InvalidParameterValue")), None);
    }
}
