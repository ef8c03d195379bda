//! The parameters of enhanced monitoring. AWS requires a role of the account for an interval.
//!
//! Whether the role exists is left to `readiness`.

use crate::facts::Setting;
use crate::fields::Fields;

const INTERVAL: &str = "MonitoringInterval";
const ROLE: &str = "MonitoringRoleArn";
const SECONDS: [u16; 7] = [0, 1, 5, 10, 15, 30, 60];
const ALLOWED: &str = "0, 1, 5, 10, 15, 30 and 60 seconds";

/// The enhanced monitoring of a new instance.
#[derive(Debug)]
pub(super) struct Monitoring {
    pub(super) interval: Option<u16>,
    pub(super) role: Option<String>,
}

impl Monitoring {
    /// Reads the parameters.
    pub(super) fn read(fields: &mut Fields, setting: &Setting) -> Self {
        let (interval, role) = (fields.number(INTERVAL, ALLOWED), fields.text(ROLE));
        let is_allowed = |seconds: &u16| SECONDS.contains(seconds);
        let interval = interval.and_then(|given| fields.allowed(INTERVAL, given, ALLOWED, is_allowed));
        if interval.is_some_and(|seconds| seconds > 0) && role.is_none() {
            fields.missing(&[ROLE], format!("is missing; {INTERVAL} needs it unless it is 0"));
        }
        if let Some(what) = role.as_deref().and_then(|role| unfit(role, setting)) {
            fields.problem(ROLE, what);
        }
        Self { interval, role }
    }
}

/// The reason that AWS cannot use the role, if its ARN shows one.
fn unfit(role: &str, setting: &Setting) -> Option<String> {
    let own = format!("arn:{}:iam::{}:role/", setting.region.partition().as_str(), setting.account);
    let name = role.strip_prefix(&own).and_then(|path| path.rsplit('/').next());
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
    let is_name = |name: &str| (1..=64).contains(&name.len()) && name.chars().all(is_allowed);
    (!name.is_some_and(is_name))
        .then(|| format!("is '{role}'; give the ARN of a role of this account: {own}NAME"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{EAST, setting};

    #[test]
    fn a_monitoring_role_must_be_the_arn_of_a_role_of_this_account() {
        let setting = setting(EAST, "one");
        for fits in ["role/monitoring", "role/team/db/rds-monitoring_1"] {
            assert_eq!(unfit(&format!("arn:aws:iam::222222222222:{fits}"), &setting), None);
        }
        for wrong in [
            "monitoring",
            "arn:aws:iam::111111111111:role/monitoring",
            "arn:aws-cn:iam::222222222222:role/monitoring",
            "arn:aws:iam::222222222222:user/monitoring",
            "arn:aws:iam::222222222222:role/",
            "arn:aws:iam::222222222222:role/a b",
            "arn:aws:iam:us-east-1:222222222222:role/monitoring",
        ] {
            let said = unfit(wrong, &setting).unwrap();
            let allowed = "give the ARN of a role of this account: arn:aws:iam::222222222222:role/NAME";
            assert!(said.starts_with(&format!("is '{wrong}'; ")) && said.ends_with(allowed), "{said}");
        }
    }
}
