use pilot_light_domain::model::tags;
use pilot_light_domain::testing::at;

use super::*;
use crate::testing::{ACCOUNT, EAST, HERE, SOURCE, facts_of, our_copy, own_snapshot};

fn wanted() -> Wanted {
    Wanted { database: "orders".parse().unwrap(), account: None, at: None, is_known: true, is_named: true }
}

fn chosen(wanted: &Wanted, snapshots: Vec<Snapshot>) -> Result<String, String> {
    wanted.choose(&facts_of(snapshots)).map(|snapshot| snapshot.arn.id.to_string())
}

#[test]
fn the_newest_point_is_the_one_taken_last_whatever_its_name() {
    let snapshots = vec![
        our_copy("orders-2026-12-31-23-59", "orders", "2026-01-01T10:00:00Z"),
        our_copy("a", "orders", "2026-01-01T11:00:00Z"),
    ];
    assert_eq!(chosen(&wanted(), snapshots), Ok("a".to_owned()));
}

#[test]
fn a_point_that_is_not_usable_is_never_chosen() {
    let mut creating = our_copy("b", "orders", "2026-01-01T12:00:00Z");
    creating.status = "creating".to_owned().into();
    let mut timeless = our_copy("c", "orders", "2026-01-01T13:00:00Z");
    timeless.original_created_at = None;
    let usable = our_copy("a", "orders", "2026-01-01T11:00:00Z");
    assert_eq!(chosen(&wanted(), vec![creating, timeless, usable]), Ok("a".to_owned()));
}

#[test]
fn a_point_taken_exactly_at_the_requested_time_is_included() {
    let snapshots = || vec![our_copy("a", "orders", "2026-01-01T11:00:00Z")];
    let until = |time: &str| Wanted { at: Some(at(time)), ..wanted() };
    assert_eq!(chosen(&until("2026-01-01T11:00:00Z"), snapshots()), Ok("a".to_owned()));
    assert!(chosen(&until("2026-01-01T10:59:59Z"), snapshots()).is_err());
}

