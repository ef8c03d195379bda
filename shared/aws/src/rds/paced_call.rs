//! Calls to RDS at its [`Pace`]. A throttled call is repeated in its turn, and a lost call a few times. No call begins
//! after the run's time is up.
//!
//! The SDK's own retries know neither the other calls nor the end of the run.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pilot_light_domain::aws::error::{GatewayError, GatewayErrorKind};
use pilot_light_domain::aws::retries::{Attempts, Repeats, Verdict};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};

use super::pace::Pace;

/// The time after which the current run may not begin a call. A program that a person runs has no end.
#[derive(Debug, Default)]
pub(crate) struct End(Mutex<Option<Instant>>);

impl End {
    /// Sets the end: calls may begin for `time` from now on.
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

/// The order and the pace of the calls to one Region.
#[derive(Debug)]
pub(crate) struct Lane {
    pace: Mutex<Pace>,
    /// Held for the call that is sent next. The other calls wait behind it, first come, first served.
    turn: tokio::sync::Mutex<()>,
    unanswered: AtomicUsize,
    /// Notified when a call is no longer unanswered.
    fewer: Notify,
    /// Whether a call may be sent more than once.
    retries: bool,
}

impl Lane {
    pub(crate) fn new(retries: bool) -> Self {
        Self {
            pace: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            unanswered: AtomicUsize::new(0),
            fewer: Notify::new(),
            retries,
        }
    }

    /// Waits until a call may be sent. Returns its turn, or `None` if that is after the end.
    async fn take_turn(&self, end: &End) -> Option<Turn<'_>> {
        let _turn = self.turn.lock().await;
        while self.unanswered.load(Ordering::Relaxed) >= lock(&self.pace).most_unanswered() {
            self.fewer.notified().await;
        }
        loop {
            let now = Instant::now();
            // The pace is read again after each wait, because another call may have been refused meanwhile.
            let next = lock(&self.pace).next().map_or(now, |next| next.max(now));
            if end.is_before(next) {
                return None;
            }
            if next == now {
                lock(&self.pace).sent(now);
                self.unanswered.fetch_add(1, Ordering::Relaxed);
                return Some(Turn { lane: self, sent: now });
            }
            sleep_until(next).await;
        }
    }
}

/// The turn of a call, until it is answered or given up.
struct Turn<'a> {
    lane: &'a Lane,
    /// The time at which the call is sent.
    sent: Instant,
}

/// A call that is given up, because its run is over, must not count as unanswered for ever.
impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.lane.unanswered.fetch_sub(1, Ordering::Relaxed);
        self.lane.fewer.notify_one();
    }
}

impl Turn<'_> {
    /// Records in the pace the kind of the answer's error, if it has one.
    fn answered(self, error: Option<GatewayErrorKind>) {
        let (mut pace, now) = (lock(&self.lane.pace), Instant::now());
        match error {
            Some(GatewayErrorKind::Throttled) => pace.throttled(self.sent, now),
            Some(GatewayErrorKind::Unavailable) => {}
            _ => pace.answered(self.sent, now),
        }
    }
}

/// Sends `call` in its turn, and repeats it as long as that can help.
pub(crate) async fn send<T, F>(
    action: &'static str,
    lane: &Lane,
    end: &End,
    call: impl Fn() -> F,
) -> Result<T, GatewayError>
where
    F: Future<Output = Result<T, GatewayError>>,
{
    let mut attempts = Attempts::default();
    loop {
        let Some(turn) = lane.take_turn(end).await else { return Err(out_of_time(action)) };
        let answer = call().await;
        let error = answer.as_ref().err().map(|error| error.kind);
        turn.answered(error);
        match attempts.next(Repeats::Gateway, error, end.is_set()) {
            Verdict::Repeat(pause) if lane.retries => {
                // The pace of the Region is the pause of a throttled call.
                if error != Some(GatewayErrorKind::Throttled) {
                    sleep(pause).await;
                }
            }
            Verdict::Repeat(_) | Verdict::Final => return answer,
        }
    }
}

