//! `ModifyOptionGroup`: adds, changes and removes options, at once.
//!
//! AWS documents which options cannot be removed, but not the code of the refusal. *Unverified*: it is the only code
//! of the API model that fits.

use std::sync::Arc;

use super::record::{OptionGroupRecord, OptionRecord};
use super::request::{ModifyOptionGroup, OptionToInclude};
use super::{catalogue, is_default};
use crate::world::World;
use crate::world::api::error::{ApiError, invalid_value, option_group_state};
use crate::world::place::Place;

impl World {
    pub(in crate::world) fn modify_option_group(
        &mut self,
        place: &Place,
        ask: ModifyOptionGroup,
    ) -> Result<Arc<OptionGroupRecord>, ApiError> {
        let mut group = OptionGroupRecord::clone(&*self.option_group(place, &ask.name)?);
        if is_default(&group.name) {
            return Err(option_group_state(format!(
                "The default option group {} cannot be modified.",
                group.name
            )));
        }
        let is_used = self.uses_option_group(place, &group.name);
        for name in &ask.remove {
            remove(&mut group, name, is_used)?;
        }
        for option in ask.include {
            include(&mut group, option)?;
        }
        Ok(self.insert_option_group(place, group))
    }
}

fn remove(group: &mut OptionGroupRecord, name: &str, is_used: bool) -> Result<(), ApiError> {
    let Some(option) = group.options.get(name) else {
        return Err(invalid_value(format!("The option group {} has no option {name}.", group.name)));
    };
    if option.permanent {
        return Err(option_group_state(format!(
            "The option {name} is permanent and cannot be removed from an option group."
        )));
    }
    if option.persistent && is_used {
        return Err(option_group_state(format!(
            "The option {name} is persistent and cannot be removed while DB instances use the option group {}.",
            group.name
        )));
    }
    group.options.remove(name);
    Ok(())
}

fn include(group: &mut OptionGroupRecord, ask: OptionToInclude) -> Result<(), ApiError> {
    let kind = catalogue::option(&group.engine, &ask.name)
        .ok_or_else(|| invalid_value(format!("Invalid option {} for {}.", ask.name, group.engine)))?;
    let before = group.options.remove(kind.name);
    let earlier = |of: fn(OptionRecord) -> Option<String>| before.clone().and_then(of);
    let mut settings = before.as_ref().map(|option| option.settings.clone()).unwrap_or_default();
    settings.extend(ask.settings);
    let option = OptionRecord {
        name: kind.name.to_owned(),
        persistent: kind.persistent,
        permanent: kind.permanent,
        port: ask.port.or(before.as_ref().and_then(|option| option.port)),
        version: ask.version.or_else(|| earlier(|option| option.version)),
        settings,
    };
    group.options.insert(option.name.clone(), option);
    Ok(())
}
