use proptest::prelude::*;

use super::*;
use crate::testing::{HERE, facts_of, own_snapshot, setting, words, words_of};

fn y() -> DatabaseName {
    "tests".parse().unwrap()
}

fn name_of(resource_id: &str) -> String {
    names::refreshed(&y(), resource_id).unwrap().to_string()
}

/// The final snapshot of the instance with that resource id, taken so many minutes after midnight.
fn left(resource_id: &str, minute: u32) -> Snapshot {
    let taken = format!("2026-01-01T{:02}:{:02}:00Z", minute / 60, minute % 60);
    let mut left = own_snapshot(&name_of(resource_id), "old-tests-1", &taken);
    left.resource_id = Some(resource_id.into());
    left
}

fn tagged(mut of: Snapshot) -> Snapshot {
    of.tags.insert(tagging::REFRESHED, "tests");
    of
}

fn called(id: &str, mut of: Snapshot) -> Snapshot {
    of.arn = own_snapshot(id, "tests", "2026-01-01T00:00:00Z").arn;
    of
}

fn tidied(snapshots: &[Snapshot]) -> Vec<String> {
    match tidy(&y(), None, &facts_of(snapshots.to_vec()), &setting(HERE, "run-1")) {
        Next::Done => vec![],
        Next::Tidy { changes, .. } => changes.iter().map(|(change, _)| words_of(change)).collect(),
        other => vec![words(&other)],
    }
}

#[test]
fn the_newest_final_snapshot_is_tagged_and_stays_and_older_tagged_ones_are_deleted() {
    let before = [tagged(left("db-1", 1)), tagged(left("db-2", 2)), left("db-3", 3)];
    let expected = [("delete", "db-1"), ("delete", "db-2"), ("tag", "db-3")];
    assert_eq!(tidied(&before), expected.map(|(verb, of)| format!("{verb} {}", name_of(of))));
    assert_eq!(tidied(&[tagged(left("db-3", 3))]), Vec::<String>::new());
    assert_eq!(tidied(&[]), Vec::<String>::new());
}

#[test]
fn an_older_untagged_final_snapshot_is_tagged_first_and_deleted_by_the_next_refresh() {
    let mut all = [left("db-1", 1), tagged(left("db-2", 2))];
    assert_eq!(tidied(&all), [format!("tag {}", name_of("db-1"))]);
    all[0] = tagged(all[0].clone());
    assert_eq!(tidied(&all), [format!("delete {}", name_of("db-1"))]);
}

#[test]
fn snapshots_that_no_refresh_of_y_left_are_not_changed() {
    let changed = |change: fn(&mut Snapshot)| {
        let mut other = tagged(left("db-1", 1));
        change(&mut other);
        other
    };
    let named = |id: &str| called(id, tagged(left("db-1", 1)));
    for other in [
        // Taken by people, with the tags of the instance.
        named("before-the-upgrade"),
        // Left by a failback.
        named(names::final_snapshot(&y(), "db-1").unwrap().as_str()),
        named(names::refreshed(&"others".parse().unwrap(), "db-1").unwrap().as_str()),
        changed(|other| other.resource_id = None),
        changed(|other| other.resource_id = Some("db-another".into())),
        changed(|other| {
            other.copied_from = Some("arn:aws:rds:us-east-1:111111111111:snapshot:x".parse().unwrap());
        }),
        changed(|other| other.status = SnapshotStatus::Deleting),
    ] {
        assert_eq!(tidied(&[other.clone(), tagged(left("db-2", 2))]), Vec::<String>::new(), "{other:?}");
    }
}

#[test]
fn older_final_snapshots_are_deleted_only_if_a_newer_usable_one_exists() {
    let with = |status: &str| {
        let mut newest = tagged(left("db-2", 2));
        newest.status = status.to_owned().into();
        [tagged(left("db-1", 1)), newest]
    };
    assert_eq!(tidied(&with("failed")), Vec::<String>::new(), "the one before it stays");
    assert_eq!(tidied(&with("incompatible-restore")), Vec::<String>::new());
    for status in ["creating", "a-status-of-next-year"] {
        let writing = format!("wait: the final snapshot '{}' is '{status}'", name_of("db-2"));
        assert_eq!(tidied(&with(status)), [writing]);
    }
    let mut timeless = tagged(left("db-1", 1));
    timeless.original_created_at = None;
    assert_eq!(tidied(&[timeless, tagged(left("db-2", 2))]), Vec::<String>::new(), "of unknown age");
    assert_eq!(
        tidied(&[tagged(left("db-1", 2)), tagged(left("db-2", 2))]),
        Vec::<String>::new(),
        "of one age"
    );
}

