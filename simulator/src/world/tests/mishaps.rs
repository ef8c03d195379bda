//! Mishaps by rule: the occasions of each, its end, and its count.

use std::collections::BTreeMap;

use pilot_light_domain::model::tags;

use super::*;

/// Rules under which one mishap always happens, for `seconds`.
fn always(scene: &mut Scene, mishap: Mishap, seconds: u32) {
    let lasts = SecondsRange::of(seconds, seconds);
    let chances = BTreeMap::from([(mishap, Chance { rate: 1.0, lasts })]);
    let end = scene.now + TimeDelta::seconds(1000);
    scene.world.set_rules(Rules { seed: 1, end, chances });
}

fn listed(scene: &mut Scene, account: &str, snapshot_type: &str) -> Vec<(String, usize)> {
    let ask = DescribeDbSnapshots { snapshot_type: Some(snapshot_type.into()), ..Default::default() };
    let seen = scene.list(account, EAST, ask);
    seen.iter().map(|view| (view.record.arn.id.to_string(), view.record.tags.len())).collect()
}

fn take_tagged(id: &str) -> Request {
    let tags = Some(tags::of([("CreatedBy", "us")]));
    Request::CreateDbSnapshot(CreateDbSnapshot { database: "orders".into(), id: id.into(), tags })
}

#[test]
fn a_hidden_snapshot_is_not_listed_for_a_while_but_its_identifier_is_in_use() {
    let mut scene = Scene::with_orders();
    always(&mut scene, Mishap::HiddenSnapshot, 150);
    assert_eq!(scene.code(take("orders", "a")), "ok");
    let by_id = DescribeDbSnapshots { id: Some("a".into()), ..Default::default() };
    scene.pass(149);
    assert_eq!(listed(&mut scene, OURS, "manual"), []);
    assert_eq!(scene.code(Request::DescribeDbSnapshots(by_id.clone())), "DBSnapshotNotFound");
    assert_eq!(scene.code(take("orders", "a")), "DBSnapshotAlreadyExists");
    scene.pass(1);
    assert_eq!(listed(&mut scene, OURS, "manual"), [("a".to_owned(), 0)]);
    assert_eq!(scene.code(Request::DescribeDbSnapshots(by_id)), "ok");
    // Sharing hides it from the other account only.
    scene.share("a", OTHER);
    assert_eq!((listed(&mut scene, OURS, "manual").len(), listed(&mut scene, OTHER, "shared").len()), (1, 0));
    scene.pass(150);
    assert_eq!(listed(&mut scene, OTHER, "shared").len(), 1);
    assert_eq!(scene.world.mishaps(), &BTreeMap::from([(Mishap::HiddenSnapshot, 2)]));
}

#[test]
fn hidden_tags_are_listed_late() {
    let mut scene = Scene::with_orders();
    always(&mut scene, Mishap::HiddenTags, 150);
    assert_eq!(scene.code(take_tagged("a")), "ok");
    scene.pass(149);
    assert_eq!(listed(&mut scene, OURS, "manual"), [("a".to_owned(), 0)]);
    scene.pass(1);
    assert_eq!(listed(&mut scene, OURS, "manual"), [("a".to_owned(), 1)]);
    let more = tags::of([("SharedWith", "x")]);
    assert_eq!(scene.code(Request::AddTagsToResource(arn(OURS, EAST, "a"), more)), "ok");
    assert_eq!(listed(&mut scene, OURS, "manual"), [("a".to_owned(), 1)]);
    scene.pass(150);
    assert_eq!(listed(&mut scene, OURS, "manual"), [("a".to_owned(), 2)]);
}

#[test]
fn a_doomed_snapshot_fails_at_its_end_and_releases_its_instance() {
    let mut scene = Scene::with_orders();
    always(&mut scene, Mishap::FailedSnapshot, 0);
    assert_eq!(scene.code(take("orders", "a")), "ok");
    scene.pass(99);
    assert_eq!(scene.status(&arn(OURS, EAST, "a")), "creating");
    scene.pass(1);
    assert_eq!(scene.status(&arn(OURS, EAST, "a")), "failed");
    assert_eq!(scene.instance_status("orders"), "available");
}

#[test]
fn a_copy_fails_at_its_end_or_hangs_and_the_next_copy_begins_after_it() {
    for (mishap, end) in [(Mishap::FailedCopy, 200), (Mishap::HungCopy, 700)] {
        let mut scene = Scene::with_orders();
        scene.snapshot("orders", "a");
        always(&mut scene, mishap, 700);
        for target in ["first", "second"] {
            assert_eq!(
                scene.code_of(OURS, WEST, Request::CopyDbSnapshot(copy(&arn(OURS, EAST, "a"), target))),
                "ok"
            );
        }
        scene.pass(end - 1);
        assert_eq!(scene.status(&arn(OURS, WEST, "first")), "copying");
        scene.pass(1);
        assert_eq!(scene.status(&arn(OURS, WEST, "first")), "failed");
        let second =
            scene.list(OURS, WEST, DescribeDbSnapshots { id: Some("second".into()), ..Default::default() });
        assert_eq!(second[0].record.status.as_str(), "pending");
        scene.pass(40);
        assert_eq!(scene.status(&arn(OURS, WEST, "second")), "copying");
        scene.pass(2000);
        assert_eq!(scene.world.mishaps()[&mishap], 2);
    }
}

#[test]
fn no_mishap_begins_or_lasts_beyond_the_end() {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "a");
    always(&mut scene, Mishap::HungCopy, 100_000);
    assert_eq!(scene.code_of(OURS, WEST, Request::CopyDbSnapshot(copy(&arn(OURS, EAST, "a"), "b"))), "ok");
    scene.pass(1000);
    assert_eq!(scene.status(&arn(OURS, WEST, "b")), "failed");
    assert_eq!(scene.code_of(OURS, WEST, Request::CopyDbSnapshot(copy(&arn(OURS, EAST, "a"), "c"))), "ok");
    scene.pass(200);
    assert_eq!(scene.status(&arn(OURS, WEST, "c")), "available");
    assert_eq!(scene.world.mishaps(), &BTreeMap::from([(Mishap::HungCopy, 1)]));
}

#[test]
fn an_outage_concerns_every_call_of_the_account_or_in_the_region() {
    let account = Outage::Account(AccountId::new(OURS).unwrap());
    let region = Outage::Region(Region::new(EAST).unwrap());
    for (outage, out) in [
        (account, [(OURS, EAST, true), (OURS, WEST, true), (OTHER, EAST, false)]),
        (region, [(OURS, EAST, true), (OURS, WEST, false), (OTHER, EAST, true)]),
    ] {
        let mut scene = Scene::with_orders();
        scene.world.begin_outage(outage.clone());
        scene.world.begin_outage(outage.clone());
        assert!(scene.world.end_outage(&outage));
        for (account, region, is_out) in out {
            let code = scene.code_of(account, region, Request::DescribeAccountAttributes);
            assert_eq!(code, if is_out { "ServiceUnavailable" } else { "ok" });
        }
        assert!(scene.world.end_outage(&outage));
        assert!(!scene.world.end_outage(&outage));
        assert_eq!(scene.code(Request::DescribeAccountAttributes), "ok");
    }
}
