//! Tests of the gateway over the real client and canned HTTP: pages, requests and conversion.

use std::collections::BTreeSet;

use pilot_light_domain::Instant;
use pilot_light_domain::aws::cloud::Cloud;
use pilot_light_domain::aws::error::GatewayErrorKind;
use pilot_light_domain::aws::gateway::{CopySnapshot, CreateSnapshot, GroupOfCopy, RdsGateway};
use pilot_light_domain::model::database::{Database, Engine, InstanceStatus};
use pilot_light_domain::model::snapshot::{Snapshot, SnapshotStatus, TakenOf};
use pilot_light_domain::model::tags;

use super::*;
use crate::testing::{Canned, fields, only_request, pairs, rds_answer, rds_error, region};

fn rds(canned: &Canned) -> AwsRds {
    canned.cloud().rds(&region("us-east-1"))
}

fn time(text: &str) -> Option<Instant> {
    Some(text.parse().unwrap())
}

fn snapshot_xml(name: &str) -> String {
    format!(
        "<DBSnapshot><DBSnapshotIdentifier>{name}</DBSnapshotIdentifier>\
         <DBSnapshotArn>arn:aws:rds:us-east-1:111111111111:snapshot:{name}</DBSnapshotArn>\
         <DBInstanceIdentifier>orders</DBInstanceIdentifier><Engine>postgres</Engine><Status>available</Status>\
         <Encrypted>false</Encrypted></DBSnapshot>"
    )
}

#[tokio::test]
async fn instances_are_read_over_all_pages_with_all_fields() {
    let first = "<DBInstances><DBInstance><DBInstanceIdentifier>orders</DBInstanceIdentifier>\
        <DBInstanceArn>arn:aws:rds:us-east-1:111111111111:db:orders</DBInstanceArn>\
        <Engine>aurora-postgresql</Engine><DBInstanceStatus>strange-new-state</DBInstanceStatus>\
        <InstanceCreateTime>2026-01-02T03:04:05.678901Z</InstanceCreateTime><DbiResourceId>db-ORDERS</DbiResourceId>\
        <DBClusterIdentifier>shop</DBClusterIdentifier><StorageEncrypted>true</StorageEncrypted>\
        <KmsKeyId>arn:aws:kms:us-east-1:111111111111:key/k1</KmsKeyId>\
        <TagList><Tag><Key>CopyDBSnapshot</Key><Value>True</Value></Tag><Tag><Key>empty</Key></Tag></TagList>\
        </DBInstance></DBInstances><Marker>page 2</Marker>";
    let second = "<DBInstances><DBInstance><DBInstanceIdentifier>plain</DBInstanceIdentifier>\
        <DBInstanceArn>arn:aws:rds:us-east-1:111111111111:db:plain</DBInstanceArn><Engine>mysql</Engine>\
        <DBInstanceStatus>creating</DBInstanceStatus><StorageEncrypted>false</StorageEncrypted>\
        </DBInstance></DBInstances>";
    let canned = Canned::new([first, second].map(|page| (200, rds_answer("DescribeDBInstances", page))));

    let found = rds(&canned).instances().await;

    let orders = Database {
        arn: "arn:aws:rds:us-east-1:111111111111:db:orders".parse().unwrap(),
        engine: Engine("aurora-postgresql".into()),
        status: InstanceStatus("strange-new-state".to_owned()),
        created_at: time("2026-01-02T03:04:05.678901Z"),
        resource_id: Some("db-ORDERS".into()),
        cluster: Some("shop".parse().unwrap()),
        replica_of: None,
        kms_key: Some("arn:aws:kms:us-east-1:111111111111:key/k1".parse().unwrap()),
        tags: tags::of([("CopyDBSnapshot", "True"), ("empty", "")]),
    };
    let plain = Database {
        arn: "arn:aws:rds:us-east-1:111111111111:db:plain".parse().unwrap(),
        engine: Engine("mysql".into()),
        status: InstanceStatus("creating".to_owned()),
        created_at: None,
        resource_id: None,
        cluster: None,
        replica_of: None,
        kms_key: None,
        tags: tags::of([]),
    };
    assert_eq!(found, Ok(vec![orders, plain].into()));
    let sent = canned.sent();
    assert_eq!(fields(&sent[0]), pairs([("MaxRecords", "100")]));
    assert_eq!(fields(&sent[1]), pairs([("MaxRecords", "100"), ("Marker", "page 2")]));
}

