//! The command `pilot-light retire`: which databases a person means, whether each may be retired, and the tags to write.
//!
//! It changes either all of them or, if one may not be retired, none. The copy worker supplies the states.

use chrono::TimeDelta;
use regex_lite::Regex;

use crate::Instant;
use crate::model::arn::SnapshotArn;
use crate::model::ids::DatabaseId;
use crate::model::incarnation::incarnations;
use crate::model::recovery_point::RecoveryPoint;
use crate::model::retirement::{Mark, Retirement, undone};
use crate::model::tags;
use crate::rules::lateness::{Kind, State};
use crate::run::error::WorkerError;
use crate::run::plan::{Action, Plan};

/// A person's wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// A database as `NAME` or `ACCOUNT/REGION/NAME`, or a regular expression that matches whole names.
    pub of: String,
    /// The change.
    pub change: Change,
    /// The person, as AWS names the credentials.
    pub by: String,
}

/// The change that a person wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Retire the databases, with an end if one is given.
    Retire(Option<Instant>),
    /// Undo their retirement.
    Undo,
}

/// A database that the destination knows.
#[derive(Debug, Clone)]
pub struct Known {
    /// The database.
    pub database: DatabaseId,
    /// Its state.
    pub state: State,
    /// Its copies.
    pub copies: Vec<RecoveryPoint>,
    /// The time of its newest snapshot that may be copied.
    pub newest_offer: Option<Instant>,
    /// True if a snapshot of it is being taken, or a copy is on its way.
    pub is_under_way: bool,
    /// Its snapshots, or those that may be of it, that are offered and cannot be copied as they are.
    pub stuck: Vec<Stuck>,
}

/// A snapshot that is offered and cannot be copied as it is, for example because its record cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    /// Its ARN, or the best name that it has.
    pub name: String,
    /// The time that AWS gives for it.
    pub time: Option<Instant>,
    /// The reason why it cannot be copied.
    pub problem: String,
}

/// A tag to write on a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The verb: `retire` or `undo`.
    verb: &'static str,
    /// The database.
    pub database: DatabaseId,
    /// The copy.
    pub arn: SnapshotArn,
    /// The value of the tag `Retired`.
    pub value: String,
}

impl Action for Tag {
    fn verb(&self) -> &'static str {
        self.verb
    }

    fn subject(&self) -> String {
        self.database.to_string()
    }

    fn detail(&self) -> String {
        format!("tag {}='{}' on its copy {}", tags::RETIRED, self.value, self.arn.id)
    }
}

/// The tags to write.
///
/// # Errors
/// `InvalidInput` with every problem: no database of that name, one that is still offered, one that has no copy to tag, none
/// to undo that is retired, or an end that has passed.
pub fn decide(
    known: &[Known],
    wish: &Wish,
    limit: TimeDelta,
    now: Instant,
) -> Result<Plan<Tag>, WorkerError> {
    let refuse = |problem: String| Err(WorkerError::InvalidInput(format!("{problem}; nothing was changed")));
    if let Change::Retire(Some(until)) = wish.change
        && until <= now
    {
        return refuse(format!("the end {until} has passed; give a later one"));
    }
    let meant = match meant(known, &wish.of) {
        Ok(meant) => meant,
        Err(problem) => return refuse(problem),
    };
    let mut plan = Plan::default();
    let mut problems = Vec::new();
    for known in meant {
        match of_one(known, wish, limit, now) {
            Ok(tags) => plan.actions.extend(tags),
            Err(problem) => problems.push(format!("{}: {problem}", known.database)),
        }
    }
    // Of an undo that stopped halfway, the same command does the rest.
    let is_rest_of_undo = wish.change == Change::Undo && !plan.actions.is_empty();
    if problems.is_empty() || is_rest_of_undo { Ok(plan) } else { refuse(problems.join("; ")) }
}

/// The databases that a text means. A name comes before a pattern.
fn meant<'a>(known: &'a [Known], of: &str) -> Result<Vec<&'a Known>, String> {
    let is_named = |known: &&Known| known.database.to_string() == of || known.database.name.as_str() == of;
    let named: Vec<_> = known.iter().filter(is_named).collect();
    if !named.is_empty() {
        return Ok(named);
    }
    let is_name = of.bytes().all(|letter| letter.is_ascii_alphanumeric() || b"-/".contains(&letter));
    if !is_name {
        let regex = Regex::new(&format!("^(?:{of})$"));
        let regex = regex.map_err(|error| format!("'{of}' is not a regular expression ({error})"))?;
        let matched: Vec<_> =
            known.iter().filter(|known| regex.is_match(known.database.name.as_str())).collect();
        if !matched.is_empty() {
            return Ok(matched);
        }
    }
    Err(format!("there is no copy of a database '{of}' here; {}", similar(known, of)))
}

