//! Our own snapshots, and the copies of them that a person made with their tags.

use super::*;
use crate::model::tags::Tags;
use crate::testing::{arn, snapshot};

const STAMP: &str = "2026-03-01-00-30";

fn in_source(id: &str, tags: &[(&str, &str)]) -> Snapshot {
    let mut found = snapshot(&format!("arn:aws:rds:us-east-1:111111111111:snapshot:{id}"), "orders");
    found.tags = tags.iter().copied().collect();
    found
}

fn of_take() -> [(&'static str, &'static str); 3] {
    [(tags::CREATED_BY, tags::TOOL), (tags::CREATED_ON, STAMP), (tags::SHARE_AND_COPY, tags::YES)]
}

#[test]
fn a_taken_snapshot_has_the_name_of_its_tags() {
    for (id, ours) in [
        ("orders-2026-03-01-00-30", true),
        ("orders-2026-03-01-00-30-2", true),
        ("orders-2026-03-01-00-30-copy", false),
        ("orders-2026-03-01-01-00", false),
        ("before-the-migration", false),
    ] {
        assert_eq!(in_source(id, &of_take()).is_taken_by_us(), ours, "{id}");
    }
    let by_hand = in_source("lambda-dr-snapshot-orders-2026-03-01", &[(tags::CREATED_BY, tags::TOOL)]);
    assert!(by_hand.is_taken_by_us(), "a person tagged it");
    assert!(!in_source("orders-2026-03-01-00-30", &[]).is_taken_by_us());
}

#[test]
fn a_snapshot_that_came_from_elsewhere_was_not_taken() {
    let mut copy = in_source("orders-2026-03-01-00-30", &of_take());
    copy.copied_from = Some(arn("arn:aws:rds:us-west-2:111111111111:snapshot:orders-2026-03-01-00-30"));
    assert!(!copy.is_taken_by_us());
}

#[test]
fn a_re_encrypted_twin_has_the_name_of_its_source() {
    let source = "arn:aws:rds:us-east-1:111111111111:snapshot:orders-2026-03-01-00-30";
    for (id, source, ours) in [
        ("orders-2026-03-01-00-30-shared", source, true),
        ("orders-2026-03-01-00-30-shared-2", source, true),
        ("orders-2026-03-01-00-30", source, false),
        ("kept", source, false),
        ("orders-2026-03-01-00-30-shared", &source.replace("us-east-1", "us-west-2"), false),
        ("orders-2026-03-01-00-30-shared", "no ARN", false),
    ] {
        let mut twin = in_source(id, &of_take());
        twin.tags.insert(tags::SOURCE_SNAPSHOT_ARN, source);
        assert_eq!(twin.is_taken_by_us(), ours, "{id} of {source}");
    }
}

const ORIGIN: &str = "arn:aws:rds:us-east-1:111111111111:snapshot:orders-1";

/// A copy at `place`, which AWS says was made `from` there.
fn copy(place: &str, from: Option<&str>, extra: &[(&str, &str)]) -> Snapshot {
    let mut copy = snapshot(&format!("arn:aws:rds:{place}"), "orders");
    copy.copied_from = from.map(|from| arn(&format!("arn:aws:rds:{from}")));
    copy.tags = tags::of([(tags::COPIED_BY, tags::TOOL)]);
    copy.tags.extend(extra.iter().copied());
    copy
}

#[test]
fn a_copy_has_the_name_of_its_origin_and_comes_from_it_or_from_the_intermediate() {
    let origin = Some("us-east-1:111111111111:snapshot:orders-1");
    let between = Some("us-east-1:222222222222:snapshot:orders-1");
    for (place, from, ours, why) in [
        ("us-west-2:222222222222:snapshot:orders-1", origin, true, "one step"),
        ("us-east-1:222222222222:snapshot:orders-1", origin, true, "one Region"),
        ("us-west-2:111111111111:snapshot:orders-1", origin, true, "one account"),
        ("us-west-2:222222222222:snapshot:orders-1", between, true, "two hops"),
        ("us-west-2:222222222222:snapshot:orders-1-2", origin, true, "the name was in use"),
        ("us-west-2:222222222222:snapshot:orders-1", None, true, "AWS omits the source"),
        ("us-west-2:222222222222:snapshot:kept", None, false, "within the place"),
        ("us-west-2:222222222222:snapshot:orders-1-2", None, false, "within the place, with a number"),
        ("us-west-2:222222222222:snapshot:kept", origin, false, "another name"),
        ("us-west-2:222222222222:snapshot:orders-1-111111111111", origin, true, "with the account"),
        (
            "us-west-2:222222222222:snapshot:orders-1-111111111111",
            None,
            false,
            "within the place, with the account",
        ),
        (
            "eu-west-1:222222222222:snapshot:orders-1",
            Some("us-west-2:222222222222:snapshot:orders-1"),
            false,
            "on to a third Region",
        ),
        (
            "us-east-1:222222222222:snapshot:orders-1",
            Some("us-west-2:222222222222:snapshot:orders-1"),
            false,
            "back to the Region of the source",
        ),
    ] {
        let copy = copy(place, from, &[(tags::SOURCE_SNAPSHOT_ARN, ORIGIN)]);
        assert_eq!(copy.is_copied_by_us(), ours, "{why}");
    }
    let untagged =
        Snapshot { tags: Tags::new(), ..copy("us-west-2:222222222222:snapshot:orders-1", origin, &[]) };
    assert!(!untagged.is_copied_by_us());
}

