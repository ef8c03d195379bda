//! The kinds of faults, with the occasions that each may strike and its default duration.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::names;
use crate::world::{Mishap, SecondsRange};

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", try_from = "String")]
pub enum Kind {
    /// A call is answered with `Throttling`, without effect.
    Throttled,
    /// A call is answered with `InternalFailure`, without effect.
    ServerError,
    /// A call has its effect and is answered with `RequestTimeout`.
    LostAnswer,
    /// The worker is killed just before a call.
    KilledBefore,
    /// The worker is killed just after a call.
    KilledAfter,
    /// A schedule does not fire.
    NotFired,
    /// A schedule fires twice.
    FiredTwice,
    /// A schedule fires late.
    FiredLate,
    /// A run's clock is wrong.
    ClockSkew,
    /// Each call of a run takes seconds, so that it overlaps with others.
    SlowRun,
    /// A new or newly shared snapshot is not listed for a while.
    HiddenSnapshot,
    /// New tags of a snapshot are not shown for a while.
    HiddenTags,
    /// Taking a snapshot fails.
    FailedSnapshot,
    /// A copy fails at its end.
    FailedCopy,
    /// A copy stays in progress for hours, and then fails.
    HungCopy,
    /// Another party fills the quota of manual snapshots.
    FullQuota,
    /// Another party's copies take all free copy slots.
    TakenSlots,
    /// A key is disabled.
    DisabledKey,
    /// A key is pending deletion.
    DeletedKey,
    /// An instance is being modified.
    ModifyingInstance,
    /// An instance is stopped.
    StoppedInstance,
    /// An instance is deleted, and created again under its name at the end.
    ReplacedInstance,
    /// An instance is renamed, and gets its old name back at the end.
    RenamedInstance,
    /// Another instance takes over the name of an instance, which gets another name and is deleted at the end.
    SwitchedOverInstance,
    /// Somebody shortens the retention of the copies by mistake, and corrects it at the end.
    ShortRetention,
    /// A Region has an outage, for every account.
    RegionOutage,
    /// An account has an outage, in every Region.
    AccountOutage,
    /// Accounts that are in no configuration share thousands of snapshots with names and tags like our own.
    ForeignSnapshots,
    /// The source account shares snapshots with forged tags and with future dates in their names.
    ForgedSnapshots,
    /// Everything that the source account owns is deleted. Its databases are created again at the end.
    SourceDeleted,
}

/// The mishaps of the world, with their names in plans.
pub(super) const MISHAPS: [(Mishap, Kind); 5] = [
    (Mishap::HiddenSnapshot, Kind::HiddenSnapshot),
    (Mishap::HiddenTags, Kind::HiddenTags),
    (Mishap::FailedSnapshot, Kind::FailedSnapshot),
    (Mishap::FailedCopy, Kind::FailedCopy),
    (Mishap::HungCopy, Kind::HungCopy),
];

/// A name that no kind of fault has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown fault '{0}':{meant} give one of {all}", meant = names::meant(.0, &names_of_all()), all = names_of_all().join(", "))]
pub struct UnknownKind(String);

