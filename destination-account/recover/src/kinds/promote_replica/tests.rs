use super::*;
use crate::tagging;
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
    assert_eq!(begins(replica()), "tag orders, promote orders");
}

#[test]
fn an_independent_instance_counts_as_promoted_only_if_it_followed_another_one() {
    let alone = instance(HERE, "orders");
    let said = refusal(&kind(), &nothing(HERE).add_instance(alone.clone()), &setting(HERE, "run-1"));
    assert!(
        said.contains("'orders' in us-west-2 is not a replica") && said.contains("start the recovery in"),
        "{said}"
    );
    let facts = nothing(HERE).add_instance(alone.clone());
    let mark = kind().mark(&nothing(HERE).add_instance(replica()), &setting(HERE, "run-1"));
    assert_eq!(kind().next(&facts, &mark, &setting(HERE, "run-1")), Next::Done);
    let tags = tagging::ours(&setting(HERE, "run-1"));
    assert_eq!(begins(DbInstance { tags, ..alone }), "done", "by this recovery");
    let mut earlier = setting(HERE, "run-0");
    earlier.recovery.started -= chrono::TimeDelta::hours(23);
    let promoted = |setting: &Setting| {
        let mut tags = tagging::ours(setting);
        tags.insert(tagging::PROMOTED, tagging::time(setting.recovery.started));
        DbInstance { tags, ..instance(HERE, "orders") }
    };
    assert_eq!(begins(promoted(&earlier)), "done", "by a recent execution of the same manifest");
    earlier.recovery.started -= chrono::TimeDelta::hours(1);
    assert!(begins(promoted(&earlier)).starts_with("failed: "));
    // The marks of version 0.1.0 do not say whether it followed another one.
    assert_eq!(kind().next(&facts, &Value::Null, &setting(HERE, "run-1")), Next::Done);
}

#[test]
fn an_instance_that_cannot_be_promoted_is_reported_before_anything_begins() {
    let member = DbInstance { cluster: Some("shop".parse().unwrap()), ..replica() };
    let broken = DbInstance { status: "failed".to_owned(), ..replica() };
    for (facts, said) in [
        (nothing(HERE), "RDSInstanceIdentifier: there is no instance 'orders' in us-west-2"),
        (
            nothing(HERE).add_instance(member),
            "use PlannedFailoverAurora or UnPlannedFailoverAurora for a cluster",
        ),
        (nothing(HERE).add_instance(broken), "is 'failed' and cannot be promoted"),
    ] {
        let refused = refusal(&kind(), &facts, &setting(HERE, "run-1"));
        assert!(refused.contains(said), "{refused}");
    }
}
