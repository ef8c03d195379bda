//! The way over an intermediate in the source Region, and the removal of intermediates.

use super::*;

#[test]
fn the_second_hop_follows_the_first_and_the_intermediate_is_removed_last() {
    let new = offer("orders", 40);
    let start = two_hops(facts(std::slice::from_ref(&new), &[], &[]));
    assert_eq!(actions(&start, &policy(&[])), ["First orders-40"]);
    let plan = plan(&start, &policy(&[]), at(NOW)).unwrap();
    let Copy::Make { region, copy, .. } = &plan.actions[0] else { panic!("{plan:?}") };
    assert_eq!(region.as_str(), "us-east-1");
    assert_eq!(copy.kms_key.as_ref().map(ToString::to_string), Some(OUR_SOURCE_KEY.to_owned()));
    assert_eq!(copy.tags.get(tags::INTERMEDIATE_FOR), Some("us-west-2"));

    let hopping = two_hops(facts(std::slice::from_ref(&new), &[halfway_of(&new, "creating")], &[]));
    assert_eq!(actions(&hopping, &policy(&[])), Vec::<String>::new());
    let halfway = two_hops(facts(std::slice::from_ref(&new), &[halfway_of(&new, "available")], &[]));
    assert_eq!(actions(&halfway, &policy(&[])), ["Second orders-40"]);
    let arriving = two_hops(facts(
        std::slice::from_ref(&new),
        &[halfway_of(&new, "available")],
        &[copy_of(&new, "creating")],
    ));
    assert_eq!(actions(&arriving, &policy(&[])), Vec::<String>::new());
    let here = two_hops(facts(
        std::slice::from_ref(&new),
        &[halfway_of(&new, "available")],
        &[copy_of(&new, "available")],
    ));
    assert_eq!(actions(&here, &policy(&[])), ["remove orders-40 (us-east-1): its copy has arrived"]);
}

#[test]
fn an_intermediate_is_brought_to_the_destination_even_if_its_source_is_gone() {
    let gone = offer("orders", 40);
    for one_step in [OneStep::Assumed, OneStep::Refused] {
        let orphan = Facts { one_step, ..facts(&[], &[halfway_of(&gone, "available")], &[]) };
        assert_eq!(actions(&orphan, &policy(&[])), ["Second orders-40"], "{one_step:?}");
    }
}

#[test]
fn a_first_hop_runs_beside_the_second_hop_before_it_and_no_further_ahead() {
    let (one, two, three) = (offer("orders", 10), offer("orders", 20), offer("orders", 30));
    let beside = two_hops(facts(
        &[one.clone(), two.clone()],
        &[halfway_of(&one, "available")],
        &[copy_of(&one, "creating")],
    ));
    assert_eq!(actions(&beside, &policy(&[])), ["First orders-20"]);
    let ahead = two_hops(facts(
        &[one.clone(), two.clone(), three],
        &[halfway_of(&one, "available"), halfway_of(&two, "available")],
        &[copy_of(&one, "creating")],
    ));
    assert_eq!(actions(&ahead, &policy(&[])), Vec::<String>::new());
}