#[tokio::test]
async fn a_snapshot_is_read_with_its_times_its_origin_and_an_unknown_status() {
    let xml = "<DBSnapshots><DBSnapshot>\
        <DBSnapshotArn>arn:aws-cn:rds:cn-north-1:222222222222:snapshot:orders-copy</DBSnapshotArn>\
        <DBInstanceIdentifier>orders</DBInstanceIdentifier><DbiResourceId>db-ORDERS</DbiResourceId>\
        <Engine>postgres</Engine><Status>incompatible-something</Status><EngineVersion>16.4</EngineVersion>\
        <LicenseModel>postgresql-license</LicenseModel><StorageType>gp3</StorageType>\
        <AllocatedStorage>100</AllocatedStorage>\
        <InstanceCreateTime>2025-01-01T00:00:00Z</InstanceCreateTime>\
        <SnapshotCreateTime>2026-01-01T02:00:00.5Z</SnapshotCreateTime>\
        <OriginalSnapshotCreateTime>2026-01-01T01:00:00.123Z</OriginalSnapshotCreateTime>\
        <SnapshotDatabaseTime>2026-01-01T00:59:59.999999Z</SnapshotDatabaseTime>\
        <SourceDBSnapshotIdentifier>arn:aws-cn:rds:cn-northwest-1:111111111111:snapshot:orders</SourceDBSnapshotIdentifier>\
        <Encrypted>true</Encrypted><KmsKeyId>arn:aws-cn:kms:cn-north-1:222222222222:key/k2</KmsKeyId>\
        </DBSnapshot></DBSnapshots>";
    let canned = Canned::new([(200, rds_answer("DescribeDBSnapshots", xml))]);
    let expected = Snapshot {
        arn: "arn:aws-cn:rds:cn-north-1:222222222222:snapshot:orders-copy".parse().unwrap(),
        taken_of: Arc::new(TakenOf {
            database: "orders".parse().unwrap(),
            resource_id: Some("db-ORDERS".into()),
            instance_created_at: time("2025-01-01T00:00:00Z"),
            engine: Engine("postgres".into()),
            engine_version: Some("16.4".into()),
            license_model: Some("postgresql-license".into()),
            storage_type: Some("gp3".into()),
            allocated_gib: Some(100),
        }),
        status: SnapshotStatus::Other("incompatible-something".into()),
        percent: None,
        created_at: time("2026-01-01T02:00:00.5Z"),
        original_created_at: time("2026-01-01T01:00:00.123Z"),
        database_time: time("2026-01-01T00:59:59.999999Z"),
        copied_from: Some("arn:aws-cn:rds:cn-northwest-1:111111111111:snapshot:orders".parse().unwrap()),
        kms_key: Some("arn:aws-cn:kms:cn-north-1:222222222222:key/k2".parse().unwrap()),
        tags: tags::of([]),
    };
    assert_eq!(rds(&canned).own_snapshots().await, Ok(vec![Arc::new(expected)].into()));
    assert_eq!(only_request(&canned), pairs([("SnapshotType", "manual"), ("MaxRecords", "100")]));
}

