//! The shape of every plan: actions that leave no choices, and a reason for everything left out.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::aws::metrics::Metric;
use crate::run::subject::Subject;

/// Something a plan wants done.
pub trait Action: Send + Sync {
    /// What is done, as one word for reports: `take`, `share`, `copy`, `delete`.
    fn verb(&self) -> &'static str;
    /// The database or snapshot it is done to.
    fn subject(&self) -> String;
    /// Why, or where to; for the record.
    fn detail(&self) -> String;
}

/// What a run intends, in a stable order.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan<A> {
    /// What to do.
    pub actions: Vec<A>,
    /// What is left, each with its reason.
    pub skips: Vec<Skip>,
    /// Measurements of the facts, to be published with the report.
    pub metrics: Vec<Metric>,
}

impl<A> Default for Plan<A> {
    fn default() -> Self {
        Self { actions: Vec::new(), skips: Vec::new(), metrics: Vec::new() }
    }
}

impl<A> Plan<A> {
    /// Leaves `subject` alone because of `reason`.
    pub fn skip(&mut self, subject: impl Into<Subject>, reason: SkipReason) {
        self.skips.push(Skip { subject: subject.into(), reason });
    }
}

/// A database or snapshot that is left alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skip {
    /// The database or snapshot.
    pub subject: Subject,
    /// Why.
    pub reason: SkipReason,
}

/// What a skip asks of whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SkipClass {
    /// Nothing; all is well.
    Settled,
    /// Time: a later pass goes on.
    Pending,
    /// A person: nothing will change until somebody acts.
    Blocked,
}

/// Why something is left alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SkipReason {
    /// The pattern leaves it out.
    NotSelected,
    /// `TaggedInstance=TRUE`, and the instance lacks `CopyDBSnapshot=True`.
    NotTagged,
    /// The engine is not supported.
    UnsupportedEngine,
    /// RDS Custom, and `CustomEngines` is `FALSE`.
    CustomEngine,
    /// A member of a cluster, whose snapshots count instead.
    ClusterMember,
    /// There is a snapshot in this slot already.
    NotDue,
    /// A snapshot of it is being taken.
    SnapshotInProgress,
    /// The instance is in a state that takes no snapshot, and that passes.
    InstanceBusy(String),
    /// The instance is in a state that takes no snapshot until somebody mends it.
    InstanceBroken(String),
    /// The parameters turn this worker off.
    TurnedOff,
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
    /// A listed account that has nothing here: neither shared with us, nor copied.
    NothingOffered,
    /// Already here.
    AlreadyCopied,
    /// A newer one takes its place.
    Superseded,
    /// Its ARN does not fit into a tag, so a copy could not be told apart.
    NameTooLong,
    /// Older than `CopyRetentionDays`.
    TooOldToCopy,
    /// A copy of this database is in progress.
    CopyInProgress,
    /// A copy failed; it is removed, and made again.
    CopyFailed,
    /// All copy slots of the Region are taken.
    NoFreeSlot,
    /// The manual-snapshot quota is used up.
    QuotaFull,
    /// Encrypted, and no key is configured to copy it under.
    NoKey,
    /// In a state that is not usable.
    NotUsable(String),
    /// AWS gives no time for it, so its age is not known.
    UnknownTime,
    /// Younger than the retention.
    Retained,
    /// The newest usable recovery point of its database.
    NewestUsable,
    /// Among the newest `KeepLast`.
    KeepLast,
    /// The newest of one of the days that `KeepDaily` keeps.
    KeepDaily,
    /// A copy still reads from it.
    InUse,
    /// Due, but more are due than may be deleted in one run.
    OverCeiling,
}

impl SkipReason {
    /// What it asks of whom.
    #[must_use]
    pub fn class(&self) -> SkipClass {
        match self {
            Self::SnapshotInProgress
            | Self::InstanceBusy(_)
            | Self::ReEncryptionInProgress
            | Self::CopyInProgress
            | Self::NoFreeSlot
            | Self::InUse
            | Self::OverCeiling => SkipClass::Pending,
            Self::InstanceBroken(_)
            | Self::DefaultKey
            | Self::ReEncryptionFailed
            | Self::NothingOffered
            | Self::CopyFailed
            | Self::QuotaFull
            | Self::NoKey
            | Self::NameTooLong => SkipClass::Blocked,
            _ => SkipClass::Settled,
        }
    }

    /// The reason without its particulars, to count by.
    #[must_use]
    pub fn key(&self) -> String {
        let text = format!("{self:?}");
        text.split('(').next().unwrap_or_default().to_owned()
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::NotSelected => "the pattern leaves it out",
            Self::NotTagged => "TaggedInstance is TRUE and it has no tag CopyDBSnapshot=True",
            Self::UnsupportedEngine => "its engine is not supported",
            Self::CustomEngine => "it is RDS Custom and CustomEngines is FALSE",
            Self::ClusterMember => "it is a member of a cluster, whose own snapshots count",
            Self::NotDue => "it has a snapshot in this interval",
            Self::SnapshotInProgress => "a snapshot of it is being taken",
            Self::InstanceBusy(status) | Self::InstanceBroken(status) => {
                return write!(f, "the instance is {status}");
            }
            Self::TurnedOff => "the parameters turn this worker off",
            Self::NotOurs => "it has no tag of ours",
            Self::NotMarked => "it is not tagged shareAndCopy=YES",
            Self::AlreadyShared => "it is shared",
            Self::DefaultKey => {
                "it is encrypted with the default aws/rds key, which cannot be shared; set KmsKeyShare to have it re-encrypted"
            }
            Self::ReEncrypted => "its re-encrypted copy is shared instead",
            Self::ReEncryptionFailed => "its re-encrypted copy failed; look at the key of KmsKeyShare",
            Self::ReEncryptionInProgress => "its re-encrypted copy is being made",
            Self::ForeignAccount => "its account is not in SourceAccounts",
            Self::NothingOffered => {
                "it shares nothing with this account; see whether share runs there, and SourceAccounts and SourceRegionOverride here"
            }
            Self::AlreadyCopied => "it is copied",
            Self::Superseded => "a newer recovery point takes its place",
            Self::NameTooLong => "its ARN is longer than the 256 characters of a tag; give it a shorter name",
            Self::TooOldToCopy => "it is older than CopyRetentionDays",
            Self::CopyInProgress => "a copy of this database is in progress",
            Self::CopyFailed => {
                "its copy failed, which is now made again; a source deleted too early is one cause"
            }
            Self::NoFreeSlot => "all copy slots are taken",
            Self::QuotaFull => "the quota of manual snapshots is used up; raise it or shorten the retention",
            Self::NoKey => {
                "it is encrypted and no key is configured to copy it under; set KmsKeyDestination or KmsKeySource"
            }
            Self::NotUsable(status) => return write!(f, "its status is {status}"),
            Self::UnknownTime => "AWS gives no time for it yet",
            Self::Retained => "it is within the retention",
            Self::NewestUsable => "it is the newest usable recovery point of its database",
            Self::KeepLast => "it is among the newest that KeepLast keeps",
            Self::KeepDaily => "it is the newest of a day that KeepDaily keeps",
            Self::InUse => "a copy still reads from it",
            Self::OverCeiling => "more are due than may be deleted in one run",
        };
        f.write_str(text)
    }
}
