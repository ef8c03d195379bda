//! The pace of calls to RDS. Calls do not wait until RDS throttles one. From then on, the pace follows the rate that RDS
//! accepts.
//!
//! RDS throttles by account and Region. All calls to a Region therefore share one pace, and a warm process keeps it.
//! This code is pure: it receives the times of calls as arguments. The waiting is in [`super::paced_call`].
//!
//! RDS behaves like a bucket of tokens that come back at a rate. A refusal shows that the bucket was empty. The calls
//! that are accepted until the next refusal therefore give the rate itself. The rate is found in three phases:
//!
//! 1. Until the first refusal, the number of unanswered calls grows with the answers, so that few calls are refused
//!    together.
//! 2. Then a guess grows quickly with each answer, until a refusal measures the rate.
//! 3. From then on, the rate grows slowly, and a refusal reduces it. After many answers without a refusal it grows
//!    faster, because another caller may have stopped.
//!
//! A search over many limits and fleets found the numbers. Where two workers share a limit, the order of their calls
//! matters: with other latencies than those of the tests, one of 12 histories takes longer than 1.5 times the least time.

#[cfg(test)]
mod model;

use std::time::Duration;

use pilot_light_domain::run::effects::CONCURRENCY;
use tokio::time::Instant;

/// The unanswered calls at first. A share of the answers is added to them.
const FIRST_UNANSWERED: usize = 4;
/// The answers for each further unanswered call, before the first refusal.
const ANSWERS_FOR_ONE_MORE: usize = 5;
/// The unanswered calls while the rate is a guess.
const UNANSWERED_OF_GUESS: usize = 2;
/// The guess after the first refusal, in calls a second. It is between the lowest known rate, 2, and the highest.
const GUESS: f64 = 9.9979;
/// The factor of the guess for each answer.
const GUESS_FASTER: f64 = 1.7816;
/// The factor of the guess after a refusal that measured nothing.
const GUESS_SLOWER: f64 = 0.2919;
/// The first measurement is of few calls, and too high rather than too low.
const FIRST_MEASURED: f64 = 0.7756;
/// The growth of the rate for one call at its peak.
const GROWTH: f64 = 0.0012;
/// The calls at the peak rate after which the growth accelerates.
const PATIENCE: f64 = 44.2049;
/// The largest factor of the rate for one answer.
const MOST_GROWTH: f64 = 1.0409;
/// The factors of the rate for a refusal, and of the peak.
const SLOWER: f64 = 0.8;
const PEAK_SLOWER: f64 = 0.95;
/// The factor for each further refusal without an answer between. It is taken back with the next answers.
const UNLUCKY: f64 = 0.8134;
const LUCKY: f64 = 2.0342;
/// A measurement below this share of the rate replaces it.
const FAR_BELOW: f64 = 0.8406;
/// The least calls a second. A slower pace would protect nobody.
const SLOWEST: f64 = 0.6757;
/// The most calls a second. Above it there is no pace to keep, because the calls themselves take longer. The pace is
/// then dropped.
const FASTEST: f64 = 400.0;
/// The spread of the wait after a refusal. Without it, two workers can repeat one order of calls, in which only one of
/// them is refused.
const SPREAD: f64 = 0.6207;
/// The fractional parts of the multiples of this number are spread evenly.
const GOLDEN: f64 = 0.618;

/// The pace of one Region.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Pace {
    /// The answers before the first refusal.
    answers: usize,
    /// Absent before the first refusal.
    limited: Option<Limited>,
}

/// The pace after a refusal.
#[derive(Debug, Clone, PartialEq)]
struct Limited {
    /// The calls a second.
    rate: f64,
    /// The rate without the reductions for bad luck. Absent while the rate is a guess.
    share: Option<f64>,
    /// The highest share for some time.
    peak: f64,
    /// The time of the next call.
    next: Instant,
    /// The time at which the latest refused call was sent.
    empty_at: Instant,
    /// The time at which its refusal arrived.
    slowed_at: Instant,
    /// The time of the last growth or refusal.
    grown_at: Instant,
    /// The calls that were sent after the latest refused one, and accepted.
    accepted: u32,
    /// The refusals since the latest accepted call.
    in_a_row: i32,
    refusals: u32,
}

