//! The sums compared with tables made by hand, and the properties of every sum.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::age::{Sum, Term, floor, worst};
use super::conditions::{Backlog, Cadence, Conditions, CopyMode, Holding, Lambda, Phase};
use super::cost::{Cost, Usd, monthly};
use super::proposal::{Verdict, cheapest, evaluate};
use super::quota::{between, in_destination, in_source};
use crate::expression::Schedule;
use pilot_light_domain::model::retention::Retention;
use pilot_light_domain::testing::at;

const HOUR: TimeDelta = TimeDelta::hours(1);

fn minutes(count: i64) -> TimeDelta {
    TimeDelta::minutes(count)
}

fn cadence(interval: i64, take: i64, share: i64, copy: i64) -> Cadence {
    let [interval, take, share, copy] = [interval, take, share, copy].map(TimeDelta::minutes);
    Cadence { interval, take, share, copy, delete: HOUR }
}

const DEFAULT: [i64; 4] = [30, 5, 5, 5];

fn default() -> Cadence {
    let [interval, take, share, copy] = DEFAULT;
    cadence(interval, take, share, copy)
}

fn conditions(databases: u64, snapshot: i64, copying: i64) -> Conditions {
    let week = Retention { keep_for: TimeDelta::days(7), keep_last: 1, keep_daily: 0 };
    let holding = Holding::of(week, 100);
    Conditions {
        databases,
        snapshot: minutes(snapshot),
        copying: minutes(copying),
        copy_mode: CopyMode::OneStep,
        slots: 20,
        backlog: Backlog::Skipped,
        late: TimeDelta::zero(),
        phase: Phase::Anywhere,
        source: holding,
        destination: holding,
        lambda: Lambda::default(),
    }
}

fn worst_minutes(cadence: &Cadence, conditions: &Conditions) -> i64 {
    worst(cadence, conditions).unwrap().total().num_minutes()
}

#[test]
fn the_sum_keeps_its_terms() {
    let sum = worst(&default(), &conditions(20, 6, 10)).unwrap();
    let term = |name, time| Term { name, time: minutes(time) };
    assert_eq!(
        sum.terms,
        [
            term("between two snapshots", 30),
            term("the snapshot", 6),
            term("until the next share run", 5),
            term("until the next copy run", 5),
            term("the copy", 10),
        ]
    );
    assert_eq!(sum.total(), minutes(56));
}

#[test]
fn the_worst_age_of_known_schedules() {
    let base = conditions(20, 6, 12);
    let two = Conditions { copy_mode: CopyMode::TwoHop, ..base };
    let sixty = Conditions { databases: 60, ..base };
    let late = Conditions { late: minutes(1), ..base };
    for (schedule, conditions, expected, why) in [
        (default(), base, 30 + 6 + 5 + 5 + 12, "default"),
        (cadence(60, 5, 5, 5), base, 60 + 6 + 5 + 5 + 12, "hourly"),
        (cadence(60, 60, 90, 100), base, 250 + 6 + 12, "legacy: 250 and both times"),
        (default(), two, 58 + 5 + 12, "a copy period and a copy more with two hops"),
        (cadence(60, 5, 5, 5), sixty, 88 + 2 * 15, "three batches through the copy slots, 15 minutes each"),
        (default(), sixty, 58 + 2 * 15 + 10, "and in half an hour the copies do not keep up"),
        (default(), Conditions { copying: minutes(40), ..base }, 86 + 35, "a copy longer than the interval"),
        (cadence(25, 10, 5, 5), base, 30 + 28, "an interval that is no multiple of take's period"),
        (cadence(5, 20, 5, 5), base, 20 + 28, "runs rarer than the interval"),
        (
            cadence(5, 5, 5, 5),
            Conditions { snapshot: minutes(12), ..base },
            15 + 12 + 5 + 5 + 12 + 10,
            "a snapshot that outlasts its interval",
        ),
        (default(), late, 58 + 5 + 3, "late runs, and one just before its interval"),
        (
            default(),
            Conditions { phase: Phase::Clear, ..late },
            58 + 3,
            "late runs, and none just before its interval",
        ),
    ] {
        assert_eq!(worst_minutes(&schedule, &conditions), expected, "{why}");
    }
}

