//! The destination account's policy, read from its parameters, for copy and delete.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::keys::{PerDatabase, own_key};
use super::reader::Reader;
use super::{check_common, lookup_region, parse_accounts, parse_keep_daily, parse_keep_last};
use crate::aws::cloud::Parameters;
use crate::model::arn::KmsKeyArn;
use crate::model::duration::{BareUnit, parse_duration};
use crate::model::ids::Region;
use crate::model::recovery_point::Sources;
use crate::model::retention::Retention;
use crate::rules::selection::{Pattern, Selection};
use crate::run::context::Context;
use crate::run::error::WorkerError;
use crate::run::unknown_parameters::UnknownParameters;

/// The settings of the destination account's workers.
#[derive(Debug, Clone, PartialEq)]
pub struct DestinationPolicy {
    /// The accounts whose databases are copied, and the Region of their snapshots.
    pub sources: Sources,
    /// The Region the copies are kept in.
    pub region: Region,
    /// True if the snapshots come from another account, by sharing.
    pub cross_account: bool,
    /// The databases to copy.
    pub selection: Selection,
    /// Only snapshots younger than this are copied.
    pub copy_younger_than: Option<TimeDelta>,
    /// Keys in the source Region, for the copies that the first of two hops makes.
    pub source_keys: PerDatabase<KmsKeyArn>,
    /// Keys in the destination Region, for the final copies.
    pub keys: PerDatabase<KmsKeyArn>,
    /// Option groups in the destination Region.
    pub option_groups: PerDatabase<String>,
    /// True if the delete worker may delete.
    pub delete: bool,
    /// The parameters that no worker knows.
    pub unknown: UnknownParameters,
    /// The rules by which recovery points are kept.
    pub retention: Retention,
    /// The time for which the last copies of a retired database are kept, from its retirement on. Without it, for ever.
    pub keep_retired: Option<TimeDelta>,
    /// The greatest age that the newest copy of a database may reach.
    pub rpo_target: TimeDelta,
}

impl DestinationPolicy {
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
        let source_region = lookup_region(&mut reader, "SourceRegionOverride", &context.region);
        let region = lookup_region(&mut reader, "DestinationRegion", &context.region);
        let cross_account = reader.flag("CrossAccountCopy", true);
        let accounts = source_accounts(&mut reader, cross_account, context);
        if !cross_account && region == source_region {
            let allowed = "with CrossAccountCopy=FALSE, give a Region other than that of the snapshots";
            reader.problem("DestinationRegion", &allowed);
        }
        let pattern = reader.defaulted("SnapshotPattern", "ALL_SNAPSHOTS", Pattern::parse);
        let except = reader.optional("SnapshotExclusion", Pattern::parse_exclusion);
        let custom_engines = reader.flag("CustomEngines", false);
        let copy_younger_than =
            reader.optional("CopyRetentionDays", |text| parse_duration(text, BareUnit::Days));
        let key_in = |region: &Region| {
            let (account, region) = (context.account.clone(), region.clone());
            move |text: &str| PerDatabase::parse(text, |text| own_key(text, &account, &region))
        };
        let source_keys = reader.optional("KmsKeySource", key_in(&source_region)).unwrap_or_default();
        let keys = reader.optional("KmsKeyDestination", key_in(&region)).unwrap_or_default();
        let option_groups = reader.optional("OptionGroupDestination", option_groups).unwrap_or_default();
        let delete = reader.flag("DeleteOldSnapshots", true);
        let keep_for = reader.defaulted("RetentionDays", "7", |text| parse_duration(text, BareUnit::Days));
        let keep_last = reader.defaulted("KeepLast", "1", parse_keep_last);
        let keep_daily = reader.defaulted("KeepDaily", "0", parse_keep_daily);
        let keep_retired = reader.optional("KeepRetired", |text| parse_duration(text, BareUnit::Days));
        let rpo_target = check_common(&mut reader);
        reader.flag("RecoverApproval", false);
        reader.others(&["CopySchedule", "DeleteSchedule"]);
        let unknown = reader.finish()?;
        let whole = || {
            Some(Self {
                sources: Sources { accounts, region: source_region },
                region,
                cross_account,
                selection: Selection {
                    pattern: pattern?.without(except),
                    tagged_only: false,
                    custom_engines,
                },
                copy_younger_than,
                source_keys,
                keys,
                option_groups,
                delete,
                unknown,
                retention: Retention { keep_for: keep_for?, keep_last: keep_last?, keep_daily: keep_daily? },
                keep_retired,
                rpo_target: rpo_target?,
            })
        };
        whole().ok_or_else(|| WorkerError::Internal("the problem of a parameter was not recorded".to_owned()))
    }
}

