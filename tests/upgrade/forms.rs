//! The form of a snapshot: everything that another version reads from it, without the digits.

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;

use crate::point::Point;
use crate::rules::is_ours;

/// The tags that only later versions write, and that 0.1.0 does not read: that of the user's databases, and those of the
/// promised retention and of the instance.
const UNREAD: [&str; 3] = ["Team", "PromisedRetention", "SourceResourceId"];

/// The forms of our own snapshots, by account and Region.
pub(crate) fn forms<'a>(points: impl Iterator<Item = &'a Point>) -> BTreeMap<String, BTreeSet<String>> {
    let mut forms: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for point in points.filter(|point| is_ours(point)) {
        let (account, region) = point.place();
        forms.entry(format!("{account} in {region}")).or_default().insert(form(point));
    }
    forms
}

/// The name, the origin, the owner of the key, and the tags. A time is a time, a database is a database, and each digit
/// is a zero.
pub(crate) fn form(point: &Point) -> String {
    let blank = |text: &str| blank(text, &point.database);
    let own = point.tags.iter().filter(|(key, _)| !UNREAD.contains(&key.as_str()));
    let tags: Vec<String> = own.map(|(key, value)| format!("{key}={}", blank(value))).collect();
    let from = point.copied_from.as_deref().map(blank);
    let owner = point.kms_key.as_deref().and_then(|key| key.split(':').nth(4));
    let shared = point.shared_with.join(" ");
    let (name, tags) = (blank(point.id()), tags.join(", "));
    format!("{name}, from {from:?}, under a key of {owner:?}, shared with [{shared}], tags {tags}")
}

fn blank(text: &str, database: &str) -> String {
    if DateTime::parse_from_rfc3339(text).is_ok() {
        return "TIME".to_owned();
    }
    let digits: String = text.chars().map(|one| if one.is_ascii_digit() { '0' } else { one }).collect();
    // A name that is taken already gets a number at its end.
    let numbered = digits.strip_suffix("00-00-0").map(|start| format!("{start}00-00"));
    numbered.unwrap_or(digits).replace(database, "DATABASE")
}