/// Minute by minute: taken at :01, complete at :01 + s, and so on until the arrival, and the interval before it.
#[test]
fn on_the_clock_every_wait_is_known() {
    let clock = Conditions { phase: Phase::OnTheClock, late: minutes(1), ..conditions(1, 6, 12) };
    let two = Conditions { copy_mode: CopyMode::TwoHop, ..clock };
    let prompt = Conditions { late: TimeDelta::zero(), ..clock };
    for (schedule, conditions, expected, why) in [
        (default(), clock, 30 + 28, "complete :07, shared :11, copied from :16 to :28"),
        (
            default(),
            Conditions { snapshot: minutes(4), ..clock },
            30 + 23,
            "complete just in time for the run at :05",
        ),
        (default(), Conditions { snapshot: minutes(5), ..clock }, 30 + 28, "and a minute later not"),
        (default(), prompt, 30 + 22, "shared :10 and copied immediately"),
        (default(), two, 30 + 43, "the second hop from :31 to :43"),
        (cadence(60, 5, 5, 5), clock, 60 + 28, "hourly"),
        (cadence(30, 30, 15, 10), clock, 30 + 33, "shared :16, copied from :21"),
        (cadence(30, 5, 1, 1), clock, 30 + 21, "shared :08, copied from :09"),
        (
            cadence(20, 5, 5, 15),
            clock,
            20 + 38,
            "taken :20, shared :31, copied from :46; the other intervals do better",
        ),
        (cadence(25, 10, 5, 5), clock, 30 + 28, "taken :10 late, for the interval of :05, after :00"),
        (cadence(30, 15, 60, 60), clock, 30 + 90 + 43, "taken :30, shared 01:01, copied from 02:01"),
        (
            default(),
            Conditions { databases: 60, ..clock },
            58 + 30 + 10,
            "two batches before it, and one begun before",
        ),
        (
            default(),
            Conditions { copying: minutes(24), ..clock },
            30 + 40,
            "found finished one run before it",
        ),
        (
            default(),
            Conditions { copying: minutes(30), ..clock },
            30 + 46 + 30,
            "the copy before it lasts until :41",
        ),
    ] {
        assert_eq!(worst_minutes(&schedule, &conditions), expected, "{why}");
    }
}

#[test]
fn the_sum_names_every_term_in_the_order_of_time() {
    let clock = Conditions { phase: Phase::OnTheClock, late: minutes(1), ..conditions(1, 6, 12) };
    let sum = worst(&default(), &clock).unwrap();
    let terms: Vec<_> = sum.terms.iter().map(|term| (term.name, term.time.num_minutes())).collect();
    assert_eq!(
        terms,
        [
            ("between two snapshots", 30),
            ("a take run that starts late", 1),
            ("the snapshot", 6),
            ("until the next share run", 3),
            ("a share run that starts late", 1),
            ("until the next copy run", 4),
            ("a copy run that starts late", 1),
            ("the copy", 12),
        ]
    );
}

#[test]
fn a_rate_is_clear_of_the_intervals_starts_unless_a_run_is_just_before_them() {
    for (run, interval, expected) in [
        ("2026-01-01T00:02:30Z", 30, Phase::Clear),
        ("2026-01-01T00:00:00Z", 30, Phase::Clear),
        ("2026-01-01T00:03:59Z", 30, Phase::Clear),
        ("2026-01-01T00:04:00Z", 30, Phase::Anywhere),
        ("2026-01-01T00:04:59Z", 30, Phase::Anywhere),
        ("2026-01-01T00:02:30Z", 32, Phase::Anywhere),
    ] {
        assert_eq!(Phase::of_even_runs(at(run), &cadence(interval, 5, 5, 5), minutes(1)), expected, "{run}");
    }
}

#[test]
fn copying_every_snapshot_has_no_bound_once_copies_take_longer_than_the_interval() {
    let every = |copying| Conditions { backlog: Backlog::Copied, ..conditions(20, 6, copying) };
    assert_eq!(worst_minutes(&default(), &every(30)), 76);
    assert_eq!(worst_minutes(&cadence(60, 60, 90, 100), &every(12)), 268 + 12, "two of them in one run");
    let unbounded = worst(&default(), &every(31)).unwrap_err();
    assert_eq!(
        unbounded.to_string(),
        "no bound: the copies of one interval take 31 minutes and the next are due after 30, so they pile up"
    );
    assert!(worst(&default(), &Conditions { databases: 60, ..every(12) }).is_err());
}

