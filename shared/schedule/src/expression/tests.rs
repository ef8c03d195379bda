//! Schedules compared with tables of times, and with a minute-by-minute reading of the same fields.

use chrono::{Datelike, TimeDelta, Timelike};
use proptest::prelude::*;

use super::Schedule;
use pilot_light_domain::Instant;
use pilot_light_domain::testing::at;

fn after(text: &str, previous: &str, count: usize) -> Vec<String> {
    let schedule = Schedule::parse(text).unwrap();
    let next = |previous: &Instant| schedule.next_after(*previous, at("2026-01-01T00:02:30Z"));
    let first = next(&at(previous));
    std::iter::successors(first, next)
        .take(count)
        .map(|time| time.format("%Y-%m-%dT%H:%M:%S").to_string())
        .collect()
}

#[test]
fn a_rate_counts_from_the_creation_of_its_rule() {
    for (text, previous, times) in [
        ("rate(5 minutes)", "2025-12-31T00:00:00Z", ["2026-01-01T00:07:30", "2026-01-01T00:12:30"]),
        ("rate(5 minutes)", "2026-01-01T00:07:29Z", ["2026-01-01T00:07:30", "2026-01-01T00:12:30"]),
        ("rate(5 minutes)", "2026-01-01T00:07:30Z", ["2026-01-01T00:12:30", "2026-01-01T00:17:30"]),
        ("rate(1 hour)", "2026-03-29T01:30:00Z", ["2026-03-29T02:02:30", "2026-03-29T03:02:30"]),
        ("rate(7 days)", "2028-02-24T12:00:00Z", ["2028-03-02T00:02:30", "2028-03-09T00:02:30"]),
    ] {
        assert_eq!(after(text, previous, 2), times, "{text} after {previous}");
    }
}

#[test]
fn a_cron_expression_fires_by_the_time_of_day_in_utc() {
    for (text, previous, times) in [
        ("cron(0/15 * * * ? *)", "2026-01-01T00:45:00Z", ["2026-01-01T01:00:00", "2026-01-01T01:15:00"]),
        ("cron(0/15 * * * ? *)", "2026-12-31T23:45:59Z", ["2027-01-01T00:00:00", "2027-01-01T00:15:00"]),
        // Summer time changes nothing.
        ("cron(30 1 * * ? *)", "2026-03-28T12:00:00Z", ["2026-03-29T01:30:00", "2026-03-30T01:30:00"]),
        ("0 1 * * ? *", "2026-01-01T01:00:00Z", ["2026-01-02T01:00:00", "2026-01-03T01:00:00"]),
        ("cron(0 18 ? * MON-FRI *)", "2026-01-01T18:00:00Z", ["2026-01-02T18:00:00", "2026-01-05T18:00:00"]),
        ("cron(0 0 ? * 1 *)", "2026-01-01T00:00:00Z", ["2026-01-04T00:00:00", "2026-01-11T00:00:00"]),
        ("cron(0 0 ? * L *)", "2026-01-01T00:00:00Z", ["2026-01-03T00:00:00", "2026-01-10T00:00:00"]),
    ] {
        assert_eq!(after(text, previous, 2), times, "{text} after {previous}");
    }
}

