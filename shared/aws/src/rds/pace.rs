//! How fast RDS is called: as fast as it answers, and once it throttles, as fast as it then takes.
//!
//! RDS throttles an account in a Region, so all calls to a Region share one pace, which a warm process keeps.
//! Pure: instants are given; who waits is in [`super::paced_call`].

use std::time::Duration;

use tokio::time::Instant;

/// Between two calls after the first refusal. AWS documents no rates; two calls a second it takes.
const FIRST: Duration = Duration::from_millis(500);
/// A pace slower than this protects nobody.
const SLOWEST: Duration = Duration::from_secs(8);
/// Below it there is no pace to keep: the calls themselves take longer.
const FASTEST: Duration = Duration::from_millis(5);
/// What each success takes off the interval: some 14 of them make up for one refusal.
const FASTER: f64 = 0.95;

/// The pace of one Region.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pace {
    /// Between two calls; absent while nothing was refused.
    interval: Option<Duration>,
    /// When the last one was sent.
    sent_at: Option<Instant>,
    /// When the interval was made longer last.
    slowed_at: Option<Instant>,
}

impl Pace {
    /// When the next call may be sent, as things stand; absent for at once.
    pub(crate) fn next(&self) -> Option<Instant> {
        let since = self.sent_at.max(self.slowed_at)?;
        Some(since + self.interval?)
    }

    /// A call is sent `now`.
    pub(crate) fn sent(&mut self, now: Instant) {
        self.sent_at = Some(now);
    }

    /// A call was answered, however.
    pub(crate) fn answered(&mut self) {
        self.interval =
            self.interval.map(|interval| interval.mul_f64(FASTER)).filter(|interval| *interval > FASTEST);
    }

    /// A call that was sent at `sent` was refused `now`. Those on their way at the same time are refused for the
    /// same reason, and slow nothing down further.
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
    use super::*;

    /// A service that refills `rate` calls a second up to `burst`, called one after the other for `calls` accepted
    /// ones: (refused, seconds).
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
    async fn nothing_waits_before_the_first_refusal() {
        let mut pace = Pace::default();
        pace.sent(Instant::now());
        pace.answered();
        assert_eq!(pace.next(), None);
    }

    #[tokio::test]
    async fn those_refused_together_slow_it_down_once() {
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
    async fn a_pace_that_is_not_needed_any_more_is_forgotten() {
        let now = Instant::now();
        let mut pace = Pace::default();
        pace.throttled(now, now);
        (0..120).for_each(|_| pace.answered());
        assert_eq!(pace.next(), None);
    }

    #[tokio::test]
    async fn it_finds_what_a_service_takes() {
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
}
