//! `DescribeDBInstances`: the instances of a place, with filters and pages.

use std::sync::Arc;

use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::ids::DatabaseName;

use super::record::InstanceRecord;
use crate::world::World;
use crate::world::api::error::{ApiError, instance_not_found};
use crate::world::api::paging::{Filter, Listing, behind, check_filters, page, page_size};
use crate::world::api::request::DescribeDbInstances;
use crate::world::api::response::Response;
use crate::world::place::Place;

impl World {
    pub(in crate::world) fn describe_instances(
        &self,
        place: &Place,
        ask: &DescribeDbInstances,
    ) -> Result<Response, ApiError> {
        const FILTERS: [&str; 5] = ["db-cluster-id", "db-instance-id", "dbi-resource-id", "domain", "engine"];
        let size = page_size(&ask.page)?;
        check_filters(&ask.filters, &FILTERS)?;
        let described = |record| self.described(record);
        let is_listed =
            |record: &&Arc<InstanceRecord>| record.listed_from.is_none_or(|from| from <= self.now);
        let matches = |record: &&Arc<InstanceRecord>| ask.filters.iter().all(|filter| admits(filter, record));
        if let Some(name) = &ask.name {
            let found = self.instance(place, &own_name(place, name))?;
            let record =
                Some(found).filter(is_listed).ok_or_else(|| instance_not_found(name)).map(described)?;
            let items = Some(record).filter(matches).into_iter().cloned().collect();
            return Ok(Response::Instances(Listing { items, marker: None }));
        }
        let from = behind(&ask.page, |marker| DatabaseName::new(marker).ok())?;
        let holdings = self.places.get(place).into_iter();
        let all = holdings.flat_map(|holdings| holdings.instances.range(from.clone()));
        let listed = all.map(|(_, record)| record).filter(is_listed);
        let found = listed.map(described).filter(matches).cloned();
        Ok(Response::Instances(page(found, size, |last| last.arn.id.name.to_string())))
    }
}

fn admits(filter: &Filter, record: &InstanceRecord) -> bool {
    filter.values.iter().any(|value| match filter.name.as_str() {
        "db-cluster-id" => record.cluster.as_ref().is_some_and(|name| name.as_str() == value),
        "db-instance-id" => {
            record.arn.id.name.as_str().eq_ignore_ascii_case(value) || record.arn.to_string() == *value
        }
        "dbi-resource-id" => record.shape.resource_id == *value,
        "engine" => record.shape.engine.0 == *value,
        _ => false,
    })
}

/// The name of an instance, given by its name or its ARN.
fn own_name(place: &Place, text: &str) -> String {
    match text.parse::<DatabaseArn>() {
        Ok(arn) if Place::of_instance(&arn) == *place => arn.id.name.to_string(),
        _ => text.to_owned(),
    }
}
