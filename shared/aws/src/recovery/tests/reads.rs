//! Tests of every list: all pages, all fields, and the fields that an answer may lack.

use std::sync::Arc;

use pilot_light_domain::aws::error::{GatewayError, GatewayErrorKind};
use pilot_light_domain::model::database::Engine;
use pilot_light_domain::model::listing::Listing;
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::model::tags;
use pilot_light_domain::recovery::{
    DbCluster, DbInstance, Endpoint, GlobalCluster, GlobalMember, GlobalReplicationGroup, InstanceGroups,
    RecoveryGateway, ReplicationGroupMember, ReplicationRole, Specification, StorageEncryption,
};

use super::recovery;
use crate::testing::{Canned, fields, only_request, pairs, rds_answer, rds_error};

const FIRST: [(&str, &str); 1] = [("MaxRecords", "100")];
const SECOND: [(&str, &str); 2] = [("MaxRecords", "100"), ("Marker", "page 2")];

fn two_pages(action: &str, list: &str, first: &str, second: &str) -> Canned {
    let first = format!("<{list}>{first}</{list}><Marker>page 2</Marker>");
    let second = format!("<{list}>{second}</{list}>");
    Canned::new([first, second].map(|page| (200, rds_answer(action, &page))))
}

fn sent(canned: &Canned) -> Vec<Vec<(String, String)>> {
    canned.sent().iter().map(|body| fields(body)).collect()
}

fn instance_xml(name: &str, rest: &str) -> String {
    format!(
        "<DBInstance><DBInstanceIdentifier>{name}</DBInstanceIdentifier>\
         <DBInstanceArn>arn:aws:rds:us-east-1:111111111111:db:{name}</DBInstanceArn><Engine>mysql</Engine>\
         <DBInstanceStatus>available</DBInstanceStatus><DBInstanceClass>db.t4g.micro</DBInstanceClass>\
         <DbiResourceId>db-{name}</DbiResourceId><DeletionProtection>false</DeletionProtection>{rest}</DBInstance>"
    )
}

fn instance(name: &str) -> DbInstance {
    DbInstance {
        arn: format!("arn:aws:rds:us-east-1:111111111111:db:{name}").parse().unwrap(),
        status: "available".to_owned(),
        engine: Engine("mysql".into()),
        class: "db.t4g.micro".to_owned(),
        specification: Specification::default(),
        resource_id: format!("db-{name}"),
        created_at: None,
        cluster: None,
        replica_of: None,
        replicas: Vec::new(),
        deletion_protection: false,
        backup_retention_days: None,
        multi_az: None,
        kms_key: None,
        public: None,
        groups: InstanceGroups::default(),
        endpoint: None,
        tags: tags::of([]),
    }
}