/// The accounts to copy from: the listed ones, or the worker's own account with `CrossAccountCopy=FALSE`.
fn source_accounts(
    reader: &mut Reader<'_>,
    cross_account: bool,
    context: &Context,
) -> BTreeSet<crate::model::ids::AccountId> {
    let listed = reader.optional("SourceAccounts", parse_accounts).unwrap_or_default();
    if !cross_account {
        return BTreeSet::from([context.account.clone()]);
    }
    if listed.is_empty() {
        reader.problem(
            "SourceAccounts",
            &"give the account ids to copy from; any account can share a snapshot with this one",
        );
    }
    if listed.contains(&context.account) {
        reader.problem(
            "SourceAccounts",
                &"this account itself is listed; remove it, or set CrossAccountCopy to FALSE to copy its own snapshots",
        );
    }
    listed
}

fn option_groups(text: &str) -> Result<PerDatabase<String>, String> {
    PerDatabase::parse(text, |group| {
        let valid = group.starts_with(|c: char| c.is_ascii_alphabetic())
            && group.bytes().all(|b| b.is_ascii_alphanumeric() || b"-:.".contains(&b));
        if valid { Ok(group.to_owned()) } else { Err("give the name of an option group, or database=name") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::context;

    const OURS: &str = "arn:aws:kms:us-west-2:222222222222:key/ours";

    fn parse(pairs: &[(&str, &str)]) -> Result<DestinationPolicy, WorkerError> {
        let parameters =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        DestinationPolicy::parse(&parameters, &context("222222222222", "us-west-2", "2026-01-01T00:00:00Z"))
    }

    fn problem(name: &str, value: &str) -> String {
        parse(&[("SourceAccounts", "111111111111"), (name, value)]).unwrap_err().to_string()
    }

    #[test]
    fn the_copies_are_kept_in_the_workers_region_unless_destination_region_is_given() {
        let policy =
            parse(&[("SourceAccounts", "111111111111"), ("SourceRegionOverride", "us-east-1")]).unwrap();
        assert_eq!((policy.sources.region.as_str(), policy.region.as_str()), ("us-east-1", "us-west-2"));
        let policy =
            parse(&[("SourceAccounts", "111111111111"), ("DestinationRegion", "eu-west-1")]).unwrap();
        assert_eq!((policy.sources.region.as_str(), policy.region.as_str()), ("us-west-2", "eu-west-1"));
    }

    #[test]
    fn a_key_must_be_this_accounts_own_in_the_right_region() {
        for (value, text) in [
            (
                "arn:aws:kms:us-west-2:111111111111:key/theirs",
                "the key belongs to account 111111111111; give a key of this account, 222222222222",
            ),
            (
                "arn:aws:kms:us-east-1:222222222222:key/ours",
                "the key is in us-east-1; give a key in us-west-2",
            ),
            ("arn:aws:kms:us-west-2:222222222222:alias/ours", "never an alias"),
            ("alias/ours", "never an alias"),
        ] {
            let error = problem("KmsKeyDestination", value);
            assert!(error.contains(text), "{value}: {error}");
        }
        let bare = parse(&[
            ("SourceAccounts", "111111111111"),
            ("KmsKeyDestination", "mrk-0123456789abcdef0123456789abcdef"),
        ])
        .unwrap();
        let orders = "orders".parse().unwrap();
        assert_eq!(
            bare.keys.of(&orders).map(ToString::to_string),
            Some("arn:aws:kms:us-west-2:222222222222:key/mrk-0123456789abcdef0123456789abcdef".to_owned())
        );
    }

    #[test]
    fn keys_and_option_groups_can_differ_per_database() {
        let keys = format!("{OURS},orders={OURS}-2");
        let policy = parse(&[
            ("SourceAccounts", "111111111111"),
            ("KmsKeyDestination", &keys),
            ("OptionGroupDestination", "billing=tde-group"),
        ])
        .unwrap();
        let (orders, billing) = ("orders".parse().unwrap(), "billing".parse().unwrap());
        assert_eq!(policy.keys.of(&orders).map(|key| key.key.as_str()), Some("ours-2"));
        assert_eq!(policy.keys.of(&billing).map(|key| key.key.as_str()), Some("ours"));
        assert_eq!(policy.option_groups.of(&billing).map(String::as_str), Some("tde-group"));
        assert_eq!(policy.option_groups.of(&orders), None);
        assert!(problem("KmsKeyDestination", &format!("{OURS},{OURS}")).contains("given twice"));
    }

    #[test]
    fn the_literal_none_means_no_key() {
        let policy =
            parse(&[("SourceAccounts", "111111111111"), ("KmsKeyDestination", "None"), ("KmsKeySource", "")]);
        assert_eq!(policy.map(|policy| policy.keys).ok(), Some(PerDatabase::default()));
    }

    #[test]
    fn same_account_copies_need_another_region_and_no_source_accounts() {
        let policy = parse(&[("CrossAccountCopy", "FALSE"), ("SourceRegionOverride", "us-east-1")]).unwrap();
        assert_eq!(
            policy.sources.accounts.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["222222222222"]
        );
        assert!(
            parse(&[("CrossAccountCopy", "FALSE")]).unwrap_err().to_string().contains("DestinationRegion is")
        );
        assert!(parse(&[]).unwrap_err().to_string().contains("SourceAccounts is 'not given'"));
    }
}