#[test]
fn superseded_and_failed_intermediates_are_removed_unless_a_copy_reads_from_them() {
    let (one, two) = (offer("orders", 10), offer("orders", 20));
    let complete_at = |offer: &Snapshot, time: &str| {
        let mut between = halfway_of(offer, "available");
        between.created_at = Some(at(time));
        between
    };
    let superseded = |time| {
        two_hops(facts(&[], &[complete_at(&one, "2026-01-01T11:15:00Z"), complete_at(&two, time)], &[]))
    };
    assert_eq!(
        actions(&superseded("2026-01-01T11:50:00Z"), &policy(&[])),
        ["remove orders-10 (us-east-1): a newer one is on its way", "Second orders-20"]
    );
    // A copy that began to read from it a moment ago may not be listed yet.
    let fresh = superseded("2026-01-01T11:50:01Z");
    assert_eq!(actions(&fresh, &policy(&[])), ["Second orders-20"]);
    assert!(reasons(&fresh, &policy(&[])).contains(&("orders-10".to_owned(), SkipReason::Superseded)));
    let arrived = |time| {
        let mut newer = copy_of(&two, "available");
        newer.created_at = Some(at(time));
        two_hops(facts(&[], &[halfway_of(&one, "available")], &[newer]))
    };
    assert_eq!(
        actions(&arrived("2026-01-01T11:50:00Z"), &policy(&[])),
        ["remove orders-10 (us-east-1): a newer copy has arrived"]
    );
    assert_eq!(actions(&arrived("2026-01-01T11:50:01Z"), &policy(&[])), Vec::<String>::new());
    let read = two_hops(facts(
        &[],
        &[halfway_of(&one, "available"), halfway_of(&two, "available")],
        &[copy_of(&one, "creating")],
    ));
    assert_eq!(actions(&read, &policy(&[])), Vec::<String>::new());
    let failed = two_hops(facts(&[], &[halfway_of(&one, "failed")], &[]));
    assert_eq!(
        actions(&failed, &policy(&[])),
        ["remove orders-10 (us-east-1): the first of two hops failed"]
    );
}

#[test]
fn an_intermediate_of_the_older_tool_is_copied_on_and_removed_after_its_own_copy_or_the_retention() {
    let (old, new) = (offer("orders", 10), offer("orders", 40));
    let adopted = |offer: &Snapshot| {
        let mut between = halfway_of(offer, "available");
        between.tags = tags::of([(tags::COPIED_BY, tags::TOOL)]);
        between
    };
    let waiting = two_hops(facts(&[], &[adopted(&old)], &[]));
    assert_eq!(actions(&waiting, &policy(&[])), ["Second orders-10"]);
    let newer_here = two_hops(facts(&[], &[adopted(&old)], &[copy_of(&new, "available")]));
    assert_eq!(actions(&newer_here, &policy(&[])), Vec::<String>::new());
    assert_eq!(
        actions(&newer_here, &policy(&[("RetentionDays", "30m")])),
        ["remove orders-10 (us-east-1): it outlived the retention"]
    );
    let itself_here = two_hops(facts(&[], &[adopted(&old)], &[copy_of(&old, "available")]));
    assert_eq!(actions(&itself_here, &policy(&[])), ["remove orders-10 (us-east-1): its copy has arrived"]);
}

#[test]
fn an_intermediate_of_the_older_tool_stays_if_its_copy_has_another_name_so_that_it_is_not_made_again() {
    let old = offer("orders", 10);
    let mut adopted = halfway_of(&old, "available");
    adopted.tags = tags::of([(tags::COPIED_BY, tags::TOOL)]);
    let mut numbered = copy_of(&old, "available");
    numbered.arn = arn("arn:aws:rds:us-west-2:222222222222:snapshot:orders-10-2");
    let facts = two_hops(facts(&[], &[adopted], &[numbered]));
    assert_eq!(actions(&facts, &policy(&[])), Vec::<String>::new());
    assert_eq!(
        actions(&facts, &policy(&[("RetentionDays", "30m")])),
        ["remove orders-10 (us-east-1): it outlived the retention"]
    );
}

#[test]
fn a_failed_first_copy_of_the_older_tool_is_removed_like_our_own() {
    let (old, new) = (offer("orders", 10), offer("orders", 40));
    let mut failed = halfway_of(&old, "failed");
    failed.tags = tags::of([(tags::COPIED_BY, tags::TOOL)]);
    // The older tool never deletes it, and it takes a place in the quota.
    let arrived = facts(&[], &[failed], &[copy_of(&new, "available")]);
    assert_eq!(
        actions(&two_hops(arrived), &policy(&[])),
        ["remove orders-10 (us-east-1): the first of two hops failed"]
    );
}