#[test]
fn snapshots_are_counted_against_the_quota() {
    let base = conditions(20, 6, 12);
    let source = in_source(&default(), &base);
    // 7 days and 65 minutes, in half hours, and one at either end.
    assert_eq!((source.each, source.total(), source.fits(), source.ask()), (339, 6780, false, Some(7500)));
    let others = Holding { others: 40, ..base.destination };
    let one = Conditions { databases: 1, destination: Holding { quota: 400, ..others }, ..base };
    let here = in_destination(&default(), &one);
    assert_eq!((here.total(), here.fits(), here.ask()), (379, true, None));
    let last = Retention { keep_for: HOUR, keep_last: 50, keep_daily: 0 };
    let few = Conditions { source: Holding { retention: last, ..base.source }, ..base };
    assert_eq!(in_source(&default(), &few).each, 51, "KeepLast, and the one being made");
    let daily = Retention { keep_daily: 30, ..base.source.retention };
    let days = Conditions { source: Holding { retention: daily, ..base.source }, ..base };
    assert_eq!(in_source(&default(), &days).each, 339 + 23, "KeepDaily beyond the 7 days");
    let replaced = Conditions { source: Holding { earlier: 3, ..base.source }, ..base };
    assert_eq!(in_source(&default(), &replaced).each, 339 + 3, "the last point of each earlier database");
    let half_a_day = Retention { keep_for: TimeDelta::hours(12), ..base.source.retention };
    let cut = Holding { retention: half_a_day, promised: TimeDelta::days(7), ..base.source };
    assert_eq!(in_source(&default(), &Conditions { source: cut, ..base }).each, 339, "7 days were promised");
    let raised = Holding { promised: TimeDelta::hours(12), ..base.source };
    assert_eq!(
        in_source(&default(), &Conditions { source: raised, ..base }).each,
        339,
        "7 days are in force"
    );
    assert_eq!(between(&base), None);
    assert_eq!(
        between(&Conditions { copy_mode: CopyMode::TwoHop, ..base }).map(|held| held.total()),
        Some(60)
    );
}

#[test]
fn a_months_cost_is_counted_from_runs_transitions_time_and_metrics() {
    let cost = monthly(&default(), 20, Lambda::default());
    // 3 workers run 8760 times and 2 of them 730 times; each database has 1460 snapshots.
    let expected = Cost {
        runs: 27_740,
        snapshots: 29_200,
        transitions: 55_480,
        milliseconds: 2000 * 27_740 + 3000 * 29_200,
        metrics: 38,
        state_machines: Usd::nano(51_480 * 25_000),
        lambda: Usd::nano(27_740 * 200 + 35_770 * 16_667),
        metering: Usd::nano(38 * 300_000_000 + 27_740 * 10_000),
    };
    assert_eq!(cost, expected);
    assert_eq!(
        (cost.state_machines.to_string(), cost.total().to_string()),
        ("1.29 USD".to_owned(), "13.57 USD".to_owned())
    );
    let daily = Cadence { delete: TimeDelta::days(1), ..cadence(1440, 1440, 60, 60) };
    assert_eq!(monthly(&daily, 1, Lambda::default()).state_machines, Usd::nano(0), "within the free ones");
}

#[test]
fn the_cheapest_schedule_keeps_the_rpo_or_is_the_closest_to_it() {
    let base = conditions(20, 8, 15);
    let proposal = cheapest(HOUR, HOUR, &base).unwrap();
    assert_eq!((proposal.verdict, proposal.age.total() <= HOUR), (Verdict::Keeps, true));
    assert!(proposal.cost.total() <= monthly(&default(), 20, Lambda::default()).total());
    let two = Conditions { copy_mode: CopyMode::TwoHop, ..conditions(20, 20, 30) };
    let best = cheapest(HOUR, HOUR, &two).unwrap();
    assert_eq!(best.verdict, Verdict::Exceeds);
    assert!(best.age.total() > HOUR && best.age.total() >= floor(&two));
    let piling = Conditions { backlog: Backlog::Copied, ..conditions(1, 6, 2000) };
    assert_eq!(cheapest(HOUR, HOUR, &piling), None);
}

#[test]
fn unusable_conditions_are_rejected_with_the_allowed_values() {
    let base = conditions(20, 6, 12);
    assert_eq!(base.check(), Ok(()));
    for (bad, message) in [
        (Conditions { databases: 0, ..base }, "from 1 to 100000 databases"),
        (Conditions { slots: 0, ..base }, "at least 1 copy slot"),
        (Conditions { snapshot: TimeDelta::zero(), ..base }, "from 1 second to 30 days"),
        (Conditions { copying: -HOUR, ..base }, "from 1 second to 30 days"),
        (Conditions { late: -HOUR, ..base }, "from 0 seconds to 30 days"),
    ] {
        assert!(bad.check().unwrap_err().contains(message), "{message}");
    }
}

