//! Tests of the list of endpoints: all pages, with and without cluster mode, and no answer at all.

use aws_smithy_http_client::test_util::NeverClient;
use aws_smithy_runtime_api::shared::IntoShared;
use pilot_light_domain::aws::error::GatewayErrorKind;
use pilot_light_domain::recovery::{CacheEndpoint, Endpoint, RecoveryCloud, RecoveryGateway};

use super::recovery;
use crate::cloud::AwsCloud;
use crate::testing::{Canned, config_over, fields, pairs, rds_answer, region};

const ACTION: &str = "DescribeReplicationGroups";

fn group_xml(id: &str, rest: &str) -> String {
    format!(
        "<ReplicationGroup><ReplicationGroupId>{id}</ReplicationGroupId><Status>available</Status>{rest}\
         </ReplicationGroup>"
    )
}

fn endpoint_xml(element: &str, address: &str) -> String {
    format!("<{element}><Address>{address}</Address><Port>6380</Port></{element}>")
}

fn node_group(rest: &str) -> String {
    format!("<NodeGroups><NodeGroup><NodeGroupId>0001</NodeGroupId>{rest}</NodeGroup></NodeGroups>")
}

fn page(groups: &str, marker: &str) -> (u16, String) {
    (200, rds_answer(ACTION, &format!("<ReplicationGroups>{groups}</ReplicationGroups>{marker}")))
}

#[tokio::test]
async fn the_endpoint_is_that_of_the_configuration_with_cluster_mode_and_that_of_the_primary_without() {
    let primary = endpoint_xml("PrimaryEndpoint", "primary.aws");
    let configuration = endpoint_xml("ConfigurationEndpoint", "clustercfg.aws");
    let reader = endpoint_xml("ReaderEndpoint", "reader.aws");
    let without = group_xml("without", &node_group(&format!("{primary}{reader}")));
    let with = group_xml("with", &format!("{configuration}{}", node_group("<Slots>0-16383</Slots>")));
    let first = format!("{without}{with}{}", group_xml("creating", ""));
    let second = group_xml("reader-only", &node_group(&reader));
    let canned = Canned::new([page(&first, "<Marker>page 2</Marker>"), page(&second, "")]);

    let found = recovery(&canned, "us-west-2").cache_endpoints().await;

    let expected = [
        ("without", Some("primary.aws")),
        ("with", Some("clustercfg.aws")),
        ("creating", None),
        ("reader-only", None),
    ];
    let expected = expected.map(|(group, address)| CacheEndpoint {
        group: group.to_owned(),
        endpoint: address.map(|address| Endpoint { address: address.to_owned(), port: 6380 }),
    });
    assert_eq!(found, Ok(expected.to_vec().into()));
    let sent: Vec<_> = canned.sent().iter().map(|body| fields(body)).collect();
    let second = [("MaxRecords", "100"), ("Marker", "page 2")];
    assert_eq!(sent, [pairs([("MaxRecords", "100")]), pairs(second)]);
    assert_eq!(canned.urls(), ["https://elasticache.us-west-2.amazonaws.com/"; 2]);
}

#[tokio::test]
async fn a_replication_group_without_identifier_is_odd() {
    let canned = Canned::new([page("<ReplicationGroup><Status>available</Status></ReplicationGroup>", "")]);
    let found = recovery(&canned, "us-west-2").cache_endpoints().await.unwrap();
    assert_eq!((found.records.len(), found.odd.len()), (0, 1));
    assert_eq!(found.odd[0].problem, "a replication group without identifier has no ReplicationGroupId");
}

#[tokio::test(start_paused = true)]
async fn a_list_of_endpoints_that_is_never_answered_is_given_up_before_the_next_check() {
    let started = tokio::time::Instant::now();
    let cloud = AwsCloud::new(config_over(NeverClient::new().into_shared()), &region("us-east-1"), "/p");
    let error = cloud.recovery(&region("us-east-1")).cache_endpoints().await.unwrap_err();
    assert_eq!((error.action, error.kind), (ACTION, GatewayErrorKind::Unavailable));
    assert!(started.elapsed().as_secs() < 15, "{:?}", started.elapsed());
}
