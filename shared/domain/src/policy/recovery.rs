//! What recovery takes from the destination account's parameters: whose databases there are copies of, the
//! objective, and whether people approve first.
//!
//! Nothing else is read. A mistyped retention is told by copy and delete, and must not keep anyone from recovering.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::duration::{BareUnit, parse_duration};
use super::reader::Reader;
use super::{lookup_region, parse_accounts};
use crate::aws::cloud::Parameters;
use crate::model::ids::{AccountId, Region};
use crate::model::recovery_point::Sources;
use crate::run::error::WorkerError;

/// What recovery is asked for, besides its manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryPolicy {
    /// Whose databases the copies are of.
    pub sources: Sources,
    /// In what time everything is to be up.
    pub rto_target: TimeDelta,
    /// Whether every recovery waits for approval, whatever its manifest says.
    pub needs_approval: bool,
}

impl RecoveryPolicy {
    /// Reads what concerns recovery, for a worker of `account` in `region`.
    ///
    /// # Errors
    /// `InvalidConfiguration` with every fault in it.
    pub fn parse(parameters: &Parameters, account: &AccountId, region: &Region) -> Result<Self, WorkerError> {
        let mut reader = Reader::new(parameters);
        let source_region = lookup_region(&mut reader, "SourceRegionOverride", region);
        let accounts = if reader.flag("CrossAccountCopy", true) {
            reader.optional("SourceAccounts", parse_accounts).unwrap_or_default()
        } else {
            BTreeSet::from([account.clone()])
        };
        let rto = reader.defaulted("RtoTarget", "3h", |text| parse_duration(text, BareUnit::Hours));
        let needs_approval = reader.flag("RecoverApproval", false);
        reader.ignore_others();
        reader.finish()?;
        let rto_target =
            rto.ok_or_else(|| WorkerError::Internal("a parameter's fault was not recorded".to_owned()))?;
        Ok(Self { sources: Sources { accounts, region: source_region }, rto_target, needs_approval })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(pairs: &[(&str, &str)]) -> Result<RecoveryPolicy, WorkerError> {
        let parameters =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let account = "222222222222".parse().unwrap();
        RecoveryPolicy::parse(&parameters, &account, &"us-west-2".parse().unwrap())
    }

    #[test]
    fn the_objective_is_three_hours_and_nobody_is_asked_unless_told_otherwise() {
        let policy = parse(&[("SourceAccounts", "111111111111")]).unwrap();
        assert_eq!((policy.rto_target, policy.needs_approval), (TimeDelta::hours(3), false));
        let policy = parse(&[("RtoTarget", "45m"), ("RecoverApproval", "YES")]).unwrap();
        assert_eq!((policy.rto_target, policy.needs_approval), (TimeDelta::minutes(45), true));
        assert!(!parse(&[("RecoverApproval", "NO")]).unwrap().needs_approval);
    }

    #[test]
    fn what_only_copying_needs_does_not_stop_a_recovery() {
        let policy = parse(&[
            ("SourceAccounts", "111111111111"),
            ("SourceRegionOverride", "us-east-1"),
            ("KeepDaily", "many"),
            ("KmsKeyDestination", "alias/mine"),
        ]);
        assert_eq!(policy.unwrap().sources.region.as_str(), "us-east-1");
    }

    #[test]
    fn what_recovery_needs_is_checked_as_a_whole() {
        let error = parse(&[("SourceAccounts", "1"), ("RtoTarget", "soon"), ("RecoverApproval", "maybe")]);
        let said = error.unwrap_err().to_string();
        for name in ["SourceAccounts is '1'", "RtoTarget is 'soon'", "RecoverApproval is 'maybe'"] {
            assert!(said.contains(name), "{said}");
        }
    }

    #[test]
    fn copies_within_one_account_are_of_its_own_databases() {
        let policy = parse(&[("CrossAccountCopy", "FALSE"), ("SourceRegionOverride", "us-east-1")]).unwrap();
        let accounts: Vec<_> = policy.sources.accounts.iter().map(AccountId::as_str).collect();
        assert_eq!(accounts, ["222222222222"]);
    }
}
