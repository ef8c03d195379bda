//! The two sides of an installation, and the account to use for one of them.

use pilot_light_domain::aws::cloud::Parameters;
use pilot_light_domain::model::ids::AccountId;
use pilot_light_domain::run::worker_name::WorkerName;

/// A side of an installation. Each has parameters of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The account whose databases are protected.
    Source,
    /// The account that keeps the copies.
    Destination,
}

impl Side {
    /// The side of a worker.
    pub(crate) fn of(worker: WorkerName) -> Self {
        if worker.is_source() { Self::Source } else { Self::Destination }
    }

    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Source => Self::Destination,
            Self::Destination => Self::Source,
        }
    }

    /// The usual path of its parameters.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Source => "/pilot-light/source",
            Self::Destination => "/pilot-light/destination",
        }
    }

    /// The parameters of the other side that name the accounts and the Region of this one.
    const fn named_by(self) -> [&'static str; 2] {
        match self {
            Self::Source => ["SourceAccounts", "SourceRegionOverride"],
            Self::Destination => ["DestinationAccount", "DestinationRegion"],
        }
    }

    const fn role(self) -> &'static str {
        match self {
            Self::Source => "the source account",
            Self::Destination => "the account that keeps the copies",
        }
    }

    /// The account and the Region to use for this side, in words. `other` has the parameters of the other side, as far as they
    /// are known. `own` is the account of the credentials.
    pub(crate) fn instead(self, own: &AccountId, other: &Parameters) -> String {
        let [accounts, region] = self.named_by();
        let given = |name: &str| {
            let value = other.get(name).map(|value| value.trim())?;
            (!value.is_empty() && !value.eq_ignore_ascii_case("none")).then_some(value)
        };
        let region = given(region).map_or("its Region".to_owned(), |region| format!("Region {region}"));
        let role = self.role();
        match given(accounts) {
            Some(account) if account == own.as_str() => {
                format!("another Region (--region): {accounts} is this account, so {role} is the same one")
            }
            Some(account) => {
                format!("the credentials of {role}, {account} (AWS_PROFILE), and {region} (--region)")
            }
            None => format!("the credentials of {role} (AWS_PROFILE) and {region} (--region)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instead(side: Side, given: &[(&str, &str)]) -> String {
        let other = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        side.instead(&"111111111111".parse().unwrap(), &other)
    }

    #[test]
    fn the_parameters_of_one_side_name_the_account_of_the_other_one() {
        assert_eq!(
            instead(Side::Destination, &[("DestinationAccount", "222222222222")]),
            "the credentials of the account that keeps the copies, 222222222222 (AWS_PROFILE), and its Region (--region)"
        );
        let given = [("SourceAccounts", "333333333333, 444444444444"), ("SourceRegionOverride", "us-east-1")];
        assert_eq!(
            instead(Side::Source, &given),
            "the credentials of the source account, 333333333333, 444444444444 (AWS_PROFILE), and Region us-east-1 (--region)"
        );
    }

    #[test]
    fn an_account_that_is_not_given_is_described() {
        for given in [&[][..], &[("DestinationAccount", "None")]] {
            assert_eq!(
                instead(Side::Destination, given),
                "the credentials of the account that keeps the copies (AWS_PROFILE) and its Region (--region)"
            );
        }
    }

    #[test]
    fn one_account_in_two_regions_needs_another_region_only() {
        let said = instead(Side::Destination, &[("DestinationAccount", "111111111111")]);
        assert!(said.starts_with("another Region (--region)"), "{said}");
    }
}
