//! Databases that are late, no longer offered, never copied or retired: the reports, the messages and the copies.

use chrono::TimeDelta;
use pilot_light_domain::run::announcement::Urgency;
use pilot_light_domain::run::report::ANNOUNCED;

use super::*;

const BY_JANE: &str = "2026-01-01T00:00:00Z by jane";
const LATER: &str = "2026-01-01T14:00:00Z";

fn retired(mut copy: Snapshot, mark: &str) -> Snapshot {
    copy.tags.insert(tags::RETIRED, mark);
    copy
}

fn here(database: &str, minute: u32) -> Snapshot {
    copy_of(&offer(database, minute), "available")
}

/// The reports about databases at `now`, as `name reason`.
fn told(facts: &Facts, now: &str) -> Vec<String> {
    let plan = plan(facts, &policy(&[]), at(now)).unwrap();
    let databases = plan.skips.into_iter().filter(|skip| skip.subject.to_string().starts_with("1111"));
    databases.map(|skip| format!("{}: {}", skip.reason.key(), skip.reason)).collect()
}

/// The messages at `now`, as `urgency name`.
fn announced(facts: &Facts, now: &str) -> Vec<String> {
    let plan = plan(facts, &policy(&[]), at(now)).unwrap();
    plan.announcements.iter().map(|message| format!("{:?} {}", message.urgency, message.name)).collect()
}

#[test]
fn a_late_database_is_reported_with_its_age_and_the_place_to_look() {
    let old = offer("orders", 10);
    let quiet = facts(std::slice::from_ref(&old), &[], &[copy_of(&old, "available")]);
    assert_eq!(told(&quiet, "2026-01-01T12:06:00Z"), Vec::<String>::new());
    let said = told(&quiet, LATER).join("");
    assert!(
        said.starts_with("Late: its newest copy is of 2026-01-01T11:10:00Z (170 min old); nothing newer"),
        "{said}"
    );
    assert!(said.contains("look at take and share") && said.ends_with("pilot-light retire orders"), "{said}");
    let waiting =
        Facts { quota: 1, ..facts(&[old.clone(), offer("orders", 40)], &[], &[copy_of(&old, "available")]) };
    assert!(told(&waiting, LATER).join("").contains("a snapshot of 2026-01-01T11:40:00Z waits to be copied"));
    let under_way = [copy_of(&old, "available"), copy_of(&offer("orders", 40), "copying")];
    let said = told(&facts(&[offer("orders", 40)], &[], &under_way), LATER).join("");
    assert!(said.contains("a copy of the snapshot of 2026-01-01T11:40:00Z is in progress"), "{said}");
}

#[test]
fn a_database_that_is_no_longer_offered_has_advice_of_its_own() {
    let gone = facts(&[offer("billing", 40)], &[], &[here("orders", 10), here("billing", 40)]);
    let said = told(&gone, NOW).join("");
    assert!(said.starts_with("NoLongerOffered: nothing of it is offered any more"), "{said}");
    assert!(said.contains("attacker") && said.ends_with("pilot-light retire orders"), "{said}");
    // It is announced when it is late.
    assert_eq!(announced(&gone, "2026-01-01T12:06:00Z"), Vec::<String>::new());
    assert_eq!(
        announced(&gone, "2026-01-01T12:06:01Z"),
        ["Page gone-111111111111-us-east-1-orders-20260101T111000Z"]
    );
    // A snapshot that is being taken, or that cannot be copied, is an offer too.
    let mut taking = offer("orders", 50);
    taking.status = SnapshotStatus::Creating;
    let late = facts(&[offer("billing", 40), taking], &[], &[here("orders", 10), here("billing", 40)]);
    assert!(told(&late, "2026-01-01T12:07:00Z").join("").starts_with("Late: "));
}

#[test]
fn the_same_lateness_has_one_name_in_all_runs_and_the_next_one_another() {
    let late = |minute| facts(&[offer("orders", minute)], &[], &[here("orders", minute)]);
    let first = announced(&late(10), LATER);
    assert_eq!(first, ["Page late-111111111111-us-east-1-orders-20260101T111000Z"]);
    assert_eq!(announced(&late(10), "2026-01-03T00:00:00Z"), first);
    assert_ne!(announced(&late(40), LATER), first);
}

