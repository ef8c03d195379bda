//! What no single act may do: each rule looks at one thing that one of our accounts did.

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::tags;
use pilot_light_simulator::world::{Happening, SnapshotRecord};

use super::Terms;
use super::book::{Book, Held};

/// What is looked at.
struct Act<'a> {
    terms: &'a Terms,
    book: &'a Book,
    what: &'a Happening,
    at: Instant,
}

/// A point may be deleted a little early: a run's clock may be wrong by minutes.
const CLOCK: TimeDelta = TimeDelta::minutes(5);

type Rule = fn(&Act<'_>) -> Option<String>;

const RULES: [Rule; 6] = [untagged, newest_usable, read_from, too_early, foreign_key, unlisted_account];

/// Every rule that an act breaks, in words.
pub(super) fn judge(terms: &Terms, book: &Book, what: &Happening, at: Instant) -> Vec<String> {
    let act = Act { terms, book, what, at };
    RULES.iter().filter_map(|rule| rule(&act)).collect()
}

/// No snapshot without our tag is ever deleted.
fn untagged(act: &Act<'_>) -> Option<String> {
    let record = act.deleted()?;
    let is_ours =
        record.tags.has(tags::CREATED_BY, tags::TOOL) || record.tags.has(tags::COPIED_BY, tags::TOOL);
    (!is_ours).then(|| format!("{} was deleted, which carries no tag of ours", record.arn))
}

/// The newest usable point of a database in the destination is never deleted, whatever the source does.
fn newest_usable(act: &Act<'_>) -> Option<String> {
    let record = act.deleted()?;
    let held = act.held(record).filter(|_| act.book.is_copy(record))?;
    let taken = held.usable_since()?;
    let next = act.book.newest_usable(&held.database(), Some(&record.arn));
    let was_newest = next.is_none_or(|next| next < taken);
    was_newest.then(|| format!("{} was deleted, the newest usable point of {}", record.arn, record.database))
}

/// Nothing that a copy still reads from is deleted.
fn read_from(act: &Act<'_>) -> Option<String> {
    let Happening::Gone(record, readers) = act.what else { return None };
    let reader = readers.first()?;
    Some(format!("{} was deleted, from which {reader} is still being copied", record.arn))
}

/// Nothing usable goes before its retention is over. Intermediates are kept for no time.
fn too_early(act: &Act<'_>) -> Option<String> {
    let record = act.deleted()?;
    let taken = act.held(record)?.usable_since()?;
    let keep_for = if act.book.is_copy(record) {
        act.terms.destination.retention.keep_for
    } else if record.arn.account == act.terms.homes.source.account {
        act.terms.source.retention.keep_for
    } else {
        return None;
    };
    let age = act.at - taken;
    (age + CLOCK < keep_for).then(|| {
        let (age, keep_for) = (age.num_minutes(), keep_for.num_minutes());
        format!("{} was deleted {age} min old, which is kept for {keep_for}", record.arn)
    })
}

/// Every copy in the destination account is under a key of that account.
fn foreign_key(act: &Act<'_>) -> Option<String> {
    let record = act.copied()?;
    let owner = &act.terms.homes.destination.account;
    let is_own = record.kms_key.as_ref().is_some_and(|key| key.account == *owner);
    (!is_own).then(|| format!("{} is under no key of the destination: {:?}", record.arn, record.kms_key))
}

/// Nothing from an account that is not listed is copied.
fn unlisted_account(act: &Act<'_>) -> Option<String> {
    let record = act.copied()?;
    let Happening::Begun(_, reads) = act.what else { return None };
    let root = act.book.root(record, reads.as_ref());
    (!act.terms.is_listed(&root.account))
        .then(|| format!("{} was copied from {root}, whose account is not listed", record.arn))
}

impl Act<'_> {
    /// The snapshot that is deleted by this act.
    fn deleted(&self) -> Option<&SnapshotRecord> {
        match self.what {
            Happening::Gone(record, _) => Some(record),
            _ => None,
        }
    }

    /// The copy in the destination account that begins with this act.
    fn copied(&self) -> Option<&SnapshotRecord> {
        match self.what {
            Happening::Begun(record, Some(_))
                if record.arn.account == self.terms.homes.destination.account =>
            {
                Some(record)
            }
            _ => None,
        }
    }

    fn held(&self, record: &SnapshotRecord) -> Option<&Held> {
        self.book.get(&record.arn)
    }
}
