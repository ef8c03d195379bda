//! `DeleteDBInstance`: deletes an instance that is neither protected nor busy, with a final snapshot on request.

use std::sync::Arc;

use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::database::InstanceStatus;

use super::record::{InstanceRecord, Transition};
use crate::world::World;
use crate::world::api::error::{ApiError, instance_state, invalid_combination};
use crate::world::api::request::DeleteDbInstance;
use crate::world::api::response::Response;
use crate::world::place::Place;

/// The states in which an instance cannot be deleted.
const BUSY: [&str; 5] = ["creating", "backing-up", "deleting", "renaming", "rebooting"];

impl World {
    pub(in crate::world) fn delete_instance(
        &mut self,
        place: &Place,
        ask: &DeleteDbInstance,
    ) -> Result<Response, ApiError> {
        let found = Arc::clone(self.instance(place, &ask.name)?);
        check_deletable(&found)?;
        check_final_snapshot(&found, ask)?;
        match &ask.final_snapshot {
            // The instance is removed once this snapshot is complete.
            Some(id) => {
                self.take_final(place, &found.arn, id)?;
                self.show_deleting(&found.arn);
            }
            None => {
                self.show_deleting(&found.arn);
                self.schedule(&found.arn, "delete", Transition::Gone);
            }
        }
        self.instance(place, &ask.name).cloned().map(Response::Instance)
    }

    fn show_deleting(&mut self, arn: &DatabaseArn) {
        if let Some(instance) = self.change_instance(arn) {
            instance.status = InstanceStatus("deleting".to_owned());
        }
    }
}

fn check_deletable(found: &InstanceRecord) -> Result<(), ApiError> {
    let InstanceRecord { arn, options, status, .. } = found;
    if options.deletion_protection == Some(true) {
        return Err(invalid_combination(
            "Cannot delete protected DB Instance, please disable deletion protection and try again.",
        ));
    }
    if BUSY.contains(&status.0.as_str()) {
        return Err(instance_state(format!("Instance {} is currently {}.", arn.id.name, status.0)));
    }
    Ok(())
}

/// Neither a replica nor a member of a cluster has a final snapshot: their data is that of the source or the cluster.
fn check_final_snapshot(found: &InstanceRecord, ask: &DeleteDbInstance) -> Result<(), ApiError> {
    let refusal = match (ask.skip_final_snapshot, &ask.final_snapshot) {
        (true, Some(_)) => {
            "FinalDBSnapshotIdentifier can not be specified when deleting with SkipFinalSnapshot"
        }
        (false, Some(_)) if found.cluster.is_some() => {
            "FinalDBSnapshotIdentifier can not be specified when deleting a cluster instance"
        }
        (false, Some(_)) if found.replica_of.is_some() => {
            "FinalDBSnapshotIdentifier can not be specified when deleting a replica instance"
        }
        (false, None) if found.cluster.is_none() => {
            "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified."
        }
        (false, Some(_)) if !found.status.accepts_snapshot() => return Err(cannot_take(found)),
        _ => return Ok(()),
    };
    Err(invalid_combination(refusal))
}

/// The text is recorded: hashicorp/terraform-provider-aws pull request 46687.
fn cannot_take(found: &InstanceRecord) -> ApiError {
    instance_state(format!(
        "Cannot create a snapshot because the database instance {} is not currently in the available state.",
        found.arn.id.name
    ))
}
