//! The policy of recovery, read from the destination account's parameters: the source accounts, the objective, and
//! whether people approve first.
//!
//! It reads no other parameter. Copy and delete report a mistyped retention, which must not stop a recovery.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::reader::Reader;
use super::{lookup_region, parse_accounts};
use crate::aws::cloud::Parameters;
use crate::model::duration::{BareUnit, parse_duration};
use crate::model::ids::{AccountId, Region};
use crate::model::recovery_point::Sources;
use crate::run::error::WorkerError;

/// The settings of recovery besides its manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryPolicy {
    /// The accounts and the Region of the databases that were copied.
    pub sources: Sources,
    /// The time within which everything is to be up.
    pub rto_target: TimeDelta,
    /// True if every recovery waits for approval, even if its manifest requests none.
    pub needs_approval: bool,
}

impl RecoveryPolicy {
    /// Reads the parameters that concern recovery, for a worker of `account` in `region`.
    ///
    /// # Errors
    /// `InvalidConfiguration` with every problem in them.
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
        // Other workers read and check all other parameters.
        reader.finish()?;
        let rto_target = rto
            .ok_or_else(|| WorkerError::Internal("the problem of a parameter was not recorded".to_owned()))?;
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
    fn the_objective_is_three_hours_and_no_approval_is_needed_by_default() {
        let policy = parse(&[("SourceAccounts", "111111111111")]).unwrap();
        assert_eq!((policy.rto_target, policy.needs_approval), (TimeDelta::hours(3), false));
        let policy = parse(&[("RtoTarget", "45m"), ("RecoverApproval", "YES")]).unwrap();
        assert_eq!((policy.rto_target, policy.needs_approval), (TimeDelta::minutes(45), true));
        assert!(!parse(&[("RecoverApproval", "NO")]).unwrap().needs_approval);
    }

    #[test]
    fn a_problem_in_a_parameter_of_copying_does_not_stop_a_recovery() {
        let policy = parse(&[
            ("SourceAccounts", "111111111111"),
            ("SourceRegionOverride", "us-east-1"),
            ("KeepDaily", "many"),
            ("KmsKeyDestination", "alias/mine"),
        ]);
        assert_eq!(policy.unwrap().sources.region.as_str(), "us-east-1");
    }

    #[test]
    fn every_problem_in_a_parameter_of_recovery_is_reported_at_once() {
        let error = parse(&[("SourceAccounts", "1"), ("RtoTarget", "soon"), ("RecoverApproval", "maybe")]);
        let message = error.unwrap_err().to_string();
        for name in ["SourceAccounts is '1'", "RtoTarget is 'soon'", "RecoverApproval is 'maybe'"] {
            assert!(message.contains(name), "{message}");
        }
    }

    #[test]
    fn copies_within_one_account_are_of_its_own_databases() {
        let policy = parse(&[("CrossAccountCopy", "FALSE"), ("SourceRegionOverride", "us-east-1")]).unwrap();
        let accounts: Vec<_> = policy.sources.accounts.iter().map(AccountId::as_str).collect();
        assert_eq!(accounts, ["222222222222"]);
    }
}
