//! The list of tags, and the tags of the user beside our own.

use super::*;

#[test]
fn tags_are_a_map_in_the_order_of_their_keys() {
    let mut tags = of([("b", "2"), ("a", "1"), ("b", "3")]);
    assert_eq!(tags.iter().collect::<Vec<_>>(), [("a", "1"), ("b", "3")]);
    assert_eq!((tags.get("a"), tags.get("c"), tags.len()), (Some("1"), None, 2));
    assert!(tags.has("b", "3") && !tags.has("b", "2") && !tags.has("c", ""));
    tags.extend([("c", "4"), ("a", "5")]);
    tags.remove("b");
    assert_eq!(tags, of([("a", "5"), ("c", "4")]));
    tags.clear();
    assert!(tags.is_empty());
}

#[test]
fn the_tags_of_the_user_fill_the_room_that_our_own_leave() {
    let own = || of([(CREATED_BY, TOOL), (CREATED_ON, "2026-03-01-00-30")]);
    let found = of([
        ("CostCentre", "4711"),
        ("owner", ""),
        ("CreatedBy", "terraform"),
        ("createdon", "today"),
        ("SharedWith", "everybody"),
        ("CopyDBSnapshot", "True"),
        ("PilotLightRecovery", "a"),
        ("aws:cloudformation:stack-name", "shop"),
        ("AWS:other", "b"),
        ("rds:other", "c"),
    ]);
    let mut expected = own();
    expected.extend([("CostCentre", "4711"), ("owner", "")]);
    assert_eq!(beside_those_of_user(own(), &found), expected);

    let many: Tags = (10..60).map(|n| (format!("Key{n}"), "v")).collect();
    let tags = beside_those_of_user(own(), &many);
    assert_eq!((tags.len(), tags.get(CREATED_BY)), (49, Some(TOOL)), "one place is left for SharedWith");
    assert!(tags.contains_key("Key56") && !tags.contains_key("Key57"));
}

#[test]
fn tags_are_written_and_read_as_a_map() {
    let tags = of([("Team", "shop"), (COPIED_BY, TOOL)]);
    let written = serde_json::to_string(&tags).unwrap();
    assert_eq!(written, r#"{"CopiedBy":"Snapshot Tool for RDS","Team":"shop"}"#);
    assert_eq!(serde_json::from_str::<Tags>(&written).unwrap(), tags);
    assert!(serde_json::from_str::<Tags>("[]").is_err());
}

#[test]
fn neighbours_share_the_list_of_their_keys_and_keep_their_values() {
    let first = of([("SourceSnapshotArn", "a value of more than fifteen bytes"), ("Team", "shop")]);
    let mut second =
        of([("SourceSnapshotArn", "another value of more than fifteen bytes"), ("Team", "shop")]);
    let before = second.clone();
    second.reuse(&first);
    assert_eq!((second.keys.as_ptr(), &second), (first.keys.as_ptr(), &before));
    let mut other = of([("Owner", "me")]);
    other.reuse(&first);
    assert_eq!(other, of([("Owner", "me")]));
}
