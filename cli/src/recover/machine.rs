//! The state machine that is responsible for a manifest, and its purpose.

use destination_recover::Purpose;
use pilot_light_domain::aws::error::{GatewayError, GatewayErrorKind};
use pilot_light_domain::model::ids::{AccountId, Region};

use super::arn::StatesArn;
use crate::exit::CommandError;
use crate::session::Session;

/// A state machine of recovery.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Machine {
    pub(super) arn: String,
    /// The purpose for which it checks a manifest. It refuses types that this purpose does not allow.
    pub(super) purpose: Purpose,
    /// True if the purpose is only that of the manifest, because the name of the state machine shows none.
    is_assumed: bool,
}

impl Machine {
    /// The state machine that the shipped configuration creates for this purpose.
    pub(super) fn shipped(purpose: Purpose, session: &Session) -> Self {
        let Session { account, region, .. } = session;
        let (partition, name) = (region.partition(), name_of(purpose));
        let arn = format!("arn:{partition}:states:{region}:{account}:stateMachine:{name}");
        Self { arn, purpose, is_assumed: false }
    }

    /// The state machine that was given. Its name shows its purpose, if it is a name of the shipped configuration. Otherwise the
    /// purpose is assumed to be that of the manifest.
    pub(super) fn given(arn: &StatesArn, assumed: Purpose, session: &Session) -> Result<Self, CommandError> {
        is_here(arn, &session.account, &session.region).map_err(CommandError::WrongUse)?;
        Ok(Self::named(arn, assumed))
    }

    fn named(arn: &StatesArn, assumed: Purpose) -> Self {
        let shown = Purpose::ALL.into_iter().find(|purpose| name_of(*purpose) == arn.machine);
        Self { arn: arn.to_string(), purpose: shown.unwrap_or(assumed), is_assumed: shown.is_none() }
    }

    /// A warning, if the purpose of the state machine is only assumed.
    pub(super) fn caution(&self) -> Option<String> {
        let purpose = self.purpose.as_str();
        self.is_assumed.then(|| {
            format!(
                "The name of the state machine does not show its purpose. It must be that of a {purpose}; any other one refuses this manifest."
            )
        })
    }

    /// The reason that it could not be started.
    pub(super) fn not_started(&self, error: &GatewayError) -> String {
        let said = format!("cannot start {}: {error}", self.arn);
        if error.kind != GatewayErrorKind::NotFound {
            return said;
        }
        format!(
            "{said}; launch recover.yaml in this account and Region, or give the ARN of the state machine (--state-machine), if its name was changed"
        )
    }
}

/// The name that the shipped configuration gives the state machine of a purpose.
const fn name_of(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Failover => "dr-orchestrator-stepfunction-FAILOVER",
        Purpose::Failback => "dr-orchestrator-stepfunction-FAILBACK",
        Purpose::Drill => "pilot-light-drill",
    }
}

/// Checks that a state machine is in this account and Region. What is checked here must be what it changes.
fn is_here(arn: &StatesArn, account: &AccountId, region: &Region) -> Result<(), String> {
    if (&arn.account, &arn.region) == (account, region) {
        return Ok(());
    }
    Err(format!(
        "the state machine {arn} is in account {}, Region {}, but these credentials and this Region are account {account}, Region {region}; use one account and Region",
        arn.account, arn.region
    ))
}

#[cfg(test)]
mod tests {
    use super::super::arn::state_machine;
    use super::*;

    fn arn(name: &str) -> StatesArn {
        state_machine(&format!("arn:aws:states:us-west-2:222222222222:stateMachine:{name}")).unwrap()
    }

    #[test]
    fn the_name_of_a_shipped_state_machine_shows_its_purpose() {
        for purpose in Purpose::ALL {
            let machine = Machine::named(&arn(name_of(purpose)), Purpose::Failover);
            assert_eq!((machine.purpose, machine.caution()), (purpose, None));
        }
    }

    #[test]
    fn another_name_is_taken_for_the_purpose_of_the_manifest_with_a_warning() {
        let machine = Machine::named(&arn("ours"), Purpose::Failback);
        assert_eq!(machine.purpose, Purpose::Failback);
        let caution = machine.caution().unwrap();
        assert!(caution.contains("It must be that of a failback"), "{caution}");
    }

    #[test]
    fn a_state_machine_of_another_account_or_region_is_refused() {
        let is_here = |account: &str, region: &str| {
            super::is_here(&arn("ours"), &account.parse().unwrap(), &region.parse().unwrap())
        };
        assert_eq!(is_here("222222222222", "us-west-2"), Ok(()));
        for (account, region) in [("111111111111", "us-west-2"), ("222222222222", "us-east-1")] {
            let said = is_here(account, region).unwrap_err();
            assert!(said.contains(account) && said.contains(region), "{said}");
        }
    }
}
