//! Option groups: their actions, the default groups, and their effects on instances, sharing and copying.
//!
//! A default group exists for every engine and major version of the catalogue. AWS makes it at the first use.

pub(crate) mod catalogue;
pub(super) mod copying;
mod create;
mod delete;
mod describe;
mod membership;
mod modify;
pub(super) mod record;
pub(super) mod request;

use std::sync::Arc;

pub use self::record::{CopiedFrom, OptionGroupRecord, OptionRecord};
pub use self::request::{
    CreateOptionGroup, DescribeOptionGroups, ModifyOptionGroup, OptionGroupRequest, OptionToInclude,
};

pub(in crate::world) use self::create::QUOTA;

use self::record::default_name;
use crate::world::World;
use crate::world::api::error::{ApiError, option_group_not_found};
use crate::world::api::response::{OneOrPage, Response};
use crate::world::engine_versions::catalogue::VERSIONS;
use crate::world::place::Place;

impl World {
    pub(in crate::world) fn answer_option_group(
        &mut self,
        place: &Place,
        request: OptionGroupRequest,
    ) -> Result<Response, ApiError> {
        let one = |group| Response::OptionGroup(OneOrPage::One(group));
        match request {
            OptionGroupRequest::Create(ask) => self.create_option_group(place, ask).map(one),
            OptionGroupRequest::Modify(ask) => self.modify_option_group(place, ask).map(one),
            OptionGroupRequest::Describe(ask) => {
                let page = self.describe_option_groups(place, &ask)?;
                Ok(Response::OptionGroup(OneOrPage::Page(page)))
            }
            OptionGroupRequest::Delete(name) => {
                self.delete_option_group(place, &name).map(|()| Response::Done)
            }
        }
    }

    /// An option group of this place, by its name; also a default one.
    pub(in crate::world) fn option_group(
        &self,
        place: &Place,
        name: &str,
    ) -> Result<Arc<OptionGroupRecord>, ApiError> {
        let lower = name.to_ascii_lowercase();
        if let Some(found) = self.places.get(place).and_then(|holdings| holdings.option_groups.get(&lower)) {
            return Ok(Arc::clone(found));
        }
        let of = |one: &&_| named_by_default(one, &lower);
        let default = VERSIONS.iter().find(of).ok_or_else(|| option_group_not_found(name))?;
        Ok(Arc::new(OptionGroupRecord::of_default(place, default.engine, &default.major())))
    }

    pub(in crate::world) fn insert_option_group(
        &mut self,
        place: &Place,
        group: OptionGroupRecord,
    ) -> Arc<OptionGroupRecord> {
        let group = Arc::new(group);
        self.holdings_mut(place).option_groups.insert(group.name.clone(), Arc::clone(&group));
        group
    }
}

fn named_by_default(version: &crate::world::EngineVersion, name: &str) -> bool {
    default_name(version.engine, &version.major()) == name
}

/// True for the name of a default group, which nobody can change or delete.
fn is_default(name: &str) -> bool {
    name.starts_with("default:")
}