#[tokio::test]
async fn shared_snapshots_are_read_over_all_pages() {
    let page = |from: usize, to: usize, marker: &str| {
        let snapshots: String = (from..to).map(|number| snapshot_xml(&format!("s{number}"))).collect();
        (200, rds_answer("DescribeDBSnapshots", &format!("<DBSnapshots>{snapshots}</DBSnapshots>{marker}")))
    };
    let canned = Canned::new([
        page(0, 100, "<Marker>a</Marker>"),
        page(100, 200, "<Marker>b</Marker>"),
        page(200, 250, ""),
    ]);
    let found = rds(&canned).shared_snapshots().await.unwrap();
    let names: Vec<String> = found.iter().map(|snapshot| snapshot.arn.id.to_string()).collect();
    assert_eq!(names, (0..250).map(|number| format!("s{number}")).collect::<Vec<_>>());
    let markers: Vec<bool> =
        ["Marker=a", "Marker=b"].iter().zip(&canned.sent()[1..]).map(|(m, s)| s.contains(m)).collect();
    assert_eq!(markers, [true, true]);
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_described_and_the_others_are_read() {
    let whole = [snapshot_xml("s1"), snapshot_xml("s2"), snapshot_xml("s3")];
    let odd = whole[1].replace("<Engine>postgres</Engine>", "");
    let page = format!("<DBSnapshots>{}{odd}{}</DBSnapshots>", whole[0], whole[2]);
    let canned = Canned::new([(200, rds_answer("DescribeDBSnapshots", &page))]);
    let found = rds(&canned).own_snapshots().await.unwrap();
    let names: Vec<_> = found.iter().map(|snapshot| snapshot.arn.id.to_string()).collect();
    let problems: Vec<_> = found.odd.iter().map(|odd| odd.problem.as_str()).collect();
    assert_eq!(names, ["s1", "s3"]);
    assert_eq!(problems, ["arn:aws:rds:us-east-1:111111111111:snapshot:s2 has no Engine"]);
}

#[tokio::test]
async fn a_failing_page_fails_the_listing_instead_of_shortening_it() {
    let page = format!("<DBSnapshots>{}</DBSnapshots><Marker>a</Marker>", snapshot_xml("s1"));
    let canned = Canned::new([
        (200, rds_answer("DescribeDBSnapshots", &page)),
        (400, rds_error("Throttling", "Rate exceeded")),
    ]);
    let error = rds(&canned).own_snapshots().await.unwrap_err();
    assert_eq!((error.action, error.kind), ("DescribeDBSnapshots", GatewayErrorKind::Throttled));
}

#[tokio::test]
async fn a_missing_snapshot_is_none() {
    let canned = Canned::new([
        (404, rds_error("DBSnapshotNotFound", "DBSnapshot s1 not found.")),
        (
            200,
            rds_answer("DescribeDBSnapshots", &format!("<DBSnapshots>{}</DBSnapshots>", snapshot_xml("s1"))),
        ),
    ]);
    let rds = rds(&canned);
    let id = SnapshotId::new("s1").unwrap();
    assert_eq!(rds.own_snapshot(&id).await, Ok(None));
    assert_eq!(rds.own_snapshot(&id).await.map(|found| found.map(|s| s.arn.id.clone())), Ok(Some(id)));
    assert_eq!(fields(&canned.sent()[0]), pairs([("DBSnapshotIdentifier", "s1")]));
}

#[tokio::test]
async fn the_quota_is_read_again_after_twelve_requests() {
    let answer = |max| {
        let quota = |name, max| {
            format!(
                "<AccountQuota><AccountQuotaName>{name}</AccountQuotaName><Used>7</Used><Max>{max}</Max></AccountQuota>"
            )
        };
        let quotas = quota("DBInstances", 40) + &quota("ManualSnapshots", max);
        (200, rds_answer("DescribeAccountAttributes", &format!("<AccountQuotas>{quotas}</AccountQuotas>")))
    };
    let canned = Canned::new([answer(100), answer(300)]);
    let rds = rds(&canned);
    let mut seen = Vec::new();
    for _ in 0..13 {
        seen.push(rds.snapshot_quota().await.unwrap());
    }
    assert_eq!(seen, [[100; 12].as_slice(), &[300]].concat());
    assert_eq!(canned.sent().len(), 2);
}

#[tokio::test]
async fn an_account_without_the_quota_is_an_error_that_names_it() {
    let canned = Canned::new([(200, rds_answer("DescribeAccountAttributes", "<AccountQuotas/>"))]);
    let error = rds(&canned).snapshot_quota().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "AWS gave an unexpected answer (DescribeAccountAttributes failed with missing field: the account has no ManualSnapshots)"
    );
}

#[tokio::test]
async fn a_snapshot_is_taken_under_its_name_with_its_tags() {
    let canned = Canned::new([(200, rds_answer("CreateDBSnapshot", ""))]);
    let create = CreateSnapshot {
        database: "orders".parse().unwrap(),
        id: "orders-2026-01-01-00-00".parse().unwrap(),
        tags: tags::of([("CreatedBy", tags::TOOL)]),
    };
    assert_eq!(rds(&canned).create_snapshot(&create).await, Ok(()));
    let expected = [
        ("DBSnapshotIdentifier", "orders-2026-01-01-00-00"),
        ("DBInstanceIdentifier", "orders"),
        ("Tags.Tag.1.Key", "CreatedBy"),
        ("Tags.Tag.1.Value", "Snapshot Tool for RDS"),
    ];
    assert_eq!(only_request(&canned), pairs(expected));
}

