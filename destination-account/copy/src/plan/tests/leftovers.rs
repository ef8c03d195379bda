//! Intermediates that nothing would ever remove: those for another Region, and those whose copy has no time.

use super::*;

/// An intermediate for another Region.
fn stray_of(offer: &Snapshot, status: &str) -> Snapshot {
    let mut stray = halfway_of(offer, status);
    stray.tags.insert(tags::INTERMEDIATE_FOR, "eu-west-1");
    stray
}

/// The actions with a retention of 20 minutes, and the reasons for the strays.
fn judged(between: &[Snapshot], here: &[Snapshot]) -> (Vec<String>, Vec<SkipReason>) {
    let (facts, policy) = (two_hops(facts(&[], between, here)), policy(&[("RetentionDays", "20m")]));
    let reasons = reasons(&facts, &policy).into_iter().filter(|(id, _)| id.starts_with("orders"));
    (actions(&facts, &policy), reasons.map(|(_, reason)| reason).collect())
}

#[test]
fn an_intermediate_for_another_region_may_belong_to_another_installation_and_is_kept_for_the_retention() {
    let (old, new) = (offer("orders", 10), offer("orders", 40));
    let mut young = stray_of(&old, "available");
    young.created_at = Some(at("2026-01-01T11:40:00Z"));
    let here = [copy_of(&new, "available")];
    assert_eq!(judged(&[young], &here), (vec![], vec![SkipReason::Retained]));
    let kept = |stray: Snapshot| judged(&[stray], &here);
    assert_eq!(kept(stray_of(&old, "creating")), (vec![], vec![SkipReason::CopyInProgress]));
    let mut timeless = stray_of(&old, "available");
    (timeless.created_at, timeless.database_time) = (None, None);
    assert_eq!(kept(timeless), (vec![], vec![SkipReason::UnknownTime]));
}

#[test]
fn an_intermediate_for_an_earlier_destination_region_is_removed_after_the_retention() {
    let (old, new) = (offer("orders", 10), offer("orders", 40));
    let mut stray = stray_of(&old, "available");
    stray.created_at = Some(at("2026-01-01T11:39:59Z"));
    let removed = "it outlived the retention, and is for a Region that is no longer the destination";
    let here = [copy_of(&new, "available")];
    assert_eq!(
        judged(std::slice::from_ref(&stray), &here),
        (vec![format!("remove orders-10 (us-east-1): {removed}")], vec![])
    );
    // It is all that is left of the database.
    assert_eq!(judged(std::slice::from_ref(&stray), &[]), (vec![], vec![SkipReason::NewestUsable]));
    let reading = copy_of(&old, "copying");
    let (none, reasons) = judged(&[stray], &[here[0].clone(), reading]);
    assert_eq!((none, reasons.contains(&SkipReason::InUse)), (vec![], true));
    let mut failed = stray_of(&old, "failed");
    failed.created_at = Some(at("2026-01-01T11:39:59Z"));
    let removed = "it failed, and is for a Region that is no longer the destination";
    assert_eq!(judged(&[failed], &here).0, [format!("remove orders-10 (us-east-1): {removed}")]);
}

#[test]
fn an_intermediate_whose_copy_has_no_time_of_its_own_is_removed_a_day_later() {
    let removals = |taken: &str| {
        let mut old = offer("orders", 10);
        old.database_time = Some(at(taken));
        let mut copy = copy_of(&old, "available");
        copy.created_at = None;
        actions(&two_hops(facts(&[], &[halfway_of(&old, "available")], &[copy])), &policy(&[]))
    };
    assert_eq!(removals("2025-12-31T11:50:00Z"), ["remove orders-10 (us-east-1): its copy has arrived"]);
    assert_eq!(removals("2025-12-31T11:50:01Z"), Vec::<String>::new());
}

/// The older tool's final copy in the other direction, from the destination Region of this installation to its source Region.
#[test]
fn a_copy_of_the_older_tool_that_came_from_elsewhere_is_neither_copied_on_nor_removed() {
    let (old, new) = (offer("orders", 10), offer("orders", 40));
    let short = policy(&[("RetentionDays", "20m")]);
    for from in ["us-west-2:222222222222", "us-west-2:111111111111", "us-east-1:999999999999"] {
        for status in ["available", "failed"] {
            let mut theirs = halfway_of(&old, status);
            theirs.tags = tags::of([(tags::COPIED_BY, tags::TOOL)]);
            theirs.copied_from = Some(arn(&format!("arn:aws:rds:{from}:snapshot:orders-10")));
            let of = |here: &[Snapshot]| {
                actions(&two_hops(facts(&[], std::slice::from_ref(&theirs), here)), &short)
            };
            assert_eq!(of(&[]), Vec::<String>::new(), "{from} {status}");
            assert_eq!(of(&[copy_of(&new, "available")]), Vec::<String>::new(), "{from} {status}");
        }
    }
}
