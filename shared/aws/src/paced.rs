//! Calls to RDS at its [`Pace`]: throttled ones are sent again in their turn, lost ones a few times, and none is begun
//! when the run's time is up.
//!
//! The SDK's own retries know neither of the other calls nor of the end of the run.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pilot_light_domain::errors::{GatewayError, GatewayErrorKind};
use tokio::time::{Instant, sleep, sleep_until};

use crate::pace::Pace;

/// How often a call that AWS does not answer is sent: with the time-out of an attempt, about a third of a run.
const ATTEMPTS: u32 = 3;
/// The pause after the first of them; each is twice as long as the one before.
const PAUSE: Duration = Duration::from_secs(1);
/// How often a throttled call is sent where no end is set: some minutes at the slowest pace.
const THROTTLED_ATTEMPTS: u32 = 30;

/// When the current run's calls must have begun; none for a person's program.
#[derive(Debug, Default)]
pub(crate) struct End(Mutex<Option<Instant>>);

impl End {
    /// Calls may begin for so long from now on.
    pub(crate) fn set_in(&self, time: Duration) {
        *lock(&self.0) = Instant::now().checked_add(time);
    }

    fn is_before(&self, turn: Instant) -> bool {
        lock(&self.0).is_some_and(|end| end < turn)
    }

    fn is_set(&self) -> bool {
        lock(&self.0).is_some()
    }
}

/// What calls to one Region go by.
#[derive(Debug)]
pub(crate) struct Lane {
    pace: Mutex<Pace>,
    /// Whether a call may be sent more than once.
    retries: bool,
}

impl Lane {
    pub(crate) fn new(retries: bool) -> Self {
        Self { pace: Mutex::default(), retries }
    }
}

/// Sends `call` in its turn, and again as long as that can help.
pub(crate) async fn send<T, F>(
    action: &'static str,
    Lane { pace, retries }: &Lane,
    end: &End,
    call: impl Fn() -> F,
) -> Result<T, GatewayError>
where
    F: Future<Output = Result<T, GatewayError>>,
{
    let (mut lost, mut throttled) = (0, 0);
    loop {
        let turn = lock(pace).reserve(Instant::now());
        if end.is_before(turn) {
            return Err(out_of_time(action));
        }
        sleep_until(turn).await;
        let sent = Instant::now();
        let answer = call().await;
        match answer.as_ref().err().map(|error| error.kind) {
            Some(GatewayErrorKind::Throttled) => {
                lock(pace).throttled(sent, Instant::now());
                throttled += 1;
                if !retries || throttled == THROTTLED_ATTEMPTS && !end.is_set() {
                    return answer;
                }
            }
            Some(GatewayErrorKind::Unavailable) => {
                lost += 1;
                if !retries || lost == ATTEMPTS {
                    return answer;
                }
                sleep(PAUSE * 2_u32.pow(lost - 1)).await;
            }
            _ => {
                lock(pace).answered();
                return answer;
            }
        }
    }
}

fn out_of_time(action: &'static str) -> GatewayError {
    let message = "the run's time is up; the next run goes on".to_owned();
    GatewayError { action, kind: GatewayErrorKind::OutOfTime, code: "not sent".to_owned(), message }
}

/// A panic in another thread leaves these values whole, so a poisoned lock is taken as it is.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn refused(code: &str) -> Result<(), GatewayError> {
        Err(GatewayError::of_code("DeleteDBSnapshot", code, "injected"))
    }

    /// Sends a call that is refused with `code` the first `times`; the outcome, how often it was sent, how long it took.
    async fn sent(code: &str, times: u32, end: &End) -> (Result<(), GatewayErrorKind>, u32, Duration) {
        let (count, begin) = (AtomicU32::new(0), Instant::now());
        let call = || async { if count.fetch_add(1, Ordering::Relaxed) < times { refused(code) } else { Ok(()) } };
        let outcome = send("DeleteDBSnapshot", &Lane::new(true), end, call).await;
        (outcome.map_err(|error| error.kind), count.into_inner(), begin.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_is_ridden_out_at_a_slower_pace() {
        let (outcome, count, took) = sent("Throttling", 3, &End::default()).await;
        // After 0.5 s, 1 s and 2 s.
        assert_eq!((outcome, count, took.as_millis() / 100), (Ok(()), 4, 35));
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_call_is_sent_three_times() {
        let (outcome, count, _) = sent("ServiceUnavailable", 2, &End::default()).await;
        assert_eq!((outcome, count), (Ok(()), 3));
        let (outcome, count, _) = sent("ServiceUnavailable", 3, &End::default()).await;
        assert_eq!((outcome, count), (Err(GatewayErrorKind::Unavailable), 3));
    }

    #[tokio::test(start_paused = true)]
    async fn what_aws_refuses_is_not_sent_again() {
        let (outcome, count, _) = sent("AccessDenied", 1, &End::default()).await;
        assert_eq!((outcome, count), (Err(GatewayErrorKind::AccessDenied), 1));
    }

    #[tokio::test(start_paused = true)]
    async fn no_call_begins_after_the_end() {
        let end = End::default();
        end.set_in(Duration::from_secs(10));
        let (outcome, _, took) = sent("Throttling", 1000, &end).await;
        assert_eq!(outcome, Err(GatewayErrorKind::OutOfTime));
        assert!(took < Duration::from_secs(10), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn without_an_end_throttling_is_told_at_last() {
        let (outcome, count, _) = sent("Throttling", 1000, &End::default()).await;
        assert_eq!((outcome, count), (Err(GatewayErrorKind::Throttled), THROTTLED_ATTEMPTS));
    }
}
