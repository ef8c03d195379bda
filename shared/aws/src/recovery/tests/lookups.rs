//! Tests of the lists for the check of a manifest: requests, pages, and fields that an answer may lack.

use pilot_light_domain::aws::error::GatewayErrorKind;
use pilot_light_domain::recovery::{
    EngineVersion, Found, Key, Lookup, OptionGroup, Orderable, ParameterGroup, Quota, Quotas,
    RecoveryGateway, SecurityGroup, SubnetGroup,
};

use super::recovery;
use crate::testing::{Canned, fields, only_request, pairs, rds_answer};

async fn found(canned: &Canned, lookup: Lookup) -> Found {
    recovery(canned, "us-east-1").look_up(&lookup).await.unwrap()
}

fn canned(action: &str, result: &str) -> Canned {
    Canned::new([(200, rds_answer(action, result))])
}

#[tokio::test]
async fn subnet_groups_are_read_page_by_page_with_each_zone_once() {
    let zone = |zone: &str| {
        format!("<Subnet><SubnetAvailabilityZone><Name>{zone}</Name></SubnetAvailabilityZone></Subnet>")
    };
    let private = format!(
        "<DBSubnetGroup><DBSubnetGroupName>private</DBSubnetGroupName><VpcId>vpc-1</VpcId>\
         <SubnetGroupStatus>Complete</SubnetGroupStatus><Subnets>{}{}{}</Subnets></DBSubnetGroup>",
        zone("us-east-1b"),
        zone("us-east-1a"),
        zone("us-east-1b")
    );
    let bare = "<DBSubnetGroup><DBSubnetGroupName>bare</DBSubnetGroupName></DBSubnetGroup><DBSubnetGroup/>";
    let pages = [
        format!("<DBSubnetGroups>{private}</DBSubnetGroups><Marker>m</Marker>"),
        format!("<DBSubnetGroups>{bare}</DBSubnetGroups>"),
    ];
    let canned = Canned::new(pages.map(|page| (200, rds_answer("DescribeDBSubnetGroups", &page))));
    let group = |name: &str, vpc: Option<&str>, zones: &[&str], status: &str| SubnetGroup {
        name: name.to_owned(),
        vpc: vpc.map(str::to_owned),
        zones: zones.iter().map(ToString::to_string).collect(),
        status: status.to_owned(),
    };
    let expected = vec![
        group("private", Some("vpc-1"), &["us-east-1a", "us-east-1b"], "Complete"),
        group("bare", None, &[], ""),
    ];
    assert_eq!(found(&canned, Lookup::SubnetGroups).await, Found::SubnetGroups(expected));
    assert_eq!(fields(&canned.sent()[1]), pairs([("MaxRecords", "100"), ("Marker", "m")]));
}

#[tokio::test]
async fn parameter_groups_and_option_groups_are_read_with_what_they_fit() {
    let group = "<DBParameterGroups><DBParameterGroup><DBParameterGroupName>pg</DBParameterGroupName>\
                 <DBParameterGroupFamily>postgres16</DBParameterGroupFamily></DBParameterGroup></DBParameterGroups>";
    let answer = canned("DescribeDBParameterGroups", group);
    let expected = ParameterGroup { name: "pg".to_owned(), family: "postgres16".to_owned() };
    assert_eq!(found(&answer, Lookup::ParameterGroups).await, Found::ParameterGroups(vec![expected]));
    let group = "<OptionGroupsList><OptionGroup><OptionGroupName>og</OptionGroupName><EngineName>mysql</EngineName>\
                 <MajorEngineVersion>8.0</MajorEngineVersion><VpcId></VpcId></OptionGroup></OptionGroupsList>";
    let answer = canned("DescribeOptionGroups", group);
    let expected =
        OptionGroup { name: "og".to_owned(), engine: "mysql".to_owned(), major: "8.0".to_owned(), vpc: None };
    assert_eq!(found(&answer, Lookup::OptionGroups).await, Found::OptionGroups(vec![expected]));
}

#[tokio::test]
async fn a_version_is_read_whether_available_or_not_and_a_major_version_is_none() {
    let list = "<DBEngineVersions><DBEngineVersion><Engine>postgres</Engine><EngineVersion>13.7</EngineVersion>\
                <DBParameterGroupFamily>postgres13</DBParameterGroupFamily><Status>deprecated</Status>\
                </DBEngineVersion></DBEngineVersions>";
    let lookup =
        |version: &str| Lookup::EngineVersion { engine: "postgres".to_owned(), version: version.to_owned() };
    let answer = canned("DescribeDBEngineVersions", list);
    let expected =
        EngineVersion { family: Some("postgres13".to_owned()), status: Some("deprecated".to_owned()) };
    assert_eq!(found(&answer, lookup("13.7")).await, Found::EngineVersion(Some(expected)));
    let sent = only_request(&answer);
    assert!(sent.contains(&("IncludeAll".to_owned(), "true".to_owned())), "{sent:?}");
    let answer = canned("DescribeDBEngineVersions", list);
    assert_eq!(found(&answer, lookup("13")).await, Found::EngineVersion(None));
}

