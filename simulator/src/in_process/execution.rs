//! Whose calls they are: a killed execution is dead to the world while others go on, and some go step by step.

use std::future::poll_fn;
use std::task::Poll;

use super::Simulation;

/// One run of a worker, as the simulation knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Execution {
    /// Its number. All who ask for none share 0.
    pub(super) number: u64,
    pace: Pace,
}

/// When a call is made, once its future is polled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Pace {
    /// At once.
    #[default]
    AtOnce,
    /// At the next poll, so that others can be polled between.
    ByStep,
}

impl Execution {
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

impl Simulation {
    /// The same simulation for an execution of its own: a fault that kills it leaves others alone.
    #[must_use]
    pub fn execution(&self, number: u64) -> Self {
        Self { state: self.state.clone(), execution: Execution { number, pace: self.execution.pace } }
    }

    /// The same simulation for an execution whose calls each wait for one more poll, so that it can overlap with
    /// others and with time.
    #[must_use]
    pub fn stepping(&self) -> Self {
        let execution = Execution { number: self.execution.number, pace: Pace::ByStep };
        Self { state: self.state.clone(), execution }
    }
}