#[tokio::test]
async fn a_copy_across_account_and_region_names_its_source_by_arn() {
    let canned = Canned::new([(200, rds_answer("CopyDBSnapshot", ""))]);
    let copy = CopySnapshot {
        source: "arn:aws:rds:eu-west-1:111111111111:snapshot:s1".parse().unwrap(),
        target: "s1-copy".parse().unwrap(),
        kms_key: Some("arn:aws:kms:us-east-1:222222222222:key/k".parse().unwrap()),
        option_group: GroupOfCopy::Named("og".to_owned()),
        tags: tags::of([]),
    };
    assert_eq!(rds(&canned).copy_snapshot(&copy).await, Ok(()));
    let expected = [
        ("SourceDBSnapshotIdentifier", "arn:aws:rds:eu-west-1:111111111111:snapshot:s1"),
        ("TargetDBSnapshotIdentifier", "s1-copy"),
        ("KmsKeyId", "arn:aws:kms:us-east-1:222222222222:key/k"),
        ("Tags", ""),
        ("OptionGroupName", "og"),
    ];
    assert_eq!(only_request(&canned), pairs(expected));
}

#[tokio::test]
async fn a_copy_that_takes_its_option_group_along_names_no_group() {
    let canned = Canned::new([(200, rds_answer("CopyDBSnapshot", ""))]);
    let copy = CopySnapshot {
        source: "arn:aws:rds:eu-west-1:111111111111:snapshot:s1".parse().unwrap(),
        target: "s1".parse().unwrap(),
        kms_key: None,
        option_group: GroupOfCopy::CopiedAlong,
        tags: tags::of([]),
    };
    assert_eq!(rds(&canned).copy_snapshot(&copy).await, Ok(()));
    let expected = [
        ("SourceDBSnapshotIdentifier", "arn:aws:rds:eu-west-1:111111111111:snapshot:s1"),
        ("TargetDBSnapshotIdentifier", "s1"),
        ("Tags", ""),
        ("CopyOptionGroup", "true"),
    ];
    assert_eq!(only_request(&canned), pairs(expected));
}

#[tokio::test]
async fn sharing_tagging_and_deleting_send_exactly_their_fields() {
    let sharing = "ModifyDBSnapshotAttribute";
    let actions = [sharing, sharing, "AddTagsToResource", "DeleteDBSnapshot"];
    let canned = Canned::new(actions.map(|action| (200, rds_answer(action, ""))));
    let rds = canned.cloud().rds(&region("eu-west-1"));
    let id = SnapshotId::new("s1").unwrap();
    let accounts = BTreeSet::from(["222222222222".parse().unwrap(), "333333333333".parse().unwrap()]);
    let arn: SnapshotArn = "arn:aws:rds:eu-west-1:111111111111:snapshot:s1".parse().unwrap();
    let former = BTreeSet::from(["444444444444".parse().unwrap()]);
    assert_eq!(rds.change_sharing(&id, &accounts, &former).await, Ok(()));
    assert_eq!(rds.change_sharing(&id, &BTreeSet::new(), &former).await, Ok(()));
    assert_eq!(rds.tag_snapshot(&arn, &tags::of([("SharedWith", "222222222222")])).await, Ok(()));
    assert_eq!(rds.delete_snapshot(&id).await, Ok(()));
    let expected = [
        pairs([
            ("DBSnapshotIdentifier", "s1"),
            ("AttributeName", "restore"),
            ("ValuesToAdd.AttributeValue.1", "222222222222"),
            ("ValuesToAdd.AttributeValue.2", "333333333333"),
            ("ValuesToRemove.AttributeValue.1", "444444444444"),
        ]),
        pairs([
            ("DBSnapshotIdentifier", "s1"),
            ("AttributeName", "restore"),
            ("ValuesToRemove.AttributeValue.1", "444444444444"),
        ]),
        pairs([
            ("ResourceName", "arn:aws:rds:eu-west-1:111111111111:snapshot:s1"),
            ("Tags.Tag.1.Key", "SharedWith"),
            ("Tags.Tag.1.Value", "222222222222"),
        ]),
        pairs([("DBSnapshotIdentifier", "s1")]),
    ];
    assert_eq!(canned.sent().iter().map(|body| fields(body)).collect::<Vec<_>>(), expected);
    assert!(
        canned.urls().iter().all(|url| url == "https://rds.eu-west-1.amazonaws.com/"),
        "{:?}",
        canned.urls()
    );
}
