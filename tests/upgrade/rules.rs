//! The rules of 0.1.0 about snapshots, written down again from its documents: which ones are its own, what each is a
//! copy of, and which ones stay. These rules never change.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use pilot_light_domain::aws::cloud::Parameters;

use crate::frozen::{BETWEEN, DESTINATION, SOURCE};
use crate::point::{Point, TOOL};

/// All snapshots, by ARN.
pub(crate) type Points = BTreeMap<String, Point>;

/// The retention of one account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Retention {
    keep_for: TimeDelta,
    keep_last: usize,
    keep_daily: usize,
}

impl Retention {
    /// The retention of the frozen parameters.
    pub(crate) fn of(parameters: &Parameters) -> Self {
        let number = |name: &str| parameters.get(name).map_or(0, |text| text.parse().unwrap());
        let hours = parameters["RetentionDays"].strip_suffix('h').unwrap().parse().unwrap();
        Self {
            keep_for: TimeDelta::hours(hours),
            keep_last: number("KeepLast"),
            keep_daily: number("KeepDaily"),
        }
    }
}

/// True if 0.1.0 manages the snapshot: it carries the tag of a tool, on either side.
pub(crate) fn is_ours(point: &Point) -> bool {
    let is_taken = point.tag("CreatedBy") == Some(TOOL) && point.tag("CopiedBy").is_none();
    let tagged = if point.place() == SOURCE { is_taken } else { point.tag("CopiedBy") == Some(TOOL) };
    tagged && !point.automated
}

/// The snapshot of the source that this is a copy of: our tag, else AWS's field, else the one of the same name.
pub(crate) fn origin(point: &Point) -> String {
    let source = format!("arn:aws:rds:{}:{}:snapshot:", SOURCE.1, SOURCE.0);
    let by_aws = point.copied_from.clone().filter(|arn| arn.starts_with(&source));
    let tagged = point.tag("SourceSnapshotArn").map(str::to_owned);
    tagged.or(by_aws).unwrap_or_else(|| format!("{source}{}", point.id()))
}

/// The reason for which 0.1.0 kept a snapshot at `now`; `None` if it deleted it.
pub(crate) fn reason_to_keep(
    point: &Point,
    all: &Points,
    retention: Retention,
    now: DateTime<Utc>,
) -> Option<&'static str> {
    let here = || all.values().filter(|other| other.place() == point.place());
    let is_reader = |other: &Point| {
        let from = [other.copied_from.as_deref(), other.tag("SourceSnapshotArn")];
        other.is_in_progress() && from.contains(&Some(point.arn.as_str()))
    };
    match point {
        _ if !is_ours(point) => Some("it is not ours"),
        _ if all.values().any(is_reader) => Some("a copy reads from it"),
        _ if point.status == "failed" => None,
        _ if point.status != "available" => Some("it is in progress"),
        _ if point.place() == BETWEEN => reason_to_keep_between(point, all),
        _ => expired(point, here(), retention, now),
    }
}

/// An intermediate stays until a copy that is at least as new is complete in the destination, or until a newer
/// intermediate is.
fn reason_to_keep_between(point: &Point, all: &Points) -> Option<&'static str> {
    let is_replaced = all.values().any(|other| {
        let is_newer = match other.place() {
            DESTINATION => other.taken >= point.taken,
            BETWEEN => other.taken > point.taken,
            _ => false,
        };
        other.database == point.database && other.is_usable() && is_ours(other) && is_newer
    });
    if is_replaced { None } else { Some("nothing replaces this intermediate yet") }
}

fn expired<'a>(
    point: &Point,
    here: impl Iterator<Item = &'a Point>,
    retention: Retention,
    now: DateTime<Utc>,
) -> Option<&'static str> {
    let Some(taken) = point.taken else { return Some("its time is unknown") };
    let same = here.filter(|other| is_ours(other) && other.database == point.database && other.is_usable());
    let mut times: Vec<DateTime<Utc>> = same.filter_map(|other| other.taken).collect();
    times.sort_unstable_by(|a, b| b.cmp(a));
    let newer = times.iter().filter(|time| **time > taken).count();
    let mut days: BTreeMap<NaiveDate, DateTime<Utc>> = BTreeMap::new();
    for time in &times {
        days.entry(time.date_naive()).or_insert(*time);
    }
    let dailies: BTreeSet<DateTime<Utc>> = days.into_values().rev().take(retention.keep_daily).collect();
    match () {
        () if now - taken <= retention.keep_for => Some("RetentionDays"),
        () if newer < retention.keep_last.max(1) => Some("KeepLast"),
        () if dailies.contains(&taken) => Some("KeepDaily"),
        () => None,
    }
}
