//! New snapshots in the source Region without our tags: our own, whose tags AWS lists late, or those of a person.

use super::*;

/// A person's untagged copy of `offer` beside it, complete for five minutes.
fn by_hand(offer: &Snapshot, name: &str) -> Snapshot {
    let mut copy = halfway_of(offer, "available");
    copy.arn = arn(&format!("arn:aws:rds:us-east-1:222222222222:snapshot:{name}"));
    copy.created_at = Some(at("2026-01-01T11:55:00Z"));
    copy.tags.clear();
    copy
}

#[test]
fn a_new_snapshot_without_our_tags_is_never_copied_on() {
    let new = offer("orders", 40);
    let offered = std::slice::from_ref(&new);
    let other = facts(offered, &[by_hand(&new, "before-upgrade")], &[]);
    assert_eq!(actions(&two_hops(other.clone()), &policy(&[])), ["First orders-40"]);
    assert_eq!(actions(&other, &policy(&[])), ["OneStep orders-40"]);
    // Under the name that our own copy has, it may be ours. Then its tags are listed within minutes.
    let same = facts(offered, &[by_hand(&new, "orders-40")], &[]);
    assert_eq!(actions(&two_hops(same.clone()), &policy(&[])), Vec::<String>::new());
    let waiting = ("orders-40".to_owned(), SkipReason::CopyInProgress);
    assert_eq!(reasons(&two_hops(same.clone()), &policy(&[])), [waiting.clone(), waiting]);
    assert_eq!(actions(&same, &policy(&[])), ["OneStep orders-40"]);
    let gone = facts(&[], &[by_hand(&new, "orders-40")], &[]);
    assert_eq!(actions(&gone, &policy(&[])), Vec::<String>::new());
}

#[test]
fn a_new_snapshot_without_our_tags_is_never_removed_although_its_copy_has_arrived() {
    let new = offer("orders", 40);
    for name in ["orders-40", "before-upgrade"] {
        let arrived =
            facts(std::slice::from_ref(&new), &[by_hand(&new, name)], &[copy_of(&new, "available")]);
        assert_eq!(actions(&two_hops(arrived.clone()), &policy(&[])), Vec::<String>::new(), "{name}");
        assert_eq!(actions(&arrived, &policy(&[])), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_new_snapshot_without_our_tags_is_never_removed_although_it_is_older_than_the_retention() {
    let (old, new) = (offer("orders", 10), offer("orders", 40));
    let short = policy(&[("RetentionDays", "20m")]);
    for name in ["orders-10", "before-upgrade"] {
        let expired = facts(&[], &[by_hand(&old, name)], &[copy_of(&new, "available")]);
        assert_eq!(actions(&two_hops(expired.clone()), &short), Vec::<String>::new(), "{name}");
        assert_eq!(actions(&expired, &short), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_new_snapshot_without_our_tags_in_the_destination_ends_no_intermediate_of_the_older_tool() {
    let (old, new) = (offer("orders", 10), offer("orders", 40));
    let mut adopted = halfway_of(&old, "available");
    adopted.tags = tags::of([(tags::COPIED_BY, tags::TOOL)]);
    let mut untagged = copy_of(&new, "available");
    untagged.created_at = Some(at("2026-01-01T11:55:00Z"));
    untagged.tags.clear();
    let facts = two_hops(facts(&[], &[adopted], &[untagged]));
    assert_eq!(actions(&facts, &policy(&[("RetentionDays", "20m")])), Vec::<String>::new());
}

#[test]
fn a_person_s_new_copy_under_another_name_in_the_destination_delays_no_copy() {
    let new = offer("orders", 40);
    let mut kept = copy_of(&new, "available");
    kept.arn = arn("arn:aws:rds:us-west-2:222222222222:snapshot:kept");
    kept.created_at = Some(at("2026-01-01T11:55:00Z"));
    kept.tags.clear();
    let direct = facts(std::slice::from_ref(&new), &[], std::slice::from_ref(&kept));
    assert_eq!(actions(&direct, &policy(&[])), ["OneStep orders-40"]);
    let between = halfway_of(&new, "available");
    kept.copied_from = Some(between.arn.clone());
    let halfway = two_hops(facts(&[], &[between], &[kept]));
    assert_eq!(actions(&halfway, &policy(&[])), ["Second orders-40"]);
}
