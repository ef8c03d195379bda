//! The names that impositions may contain: the actions of the world, and AWS's names of the fields of each kind of record.
//!
//! The fields are those of the API models of RDS and ElastiCache, whether the world answers with them or not.

use super::resource::ResourceKind;

/// The actions of the world.
pub(super) const ACTIONS: [&str; 76] = [
    "AddTagsToResource",
    "CopyDBSnapshot",
    "CreateAlias",
    "CreateBlueGreenDeployment",
    "CreateDBCluster",
    "CreateDBInstance",
    "CreateDBInstanceReadReplica",
    "CreateDBParameterGroup",
    "CreateDBSnapshot",
    "CreateDBSubnetGroup",
    "CreateEventSubscription",
    "CreateGlobalCluster",
    "CreateGlobalReplicationGroup",
    "CreateKey",
    "CreateOptionGroup",
    "CreateReplicationGroup",
    "CreateSecurityGroup",
    "CreateSubnet",
    "CreateVpc",
    "DeleteAlias",
    "DeleteDBCluster",
    "DeleteDBInstance",
    "DeleteDBParameterGroup",
    "DeleteDBSnapshot",
    "DeleteDBSubnetGroup",
    "DeleteEventSubscription",
    "DeleteGlobalCluster",
    "DeleteOptionGroup",
    "DeleteSecurityGroup",
    "DeleteSubnet",
    "DeleteVpc",
    "DescribeAccountAttributes",
    "DescribeBlueGreenDeployments",
    "DescribeDBClusterSnapshots",
    "DescribeDBClusters",
    "DescribeDBEngineVersions",
    "DescribeDBInstances",
    "DescribeDBParameterGroups",
    "DescribeDBSnapshotAttributes",
    "DescribeDBSnapshots",
    "DescribeDBSubnetGroups",
    "DescribeEventSubscriptions",
    "DescribeEvents",
    "DescribeGlobalClusters",
    "DescribeGlobalReplicationGroups",
    "DescribeKey",
    "DescribeOptionGroups",
    "DescribeOrderableDBInstanceOptions",
    "DescribeReplicationGroups",
    "DescribeSecurityGroups",
    "DescribeSubnets",
    "DescribeVpcs",
    "DisableKey",
    "EnableKey",
    "FailoverGlobalCluster",
    "FailoverGlobalReplicationGroup",
    "GetKeyPolicy",
    "ListAliases",
    "ListKeys",
    "ListTagsForResource",
    "ModifyDBCluster",
    "ModifyDBInstance",
    "ModifyDBSnapshot",
    "ModifyDBSnapshotAttribute",
    "ModifyEventSubscription",
    "ModifyGlobalCluster",
    "ModifyOptionGroup",
    "PromoteReadReplica",
    "PutKeyPolicy",
    "RemoveFromGlobalCluster",
    "RemoveTagsFromResource",
    "RestoreDBInstanceFromDBSnapshot",
    "StartDBInstance",
    "StopDBInstance",
    "SwitchoverBlueGreenDeployment",
    "SwitchoverGlobalCluster",
];

/// The fields of a kind of record.
pub(super) fn fields(kind: ResourceKind) -> impl Iterator<Item = &'static str> {
    let names = match kind {
        ResourceKind::Instance => INSTANCE,
        ResourceKind::Snapshot => SNAPSHOT,
        ResourceKind::Cluster => CLUSTER,
        ResourceKind::ClusterSnapshot => CLUSTER_SNAPSHOT,
        ResourceKind::GlobalCluster => GLOBAL_CLUSTER,
        ResourceKind::ReplicationGroup => REPLICATION_GROUP,
        ResourceKind::GlobalDatastore => GLOBAL_DATASTORE,
    };
    names.split_ascii_whitespace()
}