fn out_of_time(action: &'static str) -> GatewayError {
    GatewayError::new(action, GatewayErrorKind::OutOfTime, "not sent", "no call begins after the run's time")
}

/// Locks `mutex`. A panic in another thread leaves these values complete, so a poisoned lock is safe to use.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use pilot_light_domain::aws::retries::THROTTLED_ATTEMPTS;

    use super::*;

    fn refused(code: &str) -> Result<(), GatewayError> {
        Err(GatewayError::of_code("DeleteDBSnapshot", code, "injected"))
    }

    /// Sends a call that is refused with `code` the first `times`. Returns the outcome, the number of attempts and the
    /// duration.
    async fn sent(code: &str, times: u32, end: &End) -> (Result<(), GatewayErrorKind>, u32, Duration) {
        let (count, begin) = (AtomicU32::new(0), Instant::now());
        let call =
            || async { if count.fetch_add(1, Ordering::Relaxed) < times { refused(code) } else { Ok(()) } };
        let outcome = send("DeleteDBSnapshot", &Lane::new(true), end, call).await;
        (outcome.map_err(|error| error.kind), count.into_inner(), begin.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttled_call_is_repeated_at_a_slower_pace() {
        let (outcome, count, took) = sent("Throttling", 3, &End::default()).await;
        // The attempts follow after 0.1 s, 0.34 s and 1.17 s.
        assert_eq!((outcome, count, took.as_millis() / 100), (Ok(()), 4, 16));
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_call_is_sent_at_most_three_times() {
        let (outcome, count, _) = sent("ServiceUnavailable", 2, &End::default()).await;
        assert_eq!((outcome, count), (Ok(()), 3));
        let (outcome, count, _) = sent("ServiceUnavailable", 3, &End::default()).await;
        assert_eq!((outcome, count), (Err(GatewayErrorKind::Unavailable), 3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_call_is_not_repeated() {
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
    async fn without_an_end_throttling_is_reported_after_thirty_attempts() {
        let (outcome, count, _) = sent("Throttling", 1000, &End::default()).await;
        assert_eq!((outcome, count), (Err(GatewayErrorKind::Throttled), THROTTLED_ATTEMPTS));
    }

    #[tokio::test(start_paused = true)]
    async fn a_hundred_calls_at_once_find_a_pace_together() {
        // The service accepts two calls a second, and five at once.
        let (lane, end, tokens) = (Lane::new(true), End::default(), Mutex::new((5.0_f64, Instant::now())));
        let count = AtomicU32::new(0);
        let call = || async {
            count.fetch_add(1, Ordering::Relaxed);
            let mut bucket = lock(&tokens);
            let come = bucket.1.elapsed().as_secs_f64() * 2.0;
            *bucket = ((bucket.0 + come).min(5.0), Instant::now());
            if bucket.0 < 1.0 {
                return refused("Throttling");
            }
            bucket.0 -= 1.0;
            Ok(())
        };
        let begin = Instant::now();
        let calls = (0..100).map(|_| send("DeleteDBSnapshot", &lane, &end, call)).collect();
        let answers = pilot_light_domain::run::effects::side_by_side(calls).await;
        assert_eq!(answers, vec![Ok(()); 100]);
        let (sent, took) = (count.into_inner(), begin.elapsed().as_secs());
        assert!(sent <= 115 && took <= 60, "{sent} calls in {took} s");
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_is_given_up_leaves_room_for_the_next_ones() {
        let (lane, end) = (Lane::new(true), End::default());
        for _ in 0..10 {
            let hanging =
                send("DeleteDBSnapshot", &lane, &end, std::future::pending::<Result<(), GatewayError>>);
            assert!(tokio::time::timeout(Duration::from_secs(1), hanging).await.is_err());
        }
        assert_eq!(send("DeleteDBSnapshot", &lane, &end, || async { Ok(()) }).await, Ok(()));
    }
}
