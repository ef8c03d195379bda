//! The instances that another recovery restored: what they are compared by, and what a refusal says.

use pilot_light_domain::recovery::{Endpoint, InstanceGroups};

use super::*;

#[test]
fn an_instance_with_the_right_point_but_other_properties_is_refused_unless_this_recovery_restored_it() {
    let smaller = DbInstance { class: "db.t4g.micro".to_owned(), multi_az: Some(true), ..restored() };
    let said = refused(&orders(), &copies().add_instance(smaller.clone()));
    for part in [
        "another recovery restored 'orders'",
        "the class db.t4g.micro, not db.r6g.large",
        "MultiAZ true, not false",
    ] {
        assert!(said.contains(part), "{said}");
    }
    let coming = DbInstance { status: "creating".to_owned(), ..smaller.clone() };
    assert_eq!(begins(&orders(), &copies().add_instance(coming)), "wait: 'orders' is 'creating'");
    let either =
        kind(&[("DBInstanceIdentifier", "orders"), ("DBInstanceClass", "db.r6g.large, db.t4g.micro")]);
    assert_eq!(begins(&either, &copies().add_instance(smaller.clone())), "done");
    let mut ours = smaller;
    ours.tags.extend(tagging::ours(&setting(HERE, "run-1")));
    assert_eq!(begins(&orders(), &copies().add_instance(ours)), "done");
}

#[test]
fn every_property_that_the_manifest_gives_and_aws_shows_is_compared() {
    let given = [
        ("DBInstanceIdentifier", "orders"),
        ("DBSubnetGroupName", "Private"),
        ("VpcSecurityGroupIds", "sg-2,sg-1"),
        ("DBParameterGroupName", "tuned"),
        ("OptionGroupName", "audited"),
        ("DeletionProtection", "true"),
        ("PubliclyAccessible", "false"),
        ("StorageType", "gp3"),
        ("Iops", "12000"),
        ("Port", "5432"),
    ];
    let group = |name: &str| vec![name.to_owned()];
    let mut fits = DbInstance { deletion_protection: true, public: Some(false), ..restored() };
    fits.specification.storage_type = Some("gp3".to_owned());
    fits.specification.iops = Some(12_000);
    fits.endpoint = Some(Endpoint { address: "orders.example.com".to_owned(), port: 5432 });
    fits.groups = InstanceGroups {
        subnet: group("private"),
        security: vec!["sg-1".to_owned(), "sg-2".to_owned()],
        parameter: group("tuned"),
        option: group("audited"),
    };
    assert_eq!(begins(&kind(&given), &copies().add_instance(fits.clone())), "done");
    type Change = fn(&mut DbInstance);
    let changes: [(&str, Change, &str); 9] = [
        ("PubliclyAccessible", |found| found.public = Some(true), "PubliclyAccessible true, not false"),
        (
            "DeletionProtection",
            |found| found.deletion_protection = false,
            "DeletionProtection false, not true",
        ),
        (
            "DBSubnetGroupName",
            |found| found.groups.subnet[0] = "open".to_owned(),
            "the subnet group open, not private",
        ),
        (
            "VpcSecurityGroupIds",
            |found| found.groups.security.truncate(1),
            "the security groups sg-1, not sg-1 and sg-2",
        ),
        (
            "DBParameterGroupName",
            |found| found.groups.parameter[0] = "default".to_owned(),
            "the parameter group default, not tuned",
        ),
        (
            "OptionGroupName",
            |found| found.groups.option[0] = "default".to_owned(),
            "the option group default, not audited",
        ),
        (
            "StorageType",
            |found| found.specification.storage_type = Some("gp2".to_owned()),
            "StorageType gp2, not gp3",
        ),
        ("Iops", |found| found.specification.iops = Some(3_000), "Iops 3000, not 12000"),
        ("Port", |found| found.endpoint.iter_mut().for_each(|found| found.port = 1), "the port 1, not 5432"),
    ];
    for (parameter, change, expected) in changes {
        let mut differs = fits.clone();
        change(&mut differs);
        let facts = copies().add_instance(differs);
        let said = refused(&kind(&given), &facts);
        assert!(said.contains(&format!("but with {expected};")), "{expected}: {said}");
        let (unread, setting) = examined::<RestoreFromSnapshot>(&setting(HERE, "run-1"), &given, parameter);
        assert_eq!(unread.obstacles(&facts, &setting), [], "{parameter} cannot be read");
    }
}

#[test]
fn more_deletion_protection_than_requested_and_access_that_the_manifest_leaves_open_are_no_differences() {
    let found = DbInstance { deletion_protection: true, public: Some(true), ..restored() };
    let facts = copies().add_instance(found);
    for given in [&[][..], &[("DeletionProtection", "false")]] {
        let all = [&[("DBInstanceIdentifier", "orders")], given].concat();
        assert_eq!(begins(&kind(&all), &facts), "done", "{given:?}");
    }
}

#[test]
fn a_refused_instance_is_named_with_its_recovery_and_the_reason_that_this_one_does_not_continue_it() {
    for (manifest, began, expected) in [
        ("other", "2026-01-01T23:00:00Z", "which began at 2026-01-01T23:00:00Z for another manifest"),
        ("m", "2026-01-01T00:00:00Z", "which began at 2026-01-01T00:00:00Z and is too old to be continued"),
        ("m", "2026-01-01T00:00:01Z", "2026-01-01T00:00:01Z and is not continued, because it is complete or"),
    ] {
        let mut other = restored_from("orders-1");
        other.tags.insert(tagging::MANIFEST, manifest);
        other.tags.insert(tagging::STARTED, began);
        let said = refused(&orders(), &copies().add_instance(other));
        assert!(said.contains(", by the recovery another, ") && said.contains(expected), "{said}");
    }
}

#[test]
fn an_instance_of_a_drill_or_refresh_is_never_taken_for_the_result() {
    for (tag, what) in [(tagging::DRILL, "drill"), (tagging::REFRESH_OF, "refresh")] {
        let mut other = restored();
        other.tags.insert(tag, "orders");
        let said = refused(&orders(), &copies().add_instance(other));
        assert!(
            said.contains(&format!("that a {what} restored, and the next {what} may delete it")),
            "{said}"
        );
    }
}