#[test]
fn an_intermediate_stays_until_a_second_copy_that_reads_from_it_would_be_listed() {
    let new = offer("orders", 40);
    let since = |time: &str| {
        let mut copy = copy_of(&new, "available");
        copy.created_at = Some(at(time));
        actions(&two_hops(facts(&[], &[halfway_of(&new, "available")], &[copy])), &policy(&[]))
    };
    assert_eq!(since("2026-01-01T11:50:01Z"), Vec::<String>::new());
    assert_eq!(since("2026-01-01T11:50:00Z"), ["remove orders-40 (us-east-1): its copy has arrived"]);
}

/// AWS may list the tags of a copy late. It lists the source of the copy at once.
#[test]
fn a_copy_in_progress_without_tags_is_waited_for_and_its_source_is_kept() {
    let new = offer("orders", 40);
    let between = halfway_of(&new, "available");
    let mut untagged = copy_of(&new, "creating");
    untagged.tags.clear();
    untagged.copied_from = Some(between.arn.clone());
    let arriving = |copy: Snapshot| two_hops(facts(&[], std::slice::from_ref(&between), &[copy]));
    assert_eq!(actions(&arriving(untagged.clone()), &policy(&[])), Vec::<String>::new());
    assert_eq!(
        reasons(&arriving(untagged.clone()), &policy(&[])),
        [("orders-40".to_owned(), SkipReason::InUse), ("orders-40".to_owned(), SkipReason::CopyInProgress)]
    );
    // A copy that has just been completed counts as our own. One that has long been without tags is somebody else's.
    untagged.status = SnapshotStatus::Available;
    untagged.created_at = Some(at("2026-01-01T11:50:01Z"));
    assert_eq!(actions(&arriving(untagged.clone()), &policy(&[])), Vec::<String>::new());
    untagged.created_at = Some(at("2026-01-01T11:50:00Z"));
    assert_eq!(actions(&arriving(untagged), &policy(&[])), ["Second orders-40"]);

    let mut hopping = halfway_of(&new, "creating");
    hopping.tags.clear();
    let first = two_hops(facts(std::slice::from_ref(&new), &[hopping], &[]));
    assert_eq!(actions(&first, &policy(&[])), Vec::<String>::new());

    let mut direct = copy_of(&new, "creating");
    direct.tags.clear();
    assert_eq!(actions(&facts(&[new], &[], &[direct]), &policy(&[])), Vec::<String>::new());
}

#[test]
fn a_new_snapshot_under_an_earlier_name_is_copied_again() {
    let old = offer("orders", 10);
    let mut anew = old.clone();
    anew.database_time = Some(at("2026-01-01T11:50:00Z"));
    let mut between = halfway_of(&anew, "available");
    between.database_time = anew.database_time;
    let facts = two_hops(facts(&[anew], &[between], &[copy_of(&old, "available")]));
    assert_eq!(actions(&facts, &policy(&[])), ["Second orders-10"]);
}

#[test]
fn a_failed_first_hop_is_made_again_under_the_next_name_without_a_newer_offer() {
    let new = offer("orders", 40);
    let failed = halfway_of(&new, "failed");
    let numbered = |status| Snapshot {
        arn: arn("arn:aws:rds:us-east-1:222222222222:snapshot:orders-40-2"),
        ..halfway_of(&new, status)
    };
    let of = |between: &[Snapshot]| {
        let facts = two_hops(facts(std::slice::from_ref(&new), between, &[]));
        let text = |action: &Copy| match action {
            Copy::Make { hop, copy, .. } => format!("{hop:?} {} to {}", copy.source.id, copy.target),
            Copy::Remove { arn, .. } => format!("remove {}", arn.id),
        };
        plan(&facts, &policy(&[]), at(NOW)).unwrap().actions.iter().map(text).collect::<Vec<_>>()
    };
    assert_eq!(of(std::slice::from_ref(&failed)), ["First orders-40 to orders-40-2"]);
    assert_eq!(of(&[failed.clone(), numbered("creating")]), Vec::<String>::new());
    assert_eq!(of(&[failed, numbered("available")]), ["Second orders-40-2 to orders-40"]);
}
