//! The reasons for which a database or snapshot is left alone, and their classes. Their texts are in [`text`](super::text).

use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::model::snapshot::Snapshot;

/// The class of a skip: who has to act, if anyone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SkipClass {
    /// Nobody: all is well.
    Settled,
    /// Nobody, but the run took another way because of it. It is listed before everything that is settled.
    Noted,
    /// Nobody yet: a later run continues.
    Pending,
    /// A person: nothing changes until somebody acts.
    Blocked,
}

/// The reason why a database or snapshot is left alone. A run has one for nearly every snapshot, so rare reasons keep their facts
/// apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SkipReason {
    /// The pattern does not select it.
    NotSelected,
    /// `TaggedInstance=TRUE`, and the instance lacks `CopyDBSnapshot=True`, in any case.
    NotTagged,
    /// The instance has the tag `CopyDBSnapshot=False`, in any case.
    OptedOut,
    /// The engine is not supported.
    UnsupportedEngine,
    /// RDS Custom, and `CustomEngines` is `FALSE`.
    CustomEngine,
    /// A member of this cluster. Only the cluster has snapshots, and Pilot Light takes none of clusters yet.
    ClusterMember(String),
    /// A read replica of this selected instance of the same account and Region, whose snapshots contain the same data.
    ReplicaOfSelected(String),
    /// A read replica of an engine whose replicas AWS takes no manual snapshots of.
    ReplicaWithoutSnapshots,
    /// There is already a snapshot in this interval.
    NotDue,
    /// A snapshot of it is being taken.
    SnapshotInProgress,
    /// The status of the instance temporarily allows no snapshot.
    InstanceBusy(String),
    /// The status of the instance allows no snapshot until somebody repairs the instance.
    InstanceBroken(String),
    /// The parameters turn this worker off.
    TurnedOff,
    /// A parameter that no worker knows, with a suggestion. The run goes on without it.
    UnknownParameter(String),
    /// The same, where nothing is deleted because of it.
    UnknownParameterStops(String),
    /// Nothing is deleted while a parameter is unknown.
    DeletionStopped,
    /// Not tagged as ours.
    NotOurs,
    /// Ours, but not marked with `shareAndCopy=YES`.
    NotMarked,
    /// Shared with every destination account.
    AlreadyShared,
    /// Encrypted with the default `aws/rds` key, which cannot be shared.
    DefaultKey,
    /// A re-encrypted twin of it is shared instead.
    ReEncrypted,
    /// A re-encrypted twin of it is being made.
    ReEncryptionInProgress,
    /// Its re-encrypted twin failed.
    ReEncryptionFailed,
    /// Shared by an account that is not in `SourceAccounts`, or from another Region.
    ForeignAccount,
    /// A listed account without anything here: it neither shares a snapshot nor has a copy.
    NothingOffered,
    /// The pattern selects nothing that is offered, although it selects something that is held.
    NothingSelected,
    /// It is already copied.
    AlreadyCopied,
    /// Another database has taken the place of this one, under the same name.
    Replaced(String),
    /// The newest copy of this database is older than `RpoTarget`: its age, and where to look.
    Late(String),
    /// Nothing of this database is offered any more: the age of its newest copy, and the possible causes.
    NoLongerOffered(String),
    /// This database was never copied, although it has been offered for longer than it should take: since when.
    NeverCopied(String),
    /// A person has retired this database: when, and who.
    Retired(String),
    /// A snapshot of a retired database.
    OfRetired,
    /// A retired database is offered again: the time of the snapshot, the database, and its retirement.
    OfferedAgain(Box<[String; 3]>),
    /// The mark of retirement on a copy has this value, which cannot be read.
    UnreadableRetirement(String),
    /// The destination's parameters leave out this database, of which there are copies.
    LeftOut,
    /// A newer recovery point replaces it.
    Superseded,
    /// Its ARN does not fit into a tag, so a copy could not be identified.
    NameTooLong,
    /// Older than `CopyRetentionDays`.
    TooOldToCopy,
    /// A copy of this database is in progress.
    CopyInProgress,
    /// The copy has been in progress for more than 24 hours: since when.
    CopyHangs(String),
    /// The copy failed. The worker deletes it and makes it again.
    CopyFailed,
    /// Its copies failed repeatedly, and AWS does not delete them. The next attempt follows after a while, in a place of the quota
    /// that no other database needs.
    RetryLater,
    /// AWS refused to copy it across account and Region in one step, in these words. The same run takes two hops.
    OneStepRefused(String),
    /// All copy slots of the Region are taken.
    NoFreeSlot,
    /// The quota of manual snapshots is used up.
    QuotaFull,
    /// It has no recovery point yet, and so many places of the quota are kept free for the databases that have some.
    QuotaKeptFree(usize),
    /// Encrypted, and no key is configured for its copy.
    NoKey,
    /// Its status does not allow its use.
    NotUsable(String),
    /// It has been in progress for more than 24 hours, in a status that Pilot Light does not know.
    UnknownStatus(String),
    /// AWS gives no time for it, so its age is unknown.
    UnknownTime,
    /// It is complete, was begun more than 24 hours ago, and AWS still gives no time for it.
    WithoutTime,
    /// Not older than the retention.
    Retained,
    /// The newest usable recovery point of its database.
    NewestUsable,
    /// Among the newest `KeepLast`.
    KeepLast,
    /// The newest of one of the days that `KeepDaily` keeps.
    KeepDaily,
    /// The newest of an earlier database of that name, and the present one has no recovery points as old yet.
    LastOfEarlier,
    /// Among the newest of a retired database, which `KeepRetired` keeps.
    KeepRetired,
    /// The retention under which it was made keeps it.
    Promised,
    /// So many points are kept only by the retention under which they were made: how many, and the present day.
    PromisesKept(Box<(usize, String)>),
    /// Its deletion awaits a person's confirmation, with that of others of its database.
    AwaitsConfirmation,
    /// So many points of a database are due for deletion that a person must confirm it: how many, the present day, and the
    /// database.
    MassDeletion(Box<[String; 3]>),
    /// The tag with the retention under which it was made has this value, which cannot be read.
    UnreadablePromise(String),
    /// A copy still reads from it.
    InUse,
    /// Due for deletion, but more are due than one run may delete.
    OverCeiling,
    /// AWS's record of it has an unexpected form, and it is our own or selected.
    Unreadable(String),
    /// AWS's record of it has an unexpected form, and it does not concern Pilot Light.
    UnreadableNotOurs(String),
}

