//! The requests about option groups.

use std::collections::BTreeMap;

use pilot_light_domain::model::tags::Tags;

use crate::world::api::paging::Page;

/// A request about option groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OptionGroupRequest {
    /// `CreateOptionGroup`.
    Create(CreateOptionGroup),
    /// `ModifyOptionGroup`.
    Modify(ModifyOptionGroup),
    /// `DescribeOptionGroups`.
    Describe(DescribeOptionGroups),
    /// `DeleteOptionGroup`, by name.
    Delete(String),
}

/// An option group to create.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateOptionGroup {
    /// `OptionGroupName`.
    pub name: String,
    /// `EngineName`.
    pub engine: String,
    /// `MajorEngineVersion`.
    pub major_version: String,
    /// `OptionGroupDescription`.
    pub description: String,
    /// `Tags`.
    pub tags: Tags,
}

/// An option group to change. There is no maintenance window here: every change is applied at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModifyOptionGroup {
    /// `OptionGroupName`.
    pub name: String,
    /// `OptionsToInclude`.
    pub include: Vec<OptionToInclude>,
    /// `OptionsToRemove`, by name.
    pub remove: Vec<String>,
}

/// An option to add or to change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OptionToInclude {
    /// `OptionName`.
    pub name: String,
    /// `Port`.
    pub port: Option<u16>,
    /// `OptionVersion`.
    pub version: Option<String>,
    /// `OptionSettings`: names and values.
    pub settings: BTreeMap<String, String>,
}

/// Option groups to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeOptionGroups {
    /// `OptionGroupName`.
    pub name: Option<String>,
    /// `EngineName`.
    pub engine: Option<String>,
    /// `MajorEngineVersion`.
    pub major_version: Option<String>,
    /// The page.
    pub page: Page,
}

impl OptionGroupRequest {
    /// The API action.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateOptionGroup",
            Self::Modify(_) => "ModifyOptionGroup",
            Self::Describe(_) => "DescribeOptionGroups",
            Self::Delete(_) => "DeleteOptionGroup",
        }
    }
}
