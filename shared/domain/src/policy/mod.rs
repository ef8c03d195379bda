//! The policies: a worker's parameters, read and checked as a whole before anything is done.

mod destination;
mod keys;
mod reader;
mod recovery;
mod source;

pub use destination::DestinationPolicy;
pub use keys::PerDatabase;
pub use recovery::RecoveryPolicy;
pub use source::SourcePolicy;

use std::collections::BTreeSet;

use chrono::TimeDelta;

use self::reader::Reader;
use crate::model::duration::{BareUnit, parse_duration};
use crate::model::ids::{AccountId, InvalidId, Region};

/// The Region in the parameter `name`. Without the parameter, it is the worker's own Region.
fn lookup_region(reader: &mut Reader<'_>, name: &'static str, own: &Region) -> Region {
    reader.optional(name, Region::new).unwrap_or_else(|| own.clone())
}

/// Account ids, separated by commas. AWS shares a snapshot with at most 20 accounts.
fn parse_accounts(text: &str) -> Result<BTreeSet<AccountId>, String> {
    let accounts: Result<BTreeSet<_>, InvalidId> =
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(AccountId::new).collect();
    let accounts = accounts.map_err(|error| error.to_string())?;
    if accounts.len() > 20 { Err("give 20 accounts at most".to_owned()) } else { Ok(accounts) }
}

/// The number of points to keep whatever their age. It is at least 1: the newest point always stays.
fn parse_keep_last(text: &str) -> Result<usize, &'static str> {
    let number = text.parse().ok().filter(|number| (1..=10_000).contains(number));
    number.ok_or("give a whole number from 1 to 10000")
}

/// The number of days of which the newest point stays, at most about ten years.
fn parse_keep_daily(text: &str) -> Result<usize, &'static str> {
    let number = text.parse().ok().filter(|number| *number <= 3660);
    number.ok_or("give a whole number of days from 0 to 3660")
}

/// Checks the parameters that no plan uses. The bootstrap applies `LogLevel`, whose values are the names of Python's
/// logging. Returns `RpoTarget`, which only the copy worker uses.
fn check_common(reader: &mut Reader<'_>) -> Option<TimeDelta> {
    const LEVELS: [&str; 5] = ["CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG"];
    let level = |text: &str| {
        if LEVELS.contains(&text) { Ok(()) } else { Err("give CRITICAL, ERROR, WARNING, INFO or DEBUG") }
    };
    reader.defaulted("LogLevel", "ERROR", level);
    reader.defaulted("RtoTarget", "3h", |text| parse_duration(text, BareUnit::Hours));
    reader.defaulted("RpoTarget", "1h", |text| parse_duration(text, BareUnit::Hours))
}