/// `DBInstance`.
const INSTANCE: &str = "\
    ActivityStreamEngineNativeAuditFieldsIncluded ActivityStreamKinesisStreamName \
    ActivityStreamKmsKeyId ActivityStreamMode ActivityStreamPolicyStatus ActivityStreamStatus \
    AdditionalStorageVolumes AllocatedStorage AssociatedRoles AutoMinorVersionUpgrade \
    AutomaticRestartTime AutomationMode AvailabilityZone AwsBackupRecoveryPointArn \
    BackupRetentionPeriod BackupTarget CACertificateIdentifier CertificateDetails CharacterSetName \
    CopyTagsToSnapshot CustomIamInstanceProfile CustomerOwnedIpEnabled DBClusterIdentifier \
    DBInstanceArn DBInstanceAutomatedBackupsReplications DBInstanceClass DBInstanceIdentifier \
    DBInstanceStatus DBName DBParameterGroups DBSecurityGroups DBSubnetGroup DBSystemId \
    DatabaseInsightsMode DbInstancePort DbiResourceId DedicatedLogVolume DeletionProtection \
    DomainMemberships EnabledCloudwatchLogsExports Endpoint Engine EngineLifecycleSupport \
    EngineVersion EnhancedMonitoringResourceArn IAMDatabaseAuthenticationEnabled InstanceCreateTime \
    Iops IsStorageConfigUpgradeAvailable KmsKeyId LatestRestorableTime LicenseModel ListenerEndpoint \
    MasterUserSecret MasterUsername MaxAllocatedStorage MonitoringInterval MonitoringRoleArn MultiAZ \
    MultiTenant NcharCharacterSetName NetworkType OptionGroupMemberships PendingModifiedValues \
    PercentProgress PerformanceInsightsEnabled PerformanceInsightsKMSKeyId \
    PerformanceInsightsRetentionPeriod PreferredBackupWindow PreferredMaintenanceWindow \
    ProcessorFeatures PromotionTier PubliclyAccessible ReadReplicaDBClusterIdentifiers \
    ReadReplicaDBInstanceIdentifiers ReadReplicaSourceDBClusterIdentifier \
    ReadReplicaSourceDBInstanceIdentifier ReplicaMode ResumeFullAutomationModeTime \
    SecondaryAvailabilityZone StatusInfos StorageEncrypted StorageEncryptionType \
    StorageOperationPercentProgress StorageOperationStatus StorageThroughput StorageType \
    StorageVolumeStatus TagList TdeCredentialArn Timezone UpgradeRolloutOrder VpcSecurityGroups";

/// `DBSnapshot`.
const SNAPSHOT: &str = "\
    AdditionalStorageVolumes AllocatedStorage AvailabilityZone BackupRetentionPeriod \
    DBInstanceIdentifier DBSnapshotArn DBSnapshotIdentifier DBSystemId DbiResourceId \
    DedicatedLogVolume Encrypted Engine EngineVersion FullSnapshotSizeInBytes \
    IAMDatabaseAuthenticationEnabled InstanceCreateTime Iops KmsKeyId LicenseModel MasterUsername \
    MultiTenant OptionGroupName OriginalSnapshotCreateTime PercentProgress Port PreferredBackupWindow \
    ProcessorFeatures SnapshotAvailabilityZone SnapshotCreateTime SnapshotDatabaseTime SnapshotTarget \
    SnapshotType SourceDBSnapshotIdentifier SourceRegion Status StorageEncryptionType \
    StorageThroughput StorageType TagList TdeCredentialArn Timezone VpcId";

/// `DBCluster`.
const CLUSTER: &str = "\
    ActivityStreamKinesisStreamName ActivityStreamKmsKeyId ActivityStreamMode ActivityStreamStatus \
    AllocatedStorage AssociatedRoles AutoMinorVersionUpgrade AutomaticRestartTime AvailabilityZones \
    AwsBackupRecoveryPointArn BacktrackConsumedChangeRecords BacktrackWindow BackupRetentionPeriod \
    Capacity CertificateDetails CharacterSetName CloneGroupId ClusterCreateTime ClusterScalabilityType \
    CopyTagsToSnapshot CrossAccountClone CustomEndpoints DBClusterArn DBClusterIdentifier \
    DBClusterInstanceClass DBClusterMembers DBClusterOptionGroupMemberships DBClusterParameterGroup \
    DBSubnetGroup DBSystemId DatabaseInsightsMode DatabaseName DbClusterResourceId DeletionProtection \
    DomainMemberships EarliestBacktrackTime EarliestRestorableTime EnabledCloudwatchLogsExports \
    Endpoint Engine EngineLifecycleSupport EngineMode EngineVersion GlobalClusterIdentifier \
    GlobalWriteForwardingRequested GlobalWriteForwardingStatus HostedZoneId HttpEndpointEnabled \
    IAMDatabaseAuthenticationEnabled IOOptimizedNextAllowedModificationTime \
    InternetAccessGatewayEnabled Iops KmsKeyId LatestRestorableTime LimitlessDatabase \
    LocalWriteForwardingStatus MasterUserSecret MasterUsername MonitoringInterval MonitoringRoleArn \
    MultiAZ NetworkType PendingModifiedValues PercentProgress PerformanceInsightsEnabled \
    PerformanceInsightsKMSKeyId PerformanceInsightsRetentionPeriod Port PreferredBackupWindow \
    PreferredMaintenanceWindow PubliclyAccessible RdsCustomClusterConfiguration ReadReplicaIdentifiers \
    ReaderEndpoint ReplicationSourceIdentifier ScalingConfigurationInfo ServerlessV2PlatformVersion \
    ServerlessV2ScalingConfiguration Status StatusInfos StorageEncrypted StorageEncryptionType \
    StorageThroughput StorageType TagList UpgradeRolloutOrder VPCNetworkingEnabled VpcSecurityGroups";

