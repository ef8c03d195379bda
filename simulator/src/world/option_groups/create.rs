//! `CreateOptionGroup`: an empty group for one engine and major version.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::record::{OptionGroupRecord, group_arn};
use super::request::CreateOptionGroup;
use crate::world::World;
use crate::world::api::error::{ApiError, invalid_combination, invalid_value, refused};
use crate::world::api::names;
use crate::world::engine_versions::catalogue::{VERSIONS, knows};
use crate::world::place::Place;

/// Option groups that an account may have in a Region (service quota L-9FA33840). Default groups do not count.
pub(in crate::world) const QUOTA: usize = 20;

impl World {
    pub(in crate::world) fn create_option_group(
        &mut self,
        place: &Place,
        ask: CreateOptionGroup,
    ) -> Result<Arc<OptionGroupRecord>, ApiError> {
        let name = names::group_name("OptionGroupName", &ask.name)?;
        names::check_tags(&ask.tags)?;
        check_engine(&ask.engine, &ask.major_version)?;
        let groups = self.places.get(place).map(|holdings| &holdings.option_groups);
        if groups.is_some_and(|groups| groups.contains_key(&name)) {
            return Err(refused(
                "OptionGroupAlreadyExistsFault",
                format!("An option group named {name} already exists."),
            ));
        }
        if groups.is_some_and(|groups| groups.len() >= QUOTA) {
            return Err(refused(
                "OptionGroupQuotaExceededFault",
                format!("Cannot create more than {QUOTA} option groups"),
            ));
        }
        let group = OptionGroupRecord {
            arn: group_arn(place, &name),
            name,
            description: ask.description,
            engine: ask.engine,
            major_version: ask.major_version,
            options: BTreeMap::new(),
            tags: ask.tags,
            copied_from: None,
            vpc: None,
        };
        Ok(self.insert_option_group(place, group))
    }
}

/// AWS has option groups for every engine but RDS Custom and those that have clusters.
fn check_engine(engine: &str, major: &str) -> Result<(), ApiError> {
    let has_groups = !["aurora", "custom"].iter().any(|prefix| engine.starts_with(prefix));
    if !has_groups || !knows(engine) {
        return Err(invalid_value(format!("Invalid DB engine: {engine}")));
    }
    if VERSIONS.iter().any(|one| one.engine == engine && one.major() == major) {
        return Ok(());
    }
    Err(invalid_combination(format!("Cannot find major version {major} for {engine}")))
}
