//! Tags of instances, clusters and snapshots, by ARN.

use pilot_light_domain::model::arn::{DatabaseArn, SnapshotArn};
use pilot_light_domain::model::ids::DatabaseKind;
use pilot_light_domain::model::tags::Tags;

use super::error::{ApiError, cluster_not_found, instance_not_found, invalid_value, snapshot_not_found};
use super::response::Response;
use crate::world::World;
use crate::world::api::names;
use crate::world::place::Place;

impl World {
    pub(in crate::world) fn add_tags(
        &mut self,
        place: &Place,
        arn: &str,
        tags: Tags,
    ) -> Result<Response, ApiError> {
        names::check_tags(&tags)?;
        let mut merged = self.tags_of(place, arn)?.clone();
        merged.extend(tags);
        names::check_tags(&merged)?;
        self.hide_changed_tags(arn);
        *self.tags_of(place, arn)? = merged;
        Ok(Response::Done)
    }

    pub(in crate::world) fn remove_tags(
        &mut self,
        place: &Place,
        arn: &str,
        keys: &[String],
    ) -> Result<Response, ApiError> {
        let tags = self.tags_of(place, arn)?;
        for key in keys {
            tags.remove(key);
        }
        Ok(Response::Done)
    }

    pub(in crate::world) fn list_tags(&mut self, place: &Place, arn: &str) -> Result<Response, ApiError> {
        self.tags_of(place, arn).map(|tags| Response::Tags(tags.clone()))
    }

    fn hide_changed_tags(&mut self, text: &str) {
        let Ok(arn) = text.parse::<SnapshotArn>() else { return };
        if let Some(old) = self.snapshot(&arn).map(|record| record.tags.clone()) {
            self.hide_tags(&arn, old);
        }
    }

    fn tags_of(&mut self, place: &Place, text: &str) -> Result<&mut Tags, ApiError> {
        if let Ok(arn) = text.parse::<SnapshotArn>()
            && Place::of_snapshot(&arn) == *place
        {
            return self.snapshot_mut(&arn).map(|r| &mut r.tags).ok_or_else(|| snapshot_not_found(text));
        }
        if let Ok(arn) = text.parse::<DatabaseArn>()
            && Place::of_instance(&arn) == *place
        {
            if arn.id.kind == DatabaseKind::Cluster {
                let cluster = self.cluster_mut(&arn);
                return cluster.map(|r| &mut r.tags).ok_or_else(|| cluster_not_found(text));
            }
            let instance = self.instance_mut(place, &arn.id.name);
            return instance.map(|r| &mut r.tags).ok_or_else(|| instance_not_found(text));
        }
        Err(invalid_value("The specified resource name does not match an RDS resource in this region."))
    }
}
