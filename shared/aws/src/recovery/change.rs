//! The API call for each change, with exactly the fields that the change needs.
//!
//! The requests that create a database have more fields than the others. They are in [`super::create`].

use aws_sdk_rds::operation::delete_db_instance::builders::DeleteDBInstanceFluentBuilder;
use aws_sdk_rds::operation::modify_db_instance::builders::ModifyDBInstanceFluentBuilder;
use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::model::ids::{DatabaseName, SnapshotId};
use pilot_light_domain::recovery::Change;

use super::AwsRecovery;
use crate::rds::sdk_tags;
use crate::sdk_error::of_sdk;

/// Sends a request. The answer is dropped, because it describes the time before the change. The result is read later.
macro_rules! send {
    ($change:expr, $request:expr) => {
        $request.send().await.map(drop).map_err(of_sdk($change.action()))
    };
}

impl AwsRecovery {
    /// Makes the one call for `change`. If the domain gains a change, this code does not compile until it has a call for it.
    pub(super) async fn carry_out(&self, change: &Change) -> Result<(), GatewayError> {
        let rds = self.rds();
        match change {
            Change::RestoreInstance(restore) => send!(change, self.restore(restore)),
            Change::CreateReplica(create) => {
                let url = self.replica_url(create).await?;
                send!(change, self.replica(create).set_pre_signed_url(url))
            }
            Change::PromoteReplica(instance) => {
                send!(change, rds.promote_read_replica().db_instance_identifier(instance.as_str()))
            }
            Change::RenameInstance { from, to } => {
                send!(change, self.modified_at_once(from).new_db_instance_identifier(to.as_str()))
            }
            Change::ProtectInstance { instance, protected } => {
                send!(change, self.modified_at_once(instance).deletion_protection(*protected))
            }
            Change::KeepBackups { instance, days } => {
                send!(change, self.modified_at_once(instance).backup_retention_period(i32::from(*days)))
            }
            Change::StandBy(instance) => send!(change, self.modified_at_once(instance).multi_az(true)),
            Change::DeleteInstance { instance, final_snapshot, keeps_automated_backups } => {
                let request = self.deleted(instance, final_snapshot.as_ref());
                send!(change, request.delete_automated_backups(!keeps_automated_backups))
            }
            Change::TagDatabase { database, tags } => {
                let request = rds.add_tags_to_resource().resource_name(database.to_string());
                send!(change, request.set_tags(Some(sdk_tags(tags))))
            }
            Change::TagSnapshot { snapshot, tags } => {
                let request = rds.add_tags_to_resource().resource_name(snapshot.to_string());
                send!(change, request.set_tags(Some(sdk_tags(tags))))
            }
            Change::DeleteSnapshot(id) => {
                send!(change, rds.delete_db_snapshot().db_snapshot_identifier(id.as_str()))
            }
            Change::CreateSecondaryCluster(create) => {
                let url = self.secondary_url(create).await?;
                send!(change, self.secondary(create).set_pre_signed_url(url))
            }
            Change::CreateClusterInstance(create) => send!(change, self.cluster_instance(create)),
            Change::ProtectCluster { cluster, protected } => {
                let request = rds.modify_db_cluster().db_cluster_identifier(cluster.as_str());
                send!(change, request.deletion_protection(*protected).apply_immediately(true))
            }
            Change::DeleteCluster { cluster, final_snapshot } => {
                let request = rds.delete_db_cluster().db_cluster_identifier(cluster.as_str());
                send!(change, request.final_db_snapshot_identifier(final_snapshot.as_str()))
            }
            Change::CreateGlobalCluster { id, primary } => {
                let request = rds.create_global_cluster().global_cluster_identifier(id);
                send!(change, request.source_db_cluster_identifier(primary.to_string()))
            }
            Change::RemoveFromGlobalCluster { id, cluster } => {
                let request = rds.remove_from_global_cluster().global_cluster_identifier(id);
                send!(change, request.db_cluster_identifier(cluster.to_string()))
            }
            Change::DeleteGlobalCluster(id) => {
                send!(change, rds.delete_global_cluster().global_cluster_identifier(id))
            }
            Change::SwitchoverGlobalCluster { id, target } => {
                let request = rds.switchover_global_cluster().global_cluster_identifier(id);
                send!(change, request.target_db_cluster_identifier(target.to_string()))
            }
            Change::FailoverGlobalCluster { id, target } => {
                let request = rds.failover_global_cluster().global_cluster_identifier(id);
                let request = request.target_db_cluster_identifier(target.to_string());
                send!(change, request.allow_data_loss(true))
            }
            Change::FailoverReplicationGroup { id, region, group } => {
                let request = self.regional.elasticache().failover_global_replication_group();
                let request = request.global_replication_group_id(id).primary_region(region.as_str());
                send!(change, request.primary_replication_group_id(group))
            }
        }
    }

    fn modified_at_once(&self, instance: &DatabaseName) -> ModifyDBInstanceFluentBuilder {
        let request = self.rds().modify_db_instance().db_instance_identifier(instance.as_str());
        request.apply_immediately(true)
    }

    fn deleted(
        &self,
        instance: &DatabaseName,
        final_snapshot: Option<&SnapshotId>,
    ) -> DeleteDBInstanceFluentBuilder {
        let request = self.rds().delete_db_instance().db_instance_identifier(instance.as_str());
        match final_snapshot {
            Some(id) => request.final_db_snapshot_identifier(id.as_str()),
            None => request.skip_final_snapshot(true),
        }
    }
}
