//! Copies: routes, keys, tags, times, queues, and the events that end them early.

use pilot_light_domain::model::tags;
use pilot_light_domain::model::tags::Tags;

use super::*;

fn begin(scene: &mut Scene, account: &str, region: &str, ask: CopyDbSnapshot) -> &'static str {
    scene.code_of(account, region, Request::CopyDbSnapshot(ask))
}

#[test]
fn sources_are_found_by_arn_everywhere_and_by_identifier_at_home() {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "a");
    let a = arn(OURS, EAST, "a");
    for (account, region, source, code) in [
        (OURS, EAST, "a", "ok"),
        (OURS, EAST, a.as_str(), "ok"),
        (OURS, WEST, "a", "DBSnapshotNotFound"),
        (OURS, WEST, &a, "ok"),
        (OTHER, EAST, "a", "DBSnapshotNotFound"),
        (OTHER, EAST, &a, "DBSnapshotNotFound"),
        (OURS, EAST, &a.replace("arn:aws:", "arn:aws-cn:"), "DBSnapshotNotFound"),
        (OURS, EAST, &a.replace(":snapshot:", ":cluster-snapshot:"), "InvalidParameterValue"),
        (OURS, EAST, "arn:aws:rds:a", "InvalidParameterValue"),
    ] {
        let ask = copy(source, &format!("b{}", scene.world.dump().snapshots.len()));
        assert_eq!(begin(&mut scene, account, region, ask), code, "{account} {region} {source}");
    }
    scene.share("a", OTHER);
    assert_eq!(begin(&mut scene, OTHER, EAST, copy("a", "b")), "DBSnapshotNotFound");
    assert_eq!(begin(&mut scene, OTHER, EAST, copy(&a, "b")), "ok");
    assert_eq!(begin(&mut scene, THIRD, EAST, copy(&a, "b")), "DBSnapshotNotFound");
}

#[test]
fn one_step_across_account_and_region_can_be_switched_off() {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "a");
    scene.share("a", OTHER);
    let a = arn(OURS, EAST, "a");
    for (one_step, account, region, code) in [
        (false, OTHER, WEST, "InvalidParameterCombination"),
        (false, OTHER, EAST, "ok"),
        (false, OURS, WEST, "ok"),
        (true, OTHER, WEST, "ok"),
    ] {
        scene.configure(|settings| settings.one_step = one_step);
        assert_eq!(begin(&mut scene, account, region, copy(&a, "b")), code, "{one_step} {account} {region}");
    }
}

#[test]
fn a_source_must_be_available_and_a_target_free() {
    let mut scene = Scene::with_orders();
    scene.ask(OURS, EAST, take("orders", "a")).unwrap();
    assert_eq!(begin(&mut scene, OURS, EAST, copy("a", "b")), "InvalidDBSnapshotState");
    scene.pass(100);
    assert_eq!(begin(&mut scene, OURS, EAST, copy("a", "a")), "DBSnapshotAlreadyExists");
    assert_eq!(begin(&mut scene, OURS, EAST, copy("a", "b--")), "InvalidParameterValue");
    assert_eq!(begin(&mut scene, OURS, EAST, copy("a", "b")), "ok");
    assert_eq!(begin(&mut scene, OURS, EAST, copy("b", "c")), "InvalidDBSnapshotState");
}

