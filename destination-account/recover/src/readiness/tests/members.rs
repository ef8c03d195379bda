//! The new member of a global cluster: its class, and the role of its enhanced monitoring.

use super::*;
use crate::kinds::aurora_secondary::CreateAuroraSecondaryDBCluster;
use crate::testing::{cluster, cluster_arn, global, member, nothing};

const SECONDARY: &[(&str, &str)] = &[
    ("GlobalClusterIdentifier", "shop"),
    ("DBClusterIdentifier", "shop-west"),
    ("SourceDBClusterIdentifier", "arn:aws:rds:us-east-1:222222222222:cluster:shop-east"),
    ("DBInstanceIdentifier", "shop-west-1"),
    ("DBInstanceClass", "db.r6g.large"),
    ("DBSubnetGroupName", "private"),
    ("Engine", "aurora-mysql"),
    ("KmsKeyId", KEY_ARN),
];
const OLD_VERSION: &str = "8.0.mysql_aurora.3.08.0";

/// The lists for a secondary of the cluster in the east. AWS states for each class whether global clusters may have it.
fn facts() -> Facts {
    let mut primary = cluster(EAST, "shop-east", &["shop-east-1"]);
    primary.engine_version = Some(OLD_VERSION.to_owned());
    let mut facts = nothing(HERE).add_cluster(primary);
    let all: Vec<Orderable> =
        [("db.r6g.large", true), ("db.t4g.medium", false), ("db.x9.large", false), ("db.serverless", true)]
            .into_iter()
            .map(|(class, is_global)| row(class, Some(is_global)))
            .collect();
    for one in &all {
        set(&mut facts, offered(Some(&one.class)), Found::Orderable(vec![one.clone()]));
    }
    set(&mut facts, offered(None), Found::Orderable(all));
    set(&mut facts, Lookup::SubnetGroups, Found::SubnetGroups(subnet_groups()));
    set(&mut facts, Lookup::Key(KEY_ARN.to_owned()), key("Enabled", HERE));
    facts
}

fn row(class: &str, is_global: Option<bool>) -> Orderable {
    Orderable { global: is_global, ..rows(class).remove(0) }
}

fn offered(class: Option<&str>) -> Lookup {
    let (engine, version) = ("aurora-mysql".to_owned(), Some(OLD_VERSION.to_owned()));
    Lookup::Orderable { engine, version, class: class.map(str::to_owned) }
}

fn secondary(facts: &Facts, other: &[(&str, &str)]) -> Vec<String> {
    found::<CreateAuroraSecondaryDBCluster>(facts, &with(SECONDARY, other))
}

#[test]
fn a_class_that_global_clusters_refuse_blocks_and_the_others_are_named() {
    assert_eq!(secondary(&facts(), &[]), Vec::<String>::new());
    for class in ["db.t4g.medium", "db.x9.large"] {
        one(
            &secondary(&facts(), &[("DBInstanceClass", class)]),
            &format!(
                "Blocking DBInstanceClass: is {class}, which AWS refuses in a global cluster; it offers db.r6g.large there"
            ),
        );
    }
}

#[test]
fn a_burstable_class_blocks_even_if_aws_does_not_state_whether_global_clusters_may_have_it() {
    let mut silent = facts();
    set(&mut silent, offered(Some("db.t4g.medium")), Found::Orderable(vec![row("db.t4g.medium", None)]));
    let mut unlisted = facts();
    unlisted.lookups.clear();
    for facts in [silent, unlisted] {
        one(
            &secondary(&facts, &[("DBInstanceClass", "db.t4g.medium")]),
            "Blocking DBInstanceClass: is db.t4g.medium, which AWS refuses in a global cluster; ",
        );
    }
}

#[test]
fn the_list_of_all_classes_is_read_to_name_others_than_a_class_that_global_clusters_refuse() {
    let mut facts = facts();
    facts.lookups.remove(&Need::Lookup(region(HERE), offered(None)));
    let all = Need::Lookup(region(HERE), offered(None));
    for (class, is_needed) in [("db.r6g.large", false), ("db.t4g.medium", true)] {
        let kind: CreateAuroraSecondaryDBCluster =
            read(&setting(HERE, "run-1"), &with(SECONDARY, &[("DBInstanceClass", class)]));
        let demand = kind.demands(&facts, &setting(HERE, "run-1")).remove(0);
        let needs = missing(&[placed(1, &[], demand)], &facts);
        assert_eq!(needs.contains(&all), is_needed, "{class}");
    }
}

#[test]
fn a_serverless_member_blocks_unless_its_cluster_exists_already() {
    let serverless = [("DBInstanceClass", "db.serverless")];
    one(
        &secondary(&facts(), &serverless),
        "Blocking DBInstanceClass: is db.serverless, for which AWS requires a ServerlessV2ScalingConfiguration",
    );
    let members = [cluster_arn(EAST, "shop-east"), cluster_arn(WEST, "shop-west")];
    let following = facts()
        .add_cluster(cluster(WEST, "shop-west", &[]))
        .add_global(global("shop", &members))
        .add_instance(member(WEST, "other", "shop-west"));
    assert_eq!(secondary(&following, &serverless), Vec::<String>::new());
}

#[test]
fn a_monitoring_role_that_nobody_can_look_up_is_unknown() {
    let role = "arn:aws:iam::222222222222:role/team/monitoring";
    let monitored = [("MonitoringInterval", "60"), ("MonitoringRoleArn", role)];
    let findings = secondary(&facts(), &monitored);
    one(&findings, &format!("Unknown MonitoringRoleArn: is {role}; this check cannot look up a role"));
    one(&findings, "see `aws iam get-role --role-name monitoring`");
}
