//! The snapshots that are our own: those that Pilot Light or an older tool took or copied, and those that a person tagged.
//!
//! One tag is no proof. A person who copies one of our own snapshots with its tags (`CopyTags`) gets a snapshot that has all
//! of them, and it must be left alone. Its name and its source, however, do not agree with its tags:
//! - Pilot Light and the older tool name a snapshot after its database and its tag `CreatedOn`, and a copy after its origin.
//! - AWS names the source of a copy across accounts or Regions. A copy of our own comes from its origin or from the
//!   intermediate in the Region of the origin.

use crate::model::arn::SnapshotArn;
use crate::model::copy_name;
use crate::model::copy_name::CopyName;
use crate::model::naming;
use crate::model::naming::Agreement;
use crate::model::snapshot::Snapshot;
use crate::model::tags;

/// The end of the name of a re-encrypted twin.
const TWIN: &str = "-shared";

/// The beginning of the names that Onica's functions give. They set no tags, and a person tags their snapshots.
const ONICA: &str = "lambda-dr-snapshot-";

/// The name of the re-encrypted twin of the snapshot `source`, before it is cut to AWS's limit.
#[must_use]
pub fn name_of_twin(source: &str) -> String {
    format!("{source}{TWIN}")
}

impl Snapshot {
    /// True if Pilot Light or an older tool took it: `CreatedBy`, and a name that agrees with `CreatedOn`.
    ///
    /// A copy that merely carries these tags over does not count. A snapshot with `CreatedBy` and without `CreatedOn` was
    /// tagged by a person so that it counts.
    #[must_use]
    pub fn is_taken_by_us(&self) -> bool {
        self.tags.has(tags::CREATED_BY, tags::TOOL)
            && !self.tags.has(tags::COPIED_BY, tags::TOOL)
            && self.copied_from.is_none()
            && self.has_name_of_taken()
    }

    /// True if Pilot Light or an older tool copied it: `CopiedBy`, and a name and a source that agree with the other tags.
    #[must_use]
    pub fn is_copied_by_us(&self) -> bool {
        self.tags.has(tags::COPIED_BY, tags::TOOL)
            && match self.tags.get(tags::SOURCE_SNAPSHOT_ARN) {
                Some(origin) => self.is_copy_of(origin),
                None => self.is_copy_of_older_tool(),
            }
    }

    fn has_name_of_taken(&self) -> bool {
        if let Some(source) = self.tags.get(tags::SOURCE_SNAPSHOT_ARN) {
            let Ok(source) = source.parse::<SnapshotArn>() else { return false };
            let twin = name_of_twin(source.id.as_str());
            let name = CopyName::plain(&twin, self.arn.kind);
            return self.arn.is_beside(&source) && name.attempt_of(&self.arn.id).is_some();
        }
        let agrees =
            |stamp| naming::agrees_with_snapshot(&self.arn.id, &self.database, stamp) != Agreement::None;
        self.tags.get(tags::CREATED_ON).is_none_or(agrees)
    }

    /// True if this is a copy of the snapshot with the ARN `origin`, made by one hop or by two.
    ///
    /// AWS may omit the source of a copy. No two snapshots of a place have one name, so the name of the origin is then enough.
    /// With any other name, our tag must contain that name: a person's copy within the place has the tag of its source.
    fn is_copy_of(&self, origin: &str) -> bool {
        // Usually the source is the origin, and then thousands of ARNs need not be parsed.
        let (origin, is_direct) = match &self.copied_from {
            Some(from) if from.is_written(origin) => (from.clone(), true),
            _ => match origin.parse::<SnapshotArn>() {
                Ok(parsed) => (parsed, false),
                Err(_) => return false,
            },
        };
        let agreement = |arn: &SnapshotArn| copy_name::agreement(&arn.id, &origin);
        let is_intermediate = |from: &SnapshotArn| {
            from.account == self.arn.account
                && from.region == origin.region
                && self.arn.region != origin.region
                && agreement(from) != Agreement::None
        };
        if self.tags.contains_key(tags::INTERMEDIATE_FOR) && self.arn.region != origin.region {
            return self.is_finished_by_older_tool(&origin);
        }
        let named = self.tags.get(tags::COPY_NAME);
        let is_named = named == Some(self.arn.id.as_str());
        (named.is_none() || is_named)
            && match (&self.copied_from, agreement(&self.arn)) {
                (_, Agreement::None) => false,
                (None, Agreement::Exact) => true,
                (None, Agreement::Extended) => is_named,
                (Some(from), _) => is_direct || is_intermediate(from),
            }
    }

    /// True for the copy of an intermediate of Pilot Light that the older tool made in the Region that the intermediate is
    /// for. The older tool finds intermediates by their names, and it copies all tags.
    ///
    /// An intermediate itself is in the Region of its origin. Any other copy with its tags is one that a person made.
    fn is_finished_by_older_tool(&self, origin: &SnapshotArn) -> bool {
        let is_its = |from: &SnapshotArn| {
            from.account == self.arn.account && from.region == origin.region && from.id == self.arn.id
        };
        self.tags.has(tags::INTERMEDIATE_FOR, self.arn.region.as_str())
            && copy_name::agreement(&self.arn.id, origin) != Agreement::None
            && self.copied_from.as_ref().is_some_and(is_its)
    }

    /// True for a copy that an older tool may have made. Those copies have no other tag, and the name of their source.
    fn is_copy_of_older_tool(&self) -> bool {
        let has_stamp = || {
            let name = self.arn.id.as_str().strip_prefix(self.database.as_str());
            name.and_then(|rest| naming::parse_timestamp(rest.strip_prefix('-')?)).is_some()
        };
        match &self.copied_from {
            Some(from) => from.id == self.arn.id,
            None => has_stamp() || self.arn.id.as_str().starts_with(ONICA),
        }
    }
}

#[cfg(test)]
mod tests;
