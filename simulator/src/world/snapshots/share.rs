//! `ModifyDBSnapshotAttribute` and `DescribeDBSnapshotAttributes`: the `restore` attribute, and AWS's limits on it.

use std::collections::BTreeSet;

use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::ids::AccountId;
use pilot_light_domain::model::snapshot::SnapshotStatus;

use super::custom;
use super::record::SnapshotRecord;
use crate::world::World;
use crate::world::api::error::{
    ApiError, invalid_combination, invalid_value, refused, snapshot_not_found, snapshot_state,
};
use crate::world::api::request::ModifyDbSnapshotAttribute;
use crate::world::api::response::{Attributes, Response};
use crate::world::option_groups::copying::check_can_be_shared;
use crate::world::place::Place;

/// Accounts that one snapshot can be shared with.
const MAX_ACCOUNTS: usize = 20;

/// Values of the `restore` attribute.
#[derive(Default)]
struct Values {
    accounts: BTreeSet<AccountId>,
    all: bool,
}

impl World {
    pub(in crate::world) fn describe_attributes(
        &self,
        place: &Place,
        id: &str,
    ) -> Result<Response, ApiError> {
        self.own_snapshot(place, id).map(|record| Response::Attributes(attributes(record)))
    }

    pub(in crate::world) fn modify_attribute(
        &mut self,
        place: &Place,
        ask: &ModifyDbSnapshotAttribute,
    ) -> Result<Response, ApiError> {
        if ask.attribute != "restore" {
            return Err(invalid_value(format!("Attribute name {} is invalid.", ask.attribute)));
        }
        // AWS does not even look for an automated snapshot here (aws/aws-cli issue 8296).
        if ask.id.starts_with("rds:") {
            return Err(invalid_value(
                "The parameter DBSnapshotIdentifier is not a valid identifier. Identifiers must begin with a letter; \
                 must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two \
                 consecutive hyphens.",
            ));
        }
        let (add, remove) = (values(&ask.add)?, values(&ask.remove)?);
        let record = self.own_snapshot(place, &ask.id)?;
        let arn = record.arn.clone();
        check_shareable(record)?;
        if !add.accounts.is_empty() || add.all {
            custom::check_sharing(record)?;
            check_can_be_shared(record)?;
            self.check_key(record, &add)?;
        }
        let mut accounts = record.shared_with.clone();
        accounts.extend(add.accounts);
        accounts.retain(|account| !remove.accounts.contains(account));
        if accounts.len() > MAX_ACCOUNTS {
            return Err(refused(
                "SharedSnapshotQuotaExceeded",
                format!("A snapshot cannot be shared with more than {MAX_ACCOUNTS} accounts."),
            ));
        }
        let is_public = (record.is_public || add.all) && !remove.all;
        let new: Vec<AccountId> = accounts.difference(&record.shared_with).cloned().collect();
        for account in &new {
            self.hide_snapshot(&arn, account);
        }
        self.set_sharing(&arn, accounts, is_public);
        self.snapshot(&arn)
            .map(|record| Response::Attributes(attributes(record)))
            .ok_or_else(|| snapshot_not_found(&ask.id))
    }

    fn check_key(&self, record: &SnapshotRecord, add: &Values) -> Result<(), ApiError> {
        let Some(key) = &record.kms_key else { return Ok(()) };
        if self.keys.is_default(key) {
            return Err(invalid_combination(
                "A snapshot that is encrypted with the default KMS key of the account cannot be shared.",
            ));
        }
        if add.all {
            return Err(invalid_combination("An encrypted snapshot cannot be made public."));
        }
        Ok(())
    }

    pub(in crate::world) fn set_sharing(
        &mut self,
        arn: &SnapshotArn,
        accounts: BTreeSet<AccountId>,
        is_public: bool,
    ) {
        self.forget_sharing(arn);
        for account in &accounts {
            self.shared.entry(Place::new(account, &arn.region)).or_default().insert(arn.clone());
        }
        if is_public {
            self.public.entry(arn.region.clone()).or_default().insert(arn.clone());
        }
        if let Some(record) = self.snapshot_mut(arn) {
            record.shared_with = accounts;
            record.is_public = is_public;
        }
    }

    /// Removes a snapshot from the indexes of shared snapshots.
    pub(in crate::world) fn forget_sharing(&mut self, arn: &SnapshotArn) {
        let Some(record) = self.snapshot(arn).cloned() else { return };
        for account in &record.shared_with {
            if let Some(seen) = self.shared.get_mut(&Place::new(account, &arn.region)) {
                seen.remove(arn);
            }
        }
        if let Some(seen) = self.public.get_mut(&arn.region) {
            seen.remove(arn);
        }
    }
}

fn check_shareable(record: &SnapshotRecord) -> Result<(), ApiError> {
    let id = &record.arn.id;
    if record.status != SnapshotStatus::Available {
        return Err(snapshot_state(format!("The snapshot {id} is not available: {}.", record.status)));
    }
    Ok(())
}

fn values(given: &[String]) -> Result<Values, ApiError> {
    let mut values = Values::default();
    for value in given {
        if value == "all" {
            values.all = true;
        } else {
            let invalid =
                |_| invalid_value(format!("Invalid value {value}: give account ids of 12 digits, or all."));
            values.accounts.insert(AccountId::new(value).map_err(invalid)?);
        }
    }
    Ok(values)
}

fn attributes(record: &SnapshotRecord) -> Attributes {
    Attributes {
        id: record.arn.id.clone(),
        accounts: record.shared_with.clone(),
        is_public: record.is_public,
    }
}
