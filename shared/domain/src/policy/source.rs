//! The source account's policy, read from its parameters, for take, share and delete.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::keys::own_key;
use super::reader::Reader;
use super::{check_common, lookup_region, parse_accounts, parse_keep_last};
use crate::aws::cloud::Parameters;
use crate::model::arn::KmsKeyArn;
use crate::model::duration::{BareUnit, parse_duration};
use crate::model::ids::{AccountId, Region};
use crate::model::retention::Retention;
use crate::rules::selection::{Pattern, Selection};
use crate::run::context::Context;
use crate::run::error::WorkerError;
use crate::run::unknown_parameters::UnknownParameters;

/// The settings of the source account's workers.
#[derive(Debug, Clone, PartialEq)]
pub struct SourcePolicy {
    /// The Region whose databases are protected.
    pub region: Region,
    /// The databases to protect.
    pub selection: Selection,
    /// The length of an interval. One snapshot is due in each interval.
    pub interval: TimeDelta,
    /// The accounts to share with.
    pub destinations: BTreeSet<AccountId>,
    /// True if the share worker may share.
    pub share: bool,
    /// Our own key. Snapshots that have the default key are re-encrypted under it before they are shared.
    pub share_key: Option<KmsKeyArn>,
    /// True if the delete worker may delete.
    pub delete: bool,
    /// The parameters that no worker knows.
    pub unknown: UnknownParameters,
    /// The rules by which snapshots are kept.
    pub retention: Retention,
}

impl SourcePolicy {
    /// Reads and checks the parameters, and refuses unknown ones.
    ///
    /// # Errors
    /// `InvalidConfiguration` with every problem.
    pub fn parse_strictly(parameters: &Parameters, context: &Context) -> Result<Self, WorkerError> {
        let policy = Self::parse(parameters, context)?;
        policy.unknown.refuse()?;
        Ok(policy)
    }

    /// Reads and checks the parameters. Unknown ones are left to the workers.
    ///
    /// # Errors
    /// `InvalidConfiguration` with every problem.
    pub fn parse(parameters: &Parameters, context: &Context) -> Result<Self, WorkerError> {
        let mut reader = Reader::new(parameters);
        let region = lookup_region(&mut reader, "SourceRegionOverride", &context.region);
        let pattern = reader.defaulted("InstanceNamePattern", "ALL_INSTANCES", Pattern::parse);
        let except = reader.optional("InstanceNameExclusion", Pattern::parse_exclusion);
        let tagged_only = reader.flag("TaggedInstance", false);
        let custom_engines = reader.flag("CustomEngines", false);
        let interval =
            reader.defaulted("BackupInterval", "30m", |text| parse_duration(text, BareUnit::Hours));
        let share = reader.flag("ShareSnapshots", true);
        let destinations = reader.optional("DestinationAccount", parse_accounts).unwrap_or_default();
        if share && destinations.is_empty() {
            reader.problem(
                "DestinationAccount",
                &"give the destination's account id, or set ShareSnapshots to FALSE",
            );
        }
        if share && destinations.contains(&context.account) {
            reader.problem(
                "DestinationAccount",
                &"this is the account itself; give the id of the other account",
            );
        }
        let share_key = reader.optional("KmsKeyShare", |text| own_key(text, &context.account, &region));
        let delete = reader.flag("DeleteOldSnapshots", true);
        let keep_for = reader.defaulted("RetentionDays", "7", |text| parse_duration(text, BareUnit::Days));
        let keep_last = reader.defaulted("KeepLast", "1", parse_keep_last);
        check_common(&mut reader);
        reader.flag("RecoverApproval", false);
        reader.others(&["BackupSchedule", "ShareSchedule", "DeleteSchedule"]);
        let unknown = reader.finish()?;
        let whole = || {
            Some(Self {
                region,
                selection: Selection { pattern: pattern?.without(except), tagged_only, custom_engines },
                interval: interval?,
                destinations,
                share,
                share_key,
                delete,
                unknown,
                retention: Retention { keep_for: keep_for?, keep_last: keep_last?, keep_daily: 0 },
            })
        };
        whole().ok_or_else(|| WorkerError::Internal("the problem of a parameter was not recorded".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::context;

    fn parse(pairs: &[(&str, &str)]) -> Result<SourcePolicy, WorkerError> {
        let parameters =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        SourcePolicy::parse(&parameters, &context("111111111111", "us-east-1", "2026-01-01T00:00:00Z"))
    }

    #[test]
    fn defaults_are_the_documented_ones() {
        let policy = parse(&[("DestinationAccount", "222222222222")]).unwrap();
        assert_eq!(policy.region.as_str(), "us-east-1");
        assert_eq!(policy.selection.pattern.to_string(), "ALL_INSTANCES");
        assert_eq!(
            (policy.interval, policy.retention.keep_for),
            (TimeDelta::minutes(30), TimeDelta::days(7))
        );
        assert_eq!((policy.share, policy.delete, policy.retention.keep_last), (true, true, 1));
    }

    #[test]
    fn the_values_of_an_old_installation_are_accepted_unchanged() {
        let policy = parse(&[
            ("InstanceNamePattern", "prod|stage"),
            ("BackupInterval", "24"),
            ("BackupSchedule", "0 1 * * ? *"),
            ("DestinationAccount", "222222222222, 333333333333"),
            ("ShareSnapshots", "TRUE"),
            ("TaggedInstance", "FALSE"),
            ("SourceRegionOverride", "NO"),
            ("LogLevel", "ERROR"),
        ])
        .unwrap();
        assert_eq!((policy.interval, policy.destinations.len()), (TimeDelta::days(1), 2));
        assert_eq!(
            parse(&[("ShareSnapshots", "FALSE"), ("SourceRegionOverride", "eu-west-3")])
                .unwrap()
                .region
                .as_str(),
            "eu-west-3"
        );
    }

    #[test]
    fn every_problem_is_reported_at_once_with_its_name_and_value() {
        let error = parse(&[
            ("InstanceNamePattern", "(?!x)"),
            ("RetentionDays", "-7"),
            ("DestinationAccount", "22222222222"),
            ("KmsKeyShare", "arn:aws:kms:us-east-1:222222222222:key/k"),
            ("TaggedInstance", "maybe"),
            ("LogLevel", "LOUD"),
            ("SourceRegionOverride", "Virginia"),
        ])
        .unwrap_err()
        .to_string();
        for text in [
            "7 of the parameters cannot be used, and nothing was done",
            "InstanceNamePattern is '(?!x)'",
            "RetentionDays is '-7'",
            "DestinationAccount is '22222222222'",
            "KmsKeyShare is 'arn:aws:kms:us-east-1:222222222222:key/k': the key belongs to account 222222222222",
            "TaggedInstance is 'maybe': give TRUE or FALSE",
            "LogLevel is 'LOUD'",
            "SourceRegionOverride is 'Virginia'",
        ] {
            assert!(error.contains(text), "{text}: {error}");
        }
    }

    #[test]
    fn sharing_needs_a_destination_account_other_than_the_own_one() {
        assert!(parse(&[]).unwrap_err().to_string().contains("DestinationAccount is 'not given'"));
        assert!(parse(&[("DestinationAccount", "None")]).is_err());
        assert!(parse(&[("DestinationAccount", "111111111111")]).is_err());
        assert!(parse(&[("ShareSnapshots", "FALSE")]).is_ok());
    }
}
