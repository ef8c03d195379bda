//! The reasons for which a database or snapshot is left alone: their classes and their texts.

use std::fmt;

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

/// The reason why a database or snapshot is left alone.
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
    OfferedAgain(String, String, String),
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
    PromisesKept(usize, String),
    /// Its deletion awaits a person's confirmation, with that of others of its database.
    AwaitsConfirmation,
    /// So many points of a database are due for deletion that a person must confirm it: how many, the present day, and the
    /// database.
    MassDeletion(String, String, String),
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

/// The way in which a person confirms early deletions.
fn confirm(database: &str, today: &str) -> String {
    format!(
        "start this worker's state machine once with --input '{{\"delete_early\": {{\"of\": \"{database}\", \"date\": \"{today}\", \"by\": \"YOUR NAME\"}}}}'"
    )
}

/// The command that retires databases.
pub const RETIRE: &str = "pilot-light retire";

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::NotSelected => "the pattern leaves it out",
            Self::NotTagged => "TaggedInstance is TRUE and it has no tag CopyDBSnapshot=True",
            Self::OptedOut => "its tag CopyDBSnapshot=False leaves it out",
            Self::UnsupportedEngine => "its engine is not supported; leave it out of the pattern",
            Self::CustomEngine => "it is RDS Custom and CustomEngines is FALSE",
            Self::ClusterMember(cluster) => {
                return write!(
                    f,
                    "it is a member of the cluster {cluster}, and Pilot Light does not protect clusters yet; protect the cluster in another way, and leave its members out of InstanceNamePattern"
                );
            }
            Self::ReplicaOfSelected(primary) => {
                return write!(f, "it is a read replica of {primary}, whose snapshots contain the same data");
            }
            Self::ReplicaWithoutSnapshots => {
                "AWS takes no manual snapshots of read replicas of this engine; protect the primary, and leave the replica out of InstanceNamePattern"
            }
            Self::NotDue => "it has a snapshot in this interval",
            Self::SnapshotInProgress => "a snapshot of it is being taken",
            Self::InstanceBusy(status) | Self::InstanceBroken(status) => {
                return write!(f, "the instance is {status}");
            }
            Self::TurnedOff => "the parameters turn this worker off",
            Self::UnknownParameter(hint) => {
                return write!(f, "no worker knows it, so it has no effect; {hint}correct or remove it");
            }
            Self::UnknownParameterStops(hint) => {
                return write!(
                    f,
                    "no worker knows it, and it may be meant to keep snapshots, so nothing is deleted; {hint}correct or remove it"
                );
            }
            Self::DeletionStopped => "nothing is deleted while a parameter is unknown",
            Self::NotOurs => "it does not have Pilot Light's tags",
            Self::NotMarked => "it is not tagged shareAndCopy=YES",
            Self::AlreadyShared => "it is already shared",
            Self::DefaultKey => {
                "it is encrypted with the default aws/rds key, which cannot be shared; set KmsKeyShare to have it re-encrypted"
            }
            Self::ReEncrypted => "its re-encrypted copy is shared instead",
            Self::ReEncryptionFailed => "its re-encrypted copy failed; check the key in KmsKeyShare",
            Self::ReEncryptionInProgress => "its re-encrypted copy is being made",
            Self::ForeignAccount => {
                "its account is not in SourceAccounts, or its Region is not the source Region"
            }
            Self::NothingOffered => {
                "it shares nothing with this account; check that share runs there, and SourceAccounts and SourceRegionOverride here"
            }
            Self::NothingSelected => {
                "it selects none of the offered snapshots; check that share runs at the source for the databases that it selects"
            }
            Self::AlreadyCopied => "it is already copied",
            Self::Replaced(earlier) => {
                return write!(
                    f,
                    "another database has taken its name; the earlier one is {earlier}; give that time as At to restore it"
                );
            }
            Self::Late(text) | Self::NoLongerOffered(text) | Self::NeverCopied(text) => text,
            Self::Retired(word) => return write!(f, "a person has retired it: {word}"),
            Self::OfRetired => "its database is retired",
            Self::OfferedAgain(time, database, word) => {
                return write!(
                    f,
                    "it is offered again, with a snapshot of {time}, and not copied because it is retired ({word}); to protect it again: {RETIRE} {database} --undo"
                );
            }
            Self::UnreadableRetirement(text) => {
                return write!(
                    f,
                    "the tag Retired of a copy is '{text}', which cannot be read, so the database is not retired; retire it with {RETIRE} NAME, or remove the tag"
                );
            }
            Self::LeftOut => {
                "SnapshotPattern, SnapshotExclusion, SourceAccounts or SourceRegionOverride leave it out; it is not copied and never late, and its copies stay"
            }
            Self::Superseded => "a newer recovery point replaces it",
            Self::NameTooLong => "its ARN is longer than the 256 characters of a tag; give it a shorter name",
            Self::TooOldToCopy => "it is older than CopyRetentionDays",
            Self::CopyInProgress => "a copy of this database is in progress",
            Self::CopyHangs(since) => {
                return write!(
                    f,
                    "its copy has been in progress since {since}; see its events, and delete it if AWS no longer works on it"
                );
            }
            Self::CopyFailed => {
                "its copy failed and is made again; one possible cause is that its source was deleted too early"
            }
            Self::RetryLater => {
                "its copies failed repeatedly and AWS does not delete them; the wait for the next attempt doubles with each of them, and it needs a place in the quota that no other database needs"
            }
            Self::OneStepRefused(words) => {
                return write!(
                    f,
                    "AWS does not copy across account and Region in one step here, so two hops follow: {words}"
                );
            }
            Self::NoFreeSlot => "all copy slots are taken",
            Self::QuotaFull => "the quota of manual snapshots is used up; raise it or shorten the retention",
            Self::QuotaKeptFree(places) => {
                return write!(
                    f,
                    "it has no recovery point yet, and the last {places} free places of the quota are kept for databases that have some; raise the quota, shorten the retention, or leave short-lived databases out (InstanceNameExclusion, SnapshotExclusion)"
                );
            }
            Self::NoKey => {
                "it is encrypted and no key is configured to copy it under; set KmsKeyDestination or KmsKeySource"
            }
            Self::NotUsable(status) => return write!(f, "its status is {status}"),
            Self::UnknownStatus(status) => {
                return write!(
                    f,
                    "it has been '{status}' for more than 24 hours, an unknown status that counts as in progress; see its events, and delete it if AWS no longer works on it"
                );
            }
            Self::UnknownTime => "AWS gives no time for it yet",
            Self::WithoutTime => {
                "it is complete and AWS gives no time for it, so it is never deleted for its age; describe it with the AWS CLI, and delete it if nobody needs it"
            }
            Self::Retained => "it is within the retention",
            Self::NewestUsable => "it is the newest usable recovery point of its database",
            Self::KeepLast => "it is among the newest that KeepLast keeps",
            Self::KeepDaily => "it is the newest of a day that KeepDaily keeps",
            Self::LastOfEarlier => {
                "it is the newest of an earlier database of that name, whose successor has no recovery points as old yet"
            }
            Self::KeepRetired => "it is among the newest of a retired database, which KeepRetired keeps",
            Self::Promised => "the retention under which it was made keeps it",
            Self::PromisesKept(number, today) => {
                return write!(
                    f,
                    "{number} recovery points are older than the retention in force, and kept by the one under which they were made; to delete them now, {}",
                    confirm("*", today)
                );
            }
            Self::AwaitsConfirmation => "its deletion awaits a person's confirmation",
            Self::MassDeletion(number, today, database) => {
                return write!(
                    f,
                    "{number} recovery points are older than the retention in force, and no retention was promised for them, so none of these is deleted; if the retention is right, {}; otherwise correct it",
                    confirm(database, today)
                );
            }
            Self::UnreadablePromise(text) => {
                return write!(
                    f,
                    "its tag PromisedRetention is '{text}', which cannot be read, so it stays; correct or remove the tag"
                );
            }
            Self::InUse => "a copy still reads from it",
            Self::OverCeiling => "more are due for deletion than one run may delete",
            Self::Unreadable(problem) => {
                return write!(
                    f,
                    "AWS's record of it cannot be read ({problem}), so nothing is done with it; describe it with the AWS CLI, and report the record"
                );
            }
            Self::UnreadableNotOurs(problem) => {
                return write!(
                    f,
                    "AWS's record of it cannot be read ({problem}), and it does not concern Pilot Light"
                );
            }
        };
        f.write_str(text)
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
            SkipReason::PromisesKept(1, text()),
            SkipReason::Replaced(text()),
            SkipReason::Late(text()),
            SkipReason::NoLongerOffered(text()),
            SkipReason::Retired(text()),
            SkipReason::LeftOut,
            SkipReason::NeverCopied(text()),
            SkipReason::OfferedAgain(text(), text(), text()),
            SkipReason::OfRetired,
            SkipReason::KeepRetired,
            SkipReason::Promised,
            SkipReason::TurnedOff,
            SkipReason::DeletionStopped,
            SkipReason::UnknownParameterStops(text()),
            SkipReason::MassDeletion(text(), text(), text()),
        ] {
            let is_noted = reason.class() == SkipClass::Noted;
            assert_eq!(SkipReason::is_noted(&reason.key()), is_noted, "{reason:?}");
        }
    }
}
