//! Faults planned for calls by their number.
//!
//! Rates and scripts of faults will decide here too: one verdict per call, before the call has its effect.

use std::collections::BTreeMap;

/// Whether a call's effect happens although its caller never learns of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The fault strikes before the effect: nothing happens.
    Before,
    /// The fault strikes after the effect: it happens, the answer is lost.
    After,
}

/// A fault in the `call`-th call from now on, the next one being number 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The caller is killed: its future never resolves, and no later call of it has an effect.
    Kill {
        /// Number of the call.
        call: u64,
        /// Whether the call still had its effect.
        effect: Effect,
    },
    /// The call is answered with an error.
    Fail {
        /// Number of the call.
        call: u64,
        /// Whether the call had its effect all the same.
        effect: Effect,
        /// AWS's error code.
        code: String,
        /// AWS's message.
        message: String,
    },
}

/// What becomes of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Proceed,
    Kill(Effect),
    Fail {
        effect: Effect,
        code: String,
        message: String,
    },
    /// The caller was killed by an earlier call.
    Dead,
}

#[derive(Debug, Default)]
pub(super) struct Faults {
    calls: u64,
    planned: BTreeMap<u64, Verdict>,
    dead: bool,
}

impl Faults {
    pub(super) fn plan(&mut self, fault: Fault) {
        let (call, verdict) = match fault {
            Fault::Kill { call, effect } => (call, Verdict::Kill(effect)),
            Fault::Fail { call, effect, code, message } => (call, Verdict::Fail { effect, code, message }),
        };
        self.planned.insert(self.calls + call, verdict);
    }

    pub(super) fn is_dead(&self) -> bool {
        self.dead
    }

    /// What becomes of the next call.
    pub(super) fn next(&mut self) -> Verdict {
        if self.dead {
            return Verdict::Dead;
        }
        self.calls += 1;
        let verdict = self.planned.remove(&self.calls).unwrap_or(Verdict::Proceed);
        self.dead = matches!(verdict, Verdict::Kill(_));
        verdict
    }
}
