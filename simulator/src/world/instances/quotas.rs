//! The quotas of instances and storage in an account and Region.
//!
//! The numbers are those of "Quotas and constraints for Amazon RDS". The texts are recorded.

use super::defaults::license;
use super::record::{InstanceOptions, InstanceRecord, Shape};
use crate::world::World;
use crate::world::api::error::{ApiError, refused};
use crate::world::place::Place;

impl World {
    /// Refuses one more instance where a quota is full.
    pub(in crate::world) fn check_instance_quota(
        &self,
        place: &Place,
        shape: &Shape,
        options: &InstanceOptions,
    ) -> Result<(), ApiError> {
        let exceeded = |text: String| Err(refused("InstanceQuotaExceeded", text));
        let all = || self.instances_of(place);
        // hashicorp/terraform-provider-aws pull request 25768.
        if all().count() >= self.settings.instances as usize {
            return exceeded("DB Instance quota exceeded".to_owned());
        }
        let (engine, licence) = (shape.engine.0.as_str(), license(&shape.engine, options));
        let Some(group) = licensed_group(engine, licence) else { return Ok(()) };
        let is_of_group = |one: &&InstanceRecord| {
            let engine = &one.shape.engine;
            licensed_group(&engine.0, license(engine, &one.options)) == Some(group)
        };
        // radius-project/radius issue 7009.
        if all().filter(is_of_group).count() >= self.settings.licensed_instances as usize {
            return exceeded(format!(
                "DB Instance quota exceeded for LicenseModel of {licence} and Engine of {engine}"
            ));
        }
        Ok(())
    }

    /// Refuses storage beyond the quota. An instance that is there already counts with its size from `before`.
    pub(in crate::world) fn check_storage_quota(
        &self,
        place: &Place,
        before: u32,
        shape: &Shape,
        options: &InstanceOptions,
    ) -> Result<(), ApiError> {
        let size = shape.allocated_storage;
        let used = self.allocated_storage(place) + u64::from(size.saturating_sub(before));
        let most = u64::from(self.settings.storage_gib);
        if size <= before || used <= most {
            return Ok(());
        }
        // ministryofjustice/cloud-platform issue 6424.
        Err(refused(
            "StorageQuotaExceeded",
            format!(
                "The operation cannot be completed. The storage quota for this account has been exceeded by {}; requested \
                 iops: {}; computed size: {size}. You can use the Service Quotas console to request an increase in total \
                 storage for this account",
                used - most,
                options.iops.unwrap_or(0)
            ),
        ))
    }

    /// The GiB of all instances outside clusters.
    pub(in crate::world) fn allocated_storage(&self, place: &Place) -> u64 {
        let alone = self.instances_of(place).filter(|one| one.cluster.is_none());
        alone.map(|one| u64::from(one.shape.allocated_storage)).sum()
    }

    fn instances_of(&self, place: &Place) -> impl Iterator<Item = &InstanceRecord> {
        self.places.get(place).into_iter().flat_map(|held| held.instances.values()).map(AsRef::as_ref)
    }
}

/// The instances that count together because AWS supplies their licence: each edition of SQL Server, and all of Oracle.
fn licensed_group<'a>(engine: &'a str, licence: &str) -> Option<&'a str> {
    match engine {
        _ if licence != "license-included" => None,
        _ if engine.starts_with("oracle") => Some("oracle"),
        _ if engine.starts_with("sqlserver") => Some(engine),
        _ => None,
    }
}
