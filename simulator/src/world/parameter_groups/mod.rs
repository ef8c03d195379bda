//! DB parameter groups by name: created, listed, deleted. Parameters themselves are not simulated.
//!
//! A default group exists for every family of the catalogue. AWS makes it at the first use.

use std::collections::BTreeMap;
use std::sync::Arc;

use pilot_light_domain::model::tags::Tags;
use serde::{Deserialize, Serialize};

use crate::world::World;
use crate::world::api::error::{ApiError, invalid_value, not_found, refused};
use crate::world::api::names;
use crate::world::api::paging::{Listing, Page, page_by_name};
use crate::world::api::response::{OneOrPage, Response};
use crate::world::engine_versions::catalogue::VERSIONS;
use crate::world::place::Place;

/// Parameter groups that an account may have in a Region (service quota L-DE55804A). Default groups do not count.
pub(in crate::world) const QUOTA: usize = 50;

/// A request about DB parameter groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterGroupRequest {
    /// `CreateDBParameterGroup`.
    Create(CreateParameterGroup),
    /// `DescribeDBParameterGroups`: a name, and the page.
    Describe(Option<String>, Page),
    /// `DeleteDBParameterGroup`, by name.
    Delete(String),
}

/// A parameter group to create.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateParameterGroup {
    /// `DBParameterGroupName`.
    pub name: String,
    /// `DBParameterGroupFamily`.
    pub family: String,
    /// `Description`.
    pub description: String,
    /// `Tags`.
    pub tags: Tags,
}

/// A DB parameter group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParameterGroupRecord {
    /// `DBParameterGroupArn`.
    pub arn: String,
    /// `DBParameterGroupName`.
    pub name: String,
    /// `DBParameterGroupFamily`.
    pub family: String,
    /// `Description`.
    pub description: String,
    /// Its tags.
    pub tags: Tags,
}

impl World {
    pub(in crate::world) fn answer_parameter_group(
        &mut self,
        place: &Place,
        request: ParameterGroupRequest,
    ) -> Result<Response, ApiError> {
        match request {
            ParameterGroupRequest::Create(ask) => {
                let group = self.create_parameter_group(place, ask)?;
                Ok(Response::ParameterGroup(OneOrPage::One(group)))
            }
            ParameterGroupRequest::Describe(name, ask) => {
                let page = self.describe_parameter_groups(place, name.as_deref(), &ask)?;
                Ok(Response::ParameterGroup(OneOrPage::Page(page)))
            }
            ParameterGroupRequest::Delete(name) => {
                self.delete_parameter_group(place, &name).map(|()| Response::Done)
            }
        }
    }

    fn create_parameter_group(
        &mut self,
        place: &Place,
        ask: CreateParameterGroup,
    ) -> Result<Arc<ParameterGroupRecord>, ApiError> {
        let name = names::group_name("DBParameterGroupName", &ask.name)?;
        names::check_tags(&ask.tags)?;
        if !VERSIONS.iter().any(|one| one.family() == ask.family) {
            return Err(invalid_value(format!(
                "ParameterGroupFamily {} is not a valid parameter group family",
                ask.family
            )));
        }
        let groups = &mut self.holdings_mut(place).parameter_groups;
        if groups.contains_key(&name) {
            return Err(refused(
                "DBParameterGroupAlreadyExists",
                format!("Parameter group {name} already exists"),
            ));
        }
        if groups.len() >= QUOTA {
            return Err(refused(
                "DBParameterGroupQuotaExceeded",
                format!("Cannot create more than {QUOTA} parameter groups"),
            ));
        }
        let tags = ask.tags;
        let group = ParameterGroupRecord { tags, ..record(place, &name, &ask.family, ask.description) };
        let group = Arc::new(group);
        groups.insert(name, Arc::clone(&group));
        Ok(group)
    }

    fn describe_parameter_groups(
        &self,
        place: &Place,
        name: Option<&str>,
        ask: &Page,
    ) -> Result<Listing<Arc<ParameterGroupRecord>>, ApiError> {
        let all = page_by_name(ask, &self.all_parameter_groups(place))?;
        name.map_or(Ok(all), |name| self.parameter_group(place, name).map(|group| Listing::whole([group])))
    }

    /// A parameter group of this place, by its name; also a default one.
    pub(in crate::world) fn parameter_group(
        &self,
        place: &Place,
        name: &str,
    ) -> Result<Arc<ParameterGroupRecord>, ApiError> {
        self.all_parameter_groups(place).remove(&name.to_ascii_lowercase()).ok_or_else(|| unknown(name))
    }

    fn all_parameter_groups(&self, place: &Place) -> BTreeMap<String, Arc<ParameterGroupRecord>> {
        let defaults = VERSIONS.iter().map(|one| {
            let family = one.family();
            let name = default_name(&family);
            let description = format!("Default parameter group for {family}");
            let group = record(place, &name, &family, description);
            (name, Arc::new(group))
        });
        let mut all: BTreeMap<_, _> = defaults.collect();
        let own = self.places.get(place).into_iter().flat_map(|holdings| &holdings.parameter_groups);
        all.extend(own.map(|(name, group)| (name.clone(), Arc::clone(group))));
        all
    }

    fn delete_parameter_group(&mut self, place: &Place, name: &str) -> Result<(), ApiError> {
        let lower = name.to_ascii_lowercase();
        let state = |message: String| Err(refused("InvalidDBParameterGroupState", message));
        if lower.starts_with("default.") {
            return state(format!("The default parameter group {lower} cannot be deleted."));
        }
        let holdings = self.holdings_mut(place);
        let mut instances = holdings.instances.values();
        if instances.any(|instance| instance.options.parameter_group.as_ref() == Some(&lower)) {
            return state(format!("One or more database instances are still members of {lower}."));
        }
        holdings.parameter_groups.remove(&lower).map(|_| ()).ok_or_else(|| unknown(name))
    }
}

/// The name of the default group of a family, as in `default.postgres16`.
pub(crate) fn default_name(family: &str) -> String {
    format!("default.{family}")
}

fn record(place: &Place, name: &str, family: &str, description: String) -> ParameterGroupRecord {
    let Place { account, region } = place;
    ParameterGroupRecord {
        arn: format!("arn:{}:rds:{region}:{account}:pg:{name}", region.partition()),
        name: name.to_owned(),
        family: family.to_owned(),
        description,
        tags: Tags::new(),
    }
}

fn unknown(name: &str) -> ApiError {
    not_found("DBParameterGroupNotFound", format!("DBParameterGroup not found: {name}"))
}

impl ParameterGroupRequest {
    /// The API action.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateDBParameterGroup",
            Self::Describe(..) => "DescribeDBParameterGroups",
            Self::Delete(_) => "DeleteDBParameterGroup",
        }
    }
}