#[test]
fn a_database_that_was_never_copied_is_blocked_by_itself() {
    let never = Facts { quota: 0, ..facts(&[offer("orders", 10)], &[], &[]) };
    assert_eq!(told(&never, "2026-01-01T12:06:00Z"), Vec::<String>::new());
    let said = told(&never, "2026-01-01T12:06:01Z").join("");
    assert!(said.starts_with("NeverCopied: it has been offered since 2026-01-01T11:10:00Z"), "{said}");
    // The oldest offer is deleted in the course of time, and the event stays the same.
    let page = ["Page never-copied-111111111111-us-east-1-orders-20260101T000000Z"];
    assert_eq!(announced(&never, LATER), page);
    let later = Facts { quota: 0, ..facts(&[offer("orders", 20)], &[], &[]) };
    assert_eq!(announced(&later, LATER), page);
    // With a daily schedule, the target is longer than any snapshot is offered.
    let daily = policy(&[("RpoTarget", "26h")]);
    let blocked = |now| {
        let skips = plan(&never, &daily, at(now)).unwrap().skips;
        skips.iter().any(|skip| skip.reason.key() == "NeverCopied")
    };
    assert!(!blocked("2026-01-01T13:10:00Z") && blocked("2026-01-01T13:10:01Z"));
    // A copy that starts, or is on its way, is no reason to act.
    let starting = told(&facts(&[offer("orders", 10)], &[], &[]), LATER).join("");
    assert!(
        starting.starts_with("Late: it was never copied") && starting.contains("this run requests a copy"),
        "{starting}"
    );
    let arriving = facts(&[offer("orders", 10)], &[], &[copy_of(&offer("orders", 10), "copying")]);
    assert!(told(&arriving, LATER).join("").starts_with("Late: it was never copied"));
}

#[test]
fn a_retired_database_gets_no_copy_has_no_age_and_pages_once_if_it_is_offered_again() {
    let kept = retired(here("orders", 10), BY_JANE);
    let quiet = facts(&[offer("orders", 10)], &[], std::slice::from_ref(&kept));
    assert_eq!(told(&quiet, LATER), [format!("Retired: a person has retired it: {BY_JANE}")]);
    assert_eq!(announced(&quiet, LATER), ["Inform retired-jane-20260101T000000Z"]);
    let metrics = plan(&quiet, &policy(&[]), at(LATER)).unwrap().metrics;
    // The alarm on the age would be raised without any age.
    let measured = metrics.iter().map(|metric| (metric.name, metric.value));
    let expected = [(MetricName::OldestRecoveryPointAge, 0.0), (MetricName::SnapshotQuotaUsed, 1.0)];
    assert_eq!(measured.collect::<Vec<_>>(), expected);
    let again = facts(&[offer("orders", 10), offer("orders", 40)], &[], &[kept]);
    assert_eq!(actions(&again, &policy(&[])), Vec::<String>::new());
    assert!(reasons(&again, &policy(&[])).contains(&("orders-40".to_owned(), SkipReason::OfRetired)));
    assert!(
        told(&again, NOW)[1]
            .starts_with("OfferedAgain: it is offered again, with a snapshot of 2026-01-01T11:40:00Z")
    );
    assert!(told(&again, NOW)[1].ends_with("to protect it again: pilot-light retire orders --undo"));
    let pages = announced(&again, NOW);
    assert_eq!(pages[0], "Page offered-again-111111111111-us-east-1-orders-20260101T000000Z");
}

#[test]
fn a_newer_offer_of_a_retired_database_pages_although_its_record_cannot_be_read() {
    let offered = |minute| {
        let offer = offer("orders", minute);
        let record = super::known::odd(&offer);
        let kept = retired(here("orders", 10), BY_JANE);
        told(&super::known::with_odd(facts(&[], &[], &[kept]), record), NOW).join("")
    };
    assert!(
        offered(40).contains("OfferedAgain: it is offered again, with a snapshot of 2026-01-01T11:40:00Z")
    );
    assert!(!offered(10).contains("OfferedAgain"));
}

#[test]
fn a_new_database_under_the_name_of_a_retired_one_is_copied() {
    let mut new = offer("orders", 40);
    new.resource_id = Some("db-B".into());
    let mut old = retired(here("orders", 10), BY_JANE);
    old.resource_id = Some("db-A".into());
    assert_eq!(actions(&facts(&[new], &[], &[old]), &policy(&[])), ["OneStep orders-40"]);
}

#[test]
fn a_mark_that_cannot_be_read_is_blocked_and_the_database_is_late_and_copied() {
    let odd = facts(&[offer("orders", 40)], &[], &[retired(here("orders", 10), "yes")]);
    assert_eq!(actions(&odd, &policy(&[])), ["OneStep orders-40"]);
    let said = told(&odd, LATER);
    assert!(
        said.iter().any(|text| text.starts_with("UnreadableRetirement: the tag Retired of a copy is 'yes'")),
        "{said:?}"
    );
    assert!(said.iter().any(|text| text.starts_with("Late: ")), "{said:?}");
}

