//! One run of a worker: its identity, so that a fault can kill it and spare the others, and its pace.

use std::future::poll_fn;
use std::task::Poll;

/// One run of a worker, as the simulation knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Run {
    /// Its number. All callers without a number share 0.
    pub(super) number: u64,
    pub(super) pace: Pace,
}

/// The poll of its future at which a call is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Pace {
    /// The first one.
    #[default]
    AtOnce,
    /// The second one, so that others can be polled in between.
    ByStep,
}

impl Run {
    /// Waits for one more poll, if the pace is by step.
    pub(super) async fn take_turn(&self) {
        let mut is_resting = self.pace == Pace::ByStep;
        poll_fn(|context| {
            if !std::mem::take(&mut is_resting) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}
