//! Databases that had the same name one after the other: the later one pushes out no last point of an earlier one.

use super::*;

#[test]
fn a_database_that_is_renamed_onto_a_used_name_pushes_out_none_of_the_points_of_the_one_before() {
    let week = Retention { keep_daily: 7, ..DAY };
    let of = |id: &str, name: &str, day: i64, hour: i64| {
        let taken = at(NOW) - TimeDelta::days(day) + TimeDelta::hours(hour) - TimeDelta::days(1);
        let mut point =
            promised(point(&format!("{id}-{day}"), name, &taken.to_rfc3339()), Some(&week.to_string()));
        Arc::make_mut(&mut point.snapshot).resource_id = Some(id.into());
        RecoveryPoint::original(point.snapshot)
    };
    // `billing` (c) was deleted a day ago. `orders` (a), as old, has its name since.
    let mut points: Vec<_> = (1..=7).map(|day| of("c", "billing", day, 0)).collect();
    points.extend((1..=7).map(|day| of("a", "orders", day, 1)));
    points.push(of("a", "billing", 0, 1));
    let deleted = outcome(&points, rules(week)).0;
    assert!(deleted.iter().all(|name| !name.starts_with("c-1")), "{deleted:?}");
    assert!(deleted.len() <= 2, "{deleted:?}");
}

/// A database is deleted and created again under its name, with the ids `a` and `b`.
fn recreated(old: &[&str], new: &[&str]) -> Vec<RecoveryPoint> {
    let of = |id: &str, time: &&str| {
        let mut point = point(&format!("{id}-{}", time.replace(':', "-")), "orders", time);
        Arc::make_mut(&mut point.snapshot).resource_id = Some(id.into());
        point
    };
    old.iter().map(|time| of("a", time)).chain(new.iter().map(|time| of("b", time))).collect()
}

#[test]
fn the_last_point_of_a_database_stays_until_its_successor_has_points_as_old_as_promised() {
    let last = "2026-02-20T00:00:00Z";
    let old = ["2026-02-19T00:00:00Z", last];
    for (new, retention, is_kept) in [
        (&["2026-02-28T12:00:00Z"][..], DAY, true),
        (&["2026-02-27T12:00:00Z", "2026-02-28T12:00:00Z"], DAY, false),
        (&["2026-02-27T12:00:00Z", "2026-02-28T12:00:00Z"], Retention { keep_daily: 3, ..DAY }, true),
    ] {
        let points: Vec<_> = recreated(&old, new)
            .into_iter()
            .map(|point| promised(point, Some("for 1d last 1 daily 0")))
            .collect();
        let (deleted, reasons) = outcome(&points, rules(retention));
        let name = format!("a-{}", last.replace(':', "-"));
        assert_eq!(!deleted.contains(&name), is_kept, "{new:?}: {reasons:?}");
    }
    // After 30 days it no longer waits, although a retention of 60 days would.
    let sixty = Retention { keep_for: TimeDelta::days(60), keep_last: 1, keep_daily: 0 };
    for (since, is_kept) in [("2026-01-30T01:00:00Z", true), ("2026-01-29T23:00:00Z", false)] {
        let points = recreated(&["2025-12-01T00:00:00Z"], &[since, "2026-02-28T12:00:00Z"]);
        let reasons = outcome(&points, rules(sixty)).1;
        assert_eq!(reasons.contains("LastOfEarlier"), is_kept, "{since}: {reasons:?}");
    }
}