/// AWS may omit the source. The tag then separates our own copy from one that a person made of it within the place.
#[test]
fn a_copy_with_another_name_than_its_origin_is_our_own_if_its_tag_contains_that_name() {
    let copy_at = |id: &str, named: &str| {
        let tags = [(tags::SOURCE_SNAPSHOT_ARN, ORIGIN), (tags::COPY_NAME, named)];
        let place = format!("us-west-2:222222222222:snapshot:{id}");
        let made = [None, Some("us-east-1:111111111111:snapshot:orders-1")];
        made.map(|from| copy(&place, from, &tags).is_copied_by_us())
    };
    assert_eq!(copy_at("orders-1-2", "orders-1-2"), [true, true]);
    assert_eq!(copy_at("orders-1-111111111111", "orders-1-111111111111"), [true, true]);
    assert_eq!(copy_at("orders-1-3", "orders-1-2"), [false, false], "a person's copy, with a number");
    assert_eq!(
        copy_at("orders-1", "orders-1-2"),
        [false, false],
        "a person's copy, under the name of the origin"
    );
    assert_eq!(copy_at("kept", "kept"), [false, false], "a tag alone is no proof");
}

#[test]
fn an_intermediate_is_our_own_and_so_is_the_copy_that_the_older_tool_makes_of_it() {
    let tags = [(tags::SOURCE_SNAPSHOT_ARN, ORIGIN), (tags::INTERMEDIATE_FOR, "us-west-2")];
    let between = Some("us-east-1:222222222222:snapshot:orders-1");
    for (place, from, ours, why) in [
        (
            "us-east-1:222222222222:snapshot:orders-1",
            Some("us-east-1:111111111111:snapshot:orders-1"),
            true,
            "the intermediate",
        ),
        (
            "us-west-2:222222222222:snapshot:orders-1",
            between,
            true,
            "under its name, in the Region it is for",
        ),
        (
            "us-west-2:222222222222:snapshot:orders-1-2",
            Some("us-east-1:222222222222:snapshot:orders-1-2"),
            true,
            "its name was in use",
        ),
        ("eu-west-1:222222222222:snapshot:orders-1", between, false, "in a third Region"),
        ("us-west-2:222222222222:snapshot:kept", between, false, "under another name"),
        ("us-west-2:222222222222:snapshot:orders-1-2", between, false, "under another number"),
        ("us-west-2:222222222222:snapshot:orders-1", None, false, "AWS names no source"),
        (
            "us-west-2:222222222222:snapshot:orders-1",
            Some("us-east-1:333333333333:snapshot:orders-1"),
            false,
            "from another account",
        ),
    ] {
        assert_eq!(copy(place, from, &tags).is_copied_by_us(), ours, "{why}");
    }
}

#[test]
fn a_copy_of_an_older_tool_keeps_the_name_of_its_source() {
    let from = Some("us-east-1:111111111111:snapshot:orders-2026-03-01-01-00");
    for (id, from, ours) in [
        ("orders-2026-03-01-01-00", from, true),
        ("orders-2026-03-01-01-00", None, true),
        ("lambda-dr-snapshot-orders-2026-03-01", None, true),
        ("kept", from, false),
        ("kept", None, false),
    ] {
        let copy = copy(&format!("us-west-2:222222222222:snapshot:{id}"), from, &[]);
        assert_eq!(copy.is_copied_by_us(), ours, "{id} from {from:?}");
    }
}
