//! Tests of the gateway over the real clients and canned HTTP: the reads, and the request of each change.

mod changes;
mod creations;
mod endpoints;
mod lookups;
mod reads;

use pilot_light_domain::recovery::{Change, RecoveryCloud, RecoveryGateway};

use super::AwsRecovery;
use crate::testing::{Canned, only_request, rds_answer, region};

fn recovery(canned: &Canned, place: &str) -> AwsRecovery {
    canned.cloud().recovery(&region(place))
}

/// The fields of the only request that `change` makes. Its action must be the one that the change names.
async fn request_of(change: &Change, place: &str) -> Vec<(String, String)> {
    let canned = Canned::new([(200, rds_answer(change.action(), ""))]);
    assert_eq!(recovery(&canned, place).change(change).await, Ok(()), "{change:?}");
    let action = format!("Action={}&", change.action());
    assert!(canned.sent()[0].starts_with(&action), "{:?}", canned.sent());
    only_request(&canned)
}
