//! The record of an option group, and the default group of each engine and major version.

use std::collections::BTreeMap;

use pilot_light_domain::Instant;
use pilot_light_domain::model::tags::Tags;
use serde::{Deserialize, Serialize};

use super::catalogue::can_be_shared;
use crate::world::engine_versions::catalogue::major;
use crate::world::place::Place;

/// An option group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionGroupRecord {
    /// `OptionGroupArn`.
    pub arn: String,
    /// `OptionGroupName`.
    pub name: String,
    /// `OptionGroupDescription`.
    pub description: String,
    /// `EngineName`.
    pub engine: String,
    /// `MajorEngineVersion`.
    pub major_version: String,
    /// Its options by name.
    pub options: BTreeMap<String, OptionRecord>,
    /// Its tags.
    pub tags: Tags,
    /// The group of another account that it was copied from.
    pub copied_from: Option<CopiedFrom>,
    /// `VpcId`: the VPC of the first instance that had the group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc: Option<String>,
}

/// The origin of a copied option group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopiedFrom {
    /// `SourceAccountId`.
    pub account: String,
    /// `SourceOptionGroup`: the ARN.
    pub arn: String,
    /// `CopyTimestamp`.
    pub at: Instant,
}

/// An option of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionRecord {
    /// `OptionName`.
    pub name: String,
    /// `Persistent`: it cannot be removed while instances use the group.
    pub persistent: bool,
    /// `Permanent`: it can never be removed.
    pub permanent: bool,
    /// `Port`.
    pub port: Option<u16>,
    /// `OptionVersion`.
    pub version: Option<String>,
    /// `OptionSettings`: names and values.
    pub settings: BTreeMap<String, String>,
}

impl OptionRecord {
    /// True if a database that has the option cannot be without it.
    #[must_use]
    pub fn stays(&self) -> bool {
        self.persistent || self.permanent
    }
}

impl OptionGroupRecord {
    /// The empty group that every instance of an engine and major version has by default.
    pub(crate) fn of_default(place: &Place, engine: &str, major_version: &str) -> Self {
        let name = default_name(engine, major_version);
        Self {
            arn: group_arn(place, &name),
            description: format!("Default option group for {engine} {major_version}"),
            name,
            engine: engine.to_owned(),
            major_version: major_version.to_owned(),
            options: BTreeMap::new(),
            tags: Tags::new(),
            copied_from: None,
            vpc: None,
        }
    }

    /// The names of the options that a copy in another place must have, too.
    pub(crate) fn required(&self) -> Vec<&str> {
        self.options.values().filter(|option| option.stays()).map(|option| option.name.as_str()).collect()
    }

    /// The option because of which AWS refuses to share a snapshot, if there is one.
    pub(crate) fn unshareable(&self) -> Option<&str> {
        self.required().into_iter().find(|option| !can_be_shared(&self.engine, option))
    }

    /// True if the group is for this engine and version.
    pub(crate) fn fits(&self, engine: &str, version: &str) -> bool {
        self.engine == engine && self.major_version == major(engine, version)
    }
}

/// The name of the default group, as in `default:mysql-8-0`.
pub(crate) fn default_name(engine: &str, major_version: &str) -> String {
    format!("default:{engine}-{}", major_version.replace('.', "-"))
}

/// The name of the default group of a version.
pub(crate) fn default_of_version(engine: &str, version: &str) -> String {
    default_name(engine, &major(engine, version))
}

/// The ARN of an option group.
pub(crate) fn group_arn(place: &Place, name: &str) -> String {
    let Place { account, region } = place;
    format!("arn:{}:rds:{region}:{account}:og:{name}", region.partition())
}