#[test]
fn newer_snapshots_of_this_accounts_own_database_of_that_name_make_the_choice_ambiguous() {
    let snapshots = |own: &str| {
        vec![
            our_copy("copy", "orders", "2026-01-01T11:00:00Z"),
            own_snapshot("final-orders-1", "orders", own),
        ]
    };
    let of = |account: &str| Wanted { account: Some(account.parse().unwrap()), ..wanted() };
    assert_eq!(chosen(&wanted(), snapshots("2026-01-01T10:00:00Z")), Ok("copy".to_owned()));
    let newer = || snapshots("2026-01-01T12:00:00Z");
    let said = chosen(&wanted(), newer()).unwrap_err();
    for part in [
        "copy of 111111111111, data of 2026-01-01T11:00:00Z",
        "final-orders-1 of 222222222222, data of 2026-01-01T12:00:00Z",
        "give SourceAccount: 111111111111 or 222222222222",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert_eq!(chosen(&of(SOURCE), newer()), Ok("copy".to_owned()));
    assert_eq!(chosen(&of(ACCOUNT), newer()), Ok("final-orders-1".to_owned()));
}

#[test]
fn a_claimed_origin_does_not_make_another_snapshot_a_copy_of_ours() {
    // It has no tag CopiedBy, so it is not one of our copies, and its tag claims an origin.
    let mut claims = own_snapshot("claims", "orders", "2026-01-01T12:00:00Z");
    let origin = format!("arn:aws:rds:us-east-1:{SOURCE}:snapshot:claims");
    claims.tags.insert("SourceSnapshotArn".to_owned(), origin);
    let copy = our_copy("copy", "orders", "2026-01-01T11:00:00Z");
    let source = Wanted { account: Some(SOURCE.parse().unwrap()), ..wanted() };
    assert_eq!(chosen(&source, vec![claims, copy]), Ok("copy".to_owned()));
}

#[test]
fn without_a_usable_point_the_error_names_the_database_and_counts_the_examined_snapshots() {
    let said = chosen(&wanted(), vec![our_copy("b", "billing", "2026-01-01T11:00:00Z")]).unwrap_err();
    let expected = format!(
        "no usable recovery point of 'orders' among the snapshots in {HERE}: examined 1, of that database 0"
    );
    assert!(said.contains(&expected), "{said}");
    let mut copying = our_copy("b", "orders", "2026-01-01T12:00:00Z");
    copying.status = "creating".to_owned().into();
    let until = Wanted { at: Some(at("2026-01-01T10:00:00Z")), ..wanted() };
    let said = chosen(&until, vec![copying, our_copy("a", "orders", "2026-01-01T11:00:00Z")]).unwrap_err();
    assert!(
        said.ends_with("of that database 2; b is 'creating'; a has data of 2026-01-01T11:00:00Z"),
        "{said}"
    );
}

#[test]
fn a_copy_that_somebody_made_of_another_accounts_snapshot_is_never_chosen() {
    let copied_from = |account: &str| {
        let mut copy = own_snapshot("copy", "orders", "2026-01-01T12:00:00Z");
        copy.copied_from = Some(format!("arn:aws:rds:us-east-1:{account}:snapshot:x").parse().unwrap());
        chosen(&wanted(), vec![copy])
    };
    assert!(copied_from("999999999999").unwrap_err().contains("of that database 0"));
    assert_eq!(copied_from(ACCOUNT), Ok("copy".to_owned()));
}

#[test]
fn within_one_account_a_copy_of_the_older_tool_is_restored_from_and_its_databases_name_is_protected() {
    let mut copy = own_snapshot("orders-1", "orders", "2026-01-01T11:00:00Z");
    copy.tags.insert("CreatedBy".to_owned(), "Snapshot Tool for RDS".to_owned());
    copy.copied_from = format!("arn:aws:rds:{EAST}:{ACCOUNT}:snapshot:orders-1").parse().ok();
    let mut facts = facts_of([copy]);
    facts.sources.accounts = [ACCOUNT.parse().unwrap()].into();
    assert_eq!(
        wanted().choose(&facts).map(|snapshot| snapshot.arn.id.to_string()),
        Ok("orders-1".to_owned())
    );
    assert_eq!(protected_names(&facts).len(), 1);
}

#[test]
fn a_renamed_database_is_restored_under_its_new_name_from_its_whole_history() {
    let of = |name: &str, database: &str, taken: &str, id: &str| {
        let mut copy = our_copy(name, database, taken);
        copy.resource_id = Some(id.into());
        copy
    };
    let snapshots = || {
        vec![
            of("orders-1", "orders", "2026-01-01T10:00:00Z", "a"),
            of("shop-1", "shop", "2026-01-01T11:00:00Z", "a"),
            of("staging-1", "staging", "2026-01-01T11:30:00Z", "b"),
        ]
    };
    let of_name = |name: &str, at: Option<&str>| Wanted {
        database: name.parse().unwrap(),
        at: at.map(|text| text.parse().unwrap()),
        ..wanted()
    };
    for (name, until, expected) in [
        ("shop", None, "shop-1"),
        ("shop", Some("2026-01-01T10:30:00Z"), "orders-1"),
        ("orders", Some("2026-01-01T10:30:00Z"), "orders-1"),
    ] {
        assert_eq!(chosen(&of_name(name, until), snapshots()), Ok(expected.to_owned()), "{name} {until:?}");
    }
    // Another database takes the name over. At finds the one that had it then.
    let swapped = || [snapshots(), vec![of("shop-2", "shop", "2026-01-01T12:00:00Z", "b")]].concat();
    assert_eq!(chosen(&of_name("shop", None), swapped()), Ok("shop-2".to_owned()));
    let then = of_name("shop", Some("2026-01-01T11:45:00Z"));
    assert_eq!(chosen(&then, swapped()), Ok("shop-1".to_owned()));
}

#[test]
fn a_database_is_restored_under_a_lost_name_only_for_a_time_at_which_it_had_that_name() {
    let of = |name: &str, database: &str, taken: &str, id: &str| {
        let mut copy = our_copy(name, database, taken);
        copy.resource_id = Some(id.into());
        copy
    };
    let old = || of("orders-1", "orders", "2026-01-01T10:00:00Z", "a");
    let mut copying = of("shop-1", "shop", "2026-01-01T11:00:00Z", "a");
    copying.status = "creating".to_owned().into();
    let new = of("shop-1", "shop", "2026-01-01T11:00:00Z", "a");
    let orders = |time: Option<&str>| Wanted { at: time.map(at), ..wanted() };
    for (newest, time, newer) in [
        (&new, None, "its newest is shop-1, data of 2026-01-01T11:00:00Z"),
        (&new, Some("2026-01-01T11:30:00Z"), "its newest is shop-1"),
        (&copying, None, "no newer one is usable yet"),
    ] {
        let said = chosen(&orders(time), vec![old(), newest.clone()]).unwrap_err();
        for part in [
            "'orders' has been renamed to 'shop'",
            "the last point under the old name is orders-1, data of 2026-01-01T10:00:00Z",
            newer,
            "name 'shop' as the database, or give At: 2026-01-01T10:00:00Z",
        ] {
            assert!(said.contains(part), "{said}");
        }
    }
    let then = orders(Some("2026-01-01T10:30:00Z"));
    let facts = facts_of([old(), new.clone()]);
    let snapshot = then.choose(&facts).unwrap();
    assert_eq!(snapshot.arn.id.as_str(), "orders-1");
    assert_eq!(then.remark(&snapshot, &facts), " of 'orders', which is 'shop' now");
    assert_eq!(Wanted { database: "shop".parse().unwrap(), ..then }.remark(&snapshot, &facts), "");
    // Another database has got the name since: it is the one that the name means.
    let another = of("orders-2", "orders", "2026-01-01T12:00:00Z", "b");
    assert_eq!(chosen(&wanted(), vec![old(), new, another]), Ok("orders-2".to_owned()));
}

#[test]
fn within_one_account_newer_snapshots_of_the_new_primary_are_ambiguous_even_with_source_account() {
    let mut facts = facts_of([
        {
            let mut copy = our_copy("copy", "orders", "2026-01-01T11:00:00Z");
            let origin = format!("arn:aws:rds:{EAST}:{ACCOUNT}:snapshot:copy");
            copy.tags.insert(tags::SOURCE_SNAPSHOT_ARN, origin.as_str());
            copy.copied_from = Some(origin.parse().unwrap());
            copy
        },
        own_snapshot("rds:orders-1", "orders", "2026-01-01T12:00:00Z"),
    ]);
    facts.sources.accounts = [ACCOUNT.parse().unwrap()].into();
    for account in [None, Some(ACCOUNT.parse().unwrap())] {
        let said = Wanted { account, ..wanted() }.choose(&facts).unwrap_err();
        assert!(said.contains("give At: 2026-01-01T11:00:00Z for the copy"), "{said}");
    }
    let at = Some("2026-01-01T11:00:00Z".parse().unwrap());
    assert_eq!(Wanted { at, ..wanted() }.choose(&facts).unwrap().arn.id.as_str(), "copy");
}