#[tokio::test]
async fn instances_name_their_replication_source_and_their_replicas() {
    let source = "arn:aws:rds:us-west-2:111111111111:db:orders";
    let first = instance_xml(
        "orders",
        &format!(
            "<ReadReplicaSourceDBInstanceIdentifier>{source}</ReadReplicaSourceDBInstanceIdentifier>\
             <ReadReplicaDBInstanceIdentifiers><ReadReplicaDBInstanceIdentifier>reports\
             </ReadReplicaDBInstanceIdentifier></ReadReplicaDBInstanceIdentifiers>\
             <InstanceCreateTime>2026-01-02T03:04:05.678Z</InstanceCreateTime>\
             <BackupRetentionPeriod>7</BackupRetentionPeriod><MultiAZ>true</MultiAZ><KmsKeyId>a-key</KmsKeyId>\
             <Endpoint><Address>orders.example.com</Address><Port>3306</Port></Endpoint>\
             <DBClusterIdentifier>shop</DBClusterIdentifier><EngineVersion>8.0.39</EngineVersion>\
             <LicenseModel>general-public-license</LicenseModel><StorageType>gp3</StorageType>\
             <AllocatedStorage>100</AllocatedStorage><Iops>3000</Iops><PubliclyAccessible>false</PubliclyAccessible>\
             <DBSubnetGroup><DBSubnetGroupName>private</DBSubnetGroupName></DBSubnetGroup><VpcSecurityGroups>\
             <VpcSecurityGroupMembership><VpcSecurityGroupId>sg-1</VpcSecurityGroupId><Status>active</Status>\
             </VpcSecurityGroupMembership><VpcSecurityGroupMembership><VpcSecurityGroupId>sg-2</VpcSecurityGroupId>\
             <Status>removing</Status></VpcSecurityGroupMembership></VpcSecurityGroups><DBParameterGroups>\
             <DBParameterGroup><DBParameterGroupName>tuned</DBParameterGroupName></DBParameterGroup>\
             </DBParameterGroups><OptionGroupMemberships><OptionGroupMembership>\
             <OptionGroupName>audited</OptionGroupName><Status>in-sync</Status></OptionGroupMembership>\
             </OptionGroupMemberships>\
             <TagList><Tag><Key>PilotLightRefreshable</Key><Value>YES</Value></Tag></TagList>"
        ),
    );
    let second = instance_xml(
        "plain",
        "<ReadReplicaSourceDBInstanceIdentifier></ReadReplicaSourceDBInstanceIdentifier>",
    );
    let second = second.replace(">false<", ">true<").replace(">available<", ">strange-new-state<");
    let canned = two_pages("DescribeDBInstances", "DBInstances", &first, &second);

    let found = recovery(&canned, "us-east-1").db_instances().await;

    let orders = DbInstance {
        created_at: Some("2026-01-02T03:04:05.678Z".parse().unwrap()),
        cluster: Some("shop".parse().unwrap()),
        specification: Specification {
            engine_version: Some("8.0.39".to_owned()),
            license: Some("general-public-license".to_owned()),
            storage_type: Some("gp3".to_owned()),
            gib: Some(100),
            iops: Some(3000),
        },
        replica_of: Some(source.to_owned()),
        replicas: vec!["reports".to_owned()],
        backup_retention_days: Some(7),
        multi_az: Some(true),
        kms_key: Some("a-key".to_owned()),
        public: Some(false),
        groups: InstanceGroups {
            subnet: vec!["private".to_owned()],
            security: vec!["sg-1".to_owned()],
            parameter: vec!["tuned".to_owned()],
            option: vec!["audited".to_owned()],
        },
        endpoint: Some(Endpoint { address: "orders.example.com".to_owned(), port: 3306 }),
        tags: tags::of([("PilotLightRefreshable", "YES")]),
        ..instance("orders")
    };
    let plain =
        DbInstance { status: "strange-new-state".to_owned(), deletion_protection: true, ..instance("plain") };
    assert_eq!(found, Ok(vec![orders, plain].into()));
    assert_eq!(sent(&canned), [pairs(FIRST), pairs(SECOND)]);
}

fn cluster_xml(name: &str, rest: &str) -> String {
    format!(
        "<DBCluster><DBClusterIdentifier>{name}</DBClusterIdentifier>\
         <DBClusterArn>arn:aws:rds:us-east-1:111111111111:cluster:{name}</DBClusterArn>\
         <Engine>aurora-postgresql</Engine><Status>promoting</Status>\
         <DbClusterResourceId>cluster-{name}</DbClusterResourceId>\
         <DeletionProtection>true</DeletionProtection>{rest}</DBCluster>"
    )
}

