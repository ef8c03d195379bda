//! What the parameters ask for, read and checked as a whole before anything is done.

mod destination;
mod duration;
mod keys;
mod reader;
mod recovery;
mod source;

pub use destination::DestinationPolicy;
pub use duration::{BareUnit, parse_duration};
pub use keys::PerDatabase;
pub use recovery::RecoveryPolicy;
pub use source::SourcePolicy;

use std::collections::BTreeSet;

use self::reader::Reader;
use crate::model::ids::{AccountId, InvalidId, Region};

/// A Region that may be given, else the one the worker runs in.
fn lookup_region(reader: &mut Reader<'_>, name: &'static str, own: &Region) -> Region {
    reader.optional(name, Region::new).unwrap_or_else(|| own.clone())
}

/// Account ids, separated by commas; AWS shares a snapshot with 20 at most.
fn parse_accounts(text: &str) -> Result<BTreeSet<AccountId>, String> {
    let accounts: Result<BTreeSet<_>, InvalidId> =
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(AccountId::new).collect();
    let accounts = accounts.map_err(|error| error.to_string())?;
    if accounts.len() > 20 { Err("give 20 accounts at most".to_owned()) } else { Ok(accounts) }
}

/// How many points to keep whatever their age: at least the newest.
fn parse_keep_last(text: &str) -> Result<usize, &'static str> {
    let number = text.parse().ok().filter(|number| (1..=10_000).contains(number));
    number.ok_or("give a whole number from 1 to 10000")
}

/// Of how many days the newest point stays; ten years at most.
fn parse_keep_daily(text: &str) -> Result<usize, &'static str> {
    let number = text.parse().ok().filter(|number| *number <= 3660);
    number.ok_or("give a whole number of days from 0 to 3660")
}

/// Checks what no plan asks for: `LogLevel`, which the bootstrap applies (the names are those of Python's
/// logging), and the objectives, which alarms and reports are held against.
fn check_common(reader: &mut Reader<'_>) {
    const LEVELS: [&str; 5] = ["CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG"];
    let level = |text: &str| {
        if LEVELS.contains(&text) { Ok(()) } else { Err("give CRITICAL, ERROR, WARNING, INFO or DEBUG") }
    };
    reader.defaulted("LogLevel", "ERROR", level);
    reader.defaulted("RpoTarget", "1h", |text| parse_duration(text, BareUnit::Hours));
    reader.defaulted("RtoTarget", "3h", |text| parse_duration(text, BareUnit::Hours));
}