#[test]
fn a_database_that_the_parameters_leave_out_is_noted_and_never_late() {
    let held =
        facts(&[offer("billing", 40), offer("ci-1", 40)], &[], &[here("billing", 40), here("ci-1", 10)]);
    let without = policy(&[("SnapshotExclusion", "^ci-")]);
    let plan = plan(&held, &without, at(NOW)).unwrap();
    let ages = plan.metrics.iter().filter(|metric| metric.name == MetricName::RecoveryPointAge).count();
    let noted = plan.skips.iter().filter(|skip| skip.reason == SkipReason::LeftOut).count();
    assert_eq!((ages, noted, plan.announcements.len()), (1, 1, 0));
    // A rename into the exclusion by the source ends nothing.
    let of = |id: &str, mut snapshot: Snapshot| {
        snapshot.resource_id = Some(id.into());
        snapshot
    };
    let renamed =
        facts(&[offer("billing", 40)], &[], &[of("db-A", here("orders", 10)), of("db-A", here("ci-1", 5))]);
    let plan = super::plan(&renamed, &without, at(LATER)).unwrap();
    assert!(plan.skips.iter().all(|skip| skip.reason != SkipReason::LeftOut), "{:?}", plan.skips);
}

#[test]
fn if_more_are_late_than_fit_a_last_message_sums_them_up_and_those_that_inform_keep_a_place() {
    let copies: Vec<_> = (0..30).map(|n| here(&format!("db-{n:02}"), 10 + n)).collect();
    let mut held = retired(here("orders", 1), BY_JANE);
    held.resource_id = Some("db-X".into());
    let late = facts(&[], &[], &[copies.as_slice(), &[held]].concat());
    let messages = plan(&late, &policy(&[]), at(LATER)).unwrap().announcements;
    assert_eq!(messages.len(), ANNOUNCED);
    assert!(messages[0].name.contains("db-29") && messages[17].name.contains("db-12"), "{messages:?}");
    let [.., last, informs] = messages.as_slice() else { panic!("{messages:?}") };
    assert_eq!((informs.urgency, informs.name.as_str()), (Urgency::Inform, "retired-jane-20260101T000000Z"));
    assert_eq!((last.urgency, last.name.as_str()), (Urgency::Page, "late-in-all-30-20260101T000000Z"));
    assert!(
        last.text.contains("30 databases are late or no longer offered, 12 of them without"),
        "{}",
        last.text
    );
    assert_eq!(announced(&facts(&[], &[], &copies[..20]), LATER).len(), 20);
}

#[test]
fn databases_that_one_command_retired_are_one_message() {
    let copies: Vec<_> = (0..30).map(|n| retired(here(&format!("ci-{n:02}"), 10), BY_JANE)).collect();
    assert_eq!(announced(&facts(&[], &[], &copies), NOW), ["Inform retired-jane-20260101T000000Z"]);
    assert_eq!(announced(&facts(&[], &[], &copies), "2026-01-08T00:00:01Z"), Vec::<String>::new());
}

#[test]
fn a_copy_that_hangs_is_blocked_and_shows_since_when() {
    let mut hanging = copy_of(&offer("orders", 10), "copying");
    let offered = [offer("orders", 10), offer("orders", 40)];
    let since = |copy: &Snapshot, now: Instant| {
        let facts = facts(&offered, &[], std::slice::from_ref(copy));
        let skips = plan(&facts, &policy(&[]), now).unwrap().skips;
        skips.into_iter().find_map(|skip| match skip.reason {
            SkipReason::CopyHangs(since) => Some(since),
            _ => None,
        })
    };
    let taken = at("2026-01-01T11:10:00Z");
    // AWS gives no time: the copy was begun before the next snapshot.
    assert_eq!(since(&hanging, taken + TimeDelta::hours(24)), None);
    let later = since(&hanging, taken + TimeDelta::hours(24) + TimeDelta::seconds(1));
    assert_eq!(later.as_deref(), Some("2026-01-01T11:40:00Z"));
    hanging.created_at = Some(at("2026-01-01T11:15:00Z"));
    assert_eq!(since(&hanging, taken + TimeDelta::hours(25)).as_deref(), Some("2026-01-01T11:15:00Z"));
    assert_eq!(since(&hanging, taken + TimeDelta::hours(24)), None);
}