#[test]
fn a_copy_keeps_the_times_of_the_data_and_names_a_source_elsewhere() {
    for (account, region, status, from_elsewhere) in [
        (OURS, EAST, "creating", false),
        (OURS, WEST, "pending", true),
        (OTHER, EAST, "pending", true),
        (OTHER, WEST, "pending", true),
    ] {
        let mut scene = Scene::with_orders();
        let began = scene.now;
        scene.snapshot("orders", "a");
        let taken = scene.now;
        scene.share("a", OTHER);
        scene.pass(1000);
        let (source, target) = (arn(OURS, EAST, "a"), arn(account, region, "b"));
        assert_eq!(begin(&mut scene, account, region, copy(&source, "b")), "ok");
        let under_way =
            &scene.list(account, region, DescribeDbSnapshots { id: Some("b".into()), ..Default::default() })
                [0];
        assert_eq!(under_way.record.status.as_str(), status);
        assert_eq!((under_way.record.created_at, under_way.record.original_created_at), (None, None));
        assert_eq!(under_way.database_time(), None);
        scene.pass(200);
        let copied = scene.record(&target).unwrap();
        assert_eq!(copied.status.as_str(), "available");
        assert_eq!(copied.created_at, Some(scene.now));
        assert_eq!((copied.original_created_at, copied.database_time), (Some(taken), began));
        assert_eq!(copied.copied_from.map(|arn| arn.to_string()), from_elsewhere.then_some(source));
        assert!(copied.shared_with.is_empty());
    }
}

#[test]
fn copies_of_one_database_wait_for_one_another_without_progress() {
    let mut scene = Scene::with_orders();
    scene.database("payments", None);
    for (database, id) in [("orders", "a"), ("orders", "b"), ("payments", "c")] {
        scene.snapshot(database, id);
    }
    for id in ["a", "b", "c"] {
        assert_eq!(begin(&mut scene, OURS, WEST, copy(&arn(OURS, EAST, id), id)), "ok");
    }
    let percents = |scene: &mut Scene| {
        let seen = scene.list(OURS, WEST, DescribeDbSnapshots::default());
        seen.iter().map(|view| view.percent).collect::<Vec<_>>()
    };
    scene.pass(100);
    assert_eq!(percents(&mut scene), [37, 0, 37]);
    scene.pass(100);
    assert_eq!(percents(&mut scene), [100, 0, 100]);
    scene.pass(100);
    assert_eq!(percents(&mut scene), [100, 37, 100]);
    // Another Region and another account have queues of their own.
    assert_eq!(begin(&mut scene, OURS, "eu-west-1", copy(&arn(OURS, EAST, "a"), "a")), "ok");
    scene.pass(100);
    let other = scene.list(OURS, "eu-west-1", DescribeDbSnapshots::default());
    assert_eq!(other.iter().map(|view| view.percent).collect::<Vec<_>>(), [37]);
}

#[test]
fn a_later_database_of_the_same_name_has_a_queue_of_its_own() {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "a");
    let gone = DeleteDbInstance { name: "orders".into(), skip_final_snapshot: true, final_snapshot: None };
    assert_eq!(scene.code(Request::DeleteDbInstance(gone)), "ok");
    scene.pass(1);
    scene.database("orders", None);
    scene.snapshot("orders", "b");
    for id in ["a", "b"] {
        assert_eq!(begin(&mut scene, OURS, WEST, copy(&arn(OURS, EAST, id), id)), "ok");
    }
    scene.pass(200);
    assert_eq!(scene.status(&arn(OURS, WEST, "b")), "available");
}

#[test]
fn deleting_the_source_makes_copies_that_read_from_it_fail() {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "a");
    scene.snapshot("orders", "z");
    for (source, target) in [("a", "under-way"), ("a", "queued"), ("z", "next")] {
        assert_eq!(begin(&mut scene, OURS, WEST, copy(&arn(OURS, EAST, source), target)), "ok");
    }
    scene.pass(100);
    assert_eq!(scene.code(delete("a")), "ok");
    for (id, status) in [("under-way", "failed"), ("queued", "failed"), ("next", "pending")] {
        assert_eq!(scene.status(&arn(OURS, WEST, id)), status, "{id}");
    }
    scene.pass(200);
    assert_eq!(scene.status(&arn(OURS, WEST, "next")), "available");
    assert_eq!(scene.code(delete("z")), "ok");
    assert_eq!(scene.status(&arn(OURS, WEST, "next")), "available");
}

