//! Clusters, their snapshots and global clusters as XML.

use std::sync::Arc;

use super::parts::{list, tags};
use crate::http::xml::Xml;
use crate::world::{ClusterRecord, ClusterResponse, ClusterSnapshotRecord, GlobalRecord, World};

pub(in crate::http) fn result(xml: &mut Xml, world: &World, response: &ClusterResponse) {
    let of_cluster = |record: &Arc<ClusterRecord>| world.edits_of_cluster(record);
    let of_snapshot = |record: &Arc<ClusterSnapshotRecord>| world.edits_of_cluster_snapshot(record);
    let of_global = |record: &Arc<GlobalRecord>| world.edits_of_global(record);
    match response {
        ClusterResponse::Cluster(record) => {
            xml.record("DBCluster", of_cluster(record), |xml| cluster(xml, record));
        }
        ClusterResponse::Clusters(found) => {
            list(xml, ("DBClusters", "DBCluster"), found, of_cluster, |xml, record| cluster(xml, record));
        }
        ClusterResponse::ClusterSnapshots(found) => {
            let names = ("DBClusterSnapshots", "DBClusterSnapshot");
            list(xml, names, found, of_snapshot, |xml, record| snapshot(xml, record));
        }
        ClusterResponse::Global(record) => {
            xml.record("GlobalCluster", of_global(record), |xml| global(xml, record));
        }
        // AWS gives the items the same name as the clusters within each.
        ClusterResponse::Globals(found) => {
            let names = ("GlobalClusters", "GlobalClusterMember");
            list(xml, names, found, of_global, |xml, record| global(xml, record));
        }
    }
}

fn cluster(xml: &mut Xml, record: &ClusterRecord) {
    let options = &record.options;
    xml.text("DBClusterIdentifier", &record.arn.id.name);
    xml.text("DBClusterArn", &record.arn);
    xml.text("DbClusterResourceId", &record.resource_id);
    xml.text("Status", &record.status);
    xml.time("ClusterCreateTime", record.created_at);
    xml.text("Engine", &record.engine.0);
    xml.text("EngineVersion", &record.engine_version);
    xml.text("EngineMode", "provisioned");
    xml.text("MasterUsername", &record.master_username);
    xml.text("StorageEncrypted", record.kms_key.is_some());
    xml.optional("KmsKeyId", record.kms_key.as_ref());
    xml.optional("Port", options.port);
    xml.text("MultiAZ", record.members.len() > 1);
    xml.text("DeletionProtection", options.deletion_protection.unwrap_or(false));
    xml.text("CopyTagsToSnapshot", options.copy_tags_to_snapshot.unwrap_or(false));
    xml.text("BackupRetentionPeriod", options.backup_retention_days.unwrap_or(1));
    xml.text("IAMDatabaseAuthenticationEnabled", options.iam_authentication.unwrap_or(false));
    xml.text("DBSubnetGroup", options.subnet_group.as_deref().unwrap_or("default"));
    xml.text("Endpoint", record.address("cluster"));
    xml.text("ReaderEndpoint", record.address("cluster-ro"));
    xml.optional("GlobalClusterIdentifier", record.global.as_ref());
    xml.element("VpcSecurityGroups", |xml| {
        for group in options.security_groups.iter().flatten() {
            xml.element("VpcSecurityGroupMembership", |xml| {
                xml.text("VpcSecurityGroupId", group);
                xml.text("Status", "active");
            });
        }
    });
    members(xml, record);
    tags(xml, &record.tags);
}

fn members(xml: &mut Xml, record: &ClusterRecord) {
    xml.element("DBClusterMembers", |xml| {
        for member in &record.members {
            xml.element("DBClusterMember", |xml| {
                xml.text("DBInstanceIdentifier", member);
                xml.text("IsClusterWriter", record.writer() == Some(member));
                xml.text("DBClusterParameterGroupStatus", "in-sync");
                xml.text("PromotionTier", 1);
            });
        }
    });
}

fn snapshot(xml: &mut Xml, record: &ClusterSnapshotRecord) {
    let cluster = &record.of;
    xml.text("DBClusterSnapshotIdentifier", &record.arn.id);
    xml.text("DBClusterSnapshotArn", &record.arn);
    xml.text("DBClusterIdentifier", &cluster.arn.id.name);
    xml.text("DbClusterResourceId", &cluster.resource_id);
    xml.text("SnapshotType", "manual");
    xml.text("Status", &record.status);
    xml.text("PercentProgress", if record.created_at.is_some() { 100 } else { 0 });
    xml.time("SnapshotCreateTime", record.created_at);
    xml.time("ClusterCreateTime", cluster.created_at);
    xml.text("Engine", &cluster.engine.0);
    xml.text("EngineVersion", &cluster.engine_version);
    xml.text("MasterUsername", &cluster.master_username);
    xml.text("StorageEncrypted", record.kms_key().is_some());
    xml.optional("KmsKeyId", record.kms_key());
    tags(xml, &record.tags);
}

fn global(xml: &mut Xml, record: &GlobalRecord) {
    let key = &record.key;
    xml.text("GlobalClusterIdentifier", &key.id);
    xml.text("GlobalClusterArn", format!("arn:aws:rds::{}:global-cluster:{}", key.account, key.id));
    xml.text("Status", &record.status);
    xml.text("Engine", &record.engine.0);
    xml.text("EngineVersion", &record.engine_version);
    xml.text("StorageEncrypted", record.encrypted);
    xml.text("DeletionProtection", record.deletion_protection);
    xml.element("GlobalClusterMembers", |xml| {
        for member in &record.members {
            xml.element("GlobalClusterMember", |xml| {
                xml.text("DBClusterArn", &member.cluster);
                xml.text("IsWriter", member.is_writer);
                xml.element("Readers", |xml| {
                    let others = record.members.iter().filter(|other| member.is_writer && !other.is_writer);
                    others.for_each(|reader| xml.text("member", &reader.cluster));
                });
            });
        }
    });
    if let Some(failover) = &record.failover {
        xml.element("FailoverState", |xml| {
            xml.text("Status", "failing-over");
            xml.text("FromDbClusterArn", &failover.from);
            xml.text("ToDbClusterArn", &failover.to);
            xml.text("IsDataLossAllowed", failover.allows_data_loss);
        });
    }
}