#[tokio::test]
async fn clusters_name_their_members() {
    let member = |name| {
        format!("<DBClusterMember><DBInstanceIdentifier>{name}</DBInstanceIdentifier></DBClusterMember>")
    };
    let rest = format!(
        "<DBClusterMembers>{}{}</DBClusterMembers><Endpoint>shop.example.com</Endpoint><Port>5432</Port>\
         <ClusterCreateTime>2026-01-01T00:00:00Z</ClusterCreateTime><EngineVersion>16.4</EngineVersion>\
         <StorageEncrypted>false</StorageEncrypted><StorageEncryptionType>sse-rds</StorageEncryptionType>\
         <TagList><Tag><Key>k</Key><Value>v</Value></Tag></TagList>",
        member("shop-1"),
        member("shop-2")
    );
    let canned =
        two_pages("DescribeDBClusters", "DBClusters", &cluster_xml("shop", &rest), &cluster_xml("empty", ""));

    let found = recovery(&canned, "us-east-1").db_clusters().await;

    let empty = DbCluster {
        arn: "arn:aws:rds:us-east-1:111111111111:cluster:empty".parse().unwrap(),
        status: "promoting".to_owned(),
        engine: Engine("aurora-postgresql".into()),
        engine_version: None,
        resource_id: "cluster-empty".to_owned(),
        created_at: None,
        members: Vec::new(),
        deletion_protection: true,
        encryption: None,
        endpoint: None,
        tags: tags::of([]),
    };
    let shop = DbCluster {
        arn: "arn:aws:rds:us-east-1:111111111111:cluster:shop".parse().unwrap(),
        engine_version: Some("16.4".to_owned()),
        resource_id: "cluster-shop".to_owned(),
        created_at: Some("2026-01-01T00:00:00Z".parse().unwrap()),
        members: vec!["shop-1".parse().unwrap(), "shop-2".parse().unwrap()],
        encryption: Some(StorageEncryption::AwsOwned),
        endpoint: Some(Endpoint { address: "shop.example.com".to_owned(), port: 5432 }),
        tags: tags::of([("k", "v")]),
        ..empty.clone()
    };
    assert_eq!(found, Ok(vec![shop, empty].into()));
    assert_eq!(sent(&canned), [pairs(FIRST), pairs(SECOND)]);
}

fn global_xml(id: &str, members: &str) -> String {
    format!(
        "<GlobalClusterMember><GlobalClusterIdentifier>{id}</GlobalClusterIdentifier><Status>available</Status>\
         <DeletionProtection>false</DeletionProtection>\
         <GlobalClusterMembers>{members}</GlobalClusterMembers></GlobalClusterMember>"
    )
}

#[tokio::test]
async fn global_clusters_name_their_writing_member() {
    let member = |region, writes| {
        format!(
            "<GlobalClusterMember><DBClusterArn>arn:aws:rds:{region}:111111111111:cluster:shop</DBClusterArn>\
             <Readers/><IsWriter>{writes}</IsWriter></GlobalClusterMember>"
        )
    };
    let members = member("us-east-1", true) + &member("us-west-2", false);
    let canned = two_pages(
        "DescribeGlobalClusters",
        "GlobalClusters",
        &global_xml("shop-global", &members),
        &global_xml("none", ""),
    );

    let found = recovery(&canned, "us-east-1").global_clusters().await;

    let member = |region: &str, is_writer| GlobalMember {
        cluster: format!("arn:aws:rds:{region}:111111111111:cluster:shop").parse().unwrap(),
        is_writer,
    };
    let global = |id: &str, members| GlobalCluster {
        id: id.to_owned(),
        status: "available".to_owned(),
        deletion_protection: false,
        members,
    };
    let members = vec![member("us-east-1", true), member("us-west-2", false)];
    assert_eq!(found, Ok(vec![global("shop-global", members), global("none", Vec::new())].into()));
    assert_eq!(sent(&canned), [pairs(FIRST), pairs(SECOND)]);
}

fn datastore_xml(id: &str, members: &str) -> String {
    format!(
        "<GlobalReplicationGroup><GlobalReplicationGroupId>{id}</GlobalReplicationGroupId>\
         <Status>primary-only</Status><Members>{members}</Members></GlobalReplicationGroup>"
    )
}

fn datastore_member(region: &str, role: &str) -> String {
    format!(
        "<GlobalReplicationGroupMember><ReplicationGroupId>cache</ReplicationGroupId>\
         <ReplicationGroupRegion>{region}</ReplicationGroupRegion><Role>{role}</Role><Status>associated</Status>\
         </GlobalReplicationGroupMember>"
    )
}

