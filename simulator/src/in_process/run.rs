//! Whose calls they are: a killed execution is dead to the world while others go on, and some go step by step.

use std::future::poll_fn;
use std::task::Poll;

/// One run of a worker, as the simulation knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Run {
    /// Its number. All who ask for none share 0.
    pub(super) number: u64,
    pub(super) pace: Pace,
}

/// When a call is made, once its future is polled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Pace {
    /// At once.
    #[default]
    AtOnce,
    /// At the next poll, so that others can be polled between.
    ByStep,
}

impl Run {
    /// Rests until the next poll, where it goes step by step.
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
