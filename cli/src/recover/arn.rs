//! The ARNs of state machines and of their executions, as options give them.

use std::fmt;

use pilot_light_domain::model::ids::{AccountId, Region};

/// The ARN of a state machine or of an execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StatesArn {
    text: String,
    /// Its Region.
    pub(super) region: Region,
    /// Its account.
    pub(super) account: AccountId,
    /// The name of the state machine.
    pub(super) machine: String,
}

impl StatesArn {
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    fn parse(text: &str, kind: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let ["arn", partition, "states", region, account, found, machine, more @ ..] = parts.as_slice()
        else {
            return None;
        };
        // An alias or a version may follow the name of a state machine. The name of an execution follows that of its machine.
        let is_counted = if kind == EXECUTION { more.len() == 1 } else { more.len() <= 1 };
        let is_name = |name: &&str| !name.is_empty() && !name.contains(char::is_whitespace);
        let are_names = is_name(machine) && more.iter().all(is_name);
        let is_valid = *found == kind && partition.starts_with("aws") && is_counted && are_names;
        let (region, account) = (Region::new(region).ok()?, AccountId::new(account).ok()?);
        is_valid.then(|| Self { text: text.to_owned(), region, account, machine: (*machine).to_owned() })
    }
}

const EXECUTION: &str = "execution";

/// The ARN of a state machine.
pub(super) fn state_machine(text: &str) -> Result<StatesArn, &'static str> {
    StatesArn::parse(text, "stateMachine").ok_or(
        "give the ARN of a state machine, such as arn:aws:states:us-west-2:222222222222:stateMachine:NAME; \
         `aws stepfunctions list-state-machines` lists them",
    )
}

/// The ARN of an execution.
pub(super) fn execution(text: &str) -> Result<StatesArn, &'static str> {
    StatesArn::parse(text, EXECUTION).ok_or(
        "give the ARN of an execution, such as arn:aws:states:us-west-2:222222222222:execution:MACHINE:NAME; \
         `pilot-light recover --manifest` printed it when it started the recovery, and the messages of the recovery have it; \
         `aws stepfunctions list-executions --state-machine-arn ARN` lists all executions of a state machine",
    )
}

impl fmt::Display for StatesArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "arn:aws:states:us-west-2:222222222222";

    #[test]
    fn an_arn_names_its_region_account_and_machine() {
        for (arn, machine) in [
            (state_machine(&format!("{HERE}:stateMachine:drill")), "drill"),
            (state_machine(&format!("{HERE}:stateMachine:drill:7")), "drill"),
            (execution(&format!("{HERE}:execution:drill:run-1")), "drill"),
        ] {
            let arn = arn.unwrap();
            assert_eq!(
                (arn.region.as_str(), arn.account.as_str(), arn.machine.as_str()),
                ("us-west-2", "222222222222", machine)
            );
        }
    }

    #[test]
    fn any_other_text_is_refused() {
        for text in
            ["", "x", "run-1", "arn:aws:states:us-west-2", "arn:aws:states:us-west-2:2:execution:drill:run-1"]
        {
            assert!(execution(text).is_err() && state_machine(text).is_err(), "{text}");
        }
        for rest in [
            "stateMachine:drill",
            "execution:drill",
            "execution:drill:",
            "execution:drill:a:b",
            "execution:drill:a b",
        ] {
            assert!(execution(&format!("{HERE}:{rest}")).is_err(), "{rest}");
        }
        for rest in ["execution:drill:run-1", "stateMachine:", "stateMachine:a:b:c"] {
            assert!(state_machine(&format!("{HERE}:{rest}")).is_err(), "{rest}");
        }
        assert!(execution("arn:aws:rds:us-west-2:222222222222:execution:drill:run-1").is_err());
    }
}