#[test]
fn days_can_be_the_last_the_nearest_weekday_or_the_nth_of_a_month() {
    for (text, previous, times) in [
        ("cron(0 0 29 FEB ? *)", "2026-01-01T00:00:00Z", ["2028-02-29", "2032-02-29"]),
        ("cron(0 0 29 FEB ? *)", "2096-03-01T00:00:00Z", ["2104-02-29", "2108-02-29"]),
        ("cron(0 0 L * ? *)", "2028-01-31T00:00:00Z", ["2028-02-29", "2028-03-31"]),
        ("cron(0 0 31 * ? *)", "2026-03-31T00:00:00Z", ["2026-05-31", "2026-07-31"]),
        // 15 August 2026 is a Saturday, 15 November a Sunday.
        ("cron(0 0 15W * ? *)", "2026-07-31T00:00:00Z", ["2026-08-14", "2026-09-15"]),
        ("cron(0 0 15W * ? *)", "2026-10-31T00:00:00Z", ["2026-11-16", "2026-12-15"]),
        // The nearest weekday is never in another month: 1 August is a Saturday, 31 May a Sunday.
        ("cron(0 0 1W * ? *)", "2026-07-15T00:00:00Z", ["2026-08-03", "2026-09-01"]),
        ("cron(0 0 31W * ? *)", "2026-05-01T00:00:00Z", ["2026-05-29", "2026-06-30"]),
        ("cron(0 0 LW * ? *)", "2026-05-01T00:00:00Z", ["2026-05-29", "2026-06-30"]),
        ("cron(0 0 ? * 6#3 *)", "2026-01-01T00:00:00Z", ["2026-01-16", "2026-02-20"]),
        ("cron(0 0 ? * FRI#5 *)", "2026-01-01T00:00:00Z", ["2026-01-30", "2026-05-29"]),
        ("cron(0 0 ? * 6L *)", "2026-01-01T00:00:00Z", ["2026-01-30", "2026-02-27"]),
        ("cron(0 0 1 1 ? 2027,2030-2031)", "2027-06-01T00:00:00Z", ["2030-01-01", "2031-01-01"]),
        ("cron(0 0 1 1 ? 2026/4)", "2026-06-01T00:00:00Z", ["2030-01-01", "2034-01-01"]),
    ] {
        let times = times.map(|day| format!("{day}T00:00:00"));
        assert_eq!(after(text, previous, 2), times, "{text} after {previous}");
    }
}

#[test]
fn a_schedule_that_never_fires_again_is_reported() {
    let now = at("2026-06-01T00:00:00Z");
    for text in ["cron(0 0 30 2 ? *)", "cron(0 0 31 4,6 ? *)", "cron(0 0 1 1 ? 2025)", "cron(0 0 1 1 ? 2026)"]
    {
        let schedule = Schedule::parse(text).unwrap();
        let error = schedule.ensure_fires_after(now).unwrap_err();
        assert!(error.starts_with(&format!("{text} never fires after 2026-06-01T00:00Z")), "{error}");
        assert_eq!(schedule.next_after(now, now), None);
    }
    assert_eq!(Schedule::parse("cron(0 0 1 1 ? 2027)").unwrap().ensure_fires_after(now), Ok(()));
    assert_eq!(Schedule::parse("rate(1 day)").unwrap().ensure_fires_after(now), Ok(()));
}

#[test]
fn the_longest_gap_is_the_longest_time_between_firings_in_ten_years() {
    for (text, minutes) in [
        ("rate(5 minutes)", Some(5)),
        ("cron(0/5 * * * ? *)", Some(5)),
        ("cron(0/25 * * * ? *)", Some(25)),
        ("cron(0 1,3 * * ? *)", Some(22 * 60)),
        ("cron(0 9 ? * MON-FRI *)", Some(3 * 24 * 60)),
        ("cron(0 0 31 * ? *)", Some(61 * 24 * 60)),
        ("cron(0 0 29 2 ? *)", Some(1461 * 24 * 60)),
        ("cron(0 0,12 1 1 ? 2027)", Some(12 * 60)),
        ("cron(0 0 1 1 ? 2027)", None),
        ("cron(0 0,12 30 2 ? *)", None),
    ] {
        let gap = Schedule::parse(text).unwrap().longest_gap(at("2026-01-01T00:00:00Z"));
        assert_eq!(gap, minutes.map(TimeDelta::minutes), "{text}");
    }
}

#[test]
fn a_schedule_is_written_in_eventbridges_form() {
    for (text, written) in [
        (" rate( 5   minutes ) ", "rate(5 minutes)"),
        ("rate(1 day)", "rate(1 day)"),
        ("0  1 * * ? *", "cron(0 1 * * ? *)"),
        ("cron( 0 1 * * ? * )", "cron(0 1 * * ? *)"),
    ] {
        assert_eq!(Schedule::parse(text).map(|schedule| schedule.to_string()).as_deref(), Ok(written));
    }
}

