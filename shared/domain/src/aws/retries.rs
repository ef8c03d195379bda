//! The repetition of calls that AWS throttles or does not answer: the same for the real gateway and for the simulated one.
//!
//! A gateway counts the attempts of each call here and waits as the verdict says. The pace of many calls is left to the
//! real gateway.

use std::time::Duration;

use crate::aws::error::GatewayErrorKind;

/// The number of attempts for a call to RDS that AWS does not answer. With the time-out of each attempt, they take about
/// a third of a run.
pub const LOST_ATTEMPTS: u32 = 3;
/// The pause after the first of these attempts. Each later pause is twice as long as the one before.
const LOST_PAUSE: Duration = Duration::from_secs(1);
/// The number of attempts for a throttled call to RDS if the run has no end. They take about a minute at the slowest pace.
pub const THROTTLED_ATTEMPTS: u32 = 30;
/// The pause of the simulated gateway after the first refusal. Each further refusal doubles it. The real gateway finds a
/// pace, and waits less.
pub const FIRST_INTERVAL: Duration = Duration::from_millis(500);
/// The longest pause of the simulated gateway.
pub const LONGEST_INTERVAL: Duration = Duration::from_secs(8);
/// The number of attempts of the SDK, for calls to services other than RDS. The pauses double from 1 s to 20 s, so that 8
/// attempts last through about a minute of throttling.
pub const SDK_ATTEMPTS: u32 = 8;
/// The longest pause of the SDK.
const SDK_LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// The side that repeats a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeats {
    /// The gateway itself. A throttled call is repeated at the pace of its Region.
    Gateway,
    /// The SDK.
    Sdk,
}

/// The failed attempts of one call so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attempts {
    lost: u32,
    throttled: u32,
}

/// The next step after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The answer is final.
    Final,
    /// The call is repeated after a pause.
    Repeat(Duration),
}

impl Attempts {
    /// The verdict on an answer with this kind of error, if it has one. A run that `has_end` repeats throttled calls to
    /// RDS until then.
    ///
    /// The real gateway ignores the pause of a throttled call to RDS: it calls at the pace of the Region.
    pub fn next(&mut self, repeats: Repeats, error: Option<GatewayErrorKind>, has_end: bool) -> Verdict {
        match (error, repeats) {
            (Some(GatewayErrorKind::Throttled), Repeats::Gateway) => {
                self.throttled += 1;
                let is_last = self.throttled == THROTTLED_ATTEMPTS && !has_end;
                repeat(is_last, doubled(FIRST_INTERVAL, self.throttled, LONGEST_INTERVAL))
            }
            (Some(GatewayErrorKind::Unavailable), Repeats::Gateway) => {
                self.lost += 1;
                repeat(self.lost == LOST_ATTEMPTS, doubled(LOST_PAUSE, self.lost, Duration::MAX))
            }
            (Some(GatewayErrorKind::Throttled | GatewayErrorKind::Unavailable), Repeats::Sdk) => {
                self.lost += 1;
                repeat(self.lost == SDK_ATTEMPTS, doubled(LOST_PAUSE, self.lost, SDK_LONGEST_PAUSE))
            }
            _ => Verdict::Final,
        }
    }
}

fn repeat(is_last: bool, pause: Duration) -> Verdict {
    if is_last { Verdict::Final } else { Verdict::Repeat(pause) }
}

/// The `number`-th of pauses that double from `first` to `longest`.
fn doubled(first: Duration, number: u32, longest: Duration) -> Duration {
    first.saturating_mul(2_u32.saturating_pow(number - 1)).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pauses in milliseconds of a call that always fails with `kind`.
    fn pauses(repeats: Repeats, kind: GatewayErrorKind, has_end: bool) -> Vec<u128> {
        let mut attempts = Attempts::default();
        let next = || match attempts.next(repeats, Some(kind), has_end) {
            Verdict::Final => None,
            Verdict::Repeat(pause) => Some(pause.as_millis()),
        };
        std::iter::from_fn(next).take(100).collect()
    }

    #[test]
    fn a_lost_call_to_rds_is_sent_three_times() {
        let expected = [1000, 2000];
        assert_eq!(pauses(Repeats::Gateway, GatewayErrorKind::Unavailable, true), expected);
        assert_eq!(pauses(Repeats::Gateway, GatewayErrorKind::Unavailable, false), expected);
    }

    #[test]
    fn a_throttled_call_to_rds_is_repeated_until_the_end_of_the_run_or_thirty_times() {
        let pauses = |has_end| pauses(Repeats::Gateway, GatewayErrorKind::Throttled, has_end);
        assert_eq!(pauses(false)[..6], [500, 1000, 2000, 4000, 8000, 8000]);
        assert_eq!((pauses(false).len(), pauses(true).len()), (29, 100));
    }

    #[test]
    fn the_sdk_makes_eight_attempts_with_pauses_of_at_most_twenty_seconds() {
        for kind in [GatewayErrorKind::Throttled, GatewayErrorKind::Unavailable] {
            let expected = [1000, 2000, 4000, 8000, 16000, 20000, 20000];
            assert_eq!(pauses(Repeats::Sdk, kind, true), expected);
        }
    }

    #[test]
    fn results_and_refusals_are_final() {
        for repeats in [Repeats::Gateway, Repeats::Sdk] {
            for error in [None, Some(GatewayErrorKind::AccessDenied), Some(GatewayErrorKind::InvalidState)] {
                assert_eq!(Attempts::default().next(repeats, error, true), Verdict::Final);
            }
        }
    }
}