impl SkipReason {
    /// The class of this reason.
    #[must_use]
    pub fn class(&self) -> SkipClass {
        match self {
            Self::SnapshotInProgress
            | Self::InstanceBusy(_)
            | Self::ReEncryptionInProgress
            | Self::CopyInProgress
            | Self::RetryLater
            | Self::NoFreeSlot
            | Self::InUse
            | Self::DeletionStopped
            | Self::AwaitsConfirmation
            | Self::OverCeiling => SkipClass::Pending,
            Self::ClusterMember(_)
            | Self::UnsupportedEngine
            | Self::ReplicaWithoutSnapshots
            | Self::InstanceBroken(_)
            | Self::DefaultKey
            | Self::ReEncryptionFailed
            | Self::NothingOffered
            | Self::NothingSelected
            | Self::CopyFailed
            | Self::CopyHangs(_)
            | Self::NeverCopied(_)
            | Self::OfferedAgain(..)
            | Self::UnreadableRetirement(_)
            | Self::QuotaFull
            | Self::QuotaKeptFree(_)
            | Self::NoKey
            | Self::UnknownStatus(_)
            | Self::WithoutTime
            | Self::Unreadable(_)
            | Self::UnknownParameterStops(_)
            | Self::MassDeletion(..)
            | Self::UnreadablePromise(_)
            | Self::NameTooLong => SkipClass::Blocked,
            Self::OptedOut
            | Self::Late(_)
            | Self::NoLongerOffered(_)
            | Self::Retired(_)
            | Self::LeftOut
            | Self::OneStepRefused(_)
            | Self::UnknownParameter(_)
            | Self::PromisesKept(..)
            | Self::Replaced(_) => SkipClass::Noted,
            _ => SkipClass::Settled,
        }
    }

    /// The reason to leave a snapshot in progress alone: `usual`, or [`Self::UnknownStatus`] if a person must look at it.
    #[must_use]
    pub fn of_progress(snapshot: &Snapshot, now: Instant, usual: Self) -> Self {
        if snapshot.is_stuck(now) { Self::UnknownStatus(snapshot.status.to_string()) } else { usual }
    }

    /// The reason for which a person must look at a snapshot, if there is one: its status, or its missing time.
    #[must_use]
    pub fn of_anomaly(snapshot: &Snapshot, now: Instant) -> Option<Self> {
        if snapshot.is_stuck(now) {
            return Some(Self::UnknownStatus(snapshot.status.to_string()));
        }
        snapshot.lacks_time(now).then_some(Self::WithoutTime)
    }

    /// The names of the reasons of the class [`SkipClass::Noted`], in the reports of which they come first.
    #[must_use]
    pub fn is_noted(key: &str) -> bool {
        const NOTED: [&str; 9] = [
            "Late",
            "NoLongerOffered",
            "OptedOut",
            "OneStepRefused",
            "UnknownParameter",
            "PromisesKept",
            "Replaced",
            "Retired",
            "LeftOut",
        ];
        NOTED.contains(&key)
    }

    /// True for a database whose newest copy is too old, or that is no longer offered. These come first of all that is noted.
    #[must_use]
    pub fn is_late(&self) -> bool {
        matches!(self, Self::Late(_) | Self::NoLongerOffered(_))
    }

    /// True if the action would be due, and a limit leaves no place for it.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        matches!(self, Self::NoFreeSlot | Self::QuotaFull | Self::QuotaKeptFree(_) | Self::OverCeiling)
    }

    /// The name of the reason without its details, for counting.
    #[must_use]
    pub fn key(&self) -> String {
        let mut text = format!("{self:?}");
        text.truncate(text.find('(').unwrap_or(text.len()));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_noted_reasons_come_first_in_reports() {
        let text = || "text".to_owned();
        for reason in [
            SkipReason::OptedOut,
            SkipReason::OneStepRefused(text()),
            SkipReason::UnknownParameter(text()),
            SkipReason::PromisesKept(Box::new((1, text()))),
            SkipReason::Replaced(text()),
            SkipReason::Late(text()),
            SkipReason::NoLongerOffered(text()),
            SkipReason::Retired(text()),
            SkipReason::LeftOut,
            SkipReason::NeverCopied(text()),
            SkipReason::OfferedAgain(Box::new([text(), text(), text()])),
            SkipReason::OfRetired,
            SkipReason::KeepRetired,
            SkipReason::Promised,
            SkipReason::TurnedOff,
            SkipReason::DeletionStopped,
            SkipReason::UnknownParameterStops(text()),
            SkipReason::MassDeletion(Box::new([text(), text(), text()])),
        ] {
            let is_noted = reason.class() == SkipClass::Noted;
            assert_eq!(SkipReason::is_noted(&reason.key()), is_noted, "{reason:?}");
        }
    }
}