/// `DBClusterSnapshot`.
const CLUSTER_SNAPSHOT: &str = "\
    AllocatedStorage AvailabilityZones BackupRetentionPeriod ClusterCreateTime DBClusterIdentifier \
    DBClusterSnapshotArn DBClusterSnapshotIdentifier DBSystemId DbClusterResourceId Engine EngineMode \
    EngineVersion IAMDatabaseAuthenticationEnabled KmsKeyId LicenseModel MasterUsername \
    PercentProgress Port PreferredBackupWindow SnapshotCreateTime SnapshotType \
    SourceDBClusterSnapshotArn Status StorageEncrypted StorageEncryptionType StorageThroughput \
    StorageType TagList VpcId";

/// `GlobalCluster`.
const GLOBAL_CLUSTER: &str = "\
    DatabaseName DeletionProtection Endpoint Engine EngineLifecycleSupport EngineVersion FailoverState \
    GlobalClusterArn GlobalClusterIdentifier GlobalClusterMembers GlobalClusterResourceId Status \
    StorageEncrypted StorageEncryptionType TagList";

/// `ReplicationGroup`.
const REPLICATION_GROUP: &str = "\
    ARN AtRestEncryptionEnabled AuthTokenEnabled AuthTokenLastModifiedDate AutoMinorVersionUpgrade \
    AutomaticFailover CacheNodeType ClusterEnabled ClusterMode ConfigurationEndpoint DataTiering \
    Description Durability EffectiveDurability Engine GlobalReplicationGroupInfo IpDiscovery KmsKeyId \
    LogDeliveryConfigurations MemberClusters MemberClustersOutpostArns MultiAZ NetworkType NodeGroups \
    PendingModifiedValues ReplicationGroupCreateTime ReplicationGroupId SnapshotRetentionLimit \
    SnapshotWindow SnapshottingClusterId Status StorageEncryptionType TransitEncryptionEnabled \
    TransitEncryptionMode UserGroupIds";

/// `GlobalReplicationGroup`.
const GLOBAL_DATASTORE: &str = "\
    ARN AtRestEncryptionEnabled AuthTokenEnabled CacheNodeType ClusterEnabled Engine EngineVersion \
    GlobalNodeGroups GlobalReplicationGroupDescription GlobalReplicationGroupId Members Status \
    TransitEncryptionEnabled";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_of_the_world_can_be_refused() {
        const SOURCES: [&str; 10] = [
            include_str!("../../api/request.rs"),
            include_str!("../../clusters/request.rs"),
            include_str!("../../cache/request.rs"),
            include_str!("../../events/request.rs"),
            include_str!("../../keys/request.rs"),
            include_str!("../../blue_green/record.rs"),
            include_str!("../../network/request.rs"),
            include_str!("../../option_groups/request.rs"),
            include_str!("../../parameter_groups/mod.rs"),
            include_str!("../../subnet_groups/mod.rs"),
        ];
        let lines = SOURCES.into_iter().flat_map(str::lines);
        let named = lines
            .filter_map(|line| line.trim().strip_suffix("\",")?.rsplit_once("=> \"").map(|(_, name)| name));
        // The names in capitals are statuses of blue/green deployments.
        let mut actions: Vec<&str> = named.filter(|name| name.contains(char::is_lowercase)).collect();
        actions.sort_unstable();
        assert_eq!(actions, ACTIONS);
    }
}