#[test]
fn a_copy_from_elsewhere_is_pending_before_its_turn_and_a_while_after() {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "a");
    let (first, second) = (arn(OURS, WEST, "first"), arn(OURS, WEST, "second"));
    for id in ["first", "second"] {
        assert_eq!(begin(&mut scene, OURS, WEST, copy(&arn(OURS, EAST, "a"), id)), "ok");
    }
    let mut seen = |seconds| {
        scene.pass(seconds);
        (scene.status(&first), scene.status(&second))
    };
    let both = |first: &str, second: &str| (first.to_owned(), second.to_owned());
    assert_eq!(seen(39), both("pending", "pending"));
    assert_eq!(seen(1), both("copying", "pending"));
    assert_eq!(seen(159), both("copying", "pending"));
    assert_eq!(seen(1), both("available", "pending"));
    assert_eq!(seen(40), both("available", "copying"));
    assert_eq!(seen(160), both("available", "available"));
}

#[test]
fn a_pending_copy_shows_no_time_and_no_progress_and_can_be_cancelled() {
    let mut scene = Scene::with_orders();
    scene.configure(|settings| {
        settings.pending_seconds = SecondsRange::of(200, 200);
        settings.copy_slots = 1;
    });
    scene.snapshot("orders", "a");
    let a = arn(OURS, EAST, "a");
    assert_eq!(begin(&mut scene, OURS, WEST, copy(&a, "b")), "ok");
    scene.pass(199);
    let seen = scene.list(OURS, WEST, DescribeDbSnapshots::default());
    let record = &seen[0].record;
    assert_eq!((record.status.as_str(), seen[0].percent, record.created_at), ("pending", 0, None));
    assert_eq!(begin(&mut scene, OURS, WEST, copy(&a, "c")), "SnapshotQuotaExceeded");
    assert_eq!(begin(&mut scene, OURS, WEST, copy(&arn(OURS, WEST, "b"), "d")), "InvalidDBSnapshotState");
    assert_eq!(scene.code_of(OURS, WEST, delete("b")), "ok");
    assert_eq!(scene.world.next_event(), None);
    assert_eq!(begin(&mut scene, OURS, WEST, copy(&a, "c")), "ok");
    scene.pass(200);
    assert_eq!(scene.status(&arn(OURS, WEST, "c")), "available");
}

#[test]
fn in_the_default_world_every_copy_from_elsewhere_is_pending_at_first() {
    let mut scene = Scene::with_orders();
    scene.configure(|settings| {
        settings.pending_seconds = Settings::default().pending_seconds;
        settings.quota = 1000;
    });
    scene.snapshot("orders", "a");
    for n in 0..15 {
        let region = ["us-west-2", "eu-west-1", "eu-central-1"][n % 3];
        let target = format!("copy{n}");
        assert_eq!(begin(&mut scene, OURS, region, copy(&arn(OURS, EAST, "a"), &target)), "ok");
        scene.pass(4);
        assert_eq!(scene.status(&arn(OURS, region, &target)), "pending");
    }
}

#[test]
fn the_original_time_of_a_copy_is_that_of_the_completion_or_of_the_call() {
    for (original_time, after_call) in [(OriginalTime::Completion, 100), (OriginalTime::Call, 0)] {
        let mut scene = Scene::with_orders();
        scene.configure(|settings| settings.original_time = original_time);
        let called = scene.now;
        scene.snapshot("orders", "a");
        scene.pass(1000);
        assert_eq!(begin(&mut scene, OURS, WEST, copy(&arn(OURS, EAST, "a"), "b")), "ok");
        scene.pass(200);
        for record in [scene.record(&arn(OURS, EAST, "a")), scene.record(&arn(OURS, WEST, "b"))] {
            let record = record.unwrap();
            assert_eq!(record.original_created_at, Some(called + TimeDelta::seconds(after_call)));
            assert_eq!(record.database_time, called, "the truth does not depend on it");
        }
    }
}

