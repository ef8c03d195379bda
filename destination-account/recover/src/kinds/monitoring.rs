//! The parameters of enhanced monitoring. AWS requires a role for an interval.

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
    pub(super) fn read(fields: &mut Fields) -> Self {
        let (interval, role) = (fields.number(INTERVAL, ALLOWED), fields.text(ROLE));
        let is_allowed = |seconds: &u16| SECONDS.contains(seconds);
        let interval = interval.and_then(|given| fields.allowed(INTERVAL, given, ALLOWED, is_allowed));
        if interval.is_some_and(|seconds| seconds > 0) && role.is_none() {
            fields.missing(&[ROLE], format!("is missing; {INTERVAL} needs it unless it is 0"));
        }
        Self { interval, role }
    }
}
