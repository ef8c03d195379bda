//! The rules for a new member of a global cluster, and the role of its enhanced monitoring.
//!
//! AWS sees the class and the role only after the old cluster is deleted.

use super::demand::Member;
use super::{CLASS, Check, Level, MONITORING_ROLE, lists, some_of};

/// The class whose capacity the cluster decides.
const SERVERLESS: &str = "db.serverless";

pub(super) fn check(check: &mut Check<'_>) {
    if let Some(member) = check.demand().member {
        for class in check.demand().class.names() {
            of_member(check, class, member);
        }
    }
    if let Some(role) = &check.demand().monitoring_role {
        let name = role.rsplit('/').next().unwrap_or(role);
        let said = format!(
            "is {role}; this check cannot look up a role, and AWS refuses the instance if the role does not exist or if monitoring.rds.amazonaws.com may not assume it; see `aws iam get-role --role-name {name}`"
        );
        check.add(Level::Unknown, MONITORING_ROLE, said);
    }
}

fn of_member(check: &mut Check<'_>, class: &str, member: Member) {
    if class == SERVERLESS && member == Member::OfNewCluster {
        let said = format!(
            "is {class}, for which AWS requires a ServerlessV2ScalingConfiguration of the cluster, which this resourceType does not give; write a provisioned class{}",
            others(check)
        );
        check.add(Level::Blocking, CLASS, said);
    } else if lists::is_global(check.demand(), class, check.facts) == Some(false) {
        let said = format!("is {class}, which AWS refuses in a global cluster{}", others(check));
        check.add(Level::Blocking, CLASS, said);
    }
}

/// The classes that AWS offers to the members of global clusters.
fn others(check: &Check<'_>) -> String {
    let demand = check.demand();
    let Some(rows) = lists::rows(demand, None, check.facts) else {
        return "; write a memory-optimized class, such as db.r6g.large".to_owned();
    };
    let fits =
        |class: &&str| *class != SERVERLESS && lists::is_global(demand, class, check.facts) != Some(false);
    let mut names: Vec<&str> = rows.iter().map(|row| row.class.as_str()).filter(fits).collect();
    names.sort_unstable();
    names.dedup();
    format!("; it offers {} there", some_of(&names))
}