/// The most names that a message lists.
const LISTED: usize = 10;

/// The names that are most similar.
fn similar(known: &[Known], of: &str) -> String {
    if known.is_empty() {
        return "this account and Region have copies of none".to_owned();
    }
    let likeness = |known: &Known| strsim::jaro_winkler(known.database.name.as_str(), of);
    let mut names: Vec<_> = known.iter().map(|known| (likeness(known), known.database.to_string())).collect();
    names.sort_by(|(a, one), (b, other)| b.total_cmp(a).then_with(|| one.cmp(other)));
    let more = names.len().saturating_sub(LISTED);
    let listed: Vec<_> = names.into_iter().take(LISTED).map(|(_, name)| name).collect();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("the most similar ones are {}{more}", listed.join(", "))
}

fn of_one(known: &Known, wish: &Wish, limit: TimeDelta, now: Instant) -> Result<Vec<Tag>, String> {
    let copies: Vec<_> = known.copies.iter().collect();
    let all = incarnations(&copies);
    let Some(last) = all.last() else {
        return Err("it has no usable copy, and only a copy can be tagged".to_owned());
    };
    let points = || last.points.iter().rev().map(|(point, _)| *point);
    let marked = points().filter(|point| Mark::of(point) != Mark::None);
    let tag = |verb, value: &str, point: &RecoveryPoint| Tag {
        verb,
        database: known.database.clone(),
        arn: point.snapshot.arn.clone(),
        value: value.to_owned(),
    };
    match wish.change {
        Change::Undo => {
            let value = undone(now, &wish.by);
            let every = all.iter().rev().flat_map(|incarnation| incarnation.points.iter().rev());
            let every = every.map(|(point, _)| *point).filter(|point| Mark::of(point) != Mark::None);
            let tags: Vec<_> = every.map(|point| tag("undo", &value, point)).collect();
            if tags.is_empty() { Err("it is not retired".to_owned()) } else { Ok(tags) }
        }
        Change::Retire(until) => {
            if let Some(offered) = still_offered(known, limit, now) {
                return Err(offered);
            }
            let bearer = points().find(|point| Mark::can_be_on(point));
            let Some(bearer) = bearer else {
                return Err("it has no copy that Pilot Light made under this name".to_owned());
            };
            let value = Retirement { since: now, by: wish.by.clone(), until }.to_string();
            // A mark that cannot be read would keep the new one from having an effect.
            let odd = marked.filter(|point| matches!(Mark::of(point), Mark::Unreadable(_)));
            let odd = odd.filter(|point| point.snapshot.arn != bearer.snapshot.arn);
            Ok([bearer].into_iter().chain(odd).map(|point| tag("retire", &value, point)).collect())
        }
    }
}

const ADVICE: &str =
    "to leave it out for good, use SnapshotExclusion here or InstanceNameExclusion in the source account";

/// The refusal of a database that is still offered.
///
/// A snapshot that has been copied stays offered as long as the source account keeps it, also after its database was stopped or
/// deleted. So only a snapshot that is newer than the copies, or younger than the target, shows that the database is there.
fn still_offered(known: &Known, limit: TimeDelta, now: Instant) -> Option<String> {
    if known.state.kind == Kind::LeftOut {
        return None;
    }
    let offer = known.newest_offer;
    if let Some(time) = offer.filter(|time| Some(*time) > known.state.newest) {
        return Some(format!("it is still offered: a snapshot of {time} is newer than its copies; {ADVICE}"));
    }
    if known.is_under_way {
        return Some(format!("it is still offered: a snapshot or a copy of it is in progress; {ADVICE}"));
    }
    if let Some(stuck) = still_stuck(known, limit, now) {
        return Some(stuck);
    }
    let ends = offer.map(|time| time + limit).filter(|ends| *ends > now)?;
    Some(format!(
        "it is still offered: its newest snapshot is younger than RpoTarget; {ADVICE}; if it was stopped or deleted just now, try again after {ends}"
    ))
}

/// The refusal because of a snapshot that cannot be copied. Without a time, it may be of now.
fn still_stuck(known: &Known, limit: TimeDelta, now: Instant) -> Option<String> {
    let is_old = |time: Instant| Some(time) <= known.state.newest && time + limit <= now;
    let Stuck { name, problem, .. } = known.stuck.iter().find(|stuck| !stuck.time.is_some_and(is_old))?;
    Some(format!(
        "it is still offered, as far as can be seen: the snapshot {name} cannot be copied ({problem}); if the database is gone, delete that snapshot in the source account, or stop sharing it; {ADVICE}"
    ))
}

#[cfg(test)]
mod tests;
