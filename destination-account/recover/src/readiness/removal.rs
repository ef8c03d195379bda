//! A removal: a database that exists and that a resource deletes on its way. It makes room for another one.
//!
//! The kinds state the removals, and `quotas` counts them.

use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::recovery::DbInstance;

use super::demand::Data;

/// A database that a resource deletes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Removal {
    /// Its ARN.
    pub(crate) arn: DatabaseArn,
    /// Its engine, licence and storage.
    pub(crate) data: Data,
    /// The time of its deletion.
    pub(crate) when: When,
}

/// The time of a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// Before the resource creates anything.
    First,
    /// Afterwards, and before its layer ends.
    Later,
}

/// A removal with its place in the manifest.
#[derive(Debug, Clone)]
pub(crate) struct Removed {
    /// The index of the resource in the progress.
    pub(crate) index: usize,
    /// The number of its layer.
    pub(crate) layer: u32,
    pub(crate) removal: Removal,
}

impl Removal {
    /// The removal of an instance.
    pub(crate) fn of(found: &DbInstance, when: When) -> Self {
        let data = Data::of_instance(found);
        // The cluster has the storage.
        let gib = data.gib.filter(|_| found.cluster.is_none());
        Self { arn: found.arn.clone(), data: Data { gib, ..data }, when }
    }
}
