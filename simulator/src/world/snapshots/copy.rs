//! `CopyDBSnapshot`: copies a snapshot across accounts, across Regions, or both, with the key that AWS requires.

use std::collections::BTreeSet;
use std::sync::Arc;

use pilot_light_domain::model::arn::{KmsKeyArn, SnapshotArn};
use pilot_light_domain::model::ids::DatabaseKind;
use pilot_light_domain::model::snapshot::SnapshotStatus;
use pilot_light_domain::model::tags::Tags;

use super::custom;
use super::record::{SnapshotOrigin, SnapshotRecord, Work};
use crate::world::World;
use crate::world::api::error::{
    ApiError, invalid_combination, invalid_value, key_not_accessible, refused, snapshot_not_found,
    snapshot_state,
};
use crate::world::api::names;
use crate::world::api::request::CopyDbSnapshot;
use crate::world::api::response::Response;
use crate::world::option_groups::OptionGroupRecord;
use crate::world::place::Place;

impl World {
    pub(in crate::world) fn copy_snapshot(
        &mut self,
        place: &Place,
        ask: CopyDbSnapshot,
    ) -> Result<Response, ApiError> {
        let source = self.copyable(place, &ask.source)?;
        let arn = self.unused_snapshot(place, "TargetDBSnapshotIdentifier", &ask.target)?;
        if source.status != SnapshotStatus::Available {
            return Err(snapshot_state(format!(
                "The source snapshot {} must be in the available state, it is {}.",
                source.arn, source.status
            )));
        }
        custom::check_copy(&source)?;
        let tags = copy_tags(place, &source, &ask)?;
        let kms_key = self.copy_key(place, &source, ask.kms_key.as_deref())?;
        let option_group = self.target_option_group(place, &source, &ask)?;
        self.check_snapshot_quota(place)?;
        self.check_copy_slots(place)?;
        if let Some(group) = &option_group {
            self.enter_option_group(place, group);
        }
        let record = new_copy(&source, arn, kms_key, tags, option_group);
        Ok(self.begin_copy(place, record, &source))
    }

    /// The source of a copy, if the caller may see it. A snapshot of another place is found by its ARN only.
    fn copyable(&self, place: &Place, text: &str) -> Result<Arc<SnapshotRecord>, ApiError> {
        if !text.starts_with("arn:") {
            return self.own_snapshot(place, text).cloned();
        }
        let arn: SnapshotArn = text.parse().map_err(|_| {
            invalid_value(format!("The parameter SourceDBSnapshotIdentifier is not valid: {text}"))
        })?;
        if arn.kind != DatabaseKind::Instance {
            return Err(invalid_value(format!("{text} is not a DB snapshot.")));
        }
        let crosses_both = arn.account != place.account && arn.region != place.region;
        if crosses_both && !self.settings.one_step {
            return Err(invalid_combination(
                "Cross-account and cross-Region copy in one step is not supported here: first copy the snapshot into \
                 your account in its own Region.",
            ));
        }
        let found = self.snapshot(&arn).filter(|record| record.is_visible_to(&place.account));
        found.cloned().ok_or_else(|| snapshot_not_found(text))
    }

    fn copy_key(
        &mut self,
        place: &Place,
        source: &SnapshotRecord,
        asked: Option<&str>,
    ) -> Result<Option<KmsKeyArn>, ApiError> {
        if let Some(key) = &source.kms_key
            && !self.keys.can_use(&place.account, key)
        {
            return Err(key_not_accessible("source snapshot", &key.to_string()));
        }
        let Some(asked) = asked else { return same_key(place, source) };
        match self.keys.for_encryption(place, asked, self.now) {
            Some(key) => Ok(Some(key)),
            None => Err(key_not_accessible("target", asked)),
        }
    }

    fn check_copy_slots(&self, place: &Place) -> Result<(), ApiError> {
        let slots = self.settings.copy_slots;
        if self.copies.in_progress(place) < slots as usize {
            return Ok(());
        }
        Err(refused(
            "SnapshotQuotaExceeded",
            format!("You have reached the maximum of {slots} snapshot copies in progress to one Region"),
        ))
    }

    fn begin_copy(&mut self, place: &Place, record: SnapshotRecord, source: &SnapshotRecord) -> Response {
        let arn = record.arn.clone();
        self.hide_new(&arn, &record.tags);
        let is_its_turn = self.copies.enter(arn.clone(), source.arn.clone(), &source.shape.resource_id);
        self.insert_snapshot(record);
        if is_its_turn {
            self.start_copy(&arn);
        }
        match self.snapshot(&arn) {
            Some(record) => Response::Snapshot(self.view(record, place)),
            None => Response::Done,
        }
    }
}

/// The key of a copy whose request names none: an encrypted copy keeps its key, where AWS allows that.
fn same_key(place: &Place, source: &SnapshotRecord) -> Result<Option<KmsKeyArn>, ApiError> {
    if source.kms_key.is_none() {
        return Ok(None);
    }
    if source.arn.region != place.region {
        return Err(invalid_value("Must specify new KMS key for cross region encrypted snapshot copy."));
    }
    if source.arn.account != place.account {
        return Err(invalid_value(
            "Must specify a KMS key to copy an encrypted snapshot shared by another account.",
        ));
    }
    Ok(source.kms_key.clone())
}

/// The tags of a copy. Explicit tags override `CopyTags`, and another account's tags cannot be copied.
fn copy_tags(place: &Place, source: &SnapshotRecord, ask: &CopyDbSnapshot) -> Result<Tags, ApiError> {
    let tags = match &ask.tags {
        Some(tags) => tags.clone(),
        None if ask.copy_tags && source.arn.account == place.account => source.tags.clone(),
        None => Tags::new(),
    };
    names::check_tags(&tags).map(|()| tags)
}

fn new_copy(
    source: &SnapshotRecord,
    arn: SnapshotArn,
    kms_key: Option<KmsKeyArn>,
    tags: Tags,
    option_group: Option<Arc<OptionGroupRecord>>,
) -> SnapshotRecord {
    let crosses = source.arn.account != arn.account || source.arn.region != arn.region;
    SnapshotRecord {
        origin: SnapshotOrigin::Manual,
        status: if crosses { SnapshotStatus::Copying } else { SnapshotStatus::Creating },
        created_at: None,
        original_created_at: None,
        copied_from: crosses.then(|| source.arn.clone()),
        source_region: source.arn.region.clone(),
        kms_key,
        option_group,
        tags,
        shared_with: BTreeSet::new(),
        is_public: false,
        work: Work::Queued,
        arn,
        ..source.clone()
    }
}
