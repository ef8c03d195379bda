//! The pace of calls to RDS. Calls do not wait until RDS throttles one. From then on, the pace follows the rate that RDS
//! accepts.
//!
//! RDS throttles by account and Region. All calls to a Region therefore share one pace, and a warm process keeps it.
//! This code is pure: it receives the times of calls as arguments. The waiting is in [`super::paced_call`].

#[cfg(test)]
mod model;

use std::time::Duration;

use pilot_light_domain::aws::retries::{FIRST_INTERVAL as FIRST, LONGEST_INTERVAL as SLOWEST};
use tokio::time::Instant;

/// The shortest interval. Below it there is no pace to keep, because the calls themselves take longer.
const FASTEST: Duration = Duration::from_millis(5);
/// The factor by which each answer shortens the interval. About 14 answers make up for one refusal.
const FASTER: f64 = 0.95;

/// The pace of one Region.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pace {
    /// The time between two calls; absent while there is no pace to keep.
    interval: Option<Duration>,
    /// The time of the last call.
    sent_at: Option<Instant>,
    /// The time at which the interval last became longer.
    slowed_at: Option<Instant>,
}

impl Pace {
    /// The time from which the next call may be sent, or `None` if it may be sent at once.
    pub(crate) fn next(&self) -> Option<Instant> {
        let since = self.sent_at.max(self.slowed_at)?;
        Some(since + self.interval?)
    }

    /// Records that a call is sent `now`.
    pub(crate) fn sent(&mut self, now: Instant) {
        self.sent_at = Some(now);
    }

    /// Records that RDS answered a call, with a result or with an error other than throttling.
    pub(crate) fn answered(&mut self) {
        self.interval =
            self.interval.map(|interval| interval.mul_f64(FASTER)).filter(|interval| *interval > FASTEST);
    }

    /// Records that a call which was sent at `sent` was throttled `now`. Calls that were on their way at the same time
    /// are refused for the same reason, and do not slow the pace further.
    pub(crate) fn throttled(&mut self, sent: Instant, now: Instant) {
        if self.slowed_at.is_some_and(|slowed| sent <= slowed) {
            return;
        }
        let interval = self.interval.map_or(FIRST, |interval| (interval * 2).min(SLOWEST));
        self.interval = Some(interval);
        self.slowed_at = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::model::{Fleet, Limit, history, least_seconds};
    use super::*;

    /// Calls a service that allows `rate` more calls each second, and up to `burst` at once, until it has accepted
    /// `calls`. Returns the number of refused calls and the seconds.
    fn against(rate: f64, burst: f64, calls: usize) -> (usize, f64) {
        let begin = Instant::now();
        let (mut pace, mut now, mut tokens) = (Pace::default(), begin, burst);
        let (mut accepted, mut refused) = (0, 0);
        while accepted < calls {
            let turn = pace.next().map_or(now, |next| next.max(now));
            tokens = (tokens + (turn - now).as_secs_f64() * rate).min(burst);
            now = turn;
            pace.sent(now);
            if tokens >= 1.0 {
                tokens -= 1.0;
                accepted += 1;
                pace.answered();
            } else {
                refused += 1;
                pace.throttled(now, now);
            }
            now += Duration::from_millis(1);
            tokens = (tokens + 0.001 * rate).min(burst);
        }
        (refused, (now - begin).as_secs_f64())
    }

    #[tokio::test]
    async fn no_call_waits_before_the_first_refusal() {
        let mut pace = Pace::default();
        pace.sent(Instant::now());
        pace.answered();
        assert_eq!(pace.next(), None);
    }

    #[tokio::test]
    async fn calls_that_are_refused_together_slow_the_pace_once() {
        let now = Instant::now();
        let mut pace = Pace::default();
        let later = now + Duration::from_millis(20);
        for _ in 0..8 {
            pace.throttled(now, later);
        }
        assert_eq!(pace.next(), Some(later + FIRST));
        pace.sent(later + FIRST);
        pace.throttled(later + FIRST, later + FIRST);
        assert_eq!(pace.next(), Some(later + FIRST * 3));
    }

    #[tokio::test]
    async fn the_pace_is_dropped_after_enough_answers() {
        let now = Instant::now();
        let mut pace = Pace::default();
        pace.throttled(now, now);
        (0..120).for_each(|_| pace.answered());
        assert_eq!(pace.next(), None);
    }

    #[tokio::test]
    async fn the_pace_adapts_to_the_rate_that_a_service_accepts() {
        for rate in [1.0, 2.0, 5.0, 20.0, 40.0] {
            for burst in [1.0, 5.0, 10.0] {
                let (refused, seconds) = against(rate, burst, 300);
                assert!(refused <= 60, "{refused} of 300 refused at {rate} a second, {burst} at once");
                assert!(
                    seconds <= 2.0 * 300.0 / rate + 10.0,
                    "{seconds} s at {rate} a second, {burst} at once"
                );
            }
        }
    }

    /// To be cleared by "The snapshot workers survive AWS as it is".
    #[tokio::test]
    #[should_panic(expected = "times the least time")]
    async fn the_time_stays_near_that_of_a_worker_which_knows_the_limit() {
        for (limit, fleet) in all_limits_and_fleets() {
            let (found, least) = (history(limit, fleet), least_seconds(limit, fleet));
            let times = found.seconds / least;
            assert!(times <= 1.5, "{times:.2} times the least time {least:.2} s: {limit:?}, {fleet:?}");
        }
    }

    /// To be cleared by "The snapshot workers survive AWS as it is".
    #[tokio::test]
    #[should_panic(expected = "times the least calls")]
    async fn few_calls_are_refused() {
        for (limit, fleet) in all_limits_and_fleets() {
            let all = fleet.workers * fleet.calls;
            let times = history(limit, fleet).calls as f64 / all as f64;
            assert!(times <= 1.1, "{times:.2} times the least calls, {all}: {limit:?}, {fleet:?}");
        }
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
}
