//! Whether AWS copies across account and Region at once: the evidence in the facts, and in the answers of a run.

use std::sync::Arc;

use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::model::snapshot::{Phase, Snapshot};
use pilot_light_domain::policy::DestinationPolicy;
use pilot_light_domain::run::effects::Outcome;

/// Whether `CopyDBSnapshot` accepts a source in another account and another Region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OneStep {
    /// It accepts one in the partition `aws`, since September 2025.
    Assumed,
    /// A copy in one step is there.
    Proven,
    /// AWS has refused one in this run.
    Refused,
}

impl OneStep {
    /// Proven by a copy in the destination whose source is another account's snapshot in another Region.
    pub(super) fn shown_by(self, here: &[Arc<Snapshot>], policy: &DestinationPolicy) -> Self {
        let sources = &policy.sources;
        let crosses = policy.cross_account && sources.region != policy.region;
        let is_in_one_step = |copy: &Arc<Snapshot>| {
            copy.status.phase() != Phase::Lost
                && copy.copied_from.as_ref().is_some_and(|from| sources.contain(from))
        };
        match self {
            Self::Assumed if crosses && here.iter().any(is_in_one_step) => Self::Proven,
            given => given,
        }
    }

    /// The first of AWS's answers to copies in one step that may mean that AWS does not offer them. None if AWS accepted one,
    /// now or earlier: then the refusal is about that snapshot, and two hops would not help it.
    pub(crate) fn refusal<'a>(self, answers: &[&'a Outcome]) -> Option<&'a Outcome> {
        if self != Self::Assumed || answers.iter().any(|outcome| outcome.result.is_ok()) {
            return None;
        }
        answers.iter().copied().find(|outcome| outcome.result.as_ref().is_err_and(may_refuse))
    }
}

/// True if the error may mean that AWS does not copy across account and Region at once.
///
/// AWS has no error code for it. It calls the parameters invalid, or it looks for the snapshot only in its own Region and
/// does not find it. A missing option group has a message of its own, and concerns only that snapshot.
fn may_refuse(error: &GatewayError) -> bool {
    const CODES: [&str; 6] = [
        "InvalidParameterValue",
        "InvalidParameterCombination",
        "MissingParameter",
        "ValidationError",
        "DBSnapshotNotFound",
        "DBSnapshotNotFoundFault",
    ];
    CODES.contains(&error.code.as_str()) && !names_option_group(error)
}

/// True for "The snapshot requires a target option group with the following options: [Timezone]", and the like.
pub(crate) fn names_option_group(error: &GatewayError) -> bool {
    error.message.to_ascii_lowercase().contains("option group")
}