#[test]
fn an_invalid_schedule_is_rejected_with_the_allowed_values() {
    for (text, message) in [
        ("", "'' is not a schedule; allowed are rate(5 minutes)"),
        ("every hour", "'every hour' is not a schedule"),
        ("* * * * *", "is not a schedule; allowed are"),
        ("rate(5 minutes", "the closing bracket is missing"),
        ("rate(1 minutes)", "the singular for 1 and only for 1: rate(1 minute)"),
        ("rate(5 minute)", "rate(5 minutes)"),
        ("rate(0 minutes)", "'0' must be a whole number above 0"),
        ("rate(-5 minutes)", "'-5' must be a whole number above 0"),
        ("rate(+5 minutes)", "'+5' must be"),
        ("rate(30 seconds)", "'seconds' is not a unit"),
        ("rate(9999999999 days)", "longer than ten years"),
        ("rate(5)", "'rate(5)' is not a rate"),
        (
            "cron(0 1 * * *)",
            "6 fields (minutes hours day-of-month month day-of-week year), as in 0 1 * * ? *; this one has 5",
        ),
        (
            "cron(0 1 * * * *)",
            "day of month '*' and day of week '*' cannot both be given; one of them must be ?",
        ),
        ("cron(0 1 ? * ? *)", "are both ?"),
        ("cron(60 1 * * ? *)", "minutes '60'"),
        ("cron(? 1 * * ? *)", "minutes '?'"),
        ("cron(0 24 * * ? *)", "hours '24'"),
        ("cron(0 0 0 * ? *)", "day of month '0'"),
        ("cron(0 0 1,15W * ? *)", "15W or LW, as the only entry"),
        ("cron(0 0 32W * ? *)", "15W or LW"),
        ("cron(0 0 L-3 * ? *)", "write the last day as L"),
        (
            "cron(0 0 ? * 0 *)",
            "day of week '0': it is not a value of this field; allowed are 1 to 7 or SUN to SAT",
        ),
        ("cron(0 0 ? * 6#6 *)", "6#3 or FRI#3, with 1 to 5"),
        ("cron(0 0 ? * 3#1,6#3 *)", "as the only entry"),
        ("cron(0 0 ? * 8L *)", "6L or FRIL"),
        ("cron(0 0 ? * 2/2 *)", "EventBridge does not support steps in this field"),
        ("cron(0 0 1 13 ? *)", "month '13'"),
        ("cron(0 0 1 1 ? 1969)", "year '1969'"),
        ("cron(0 0 1 1 ? 2200)", "year '2200'"),
    ] {
        let error = Schedule::parse(text).unwrap_err();
        assert!(error.contains(message), "{text}: {error}");
    }
}

proptest! {
    #[test]
    fn the_next_time_is_the_first_minute_that_fits(
        (minute, step) in (0_u32..60, 1_u32..=60), (from, to) in (0_u32..24, 0_u32..24),
        weekday in 1_u32..=7, start in 0_i64..20_000_000,
    ) {
        let (from, to) = (from.min(to), from.max(to));
        let text = format!("cron({minute}/{step} {from}-{to} ? * {weekday} *)");
        let schedule = Schedule::parse(&text).unwrap();
        let start = at("2026-01-01T00:00:00Z") + TimeDelta::seconds(start);
        let fits = |time: &Instant| {
            time.second() == 0
                && time.minute() >= minute && (time.minute() - minute).is_multiple_of(step)
                && (from..=to).contains(&time.hour())
                && time.weekday().number_from_sunday() == weekday
        };
        let minutes = (1..=8 * 24 * 60).map(|n| start.with_second(0).unwrap() + TimeDelta::minutes(n));
        let first = minutes.filter(|time| *time > start).find(fits);
        prop_assert_eq!(schedule.next_after(start, start), first);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "(rate|cron)?\\(?[0-9LW#?*/,A-Z -]{0,24}\\)?") {
        let _ = Schedule::parse(&text);
    }
}