#[tokio::test]
async fn global_datastores_are_read_with_their_members() {
    let members = datastore_member("us-east-1", "PRIMARY") + &datastore_member("us-west-2", "SECONDARY");
    let (first, second) = (datastore_xml("g-cache", &members), datastore_xml("g-none", ""));
    let canned = two_pages("DescribeGlobalReplicationGroups", "GlobalReplicationGroups", &first, &second);

    let found = recovery(&canned, "us-west-2").replication_groups().await;

    let member = |place: &str, role| ReplicationGroupMember {
        id: "cache".to_owned(),
        region: place.parse().unwrap(),
        role,
        status: "associated".to_owned(),
    };
    let group = |id: &str, members| GlobalReplicationGroup {
        id: id.to_owned(),
        status: "primary-only".to_owned(),
        members,
    };
    let members =
        vec![member("us-east-1", ReplicationRole::Primary), member("us-west-2", ReplicationRole::Secondary)];
    assert_eq!(found, Ok(vec![group("g-cache", members), group("g-none", Vec::new())].into()));
    let first = [("MaxRecords", "100"), ("ShowMemberInfo", "true")];
    let second = [("MaxRecords", "100"), ("Marker", "page 2"), ("ShowMemberInfo", "true")];
    assert_eq!(sent(&canned), [pairs(first), pairs(second)]);
    assert_eq!(canned.urls(), ["https://elasticache.us-west-2.amazonaws.com/"; 2]);
}

fn snapshot_xml(name: &str) -> String {
    format!(
        "<DBSnapshot><DBSnapshotArn>arn:aws:rds:us-east-1:111111111111:snapshot:{name}</DBSnapshotArn>\
         <DBInstanceIdentifier>orders</DBInstanceIdentifier><Engine>mysql</Engine><Status>available</Status>\
         <Encrypted>false</Encrypted></DBSnapshot>"
    )
}

fn names(found: &[Arc<Snapshot>]) -> Vec<&str> {
    found.iter().map(|snapshot| snapshot.arn.id.as_str()).collect()
}

#[tokio::test]
async fn manual_and_automated_snapshots_of_one_or_all_instances_are_read() {
    let pages = || {
        let first = snapshot_xml("rds:orders-1");
        two_pages("DescribeDBSnapshots", "DBSnapshots", &first, &snapshot_xml("orders-2"))
    };
    let canned = pages();
    let found = recovery(&canned, "us-east-1").snapshots(None).await.unwrap();
    assert_eq!(names(&found), ["rds:orders-1", "orders-2"]);
    // The request has no `SnapshotType`. With one, RDS omits the other kind.
    assert_eq!(sent(&canned), [pairs(FIRST), pairs(SECOND)]);
    let canned = pages();
    let orders = "orders".parse().unwrap();
    recovery(&canned, "us-east-1").snapshots(Some(&orders)).await.unwrap();
    let mut expected = pairs([("DBInstanceIdentifier", "orders")]);
    expected.extend(pairs(FIRST));
    assert_eq!(sent(&canned)[0], expected);
}

#[tokio::test]
async fn an_unknown_instance_has_no_snapshots_but_a_refusal_is_an_error() {
    let nobody = "nobody".parse().unwrap();
    let canned = Canned::new([(404, rds_error("DBInstanceNotFound", "DBInstance nobody not found."))]);
    assert_eq!(recovery(&canned, "us-east-1").snapshots(Some(&nobody)).await, Ok(Vec::new().into()));
    let canned = Canned::new([(400, rds_error("Throttling", "Rate exceeded"))]);
    let error = recovery(&canned, "us-east-1").snapshots(Some(&nobody)).await.unwrap_err();
    assert_eq!((error.action, error.kind), ("DescribeDBSnapshots", GatewayErrorKind::Throttled));
    assert_eq!(only_request(&canned), pairs([("DBInstanceIdentifier", "nobody"), ("MaxRecords", "100")]));
}