/// The forbidden deletions of a plan, each with the rule that it breaks.
fn wrong(before: &[Snapshot], changes: &[Change]) -> Vec<String> {
    let deleted = |found: &&Snapshot| changes.contains(&Change::DeleteSnapshot(found.arn.id.clone()));
    let usable = |found: &&Snapshot| is_final(found, &y()) && found.is_available();
    let newest = before.iter().filter(usable).filter_map(Snapshot::taken_at).max();
    let mut wrong = vec![];
    for gone in before.iter().filter(deleted) {
        if gone.tags.get(tagging::REFRESHED) != Some("tests") {
            wrong.push("untagged");
        }
        if !is_final(gone, &y()) {
            wrong.push("not of a refresh");
        }
        if gone.taken_at() >= newest {
            wrong.push("newest");
        }
    }
    wrong.into_iter().map(str::to_owned).collect()
}

fn changed(snapshots: &[Snapshot]) -> Vec<Change> {
    let finals: Vec<&Snapshot> = snapshots.iter().filter(|found| is_final(found, &y())).collect();
    changes(&y(), &finals).into_iter().map(|(change, _)| change).collect()
}

/// A plan with a bug: it takes every snapshot for tagged.
fn forgets_tags(snapshots: &[Snapshot]) -> Vec<Change> {
    changed(&snapshots.iter().cloned().map(tagged).collect::<Vec<_>>())
}

/// A plan with a bug: it takes the newest snapshot for older than another one.
fn forgets_the_newest(snapshots: &[Snapshot]) -> Vec<Change> {
    changed(&[snapshots, &[left("db-of-nobody", 1000)]].concat())
}

/// A plan with a bug: it takes every tagged snapshot for a final snapshot.
fn forgets_names(snapshots: &[Snapshot]) -> Vec<Change> {
    let all: Vec<&Snapshot> = snapshots.iter().collect();
    changes(&y(), &all).into_iter().map(|(change, _)| change).collect()
}

#[test]
fn each_planted_bug_is_found() {
    let of_people = called("by-hand", tagged(left("db-0", 1)));
    let before = [of_people, tagged(left("db-1", 2)), left("db-2", 3), tagged(left("db-3", 4))];
    assert_eq!(wrong(&before, &changed(&before)), Vec::<String>::new());
    assert_eq!(wrong(&before, &forgets_tags(&before)), ["untagged"]);
    assert_eq!(wrong(&before, &forgets_the_newest(&before)), ["newest"]);
    assert_eq!(wrong(&before, &forgets_names(&before)), ["not of a refresh"]);
}

fn snapshots() -> impl Strategy<Value = Vec<Snapshot>> {
    let one = (0..6_u32, 0..2_u8, 0..4_u8, 0..4_u8)
        .prop_map(|(minute, is_tagged, status, stranger)| (minute, is_tagged == 1, status, stranger == 0));
    proptest::collection::vec(one, 0..8).prop_map(|all| {
        let make = |(at, (minute, is_tagged, status, is_stranger)): (usize, (u32, bool, u8, bool))| {
            let mut made = left(&format!("db-{at}"), minute);
            if is_tagged {
                made = tagged(made);
            }
            if is_stranger {
                made = called(&format!("by-hand-{at}"), made);
            }
            let status = ["failed", "odd", "available", "available"][usize::from(status)];
            made.status = status.to_owned().into();
            made
        };
        all.into_iter().enumerate().map(make).collect()
    })
}

/// The snapshots after the changes.
fn after(before: &[Snapshot], changes: &[Change]) -> Vec<Snapshot> {
    let stays = |found: &&Snapshot| !changes.contains(&Change::DeleteSnapshot(found.arn.id.clone()));
    let is_tagged = |found: &Snapshot| {
        changes
            .iter()
            .any(|change| matches!(change, Change::TagSnapshot { snapshot, .. } if *snapshot == found.arn))
    };
    let tag = |found: &Snapshot| if is_tagged(found) { tagged(found.clone()) } else { found.clone() };
    before.iter().filter(stays).map(tag).collect()
}

proptest! {
    #[test]
    fn only_older_tagged_snapshots_are_deleted_in_any_order_of_the_list_and_two_runs_leave_nothing_to_do(
        (before, shuffled) in snapshots().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
    ) {
        let plan = changed(&before);
        prop_assert_eq!(wrong(&before, &plan), Vec::<String>::new());
        let sorted = |changes: &[Change]| {
            let mut all: Vec<String> = changes.iter().map(words_of).collect();
            all.sort();
            all
        };
        prop_assert_eq!(sorted(&changed(&shuffled)), sorted(&plan));
        let once = after(&before, &plan);
        let twice = after(&once, &changed(&once));
        prop_assert_eq!(changed(&twice), vec![]);
    }
}
