//! The decision on each snapshot under the default key: it is reported, or copied under `KmsKeyShare`.
//!
//! The copy is the *twin* of its snapshot. Of each database, only the newest snapshot gets a twin, since an older one
//! would not improve the protection. A database that was replaced by another one of its name keeps its own newest snapshot. One twin of a database is in progress at most: AWS makes the copies of one database
//! one after the other, so a second one would only wait. A free copy slot goes to the database whose newest shareable
//! snapshot is oldest.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use pilot_light_domain::Instant;
use pilot_light_domain::aws::gateway::CopySnapshot;
use pilot_light_domain::model::arn::{KmsKeyArn, SnapshotArn};
use pilot_light_domain::model::copy_name::CopyName;
use pilot_light_domain::model::ids::{DatabaseKind, DatabaseName, SnapshotId};
use pilot_light_domain::model::listing::OddRecord;
use pilot_light_domain::model::ownership::name_of_twin;
use pilot_light_domain::model::snapshot::{Phase, Snapshot};
use pilot_light_domain::model::tags;
use pilot_light_domain::policy::SourcePolicy;
use pilot_light_domain::rules::copy_slots;
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::plan::{Skip, SkipReason};

use super::{Decided, Facts, Share, is_shareable};

/// The most copies that wait for the places of refused ones. It limits the calls if AWS refuses every copy.
const LINE: usize = 50;

/// The decisions on all snapshots under the default key.
#[derive(Debug, Default)]
pub(super) struct Part<'a> {
    pub(super) actions: Vec<Decided<'a>>,
    /// The copies that take the places of refused ones.
    pub(super) line: Vec<Share>,
    pub(super) skips: Vec<Skip>,
}

/// Decides on the given snapshots under the default key. Each look at the list of all snapshots happens once.
///
/// # Errors
/// `Internal` if a name cannot be made for a copy.
pub(super) fn plan<'a>(
    unshareable: &[&'a Snapshot],
    facts: &'a Facts,
    policy: &SourcePolicy,
    now: Instant,
) -> Result<Part<'a>, WorkerError> {
    let mut part = Part::default();
    if unshareable.is_empty() {
        return Ok(part);
    }
    let known = Known::of(unshareable, facts, now);
    let mut candidates = Vec::new();
    for snapshot in unshareable {
        match (known.reason(snapshot, policy.share_key.is_some()), &policy.share_key) {
            (None, Some(_)) if is_too_long(snapshot) => part.skip(snapshot, SkipReason::NameTooLong),
            (None, Some(key)) => candidates.push((*snapshot, key)),
            (reason, _) => part.skip(snapshot, reason.unwrap_or(SkipReason::DefaultKey)),
        }
    }
    known.assign(candidates, facts, now, &mut part)?;
    Ok(part)
}

impl Part<'_> {
    fn skip(&mut self, snapshot: &Snapshot, reason: SkipReason) {
        self.skips.push(Skip { subject: (&snapshot.arn).into(), reason });
    }
}

/// The twins and the times of all databases, each found in one look at the list.
#[derive(Default)]
struct Known<'a> {
    /// The twins of each snapshot, by the text of its ARN.
    twins: BTreeMap<&'a str, Vec<&'a Snapshot>>,
    /// The snapshots of which a copy exists that cannot be read. Another copy in each run would fill the quota.
    odd: BTreeSet<SnapshotArn>,
    /// New snapshots without any tag, by their identifiers. AWS may list the tags of a new twin late.
    untagged: BTreeMap<&'a SnapshotId, &'a Snapshot>,
    /// The databases with a twin in progress, or with one whose tags AWS may list late.
    busy: BTreeSet<&'a DatabaseName>,
    /// The beginning of the newest failed twin of each database, and of its newest complete one, as the tag `CreatedOn`
    /// of their snapshots. AWS may never give a failed copy a time.
    failed: BTreeMap<&'a DatabaseName, Option<&'a str>>,
    complete: BTreeMap<&'a DatabaseName, Option<&'a str>>,
    /// The time of the newest complete snapshot of each database, by its `DbiResourceId`.
    newest: BTreeMap<&'a DatabaseName, BTreeMap<Option<&'a str>, Instant>>,
    /// The time of the newest snapshot of each database that can be shared.
    shareable: BTreeMap<&'a DatabaseName, Option<Instant>>,
}

