//! The tags on what recovery creates, by which the next call knows it again.

use pilot_light_domain::model::tags;
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::recovery::DbInstance;

use crate::facts::Setting;

/// The execution that created it.
pub(crate) const RECOVERY: &str = "PilotLightRecovery";
/// The resource of the manifest it was created for.
pub(crate) const RESOURCE: &str = "PilotLightResource";
/// The ARN of the snapshot it was restored from.
pub(crate) const RESTORED_FROM: &str = "RestoredFrom";
/// On what a drill restored: the database.
pub(crate) const DRILL: &str = "PilotLightDrill";
/// On an instance that may be replaced by a refresh: value `YES`, put there by people.
pub(crate) const REFRESHABLE: &str = "PilotLightRefreshable";
/// On what a refresh restored: the name it is to have.
pub(crate) const REFRESH_OF: &str = "PilotLightRefreshOf";
/// On the final snapshot of an instance that was refreshed: its name. Never on an instance, whose tags AWS may copy to
/// the snapshots that people take of it.
pub(crate) const REFRESHED: &str = "PilotLightRefreshed";

/// The tags of everything that this execution creates for this resource.
pub(crate) fn ours(setting: &Setting) -> Tags {
    tags::of([(RECOVERY, &value(&setting.execution)), (RESOURCE, &value(&setting.resource))])
}

/// True if an instance has the tag with that value.
pub(crate) fn has(instance: &DbInstance, key: &str, text: &str) -> bool {
    instance.tags.get(key).is_some_and(|found| *found == value(text))
}

/// `text` as AWS takes it in a tag: letters, digits, spaces and `_.:/=+-@`.
pub(crate) fn value(text: &str) -> String {
    let allowed = |c: char| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c);
    text.chars().map(|c| if allowed(c) { c } else { '-' }).take(256).collect()
}

/// `text` as CloudWatch takes it for a dimension: ASCII.
pub(crate) fn ascii(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_free_text_becomes_a_tag() {
        assert_eq!(value("Promote orders (mysql)!"), "Promote orders -mysql--");
        assert_eq!(value("arn:aws:rds:us-east-1:1:db:x_1"), "arn:aws:rds:us-east-1:1:db:x_1");
    }
}
