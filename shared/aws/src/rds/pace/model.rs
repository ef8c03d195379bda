//! A model of workers that call RDS at their paces, in virtual time, and of RDS's limit: tokens that come back at a rate.
//!
//! The answers take a fixed time. Each worker starts its calls as
//! [`side_by_side`](pilot_light_domain::run::effects::side_by_side) does.

use std::collections::BTreeMap;
use std::time::Duration;

use pilot_light_domain::run::effects::CONCURRENCY;
use tokio::time::Instant;

use super::Pace;

/// The limit of a service.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    /// Tokens a second.
    pub(super) rate: f64,
    /// The most tokens.
    pub(super) burst: f64,
}

/// Workers that call one service, each from its own process.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fleet {
    pub(super) workers: usize,
    /// The calls that each worker must get accepted.
    pub(super) calls: usize,
    /// The time from a call to its answer.
    pub(super) latency: Duration,
}

/// The figures of a history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Figures {
    pub(super) seconds: f64,
    pub(super) calls: usize,
}

struct Worker {
    pace: Pace,
    /// Calls that are not begun.
    left: usize,
    /// Calls that wait for their turn.
    waiting: usize,
    unanswered: usize,
    /// The number of calls that begin together, until it reaches the limit.
    wave: usize,
}

struct Bucket {
    limit: Limit,
    tokens: f64,
    at: Instant,
}

/// The history until every call of every worker is accepted.
pub(super) fn history(limit: Limit, fleet: Fleet) -> Figures {
    history_from(&Pace::default(), limit, fleet).0
}

/// The same, of workers that begin with `pace`, and the pace of the first one at the end.
pub(super) fn history_from(pace: &Pace, limit: Limit, fleet: Fleet) -> (Figures, Pace) {
    // A pace of an earlier history is in the past by then.
    let begin = pace.next().unwrap_or_else(Instant::now) + Duration::from_secs(1);
    let mut bucket = Bucket { limit, tokens: limit.burst, at: begin };
    let mut workers: Vec<_> = (0..fleet.workers).map(|_| Worker::new(fleet.calls, pace)).collect();
    // The answers on their way, by their times: the worker, the time of the call, and whether it is accepted.
    let mut answers: BTreeMap<(Instant, usize), (usize, Instant, bool)> = BTreeMap::new();
    let (mut now, mut calls) = (begin, 0);
    loop {
        let turns = workers.iter().enumerate();
        let turns = turns.filter(|(_, worker)| worker.may_send());
        let turn = turns.map(|(at, worker)| (worker.pace.next().map_or(now, |next| next.max(now)), at)).min();
        let answer = answers.first_key_value().map(|((at, _), _)| *at);
        match (turn, answer) {
            (None, None) => {
                let pace = workers.swap_remove(0).pace;
                return (Figures { seconds: (now - begin).as_secs_f64(), calls }, pace);
            }
            (Some((at, index)), answer) if answer.is_none_or(|answer| at < answer) => {
                (now, calls) = (at, calls + 1);
                workers[index].send(now);
                answers.insert((now + fleet.latency, calls), (index, now, bucket.take(now)));
            }
            _ => {
                let Some(((at, _), (index, sent, is_accepted))) = answers.pop_first() else { continue };
                now = at;
                workers[index].receive(sent, now, is_accepted);
            }
        }
    }
}

/// The least seconds of the calls of all workers, if each knew the tokens: the burst at once, then the rate. The calls
/// that double from one to [`CONCURRENCY`] take some answers in turn.
pub(super) fn least_seconds(limit: Limit, fleet: Fleet) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "some hundred calls")]
    let all = (fleet.workers * fleet.calls) as f64;
    let in_turn = f64::from(CONCURRENCY.ilog2() + 1) * fleet.latency.as_secs_f64();
    ((all - limit.burst) / limit.rate).max(0.0) + in_turn
}

impl Worker {
    fn new(calls: usize, pace: &Pace) -> Self {
        let mut new = Self { pace: pace.clone(), left: calls, waiting: 0, unanswered: 0, wave: 1 };
        new.begin();
        new
    }

    fn may_send(&self) -> bool {
        self.waiting > 0 && self.unanswered < self.pace.most_unanswered()
    }

    fn begin(&mut self) {
        let under_way = self.waiting + self.unanswered;
        let more = if self.wave >= CONCURRENCY {
            CONCURRENCY - under_way
        } else if under_way == 0 {
            self.wave *= 2;
            self.wave / 2
        } else {
            0
        };
        let more = more.min(self.left);
        self.left -= more;
        self.waiting += more;
    }

    fn send(&mut self, now: Instant) {
        self.waiting -= 1;
        self.unanswered += 1;
        self.pace.sent(now);
    }

    fn receive(&mut self, sent: Instant, now: Instant, is_accepted: bool) {
        self.unanswered -= 1;
        if is_accepted {
            self.pace.answered(sent, now);
            self.begin();
        } else {
            self.pace.throttled(sent, now);
            self.waiting += 1;
        }
    }
}

impl Bucket {
    fn take(&mut self, now: Instant) -> bool {
        let come = (now - self.at).as_secs_f64() * self.limit.rate;
        self.tokens = (self.tokens + come).min(self.limit.burst);
        self.at = now;
        // Durations are whole nanoseconds, so a token that has just come may lack a little.
        let is_accepted = self.tokens >= 1.0 - 1e-6;
        if is_accepted {
            self.tokens -= 1.0;
        }
        is_accepted
    }
}
