//! The fault plans that have a name.

use super::kind::Kind;
use super::names;
use super::plan::FaultPlan;

/// The names of the plans that have one.
pub const PRESETS: [&str; 3] = ["none", "default", "hostile"];

/// A name that is not the name of a plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown faults '{0}':{meant} give none, default or hostile", meant = names::meant(.0, &PRESETS))]
pub struct UnknownPreset(pub(super) String);

impl FaultPlan {
    /// The plan of a name: `none`, `default` or `hostile`.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        match name {
            "none" => Some(Self::none()),
            "default" => Some(Self::default_faults()),
            "hostile" => Some(Self::hostile()),
            _ => None,
        }
    }

    /// No faults.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// A bad year in one month: every fault but an attacker's occurs, and few occur at the same time.
    #[must_use]
    pub fn default_faults() -> Self {
        Self::of_rates([
            (Kind::Throttled, 0.01),
            (Kind::ServerError, 0.005),
            (Kind::LostAnswer, 0.003),
            (Kind::KilledBefore, 0.001),
            (Kind::KilledAfter, 0.001),
            (Kind::NotFired, 0.01),
            (Kind::FiredTwice, 0.01),
            (Kind::FiredLate, 0.02),
            (Kind::ClockSkew, 0.05),
            (Kind::SlowRun, 0.03),
            (Kind::HiddenSnapshot, 0.05),
            (Kind::HiddenTags, 0.05),
            (Kind::FailedSnapshot, 0.01),
            (Kind::FailedCopy, 0.02),
            (Kind::HungCopy, 0.003),
            (Kind::FullQuota, 0.1),
            (Kind::TakenSlots, 0.2),
            (Kind::DisabledKey, 0.1),
            (Kind::DeletedKey, 0.05),
            (Kind::ModifyingInstance, 2.0),
            (Kind::StoppedInstance, 0.3),
            (Kind::ReplacedInstance, 0.2),
            (Kind::RenamedInstance, 0.2),
            (Kind::SwitchedOverInstance, 0.1),
            (Kind::ShortRetention, 0.1),
            (Kind::RegionOutage, 0.1),
            (Kind::AccountOutage, 0.1),
        ])
    }

    /// Every fault, and often, with an attacker in the source account.
    #[must_use]
    pub fn hostile() -> Self {
        Self::of_rates([
            (Kind::Throttled, 0.05),
            (Kind::ServerError, 0.03),
            (Kind::LostAnswer, 0.02),
            (Kind::KilledBefore, 0.01),
            (Kind::KilledAfter, 0.01),
            (Kind::NotFired, 0.05),
            (Kind::FiredTwice, 0.05),
            (Kind::FiredLate, 0.1),
            (Kind::ClockSkew, 0.2),
            (Kind::SlowRun, 0.1),
            (Kind::HiddenSnapshot, 0.2),
            (Kind::HiddenTags, 0.2),
            (Kind::FailedSnapshot, 0.05),
            (Kind::FailedCopy, 0.1),
            (Kind::HungCopy, 0.02),
            (Kind::FullQuota, 0.5),
            (Kind::TakenSlots, 1.0),
            (Kind::DisabledKey, 0.5),
            (Kind::DeletedKey, 0.2),
            (Kind::ModifyingInstance, 6.0),
            (Kind::StoppedInstance, 1.0),
            (Kind::ReplacedInstance, 1.0),
            (Kind::RenamedInstance, 1.0),
            (Kind::SwitchedOverInstance, 0.5),
            (Kind::ShortRetention, 0.5),
            (Kind::RegionOutage, 0.3),
            (Kind::AccountOutage, 0.3),
            (Kind::ForeignSnapshots, 0.5),
            (Kind::ForgedSnapshots, 1.0),
            (Kind::SourceDeleted, 0.2),
        ])
    }
}