#[test]
fn every_period_has_an_expression_of_that_period() {
    let now = at("2026-01-01T00:00:00Z");
    for phase in [Phase::Anywhere, Phase::OnTheClock] {
        for period in [1, 5, 10, 15, 30, 60] {
            let schedule = Schedule::parse(&phase.expression(minutes(period))).unwrap();
            assert_eq!(schedule.longest_gap(now), Some(minutes(period)), "{schedule}");
        }
    }
    assert_eq!(Phase::OnTheClock.expression(minutes(5)), "cron(0/5 * * * ? *)");
    assert_eq!(Phase::Anywhere.expression(minutes(7)), "rate(7 minutes)");
}

prop_compose! {
    fn any_conditions()(
        databases in 1_u64..200, snapshot in 1_i64..40, copying in 1_i64..90, slots in 1_u64..=20,
        late in 0_i64..120, two in any::<bool>(), clock in any::<bool>(), copied in any::<bool>(),
    ) -> Conditions {
        Conditions {
            slots,
            late: TimeDelta::seconds(late),
            copy_mode: if two { CopyMode::TwoHop } else { CopyMode::OneStep },
            phase: if clock { Phase::OnTheClock } else { Phase::Anywhere },
            backlog: if copied { Backlog::Copied } else { Backlog::Skipped },
            ..conditions(databases, snapshot, copying)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_shorter_interval_never_worsens_the_age_while_the_copies_keep_up(
        conditions in any_conditions(), short in 1_i64..48, longer in 0_i64..48,
    ) {
        let at = |count: i64| worst(&cadence(count * 5, 5, 5, 5), &conditions);
        if let (Ok(short), Ok(long)) = (at(short), at(short + longer)) {
            let waits = |sum: &Sum| sum.terms.iter().any(|term| term.name.starts_with("the copy before"));
            let slower = !waits(&long) && (waits(&short) || short.terms.len() > long.terms.len());
            let whole = worst(&cadence(60, 5, 5, 5), &Conditions { backlog: Backlog::Skipped, ..conditions }).unwrap();
            let more = if slower { whole.total() } else { TimeDelta::zero() };
            prop_assert!(short.total() <= long.total() + more);
        }
    }

    #[test]
    fn more_databases_longer_copies_or_fewer_slots_never_reduce_the_age(
        conditions in any_conditions(), more in 1_i64..50,
    ) {
        let skipped = Conditions { backlog: Backlog::Skipped, ..conditions };
        let before = worst_minutes(&default(), &skipped);
        for worse in [
            Conditions { databases: skipped.databases + more.unsigned_abs(), ..skipped },
            Conditions { copying: skipped.copying + minutes(more), ..skipped },
            Conditions { snapshot: skipped.snapshot + minutes(more), ..skipped },
            Conditions { slots: 1, ..skipped },
            Conditions { copy_mode: CopyMode::TwoHop, ..skipped },
        ] {
            let after = worst_minutes(&default(), &worse);
            prop_assert!(before <= after, "{before} > {after}");
        }
    }

    #[test]
    fn a_proposal_has_its_own_bound_and_no_better_schedule_is_missed(
        conditions in any_conditions(), rpo in 10_i64..400,
    ) {
        let rpo = minutes(rpo);
        if let Some(proposal) = cheapest(rpo, HOUR, &conditions) {
            prop_assert_eq!(evaluate(proposal.cadence, rpo, &conditions), Some(proposal.clone()));
            prop_assert_eq!(proposal.verdict == Verdict::Keeps, proposal.age.total() <= rpo);
            prop_assert!(proposal.age.total() >= floor(&conditions));
            if let Some(default) = evaluate(default(), rpo, &conditions) {
                let exceeds = proposal.verdict == Verdict::Exceeds;
                prop_assert!(!exceeds || default.age.total() >= proposal.age.total());
                let cheaper = default.verdict == Verdict::Keeps && default.cost.total() < proposal.cost.total();
                prop_assert!(!cheaper || !default.fits() || !default.age.keeps_up());
            }
        }
    }
}
