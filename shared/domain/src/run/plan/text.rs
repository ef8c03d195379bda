//! The texts of the reasons for which a database or snapshot is left alone: the problem, its consequence and the remedy.

use std::fmt;

use super::reason::SkipReason;

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
            Self::OfferedAgain(facts) => {
                let [time, database, word] = &**facts;
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
            Self::PromisesKept(facts) => {
                let (number, today) = &**facts;
                return write!(
                    f,
                    "{number} recovery points are older than the retention in force, and kept by the one under which they were made; to delete them now, {}",
                    confirm("*", today)
                );
            }
            Self::AwaitsConfirmation => "its deletion awaits a person's confirmation",
            Self::MassDeletion(facts) => {
                let [number, today, database] = &**facts;
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
