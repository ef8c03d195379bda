//! The invariant that only snapshots of Pilot Light are deleted: those that carry one of its tags.

use pilot_light_domain::model::tags;

use super::action::Action;

/// Returns the violation of `action`, if any.
pub(super) fn check(action: &Action<'_>) -> Option<String> {
    let record = action.deleted()?;
    let is_ours =
        record.tags.has(tags::CREATED_BY, tags::TOOL) || record.tags.has(tags::COPIED_BY, tags::TOOL);
    (!is_ours).then(|| format!("{} was deleted, but it carries no tag of Pilot Light", record.arn))
}