impl Pace {
    /// The time from which the next call may be sent, or `None` if it may be sent at once.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.limited.as_ref().map(|limited| limited.next)
    }

    /// The most calls that may be unanswered.
    pub(crate) fn most_unanswered(&self) -> usize {
        match &self.limited {
            None => (self.answers / ANSWERS_FOR_ONE_MORE).clamp(FIRST_UNANSWERED, CONCURRENCY),
            Some(Limited { share: None, .. }) => UNANSWERED_OF_GUESS,
            Some(_) => CONCURRENCY,
        }
    }

    /// Records that a call is sent `now`.
    pub(crate) fn sent(&mut self, now: Instant) {
        if let Some(limited) = &mut self.limited {
            limited.next = now + interval(limited.rate);
        }
    }

    /// Records that RDS answered `now` a call that was sent at `sent`, with a result or with an error other than
    /// throttling.
    pub(crate) fn answered(&mut self, sent: Instant, now: Instant) {
        match &mut self.limited {
            None => self.answers = self.answers.saturating_add(1),
            Some(limited) if sent > limited.empty_at => {
                limited.grow(now);
                if limited.share.is_some_and(|share| share >= FASTEST) {
                    *self = Self { answers: ANSWERS_FOR_ONE_MORE * CONCURRENCY, limited: None };
                }
            }
            Some(_) => {}
        }
    }

    /// Records that a call which was sent at `sent` was throttled `now`. Calls that were on their way at the same time
    /// are refused for the same reason, and do not slow the pace further.
    pub(crate) fn throttled(&mut self, sent: Instant, now: Instant) {
        match &mut self.limited {
            None => self.limited = Some(Limited::guessed(sent, now)),
            Some(limited) if sent > limited.slowed_at => limited.slow(sent, now),
            Some(_) => {}
        }
    }
}

impl Limited {
    fn guessed(sent: Instant, now: Instant) -> Self {
        Self {
            rate: GUESS,
            share: None,
            peak: 0.0,
            next: now.max(sent + interval(GUESS)),
            empty_at: sent,
            slowed_at: now,
            grown_at: now,
            accepted: 0,
            in_a_row: 0,
            refusals: 0,
        }
    }

    fn grow(&mut self, now: Instant) {
        self.accepted += 1;
        self.in_a_row = 0;
        self.rate = match self.share {
            None => self.rate * GUESS_FASTER,
            Some(share) => {
                // Calls at the peak rate are counted, not the own calls. A worker that got few tokens thus recovers as
                // quickly as the others.
                let at_peak = |since: Instant| (now - since).as_secs_f64() * self.peak;
                let faster = 1.0 + (at_peak(self.slowed_at) / PATIENCE).powi(4);
                let more = GROWTH * self.peak * at_peak(self.grown_at) * faster;
                let share = (share + more).min(share * MOST_GROWTH).min(FASTEST);
                self.share = Some(share);
                self.peak = self.peak.max(share);
                share.min(self.rate * LUCKY)
            }
        }
        .min(FASTEST);
        self.grown_at = now;
    }

    fn slow(&mut self, sent: Instant, now: Instant) {
        let measured = (f64::from(self.accepted) + 0.5) / (sent - self.empty_at).as_secs_f64();
        match self.share {
            None if self.accepted == 0 => self.rate = measured.min(self.rate * GUESS_SLOWER),
            None => self.set_share(measured.min(self.rate) * FIRST_MEASURED),
            Some(share) if self.accepted >= 2 && measured < share * FAR_BELOW => self.set_share(measured),
            Some(share) => {
                let rate = self.rate * UNLUCKY.powi(self.in_a_row);
                self.in_a_row = 1;
                self.set_share(share * SLOWER);
                self.rate = rate.min(self.rate);
            }
        }
        self.rate = self.rate.max(SLOWEST);
        self.refusals = self.refusals.wrapping_add(1);
        let spread = match self.share {
            None => 1.0,
            Some(_) => 1.0 + SPREAD * ((f64::from(self.refusals) * GOLDEN).fract() - 0.5),
        };
        self.next = now.max(sent + interval(self.rate).mul_f64(spread));
        (self.empty_at, self.slowed_at, self.grown_at) = (sent, now, now);
        self.accepted = 0;
    }

    fn set_share(&mut self, share: f64) {
        let share = share.max(SLOWEST);
        self.share = Some(share);
        self.rate = share;
        self.peak = share.max(self.peak * PEAK_SLOWER);
    }
}

fn interval(rate: f64) -> Duration {
    Duration::from_secs_f64(1.0 / rate)
}

#[cfg(test)]
mod tests;