/// The problem of the record in a read of `xml`, the only element of `list`, without the element `element`.
macro_rules! without {
    ($action:literal, $list:literal, $method:ident, $xml:expr, $element:literal) => {{
        let (open, close) = (format!("<{}>", $element), format!("</{}>", $element));
        let (start, end) = ($xml.find(&open).unwrap(), $xml.find(&close).unwrap() + close.len());
        let xml = format!("<{0}>{1}{2}</{0}>", $list, &$xml[..start], &$xml[end..]);
        let canned = Canned::new([(200, rds_answer($action, &xml))]);
        problem_of(recovery(&canned, "us-east-1").$method().await)
    }};
}

/// Checks for each element that a record without it is odd, with a problem that names it.
macro_rules! each_is_named {
    ($action:literal, $list:literal, $method:ident, $xml:expr, $who:literal: $($element:literal = $name:literal),+) => {{
        let xml = $xml;
        $(
            let message = without!($action, $list, $method, xml, $element);
            let expected = concat!($who, " has no ", $name);
            assert_eq!(message, expected);
        )+
    }};
}

#[tokio::test]
async fn each_missing_field_is_named() {
    each_is_named!("DescribeDBInstances", "DBInstances", db_instances, instance_xml("orders", ""), "orders":
        "DBInstanceArn" = "DBInstanceArn", "DBInstanceStatus" = "DBInstanceStatus", "Engine" = "Engine",
        "DBInstanceClass" = "DBInstanceClass", "DbiResourceId" = "DbiResourceId",
        "DeletionProtection" = "DeletionProtection");
    let members = "<DBClusterMembers><DBClusterMember><DBInstanceIdentifier>a</DBInstanceIdentifier>\
                   </DBClusterMember></DBClusterMembers>";
    each_is_named!("DescribeDBClusters", "DBClusters", db_clusters, cluster_xml("shop", members), "shop":
        "DBClusterArn" = "DBClusterArn", "Status" = "Status", "Engine" = "Engine",
        "DbClusterResourceId" = "DbClusterResourceId", "DeletionProtection" = "DeletionProtection",
        "DBInstanceIdentifier" = "DBInstanceIdentifier of a member");
    let member = "<GlobalClusterMember><DBClusterArn>arn:aws:rds:us-east-1:111111111111:cluster:c</DBClusterArn>\
                  <IsWriter>true</IsWriter></GlobalClusterMember>";
    each_is_named!("DescribeGlobalClusters", "GlobalClusters", global_clusters, global_xml("g", member), "g":
        "Status" = "Status", "DeletionProtection" = "DeletionProtection",
        "DBClusterArn" = "DBClusterArn of a member", "IsWriter" = "IsWriter of a member");
    let anonymous = global_xml("g", "");
    each_is_named!("DescribeGlobalClusters", "GlobalClusters", global_clusters, anonymous,
        "a global cluster without identifier": "GlobalClusterIdentifier" = "GlobalClusterIdentifier");
}

#[tokio::test]
async fn each_missing_field_of_a_global_datastore_is_named() {
    let xml = datastore_xml("g", &datastore_member("us-east-1", "PRIMARY"));
    each_is_named!("DescribeGlobalReplicationGroups", "GlobalReplicationGroups", replication_groups, xml, "g":
        "ReplicationGroupId" = "ReplicationGroupId of a member",
        "ReplicationGroupRegion" = "ReplicationGroupRegion of a member",
        "Role" = "Role of a member");
    each_is_named!("DescribeGlobalReplicationGroups", "GlobalReplicationGroups", replication_groups,
        datastore_xml("g", ""), "g": "Status" = "Status");
    let odd = datastore_xml("g", &datastore_member("us-east-1", "TERTIARY"));
    let list = format!("<GlobalReplicationGroups>{odd}</GlobalReplicationGroups>");
    let canned = Canned::new([(200, rds_answer("DescribeGlobalReplicationGroups", &list))]);
    assert_eq!(
        problem_of(recovery(&canned, "us-east-1").replication_groups().await),
        "Role of a member of g: 'TERTIARY' is neither PRIMARY nor SECONDARY"
    );
}

fn problem_of<T>(found: Result<Listing<T>, GatewayError>) -> String {
    let found = found.unwrap();
    assert_eq!((found.records.len(), found.odd.len()), (0, 1));
    found.odd[0].problem.clone()
}
