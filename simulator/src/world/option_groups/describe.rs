//! `DescribeOptionGroups`: the groups of a place and the default groups, by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::record::OptionGroupRecord;
use super::request::DescribeOptionGroups;
use crate::world::World;
use crate::world::api::error::{ApiError, invalid_combination};
use crate::world::api::paging::{Listing, page_by_name, page_size};
use crate::world::engine_versions::catalogue::VERSIONS;
use crate::world::place::Place;

impl World {
    pub(in crate::world) fn describe_option_groups(
        &self,
        place: &Place,
        ask: &DescribeOptionGroups,
    ) -> Result<Listing<Arc<OptionGroupRecord>>, ApiError> {
        page_size(&ask.page)?;
        check_combination(ask)?;
        if let Some(name) = &ask.name {
            return self.option_group(place, name).map(|group| Listing::whole([group]));
        }
        let is_asked_for = |group: &Arc<OptionGroupRecord>| {
            ask.engine.as_ref().is_none_or(|engine| *engine == group.engine)
                && ask.major_version.as_ref().is_none_or(|major| *major == group.major_version)
        };
        let all = self.all_option_groups(place);
        page_by_name(&ask.page, all.iter().filter(|(_, group)| is_asked_for(group)))
    }

    fn all_option_groups(&self, place: &Place) -> BTreeMap<String, Arc<OptionGroupRecord>> {
        let has_groups = |engine: &str| !["aurora", "custom"].iter().any(|prefix| engine.starts_with(prefix));
        let defaults = VERSIONS.iter().filter(|one| has_groups(one.engine)).map(|one| {
            let group = OptionGroupRecord::of_default(place, one.engine, &one.major());
            (group.name.clone(), Arc::new(group))
        });
        let mut all: BTreeMap<_, _> = defaults.collect();
        let own = self.places.get(place).into_iter().flat_map(|holdings| &holdings.option_groups);
        all.extend(own.map(|(name, group)| (name.clone(), Arc::clone(group))));
        all
    }
}

fn check_combination(ask: &DescribeOptionGroups) -> Result<(), ApiError> {
    if ask.name.is_some() && (ask.engine.is_some() || ask.major_version.is_some()) {
        return Err(invalid_combination(
            "OptionGroupName cannot be used with EngineName or MajorEngineVersion.",
        ));
    }
    if ask.major_version.is_some() && ask.engine.is_none() {
        return Err(invalid_combination("MajorEngineVersion requires EngineName."));
    }
    Ok(())
}