/// The occasions that a fault strikes, which give its rate a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// A call: the rate is the share of calls.
    Call,
    /// A schedule that is due to fire: the rate is the share of firings.
    Firing,
    /// A snapshot, a copy or a change of tags: the rate is the share of those.
    Snapshot,
    /// The world as a whole: the rate is the number of times a day.
    Day,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 30] = [
        Self::Throttled,
        Self::ServerError,
        Self::LostAnswer,
        Self::KilledBefore,
        Self::KilledAfter,
        Self::NotFired,
        Self::FiredTwice,
        Self::FiredLate,
        Self::ClockSkew,
        Self::SlowRun,
        Self::HiddenSnapshot,
        Self::HiddenTags,
        Self::FailedSnapshot,
        Self::FailedCopy,
        Self::HungCopy,
        Self::FullQuota,
        Self::TakenSlots,
        Self::DisabledKey,
        Self::DeletedKey,
        Self::ModifyingInstance,
        Self::StoppedInstance,
        Self::ReplacedInstance,
        Self::RenamedInstance,
        Self::SwitchedOverInstance,
        Self::ShortRetention,
        Self::RegionOutage,
        Self::AccountOutage,
        Self::ForeignSnapshots,
        Self::ForgedSnapshots,
        Self::SourceDeleted,
    ];

    /// Its name, as plans spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.facts().0
    }

    /// The occasions that it strikes.
    #[must_use]
    pub fn occasion(self) -> Occasion {
        self.facts().1
    }

    /// Its duration where a plan gives none; absent for a fault that is over at once.
    #[must_use]
    pub fn lasts(self) -> Option<SecondsRange> {
        self.facts().2
    }

    fn facts(self) -> (&'static str, Occasion, Option<SecondsRange>) {
        let seconds = |from, to| Some(SecondsRange::of(from, to));
        let minutes = |from: u32, to: u32| Some(SecondsRange::of(from * 60, to * 60));
        match self {
            Self::Throttled => ("throttled", Occasion::Call, None),
            Self::ServerError => ("server_error", Occasion::Call, None),
            Self::LostAnswer => ("lost_answer", Occasion::Call, None),
            Self::KilledBefore => ("killed_before", Occasion::Call, None),
            Self::KilledAfter => ("killed_after", Occasion::Call, None),
            Self::NotFired => ("not_fired", Occasion::Firing, None),
            // The delay of the second run.
            Self::FiredTwice => ("fired_twice", Occasion::Firing, seconds(0, 90)),
            Self::FiredLate => ("fired_late", Occasion::Firing, seconds(30, 600)),
            // The clock error, in either direction.
            Self::ClockSkew => ("clock_skew", Occasion::Firing, seconds(1, 120)),
            // The time that each of its calls takes.
            Self::SlowRun => ("slow_run", Occasion::Firing, seconds(1, 20)),
            Self::HiddenSnapshot => ("hidden_snapshot", Occasion::Snapshot, seconds(5, 300)),
            Self::HiddenTags => ("hidden_tags", Occasion::Snapshot, seconds(5, 300)),
            Self::FailedSnapshot => ("failed_snapshot", Occasion::Snapshot, None),
            Self::FailedCopy => ("failed_copy", Occasion::Snapshot, None),
            Self::HungCopy => ("hung_copy", Occasion::Snapshot, minutes(60, 360)),
            Self::FullQuota => ("full_quota", Occasion::Day, minutes(30, 240)),
            Self::TakenSlots => ("taken_slots", Occasion::Day, minutes(15, 120)),
            Self::DisabledKey => ("disabled_key", Occasion::Day, minutes(15, 240)),
            Self::DeletedKey => ("deleted_key", Occasion::Day, minutes(60, 480)),
            Self::ModifyingInstance => ("modifying_instance", Occasion::Day, minutes(5, 60)),
            Self::StoppedInstance => ("stopped_instance", Occasion::Day, minutes(30, 720)),
            Self::ReplacedInstance => ("replaced_instance", Occasion::Day, minutes(5, 60)),
            Self::RenamedInstance => ("renamed_instance", Occasion::Day, minutes(60, 720)),
            Self::SwitchedOverInstance => ("switched_over_instance", Occasion::Day, minutes(15, 720)),
            Self::ShortRetention => ("short_retention", Occasion::Day, minutes(60, 720)),
            Self::RegionOutage => ("region_outage", Occasion::Day, minutes(30, 480)),
            Self::AccountOutage => ("account_outage", Occasion::Day, minutes(30, 480)),
            Self::ForeignSnapshots => ("foreign_snapshots", Occasion::Day, minutes(60, 720)),
            Self::ForgedSnapshots => ("forged_snapshots", Occasion::Day, minutes(60, 720)),
            Self::SourceDeleted => ("source_deleted", Occasion::Day, minutes(30, 240)),
        }
    }
}

fn names_of_all() -> Vec<&'static str> {
    Kind::ALL.map(Kind::name).to_vec()
}

impl FromStr for Kind {
    type Err = UnknownKind;
    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == text);
        found.ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

impl TryFrom<String> for Kind {
    type Error = UnknownKind;
    fn try_from(text: String) -> Result<Self, UnknownKind> {
        text.parse()
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
