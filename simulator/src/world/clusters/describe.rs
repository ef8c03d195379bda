//! `DescribeDBClusters` and `DescribeDBClusterSnapshots`.

use std::sync::Arc;

use pilot_light_domain::model::ids::{DatabaseName, SnapshotId};

use super::record::{ClusterRecord, ClusterSnapshotRecord};
use super::request::{ClusterResponse, DescribeDbClusterSnapshots, DescribeDbClusters};
use crate::world::World;
use crate::world::api::error::{ApiError, cluster_not_found, cluster_snapshot_not_found};
use crate::world::api::paging::{Filter, Listing, behind, check_filters, page, page_size};
use crate::world::place::Place;

impl World {
    pub(in crate::world) fn describe_clusters(
        &self,
        place: &Place,
        ask: &DescribeDbClusters,
    ) -> Result<ClusterResponse, ApiError> {
        let size = page_size(&ask.page)?;
        check_filters(&ask.filters, &["db-cluster-id", "db-cluster-resource-id", "engine"])?;
        let described = |record: &'_ Arc<ClusterRecord>| record.before.described(record, self.now).cloned();
        let matches = |record: &Arc<ClusterRecord>| ask.filters.iter().all(|filter| admits(filter, record));
        if let Some(name) = &ask.name {
            let found = described(self.cluster(place, name)?).ok_or_else(|| cluster_not_found(name))?;
            return Ok(ClusterResponse::Clusters(Listing::whole(Some(found).filter(matches))));
        }
        let from = behind(&ask.page, |marker| DatabaseName::new(marker).ok())?;
        let holdings = self.places.get(place).into_iter();
        let all = holdings.flat_map(|holdings| holdings.clusters.range(from.clone()));
        let found = all.filter_map(|(_, record)| described(record)).filter(matches);
        Ok(ClusterResponse::Clusters(page(found, size, |last| last.arn.id.name.to_string())))
    }

    pub(in crate::world) fn describe_cluster_snapshots(
        &self,
        place: &Place,
        ask: &DescribeDbClusterSnapshots,
    ) -> Result<ClusterResponse, ApiError> {
        let size = page_size(&ask.page)?;
        let is_type = ask.snapshot_type.as_deref().is_none_or(|kind| kind == "manual");
        let matches = |record: &&Arc<ClusterSnapshotRecord>| {
            let cluster = record.of.arn.id.name.as_str();
            is_type && ask.cluster.as_ref().is_none_or(|name| cluster.eq_ignore_ascii_case(name))
        };
        let snapshots = self.places.get(place).map(|holdings| &holdings.cluster_snapshots);
        if let Some(text) = &ask.id {
            let id = SnapshotId::new(&text.to_ascii_lowercase()).ok();
            let found = snapshots.zip(id).and_then(|(snapshots, id)| snapshots.get(&id));
            let found = found.ok_or_else(|| cluster_snapshot_not_found(text))?;
            let listing = Listing::whole(Some(found).filter(matches).cloned());
            return Ok(ClusterResponse::ClusterSnapshots(listing));
        }
        let from = behind(&ask.page, |marker| SnapshotId::new(marker).ok())?;
        let all = snapshots.into_iter().flat_map(|snapshots| snapshots.range(from.clone()));
        let found = all.map(|(_, record)| record).filter(matches).cloned();
        Ok(ClusterResponse::ClusterSnapshots(page(found, size, |last| last.arn.id.to_string())))
    }
}

fn admits(filter: &Filter, record: &ClusterRecord) -> bool {
    filter.values.iter().any(|value| match filter.name.as_str() {
        "db-cluster-id" => record.arn.id.name.as_str() == value || record.arn.to_string() == *value,
        "db-cluster-resource-id" => record.resource_id == *value,
        "engine" => record.engine.0 == *value,
        _ => false,
    })
}
