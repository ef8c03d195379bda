//! The option group of an instance: the groups that it may have, and the memory that its snapshots keep.

use std::sync::Arc;

use super::copying::check_required;
use super::is_default;
use super::record::{OptionGroupRecord, default_of_version, group_arn};
use crate::world::World;
use crate::world::api::error::{ApiError, invalid_combination};
use crate::world::engine_versions::catalogue::family;
use crate::world::instances::record::{InstanceOptions, InstanceRecord, Shape};
use crate::world::parameter_groups::default_name;
use crate::world::place::Place;
use crate::world::snapshots::record::SnapshotRecord;

impl World {
    /// Checks that the requested group exists, and is for the engine and major version.
    pub(in crate::world) fn check_option_group(
        &self,
        place: &Place,
        name: Option<&str>,
        shape: &Shape,
    ) -> Result<(), ApiError> {
        let Some(name) = name else { return Ok(()) };
        let (engine, version) = (shape.engine.0.as_str(), shape.engine_version.as_str());
        if is_default(name) && name == default_of_version(engine, version) {
            return Ok(());
        }
        let group = self.option_group(place, name)?;
        if group.fits(engine, version) {
            return Ok(());
        }
        Err(invalid_combination(format!(
            "The option group {name} is for {} {} and cannot be used with {engine} {version}.",
            group.engine, group.major_version
        )))
    }

    /// Checks a change of an instance's group: its permanent options must be in the new group, too.
    pub(in crate::world) fn check_new_option_group(
        &self,
        place: &Place,
        instance: &InstanceRecord,
        name: Option<&str>,
    ) -> Result<(), ApiError> {
        let Some(name) = name else { return Ok(()) };
        self.check_option_group(place, Some(name), &instance.shape)?;
        let Some(before) = self.own_option_group(instance) else { return Ok(()) };
        let after = self.option_group(place, name).ok();
        let is_missing =
            |option: &str| !after.as_ref().is_some_and(|group| group.options.contains_key(option));
        let permanent = before.options.values().filter(|option| option.permanent);
        match permanent.map(|option| option.name.as_str()).find(|option| is_missing(option)) {
            None => Ok(()),
            Some(option) => Err(invalid_combination(format!(
                "The option {option} is permanent: the option group {name} must include it."
            ))),
        }
    }

    /// Checks that the group of an instance is not linked to another VPC than the instance's. The text is recorded:
    /// boto/boto issue 2917.
    pub(in crate::world) fn check_option_group_vpc(
        &self,
        place: &Place,
        options: &InstanceOptions,
    ) -> Result<(), ApiError> {
        let Some(name) = options.option_group.as_deref().filter(|name| !is_default(name)) else {
            return Ok(());
        };
        let linked = self.option_group(place, name)?.vpc.clone();
        if linked.is_none_or(|vpc| vpc == self.placement(place, options).vpc) {
            return Ok(());
        }
        Err(invalid_combination(format!(
            "The option group {name} is associated with a different VPC than the request."
        )))
    }

    /// The group of a restored instance: the requested one, else that of the snapshot where it is in this place. It must
    /// have the options that the database cannot be without.
    pub(in crate::world) fn restored_option_group(
        &self,
        place: &Place,
        snapshot: &SnapshotRecord,
        asked: Option<&str>,
    ) -> Result<Option<String>, ApiError> {
        let Some(name) = asked else {
            let own =
                snapshot.option_group.as_ref().filter(|group| group.arn == group_arn(place, &group.name));
            return match own {
                Some(group) => Ok(Some(group.name.clone())),
                None => check_required(snapshot, None).map(|()| None),
            };
        };
        self.check_option_group(place, Some(name), &snapshot.shape)?;
        check_required(snapshot, self.option_group(place, name).ok().as_deref())?;
        Ok(Some(name.to_owned()))
    }

    /// Links the group of an instance to the instance's VPC, if it is not linked yet. Default groups never are.
    pub(in crate::world) fn link_option_group(&mut self, place: &Place, options: &InstanceOptions) {
        let Some(name) = &options.option_group else { return };
        let vpc = self.placement(place, options).vpc;
        if let Some(group) = self.holdings_mut(place).option_groups.get_mut(&name.to_ascii_lowercase())
            && group.vpc.is_none()
        {
            Arc::make_mut(group).vpc = Some(vpc);
        }
    }

    /// The group of an instance; absent for a default group, and for a name without a group.
    pub(in crate::world) fn own_option_group(
        &self,
        instance: &InstanceRecord,
    ) -> Option<Arc<OptionGroupRecord>> {
        let name = instance.options.option_group.as_deref().filter(|name| !is_default(name))?;
        self.option_group(&Place::of_instance(&instance.arn), name).ok()
    }
}

impl InstanceRecord {
    /// The name of its option group.
    #[must_use]
    pub fn option_group(&self) -> String {
        let default = || default_of_version(&self.shape.engine.0, &self.shape.engine_version);
        self.options.option_group.clone().unwrap_or_else(default)
    }

    /// The name of its DB parameter group.
    #[must_use]
    pub fn parameter_group(&self) -> String {
        let default = || default_name(&family(&self.shape.engine.0, &self.shape.engine_version));
        self.options.parameter_group.clone().unwrap_or_else(default)
    }
}
