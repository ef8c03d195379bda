//! Faults in calls: planned ones by the number of the call or by its action, and those of an adversity by its plan.
//!
//! Each call gets one verdict before it has its effect. An adversity's faults are drawn in `crate::faults`.

use std::collections::{BTreeMap, BTreeSet};

use pilot_light_domain::Instant;
use pilot_light_domain::model::ids::Region;

use super::run::Run;
use crate::faults::{Adversity, CallFault};

/// Whether a call's effect happens although its caller never learns of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The fault strikes before the effect: nothing happens.
    Before,
    /// The fault strikes after the effect: it happens, the answer is lost.
    After,
}

/// A fault in the `call`-th call from now on, or in every call of an action. The next call has the number 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The caller is killed: its future never resolves, and no later call of it has an effect.
    Kill {
        /// Number of the call.
        call: u64,
        /// Whether the call still had its effect.
        effect: Effect,
    },
    /// The call is answered with an error, as if that were the answer to the last of all attempts.
    Fail {
        /// Number of the call.
        call: u64,
        /// Whether the call nevertheless had its effect.
        effect: Effect,
        /// AWS's error code.
        code: String,
        /// AWS's message.
        message: String,
    },
    /// Every call of an action is answered with an error and has no effect, until the faults are cleared. The error is the
    /// answer to the last of all attempts.
    Refuse {
        /// The action, as in `DeleteDBSnapshot`.
        action: &'static str,
        /// The only Region in which it is refused. `None`: it is refused in every Region.
        region: Option<Region>,
        /// AWS's error code.
        code: String,
        /// AWS's message.
        message: String,
    },
}

/// The verdict on a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Proceed,
    Kill(Effect),
    /// An error that the gateway may repeat the call after.
    Fail {
        effect: Effect,
        code: String,
        message: String,
    },
    /// An error that is the last answer to a call, whatever the gateway repeats.
    FailForGood {
        effect: Effect,
        code: String,
        message: String,
    },
    /// The caller was killed by an earlier call.
    Dead,
}

#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) calls: u64,
    pub(super) planned: BTreeMap<u64, Verdict>,
    /// The refused actions, each with its Region if it is refused in one only.
    pub(super) refused: Vec<(&'static str, Option<Region>, Verdict)>,
    pub(super) dead: BTreeSet<u64>,
    pub(super) adversity: Option<Adversity>,
}

impl Faults {
    pub(super) fn plan(&mut self, fault: Fault) {
        let (call, verdict) = match fault {
            Fault::Kill { call, effect } => (call, Verdict::Kill(effect)),
            Fault::Fail { call, effect, code, message } => {
                (call, Verdict::FailForGood { effect, code, message })
            }
            Fault::Refuse { action, region, code, message } => {
                let verdict = Verdict::FailForGood { effect: Effect::Before, code, message };
                return self.refused.push((action, region, verdict));
            }
        };
        self.planned.insert(self.calls + call, verdict);
    }

    /// The verdict on the next call, which `run` makes in a Region.
    pub(super) fn next(&mut self, run: &Run, now: Instant, (action, region): (&str, &Region)) -> Verdict {
        if self.dead.contains(&run.number) {
            return Verdict::Dead;
        }
        self.calls += 1;
        let drawn = self.adversity.as_mut().and_then(|adversity| adversity.next_call(now));
        let planned = self.planned.remove(&self.calls).or_else(|| self.refusal(action, region));
        let verdict = planned.or(drawn.map(Verdict::from)).unwrap_or(Verdict::Proceed);
        if matches!(verdict, Verdict::Kill(_)) {
            self.dead.insert(run.number);
        }
        verdict
    }

    fn refusal(&self, action: &str, region: &Region) -> Option<Verdict> {
        let strikes = |(refused, only, _): &&(&str, Option<Region>, Verdict)| {
            *refused == action && only.as_ref().is_none_or(|only| only == region)
        };
        self.refused.iter().find(strikes).map(|(.., verdict)| verdict.clone())
    }
}

impl From<CallFault> for Verdict {
    fn from(fault: CallFault) -> Self {
        let fail = |effect, code: &str, message: &str| Self::Fail {
            effect,
            code: code.to_owned(),
            message: message.to_owned(),
        };
        match fault {
            CallFault::Fails(code, message) => fail(Effect::Before, code, message),
            CallFault::AnswerLost(code, message) => fail(Effect::After, code, message),
            CallFault::KilledBefore => Self::Kill(Effect::Before),
            CallFault::KilledAfter => Self::Kill(Effect::After),
        }
    }
}
