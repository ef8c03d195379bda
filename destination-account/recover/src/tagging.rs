//! The tags on everything that recovery creates. Later calls recognize their resources by these tags.

use chrono::SecondsFormat;
use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::tags;
pub(crate) use pilot_light_domain::model::tags::RESTORED_FROM;
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::recovery::{Change, DbInstance};

use crate::facts::Setting;
use crate::identity::Recovery;

/// The id of the recovery that created a resource: the name of its first execution.
pub(crate) const RECOVERY: &str = "PilotLightRecovery";
/// The start of that recovery, RFC 3339.
pub(crate) const STARTED: &str = "PilotLightStarted";
/// The time at which everything of that recovery was up, RFC 3339. It is then never continued.
pub(crate) const ENDED: &str = "PilotLightEnded";
/// A hash of that recovery's manifest.
pub(crate) const MANIFEST: &str = "PilotLightManifest";
/// The time of the data in a restored instance: when the snapshot's original was taken, RFC 3339.
pub(crate) const DATA_TIME: &str = "PilotLightDataTime";
/// The resource id of the instance that the new instance of a refresh replaces.
pub(crate) const REPLACES: &str = "PilotLightReplaces";
/// The time at which a recovery requested the standby of a usable instance, RFC 3339.
pub(crate) const STANDBY: &str = "PilotLightStandby";
/// The time at which a recovery requested that it takes over from the database that it follows, RFC 3339.
pub(crate) const PROMOTED: &str = "PilotLightPromoted";
/// The name of the manifest's resource for which it was created.
pub(crate) const RESOURCE: &str = "PilotLightResource";
/// The name of the database, on the instance that a drill restored.
pub(crate) const DRILL: &str = "PilotLightDrill";
/// The value `YES`, on an instance that a refresh may replace. People set this tag.
pub(crate) const REFRESHABLE: &str = "PilotLightRefreshable";
/// The name that an instance restored by a refresh gets in the end.
pub(crate) const REFRESH_OF: &str = "PilotLightRefreshOf";
/// The name of the refreshed instance, on its final snapshot. An instance never has this tag, because AWS may copy an
/// instance's tags to the snapshots that people take of it.
pub(crate) const REFRESHED: &str = "PilotLightRefreshed";

/// The tags of everything that this recovery creates for this resource.
pub(crate) fn ours(setting: &Setting) -> Tags {
    let Recovery { id, started, manifest } = &setting.recovery;
    tags::of([
        (RECOVERY, value(id).as_str()),
        (RESOURCE, &value(&setting.resource)),
        (STARTED, &time(*started)),
        (MANIFEST, manifest),
    ])
}

/// The change that adds a tag to a database of a recovery. The role may set only tags that name the recovery in the same request.
pub(crate) fn add(database: &DatabaseArn, recovery: &str, tag: (&str, &str)) -> Change {
    let tags = tags::of([(RECOVERY, value(recovery).as_str()), tag]);
    Change::TagDatabase { database: database.clone(), tags }
}

/// True if this recovery created something with these tags for this resource.
pub(crate) fn are_ours(tags: &Tags, setting: &Setting) -> bool {
    // The name of an execution may be used again after 90 days.
    let started = tags.get(STARTED).is_none_or(|text| text == time(setting.recovery.started));
    started
        && tags.has(RECOVERY, &value(&setting.recovery.id))
        && tags.has(RESOURCE, &value(&setting.resource))
}

/// The start of the recovery that created something with these tags.
pub(crate) fn started(tags: &Tags) -> Option<Instant> {
    tags.get(STARTED)?.parse().ok()
}

/// A time as the value of a tag.
pub(crate) fn time(at: Instant) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// True if an instance has the tag with that value.
pub(crate) fn has(instance: &DbInstance, key: &str, text: &str) -> bool {
    instance.tags.get(key).is_some_and(|found| *found == value(text))
}

/// `text` in the characters that AWS allows in the value of a tag.
pub(crate) fn value(text: &str) -> String {
    let text: String =
        text.chars().map(|c| if is_allowed(c) { c } else { '-' }).take(tags::LONGEST_VALUE).collect();
    if is_reserved(&text) { text.replacen(':', "-", 1) } else { text }
}

/// True for the characters that AWS allows in a tag: letters, digits, spaces and `_.:/=+-@`.
pub(crate) fn is_allowed(c: char) -> bool {
    let is_space = c.is_whitespace() && !c.is_control();
    c.is_alphanumeric() || is_space || "_.:/=+-@".contains(c)
}

/// True if AWS keeps the beginning of a key or a value for itself.
pub(crate) fn is_reserved(text: &str) -> bool {
    ["aws:", "rds:"].iter().any(|start| begins(text, start))
}

/// True if `text` begins with `start`, in upper or lower case.
pub(crate) fn begins(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start))
}

/// `text` in the characters that CloudWatch allows in a dimension: ASCII.
pub(crate) fn ascii(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_free_text_becomes_a_valid_tag_value() {
        assert_eq!(value("Promote orders (mysql)!"), "Promote orders -mysql--");
        assert_eq!(value("AWS: orders"), "AWS- orders");
        assert_eq!(value("arn:aws:rds:us-east-1:1:db:x_1"), "arn:aws:rds:us-east-1:1:db:x_1");
    }
}