#[tokio::test]
async fn an_offer_is_read_with_its_limits_and_zones() {
    let row = "<OrderableDBInstanceOptions><OrderableDBInstanceOption><Engine>mysql</Engine>\
               <DBInstanceClass>db.r6g.large</DBInstanceClass><LicenseModel>general-public-license</LicenseModel>\
               <StorageType>io1</StorageType><MultiAZCapable>true</MultiAZCapable><MinStorageSize>100</MinStorageSize>\
               <MaxStorageSize>65536</MaxStorageSize><MinIopsPerDbInstance>1000</MinIopsPerDbInstance>\
               <SupportsGlobalDatabases>false</SupportsGlobalDatabases>\
               <AvailabilityZones><AvailabilityZone><Name>us-east-1a</Name></AvailabilityZone></AvailabilityZones>\
               </OrderableDBInstanceOption></OrderableDBInstanceOptions>";
    let answer = canned("DescribeOrderableDBInstanceOptions", row);
    let lookup = Lookup::Orderable {
        engine: "mysql".to_owned(),
        version: Some("8.0.39".to_owned()),
        class: Some("db.r6g.large".to_owned()),
    };
    let expected = Orderable {
        class: "db.r6g.large".to_owned(),
        license: "general-public-license".to_owned(),
        storage_type: "io1".to_owned(),
        multi_az: true,
        zones: vec!["us-east-1a".to_owned()],
        gib: (Some(100), Some(65_536)),
        iops: (Some(1000), None),
        global: Some(false),
    };
    assert_eq!(found(&answer, lookup).await, Found::Orderable(vec![expected]));
    let expected = [
        ("Engine", "mysql"),
        ("EngineVersion", "8.0.39"),
        ("DBInstanceClass", "db.r6g.large"),
        ("Vpc", "true"),
        ("MaxRecords", "1000"),
    ];
    assert_eq!(only_request(&answer), pairs(expected));
}

#[tokio::test]
async fn quotas_that_aws_does_not_give_are_absent() {
    let quota = "<AccountQuotas><AccountQuota><AccountQuotaName>DBInstances</AccountQuotaName><Used>3</Used>\
                 <Max>40</Max></AccountQuota></AccountQuotas>";
    let answer = canned("DescribeAccountAttributes", quota);
    let instances = Some(Quota { used: 3, max: 40 });
    assert_eq!(found(&answer, Lookup::Quotas).await, Found::Quotas(Quotas { instances, storage_gib: None }));
}

#[tokio::test]
async fn a_key_is_read_with_its_state_and_its_region() {
    let arn = "arn:aws:kms:eu-west-1:111111111111:key/k1";
    let body = format!(r#"{{"KeyMetadata":{{"KeyId":"k1","Arn":"{arn}","KeyState":"PendingDeletion"}}}}"#);
    let answer = Canned::new([(200, body)]);
    let expected = Key {
        arn: arn.to_owned(),
        state: "PendingDeletion".to_owned(),
        region: "eu-west-1".parse().unwrap(),
    };
    assert_eq!(found(&answer, Lookup::Key("alias/ours".to_owned())).await, Found::Key(Some(expected)));
    assert_eq!(answer.sent(), [r#"{"KeyId":"alias/ours"}"#]);
}

const GROUPS: &str = "<DescribeSecurityGroupsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
     <requestId>r</requestId><securityGroupInfo><item><ownerId>1</ownerId><groupId>sg-1</groupId>\
     <ipPermissions><item><groups><item><groupId>sg-9</groupId></item></groups></item></ipPermissions>\
     <vpcId>vpc-1</vpcId></item><item><groupId>sg-2</groupId></item></securityGroupInfo>\
     </DescribeSecurityGroupsResponse>";

#[tokio::test]
async fn security_groups_are_read_from_ec2_with_a_filter_and_a_signature() {
    let answer = Canned::new([(200, GROUPS)]);
    let ids = vec!["sg-1".to_owned(), "sg-2".to_owned()];
    let expected = SecurityGroup { id: "sg-1".to_owned(), vpc: "vpc-1".to_owned() };
    assert_eq!(found(&answer, Lookup::SecurityGroups(ids)).await, Found::SecurityGroups(vec![expected]));
    assert_eq!(answer.urls(), ["https://ec2.us-east-1.amazonaws.com/"]);
    let expected =
        [("Filter.1.Name", "group-id"), ("Filter.1.Value.1", "sg-1"), ("Filter.1.Value.2", "sg-2")];
    assert_eq!(only_request(&answer), pairs(expected));
    let signature = answer.header("authorization");
    assert!(signature.contains("/us-east-1/ec2/aws4_request"), "{signature}");
}

#[tokio::test]
async fn more_security_groups_than_a_filter_holds_are_read_in_parts() {
    let answer = Canned::new([(200, GROUPS), (200, GROUPS)]);
    let ids = (0..201).map(|n| format!("sg-{n}")).collect();
    found(&answer, Lookup::SecurityGroups(ids)).await;
    assert_eq!(
        fields(&answer.sent()[1]),
        pairs([("Filter.1.Name", "group-id"), ("Filter.1.Value.1", "sg-200")])
    );
}

#[tokio::test]
async fn a_refusal_by_ec2_is_an_error_with_its_code() {
    let body = "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized.</Message>\
                </Error></Errors><RequestID>r</RequestID></Response>";
    for (status, body, kind, code) in [
        (403, body, GatewayErrorKind::AccessDenied, "UnauthorizedOperation"),
        (503, "busy", GatewayErrorKind::Unavailable, "http 503"),
    ] {
        let answer = Canned::new([(status, body)]);
        let lookup = Lookup::SecurityGroups(vec!["sg-1".to_owned()]);
        let error = recovery(&answer, "us-east-1").look_up(&lookup).await.unwrap_err();
        assert_eq!((error.action, error.kind, error.code.as_str()), ("DescribeSecurityGroups", kind, code));
    }
}
