use super::*;
use crate::testing::{HERE, first, instance, nothing, read, refusal, setting};

fn kind() -> PromoteRDSReadReplica {
    let parameters = [("RDSInstanceIdentifier", "Orders"), ("TargetClusterIdentifier", "unused")];
    read(&setting(HERE, "run-1"), &parameters)
}

fn replica() -> DbInstance {
    let primary = "arn:aws:rds:us-east-1:222222222222:db:orders".to_owned();
    DbInstance { replica_of: Some(primary), ..instance(HERE, "orders") }
}

fn begins(found: DbInstance) -> String {
    first(&kind(), &nothing(HERE).add_instance(found), &setting(HERE, "run-1"))
}

#[test]
fn a_promotion_waits_for_the_end_of_a_backup() {
    let busy = DbInstance { status: "backing-up".to_owned(), ..replica() };
    assert!(begins(busy).starts_with("wait: "));
    assert_eq!(begins(replica()), "promote orders");
}

#[test]
fn an_independent_instance_counts_as_promoted() {
    assert_eq!(begins(instance(HERE, "orders")), "done");
}

#[test]
fn an_instance_that_cannot_be_promoted_is_reported_before_anything_begins() {
    let member = DbInstance { cluster: Some("shop".parse().unwrap()), ..replica() };
    let broken = DbInstance { status: "failed".to_owned(), ..replica() };
    for (facts, said) in [
        (nothing(HERE), "RDSInstanceIdentifier: there is no instance 'orders' in us-west-2"),
        (nothing(HERE).add_instance(member), "is a member of cluster 'shop'"),
        (nothing(HERE).add_instance(broken), "is 'failed' and cannot be promoted"),
    ] {
        let refused = refusal(&kind(), &facts, &setting(HERE, "run-1"));
        assert!(refused.contains(said), "{refused}");
    }
}