#[test]
fn the_last_point_of_a_long_lived_database_stays_however_often_its_successors_are_replaced() {
    let mut points = recreated(&["2026-02-01T00:00:00Z", "2026-02-20T00:00:00Z"], &[]);
    for hour in 0..48 {
        let time = at("2026-02-27T00:00:00Z") + TimeDelta::hours(hour);
        let mut churned = point(&format!("s-{hour}"), "orders", &time.to_rfc3339());
        Arc::make_mut(&mut churned.snapshot).resource_id = Some(format!("db-{hour}").into());
        points.push(churned);
    }
    let hour = Retention { keep_for: TimeDelta::hours(1), keep_last: 1, keep_daily: 3 };
    let points: Vec<_> = points.into_iter().map(|point| promised(point, Some(&hour.to_string()))).collect();
    let deleted = outcome(&points, rules(hour)).0;
    assert!(!deleted.contains(&"a-2026-02-20T00-00-00Z".to_owned()), "{deleted:?}");
    assert!((40..=45).contains(&deleted.len()), "{}", deleted.len());
}

#[test]
fn a_database_that_is_replaced_every_day_keeps_the_last_point_of_each_for_the_promised_days_only() {
    let points: Vec<_> = (1..=28)
        .map(|day| {
            let mut point = point(&format!("s-{day}"), "staging", &format!("2026-02-{day:02}T12:00:00Z"));
            Arc::make_mut(&mut point.snapshot).resource_id = Some(format!("db-{day}").into());
            point
        })
        .collect();
    let week = Retention { keep_daily: 7, ..DAY };
    let points: Vec<_> = points.into_iter().map(|point| promised(point, Some(&week.to_string()))).collect();
    let left = 28 - outcome(&points, rules(week)).0.len();
    assert!((7..=9).contains(&left), "{left}");
}

proptest! {
    #[test]
    fn only_expired_points_of_our_own_are_deleted_and_never_the_newest_usable_one(
        ages in proptest::collection::vec((0_u8..3, 0_i64..5000, 0_u8..8), 1..60),
        turn in any::<prop::sample::Index>(),
        keep_last in 1_usize..4,
    ) {
        let retention = Retention { keep_last, ..DAY };
        let points: Vec<_> = ages.iter().enumerate().map(|(n, (database, minutes, status))| {
            let time = (at(NOW) - TimeDelta::minutes(*minutes)).to_rfc3339();
            let mut point = point(&format!("s-{n}"), ["a", "b", "c"][usize::from(*database)], &time);
            let status = match status { 0 => "creating", 1 => "failed", 2 => "odd", _ => "available" };
            Arc::make_mut(&mut point.snapshot).status = status.to_owned().into();
            point
        }).collect();
        let facts = Facts { points: points.clone(), ..Facts::default() };
        let made = plan(&facts, rules(retention), at(NOW)).unwrap();
        let mut turned = facts.clone();
        turned.points.rotate_left(turn.index(points.len()));
        prop_assert_eq!(&made, &plan(&turned, rules(retention), at(NOW)).unwrap());
        prop_assert_eq!(made.actions.len() + made.skips.len(), points.len());

        let gone: BTreeSet<_> = made.actions.iter().map(|delete| &delete.arn).collect();
        for points in by_database(&points).values() {
            if let Some((newest, _)) = crate::model::recovery_point::newest_usable(points) {
                prop_assert!(!gone.contains(&newest.snapshot.arn));
            }
            let usable = points.iter().filter(|point| point.usable_since().is_some()).count();
            let left = points.iter().filter(|p| p.usable_since().is_some() && !gone.contains(&p.snapshot.arn)).count();
            prop_assert!(left >= keep_last.min(usable));
        }
        for delete in &made.actions {
            prop_assert!(delete.why == Why::Failed || delete.age > Some(DAY.keep_for));
        }

        // A second plan for the remaining points deletes nothing, unless the ceiling held some deletions back.
        let left = points.iter().filter(|point| !gone.contains(&point.snapshot.arn)).cloned().collect();
        let again = plan(&Facts { points: left, ..Facts::default() }, rules(retention), at(NOW)).unwrap();
        let held_back = made.skips.iter().filter(|skip| skip.reason == SkipReason::OverCeiling).count();
        prop_assert!(again.actions.len() <= held_back);
    }
}