#[test]
fn aws_gives_the_time_of_the_last_transaction_for_a_share_of_snapshots_and_the_same_for_their_copies() {
    let mut scene = Scene::with_orders();
    scene.configure(|settings| {
        settings.database_time_percent = 50;
        settings.copy_seconds = SecondsRange::of(0, 0);
        settings.quota = 1000;
    });
    let mut shown = 0;
    for n in 0..40 {
        let id = format!("s{n}");
        scene.snapshot("orders", &id);
        assert_eq!(begin(&mut scene, OURS, WEST, copy(&arn(OURS, EAST, &id), &id)), "ok");
        scene.pass(1);
        let [original, copied] = [EAST, WEST].map(|region| scene.record(&arn(OURS, region, &id)).unwrap());
        assert_eq!(original.last_transaction, copied.last_transaction);
        assert!(original.last_transaction.is_none_or(|time| time == original.database_time));
        shown += usize::from(original.last_transaction.is_some());
    }
    assert!((10..=30).contains(&shown), "{shown} of 40");
}

#[test]
fn deleting_a_copy_in_progress_cancels_it_and_lets_the_next_begin() {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "a");
    for target in ["first", "second", "third"] {
        assert_eq!(begin(&mut scene, OURS, WEST, copy(&arn(OURS, EAST, "a"), target)), "ok");
    }
    scene.pass(150);
    assert_eq!(scene.code_of(OURS, WEST, delete("first")), "ok");
    assert_eq!(scene.code_of(OURS, WEST, delete("third")), "ok");
    assert_eq!(scene.status(&arn(OURS, WEST, "first")), "gone");
    scene.pass(199);
    assert_eq!(scene.status(&arn(OURS, WEST, "second")), "copying");
    scene.pass(1);
    assert_eq!(scene.status(&arn(OURS, WEST, "second")), "available");
}

#[test]
fn explicit_tags_override_copied_ones_and_another_accounts_are_never_copied() {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "a");
    let a: SnapshotArn = arn(OURS, EAST, "a").parse().unwrap();
    scene.world.impose_snapshot_tags(&a, tags::of([("team", "x")]));
    scene.share("a", OTHER);
    let explicit = tags::of([("CopiedBy", "us")]);
    for (n, (account, copy_tags, given, expected)) in [
        (OURS, false, None, Tags::new()),
        (OURS, true, None, tags::of([("team", "x")])),
        (OURS, true, Some(explicit.clone()), explicit.clone()),
        (OURS, true, Some(Tags::new()), Tags::new()),
        (OTHER, true, None, Tags::new()),
        (OTHER, true, Some(explicit.clone()), explicit),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("b{n}");
        let ask = CopyDbSnapshot { copy_tags, tags: given, ..copy(&a.to_string(), &id) };
        assert_eq!(begin(&mut scene, account, EAST, ask), "ok");
        assert_eq!(scene.record(&arn(account, EAST, &id)).unwrap().tags, expected, "row {n}");
    }
}

#[test]
fn reserved_aws_tags_make_a_copy_with_tags_fail() {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "a");
    let reserved = tags::of([("aws:cloudformation:stack-name", "x")]);
    scene.world.impose_snapshot_tags(&arn(OURS, EAST, "a").parse().unwrap(), reserved.clone());
    for (copy_tags, given, code) in [
        (true, None, "InvalidParameterValue"),
        (false, Some(reserved), "InvalidParameterValue"),
        (true, Some(Tags::new()), "ok"),
        (false, None, "ok"),
    ] {
        let id = format!("b{}", scene.world.dump().snapshots.len());
        let ask = CopyDbSnapshot { copy_tags, tags: given, ..copy("a", &id) };
        assert_eq!(begin(&mut scene, OURS, EAST, ask), code);
    }
}
