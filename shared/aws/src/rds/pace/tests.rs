//! The pace against a model of RDS's limit: few refusals, and nearly the least time.

use super::model::{Fleet, Limit, history, history_from, least_seconds};
use super::*;

#[tokio::test]
async fn no_call_waits_before_the_first_refusal() {
    let (mut pace, now) = (Pace::default(), Instant::now());
    pace.sent(now);
    pace.answered(now, now);
    assert_eq!(pace.next(), None);
}

#[tokio::test]
async fn calls_that_are_refused_together_slow_the_pace_once() {
    let now = Instant::now();
    let later = now + Duration::from_millis(20);
    let mut pace = Pace::default();
    pace.throttled(now, later);
    let slowed = pace.clone();
    (0..8).for_each(|_| pace.throttled(now, later));
    assert_eq!(pace, slowed);
    assert_eq!(pace.next(), Some(now + interval(GUESS)));
}

#[tokio::test]
async fn the_unanswered_calls_grow_with_the_answers_until_the_first_refusal() {
    let (mut pace, now) = (Pace::default(), Instant::now());
    let mut most = Vec::new();
    for _ in 0..8 {
        most.push(pace.most_unanswered());
        (0..25).for_each(|_| pace.answered(now, now));
    }
    assert_eq!(most, [4, 5, 10, 15, 20, 25, 30, 32]);
    pace.throttled(now, now);
    assert_eq!(pace.most_unanswered(), 2);
}

#[tokio::test]
async fn the_pace_is_dropped_when_nothing_is_refused_for_long() {
    let (mut pace, mut now) = (Pace::default(), Instant::now());
    pace.throttled(now, now);
    let mut calls = 0;
    while let Some(next) = pace.next() {
        now = next + Duration::from_millis(1);
        pace.sent(now);
        if calls == 3 {
            pace.throttled(now, now);
        } else {
            pace.answered(now, now);
        }
        calls += 1;
    }
    assert!(calls < 200, "{calls}");
    assert_eq!(pace.most_unanswered(), CONCURRENCY);
}

#[tokio::test]
async fn a_lower_rate_is_found_within_some_refusals_and_a_higher_one_within_a_minute() {
    let latency = Duration::from_millis(20);
    let at = |rate| (Limit { rate, burst: 5.0 }, Fleet { workers: 1, calls: 300, latency });
    let mut pace = Pace::default();
    for (rate, most) in [(50.0, 1.5), (5.0, 1.5), (50.0, 3.5)] {
        let (limit, fleet) = at(rate);
        let (found, after) = history_from(&pace, limit, fleet);
        let times = found.seconds / least_seconds(limit, fleet);
        assert!(times <= most && found.calls <= 350, "{rate}: {times} times the least time, {found:?}");
        pace = after;
    }
}

#[tokio::test]
async fn the_time_stays_near_that_of_a_worker_which_knows_the_limit() {
    for (limit, fleet) in all_limits_and_fleets() {
        let (found, least) = (history(limit, fleet), least_seconds(limit, fleet));
        let times = (found.seconds - room(fleet).0) / least;
        assert!(times <= 1.5, "{times:.2} times the least time {least:.2} s: {limit:?}, {fleet:?}");
    }
}

#[tokio::test]
async fn few_calls_are_refused() {
    for (limit, fleet) in all_limits_and_fleets() {
        let all = fleet.workers * fleet.calls;
        let times = (history(limit, fleet).calls as f64 - room(fleet).1) / all as f64;
        assert!(times <= 1.1, "{times:.2} times the least calls, {all}: {limit:?}, {fleet:?}");
    }
}

/// The seconds and the calls that finding the rate takes. A short run cannot make up for them.
fn room(fleet: Fleet) -> (f64, f64) {
    if fleet.calls < 100 { (0.6 * fleet.workers as f64, 4.0 * fleet.workers as f64) } else { (0.0, 0.0) }
}

fn all_limits_and_fleets() -> Vec<(Limit, Fleet)> {
    let mut all = Vec::new();
    for (rate, burst) in [2.0, 10.0, 20.0, 50.0].map(|rate| [(rate, 5.0), (rate, 20.0)]).concat() {
        for (calls, workers) in [(30, 1), (300, 1), (30, 2), (300, 2)] {
            for latency in [2, 20, 50].map(Duration::from_millis) {
                all.push((Limit { rate, burst }, Fleet { workers, calls, latency }));
            }
        }
    }
    all
}
