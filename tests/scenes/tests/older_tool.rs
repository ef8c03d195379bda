//! The older tool and ours in the same accounts: nothing is lost, copied twice or left behind.
//!
//! Each scene runs for a day in an unoptimised build and for 14 days in an optimised one.

use pilot_light_tests::Way;
use pilot_light_tests::both_tools::observer::Faults;
use pilot_light_tests::both_tools::person::{left_behind, theirs};
use pilot_light_tests::both_tools::{BothTools, Deletion, OlderSchedule, Running};

/// The hours for which both tools, or our workers alone, run.
const HOURS: i64 = if cfg!(debug_assertions) { 24 } else { 14 * 24 };
/// A run of the older tool at this time finds copies of our workers halfway.
const IN_BETWEEN: i64 = 10;

/// Ends a scene, and requires that nothing was lost, copied twice by either tool, or left behind.
fn conclude(mut tools: BothTools) {
    let why = format!("{:?} {:?} failing {}", tools.scene.way, tools.schedule, tools.failing);
    let is_failing = tools.failing > 0;
    tools.let_everything_expire();
    let mut faults = tools.observer.faults.clone();
    if is_failing {
        // Failed copies are reported. The older tool copies a snapshot once more if our copy of it has another name.
        faults.troubled.retain(|line| !line.contains("failed: 0"));
        forgive_one_of_each(&mut faults.copied_twice_by_older);
    }
    assert_eq!(faults, Faults::default(), "{why}");
    assert_eq!(left_behind(&tools.scene), Vec::<String>::new(), "left behind, {why}");
    assert_eq!(theirs(&tools.scene).len(), 3, "a person's snapshots, {why}");
}

/// Removes the copies that were made once more, and keeps those that were made again and again.
fn forgive_one_of_each(copies: &mut Vec<String>) {
    let name = |line: &String| line.rsplit_once(": ").map(|(_, name)| name.to_owned());
    let all: Vec<_> = copies.iter().map(name).collect();
    copies.retain(|line| all.iter().filter(|other| **other == name(line)).count() > 1);
}

fn side_by_side(way: Way, schedule: OlderSchedule, failing: u64) {
    let mut tools = BothTools::new(way, schedule, 1);
    tools.failing = failing;
    tools.run_for(Running::Both, 4);
    tools.a_person_keeps_some();
    tools.run_for(Running::Both, HOURS);
    conclude(tools);
}

#[test]
fn both_tools_side_by_side_copy_within_a_region_and_in_one_step_only_once() {
    side_by_side(Way::OneStep, OlderSchedule::HOURLY.later(IN_BETWEEN), 0);
    side_by_side(Way::SameRegion, OlderSchedule::HOURLY.later(5), 0);
}

#[test]
fn both_tools_side_by_side_copy_over_two_hops_only_once() {
    side_by_side(Way::TwoHops, OlderSchedule::DEFAULT.later(IN_BETWEEN), 0);
    side_by_side(Way::TwoHops, OlderSchedule::HOURLY.later(IN_BETWEEN), 0);
}

#[test]
fn both_tools_side_by_side_within_one_account_copy_only_once() {
    side_by_side(Way::SameAccount, OlderSchedule::DEFAULT.later(IN_BETWEEN), 0);
    side_by_side(Way::SameAccount, OlderSchedule::HOURLY.later(IN_BETWEEN), 7);
}

#[test]
fn failing_copies_of_both_tools_in_one_step_leave_nothing_behind() {
    side_by_side(Way::OneStep, OlderSchedule::DEFAULT.later(IN_BETWEEN), 7);
}

#[test]
fn failing_copies_of_both_tools_over_two_hops_leave_nothing_behind() {
    side_by_side(Way::TwoHops, OlderSchedule::DEFAULT.later(IN_BETWEEN), 7);
}

#[test]
fn only_the_older_tool_copies_again_the_snapshots_whose_copies_expired_before_them() {
    let mut tools = BothTools::new(Way::OneStep, OlderSchedule::HOURLY.later(IN_BETWEEN), 1);
    tools.scene.set_source("RetentionDays", "2");
    tools.older.retention_days = 2;
    tools.run_for(Running::Both, 4);
    tools.a_person_keeps_some();
    tools.run_for(Running::Both, 24);
    assert_ne!(tools.observer.faults.copied_twice_by_older, Vec::<String>::new());
    tools.observer.faults.copied_twice_by_older.clear();
    tools.let_everything_expire();
    conclude(tools);
}

#[test]
fn the_way_of_the_migration_page_loses_nothing() {
    let mut tools = BothTools::new(Way::TwoHops, OlderSchedule::DEFAULT.later(IN_BETWEEN), 1);
    tools.run_for(Running::Older, 24);
    (tools.older_deletes, tools.ours_deletes) = (Deletion::Off, Deletion::Off);
    tools.run_for(Running::Both, HOURS);
    tools.a_person_keeps_some();
    tools.ours_deletes = Deletion::On;
    tools.run_for(Running::Ours, HOURS / 2);
    conclude(tools);
}

#[test]
fn the_workers_take_over_between_two_hops_and_hand_back() {
    for way in Way::ALL {
        let mut tools = BothTools::new(way, OlderSchedule::HOURLY, 1);
        tools.run_for(Running::Older, 36);
        tools.a_person_keeps_some();
        // The second copies would follow an hour after the first, so the first ones are left halfway.
        tools.run_for(Running::Older, 1);
        tools.run_for(Running::Ours, HOURS / 4);
        tools.run_for(Running::Older, HOURS / 2);
        tools.run_for(Running::Ours, HOURS / 4);
        conclude(tools);
    }
}
