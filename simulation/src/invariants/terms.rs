//! The terms of a simulation that the invariants apply: the values of both accounts, and the ages that are allowed.
//!
//! The values are read from the parameters here, and not by the workers' own policies.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::ids::AccountId;

use crate::homes::Homes;

/// The parameters of an account as they are written.
pub(crate) type Written = BTreeMap<String, String>;

/// The terms of one simulation.
#[derive(Debug)]
pub(crate) struct Terms {
    pub(crate) homes: Homes,
    /// The accounts whose snapshots may be copied.
    pub(crate) sources: BTreeSet<AccountId>,
    /// The rules by which the source's snapshots are kept.
    pub(crate) source: Keep,
    /// The rules by which the copies are kept.
    pub(crate) destination: Keep,
    /// `RpoTarget`.
    pub(crate) rpo: TimeDelta,
    pub(crate) ages: Allowed,
    /// Whether AWS deletes failed snapshots.
    pub(crate) failed_can_be_deleted: bool,
}

/// The ages that are allowed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowed {
    /// The worst age that the schedule allows. It is also the time for the first copy of a database, counted from the
    /// instant at which the database became available: its first snapshot is due no later than one snapshot after another
    /// of the same database, and the rest of the way is the same.
    pub(crate) bound: TimeDelta,
    /// The time from which the bound holds. By then the faults have been over for long enough.
    pub(crate) holds_from: Instant,
    /// The longest time that a snapshot takes. Where AWS does not show the time of the data, the workers can only know
    /// when the snapshot was complete.
    pub(crate) snapshot: TimeDelta,
}

/// The rules by which one account's recovery points are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Keep {
    /// False if nothing may be deleted.
    pub(crate) may_delete: bool,
    /// `RetentionDays`.
    pub(crate) keep_for: TimeDelta,
    /// `KeepLast`.
    pub(crate) keep_last: usize,
    /// `KeepDaily`.
    pub(crate) keep_daily: usize,
}

/// The part of the world that AWS's lists show to a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Visibility {
    /// AWS lists everything, with its tags.
    Complete,
    /// AWS does not list something yet.
    Incomplete,
}

impl Terms {
    /// The terms that the parameters of both accounts state.
    ///
    /// # Errors
    /// The name and the value of a parameter that cannot be read.
    pub(crate) fn read(
        homes: &Homes,
        source: &Written,
        destination: &Written,
        ages: Allowed,
    ) -> Result<Self, String> {
        let accounts = destination.get("SourceAccounts").map_or("", String::as_str);
        let sources: Result<_, _> =
            accounts.split(',').map(|account| account.trim().parse::<AccountId>()).collect();
        Ok(Self {
            homes: homes.clone(),
            sources: sources.map_err(|error| format!("SourceAccounts is '{accounts}': {error}"))?,
            source: Keep::read(source)?,
            destination: Keep::read(destination)?,
            rpo: span_of(destination, ("RpoTarget", "1h"), 60)?,
            ages,
            failed_can_be_deleted: true,
        })
    }
}

impl Keep {
    fn read(written: &Written) -> Result<Self, String> {
        let value = |name: &str, default: &str| given(written, name).unwrap_or(default).to_ascii_lowercase();
        let number = |name: &str, default: &str| {
            let text = value(name, default);
            text.parse::<usize>().map_err(|_| format!("{name} is '{text}': give a whole number"))
        };
        Ok(Self {
            may_delete: !matches!(value("DeleteOldSnapshots", "true").as_str(), "false" | "no"),
            keep_for: span_of(written, ("RetentionDays", "7"), 24 * 60)?,
            keep_last: number("KeepLast", "1")?,
            keep_daily: number("KeepDaily", "0")?,
        })
    }
}

/// The value of a parameter. `None` means that none is given.
fn given<'a>(written: &'a Written, name: &str) -> Option<&'a str> {
    let text = written.get(name)?.trim();
    (!text.is_empty() && !text.eq_ignore_ascii_case("none")).then_some(text)
}

/// The duration that a parameter or its default states: a number with one of the units `d`, `h` and `m`, or a bare number
/// of `bare` minutes each.
fn span_of(written: &Written, (name, default): (&str, &str), bare: i64) -> Result<TimeDelta, String> {
    let text = given(written, name).unwrap_or(default);
    let unit = match text.chars().last() {
        Some('d') => 24 * 60,
        Some('h') => 60,
        Some('m') => 1,
        _ => bare,
    };
    let number = text.trim_end_matches(['d', 'h', 'm']).parse::<i64>();
    let number = number.map_err(|_| format!("{name} is '{text}': give a duration"))?;
    Ok(TimeDelta::minutes(number * unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keep(pairs: &[(&str, &str)]) -> Result<Keep, String> {
        Keep::read(&pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn the_rules_of_retention_are_read_from_the_parameters() {
        let given = [("RetentionDays", "12h"), ("KeepDaily", "7"), ("DeleteOldSnapshots", "FALSE")];
        let read = Keep { may_delete: false, keep_for: TimeDelta::hours(12), keep_last: 1, keep_daily: 7 };
        assert_eq!(keep(&given), Ok(read));
        let defaults = Keep { may_delete: true, keep_for: TimeDelta::days(7), keep_last: 1, keep_daily: 0 };
        assert_eq!(keep(&[]), Ok(defaults));
        assert_eq!(keep(&[("RetentionDays", "90m")]).unwrap().keep_for, TimeDelta::minutes(90));
        assert_eq!(
            keep(&[("RetentionDays", "soon")]),
            Err("RetentionDays is 'soon': give a duration".to_owned())
        );
    }
}