impl<'a> Known<'a> {
    fn of(unshareable: &[&'a Snapshot], facts: &'a Facts, now: Instant) -> Self {
        let odd = facts.odd.iter().flat_map(OddRecord::sources).collect();
        let mut known = Self { odd, ..Self::default() };
        for snapshot in &facts.snapshots {
            known.add(snapshot, now);
            if is_shareable(snapshot, facts) {
                later(&mut known.shareable, &snapshot.database, snapshot.taken_at());
            }
        }
        let unlisted = unshareable.iter().filter(|snapshot| known.is_unlisted(snapshot));
        let unlisted: Vec<_> = unlisted.map(|snapshot| &snapshot.database).collect();
        known.busy.extend(unlisted);
        known
    }

    fn add(&mut self, snapshot: &'a Snapshot, now: Instant) {
        if snapshot.tags.is_empty() && snapshot.is_new(now) {
            self.untagged.insert(&snapshot.arn.id, snapshot);
        }
        if !snapshot.is_taken_by_us() {
            return;
        }
        // AWS may not show the id of a twin. Its original has the same time.
        let is_anyones =
            snapshot.tags.contains_key(tags::SOURCE_SNAPSHOT_ARN) && snapshot.resource_id.is_none();
        if let Some(taken) = snapshot.taken_at().filter(|_| snapshot.is_available() && !is_anyones) {
            let of_name = self.newest.entry(&snapshot.database).or_default();
            let newest = of_name.entry(snapshot.resource_id.as_deref()).or_insert(taken);
            *newest = taken.max(*newest);
        }
        if let Some(origin) = snapshot.tags.get(tags::SOURCE_SNAPSHOT_ARN) {
            self.twins.entry(origin).or_default().push(snapshot);
            self.add_twin(snapshot, now);
        }
    }

    fn add_twin(&mut self, twin: &'a Snapshot, now: Instant) {
        let begun = twin.tags.get(tags::CREATED_ON);
        match twin.status.phase() {
            // source-take reports a stuck twin. It must not keep the next ones from being made.
            Phase::InProgress if twin.is_stuck(now) => {}
            Phase::InProgress => drop(self.busy.insert(&twin.database)),
            Phase::Usable => later(&mut self.complete, &twin.database, begun),
            Phase::Lost => later(&mut self.failed, &twin.database, begun),
            Phase::Deleting => {}
        }
    }

    /// The reason to leave a snapshot alone, or none if a twin of it is due.
    ///
    /// A failed twin is made again only after source-delete has removed it. A lasting failure then recurs once an hour,
    /// not in every run.
    fn reason(&self, snapshot: &Snapshot, may_copy: bool) -> Option<SkipReason> {
        let twins = self.twins.get(snapshot.arn.to_string().as_str()).map_or(&[][..], Vec::as_slice);
        if twins.iter().any(|twin| twin.is_available()) {
            return Some(SkipReason::ReEncrypted);
        }
        let is_in_progress = || twins.iter().any(|twin| twin.status.in_progress());
        if is_in_progress() || self.is_unlisted(snapshot) || self.odd.contains(&snapshot.arn) {
            return Some(SkipReason::ReEncryptionInProgress);
        }
        if may_copy && twins.iter().any(|twin| twin.status.phase() == Phase::Lost) {
            return Some(SkipReason::ReEncryptionFailed);
        }
        if self.newest_of(snapshot) != snapshot.taken_at() {
            return Some(SkipReason::Superseded);
        }
        if !may_copy {
            return Some(SkipReason::DefaultKey);
        }
        self.busy.contains(&snapshot.database).then_some(SkipReason::CopyInProgress)
    }

    /// The time of the newest complete snapshot of the same instance. An unknown id counts as the same.
    fn newest_of(&self, snapshot: &Snapshot) -> Option<Instant> {
        let id = snapshot.resource_id.as_deref();
        let may_be_its = |other: &Option<&str>| id.is_none() || other.is_none() || *other == id;
        let of_name = self.newest.get(&snapshot.database)?;
        of_name.iter().filter(|(other, _)| may_be_its(other)).map(|(_, time)| *time).max()
    }

    /// True if a new snapshot without tags has the name of the twin and is of the same database.
    fn is_unlisted(&self, snapshot: &Snapshot) -> bool {
        if self.untagged.is_empty() {
            return false;
        }
        let found = wanted_name(snapshot).ok().and_then(|name| self.untagged.get(&name).copied());
        found.is_some_and(|found| found.database == snapshot.database)
    }

    /// True if a twin of the database failed and none of a newer snapshot is complete.
    fn is_failing(&self, database: &DatabaseName) -> bool {
        self.failed
            .get(database)
            .is_some_and(|failed| self.complete.get(database).is_none_or(|complete| complete <= failed))
    }

    /// Gives the free copy slots to the candidates. Databases whose last twin failed queue behind all others.
    fn assign(
        &self,
        mut candidates: Vec<(&'a Snapshot, &KmsKeyArn)>,
        facts: &'a Facts,
        now: Instant,
        part: &mut Part<'a>,
    ) -> Result<(), WorkerError> {
        if candidates.is_empty() {
            return Ok(());
        }
        candidates.sort_by_cached_key(|(snapshot, _)| {
            let database = &snapshot.database;
            let until = self.shareable.get(database).copied().flatten();
            // Of two databases that had one name, the present one goes first.
            (self.is_failing(database), until, database, Reverse(snapshot.taken_at()), &snapshot.arn)
        });
        let mut free = copy_slots::free(&facts.snapshots, &facts.odd, DatabaseKind::Instance, now);
        let mut named: BTreeSet<_> = facts.snapshots.iter().map(|snapshot| snapshot.arn.id.clone()).collect();
        let mut started = BTreeSet::new();
        for (snapshot, key) in candidates {
            if !started.insert(&snapshot.database) {
                part.skip(snapshot, SkipReason::CopyInProgress);
                continue;
            }
            let is_taken = |name: &SnapshotId| {
                named.contains(name) || facts.odd.iter().any(|record| record.has_id(name))
            };
            let copy = re_encrypt(snapshot, key, is_taken)?;
            named.insert(copy.target.clone());
            if free == 0 {
                part.skip(snapshot, SkipReason::NoFreeSlot);
                part.line.push(Share::ReEncrypt { copy });
            } else {
                part.actions.push((snapshot, Share::ReEncrypt { copy }));
                free -= 1;
            }
        }
        part.line.truncate(LINE);
        Ok(())
    }
}

/// Keeps a time if it is the latest of its database.
fn later<'a, T: Ord + Copy>(
    times: &mut BTreeMap<&'a DatabaseName, Option<T>>,
    of: &'a DatabaseName,
    time: Option<T>,
) {
    let latest = times.entry(of).or_default();
    *latest = (*latest).max(time);
}

/// True if the twin can have no name, or if its tag cannot hold the ARN of the snapshot.
fn is_too_long(snapshot: &Snapshot) -> bool {
    wanted_name(snapshot).is_err() || snapshot.arn.text_len() > tags::LONGEST_VALUE
}

fn wanted_name(snapshot: &Snapshot) -> Result<SnapshotId, WorkerError> {
    SnapshotId::new(&name_of_twin(snapshot.arn.id.as_str())).map_err(|error| unnamed(snapshot, &error))
}

fn unnamed(snapshot: &Snapshot, error: &impl std::fmt::Display) -> WorkerError {
    WorkerError::Internal(format!("no name for the re-encrypted {}: {error}", snapshot.arn))
}

fn re_encrypt(
    snapshot: &Snapshot,
    key: &KmsKeyArn,
    is_taken: impl Fn(&SnapshotId) -> bool,
) -> Result<CopySnapshot, WorkerError> {
    let target = CopyName::plain(wanted_name(snapshot)?.as_str(), snapshot.kind())
        .unused(is_taken)
        .map_err(|error| unnamed(snapshot, &error))?;
    let mut tags = tags::of([
        (tags::CREATED_BY, tags::TOOL),
        (tags::SHARE_AND_COPY, tags::YES),
        (tags::SOURCE_SNAPSHOT_ARN, &snapshot.arn.to_string()),
    ]);
    for key in [tags::CREATED_ON, tags::RETENTION] {
        tags.extend(snapshot.tags.get(key).map(|value| (key, value)));
    }
    Ok(CopySnapshot {
        source: snapshot.arn.clone(),
        target,
        kms_key: Some(key.clone()),
        option_group: Default::default(),
        tags: tags::beside_those_of_user(tags, &snapshot.tags),
    })
}
