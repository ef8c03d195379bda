//! The option group of a copied snapshot, and the sharing of snapshots whose databases have options that stay.
//!
//! A group belongs to one account in one Region. A copy elsewhere needs a group of that place with every option that its
//! database cannot be without. AWS's message about a missing group is recorded for a copy across Regions. For a copy
//! across accounts, "Sharing a DB snapshot" requires the same; the message is *unverified* there.

use std::sync::Arc;

use super::record::{CopiedFrom, OptionGroupRecord, group_arn};
use crate::world::World;
use crate::world::api::error::{ApiError, invalid_combination, invalid_value, snapshot_state};
use crate::world::api::request::CopyDbSnapshot;
use crate::world::place::Place;
use crate::world::snapshots::record::SnapshotRecord;

impl World {
    /// The group that a copy will have. A group that is copied along is not entered yet.
    pub(in crate::world) fn target_option_group(
        &self,
        place: &Place,
        source: &SnapshotRecord,
        ask: &CopyDbSnapshot,
    ) -> Result<Option<Arc<OptionGroupRecord>>, ApiError> {
        match (&ask.option_group, ask.copy_option_group) {
            (Some(_), true) => {
                Err(invalid_combination("OptionGroupName and CopyOptionGroup cannot be used together."))
            }
            (Some(name), false) => self.named_option_group(place, source, name).map(Some),
            (None, true) => self.copied_option_group(place, source),
            (None, false) if Place::of_snapshot(&source.arn) == *place => Ok(source.option_group.clone()),
            (None, false) => check_required(source, None).map(|()| None),
        }
    }

    fn named_option_group(
        &self,
        place: &Place,
        source: &SnapshotRecord,
        name: &str,
    ) -> Result<Arc<OptionGroupRecord>, ApiError> {
        let group = self.option_group(place, name)?;
        self.check_option_group(place, Some(name), &source.shape)?;
        check_required(source, Some(&group))?;
        Ok(group)
    }

    /// `CopyOptionGroup`: AWS documents it for snapshots of Oracle that another account shares within the Region. The
    /// code of the other refusals is *unverified*.
    fn copied_option_group(
        &self,
        place: &Place,
        source: &SnapshotRecord,
    ) -> Result<Option<Arc<OptionGroupRecord>>, ApiError> {
        if source.arn.account == place.account || source.arn.region != place.region {
            return Err(invalid_combination(
                "The option group can only be copied with a snapshot that another account shares in the same Region.",
            ));
        }
        let Some(group) = &source.option_group else { return Ok(None) };
        if !group.engine.starts_with("oracle") {
            return Err(invalid_combination(format!(
                "The option group of a snapshot of {} cannot be copied.",
                group.engine
            )));
        }
        let name = self.name_of_copy(place, group);
        Ok(Some(Arc::new(OptionGroupRecord {
            arn: group_arn(place, &name),
            name,
            tags: pilot_light_domain::model::tags::Tags::new(),
            vpc: None,
            copied_from: Some(CopiedFrom {
                account: source.arn.account.to_string(),
                arn: group.arn.clone(),
                at: self.now,
            }),
            ..OptionGroupRecord::clone(group)
        })))
    }

    /// The name of an earlier copy of the group, else its own name, else a free one. *Unverified.*
    fn name_of_copy(&self, place: &Place, group: &OptionGroupRecord) -> String {
        let is_free = |name: &String| match self.option_group(place, name) {
            Ok(found) => found.copied_from.as_ref().is_some_and(|from| from.arn == group.arn),
            Err(_) => true,
        };
        let names = (0..).map(|n| if n == 0 { group.name.clone() } else { format!("{}-{n}", group.name) });
        names.into_iter().find(is_free).unwrap_or_else(|| group.name.clone())
    }

    /// Enters a group that was copied along, unless an equal copy is there.
    pub(in crate::world) fn enter_option_group(&mut self, place: &Place, group: &Arc<OptionGroupRecord>) {
        if group.copied_from.is_none() {
            return;
        }
        let is_there = |there: &OptionGroupRecord| there.options == group.options;
        if !self.option_group(place, &group.name).is_ok_and(|there| is_there(&there)) {
            self.insert_option_group(place, OptionGroupRecord::clone(group));
        }
    }
}

/// Checks that the target has every option that the database of a snapshot cannot be without.
pub(in crate::world) fn check_required(
    source: &SnapshotRecord,
    target: Option<&OptionGroupRecord>,
) -> Result<(), ApiError> {
    let Some(group) = &source.option_group else { return Ok(()) };
    let required = group.required();
    let is_there = |option: &&str| target.is_some_and(|target| target.options.contains_key(*option));
    if required.iter().all(is_there) {
        return Ok(());
    }
    Err(invalid_value(format!(
        "The snapshot requires a target option group with the following options: [{}]",
        required.join(", ")
    )))
}

/// Checks that AWS allows a snapshot to be shared at all. The code is *unverified*: of the codes in the API model of
/// `ModifyDBSnapshotAttribute` it is the only one that fits.
pub(in crate::world) fn check_can_be_shared(record: &SnapshotRecord) -> Result<(), ApiError> {
    let id = &record.arn.id;
    match record.option_group.as_ref().and_then(|group| group.unshareable()) {
        None => Ok(()),
        Some(option) => Err(snapshot_state(format!(
            "The snapshot {id} cannot be shared because its option group has the permanent or persistent option \
             {option}."
        ))),
    }
}
