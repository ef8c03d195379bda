//! `StopDBInstance` and `StartDBInstance`: a stopped instance accepts neither changes nor snapshots until it is started.
//!
//! AWS starts an instance by itself seven days after it was stopped ("Stopping an Amazon RDS DB instance temporarily").

use std::sync::Arc;

use chrono::TimeDelta;
use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::database::InstanceStatus;

use super::record::{InstanceRecord, Transition};
use crate::world::World;
use crate::world::api::error::{ApiError, cluster_state, instance_state};
use crate::world::api::response::Response;
use crate::world::place::Place;
use crate::world::time::event::Event;

/// The time for which an instance stays stopped at most.
const STOPPED: TimeDelta = TimeDelta::days(7);

impl World {
    pub(in crate::world) fn stop_instance(
        &mut self,
        place: &Place,
        name: &str,
        snapshot: Option<&str>,
    ) -> Result<Response, ApiError> {
        let found = Arc::clone(self.instance(place, name)?);
        check_can_be_stopped(&found)?;
        if let Some(id) = snapshot {
            self.take_final(place, &found.arn, id)?;
        }
        self.show_status(&found.arn, "stopping");
        self.schedule(&found.arn, "stop", Transition::Stopped);
        self.instance(place, name).cloned().map(Response::Instance)
    }

    pub(in crate::world) fn start_instance(
        &mut self,
        place: &Place,
        name: &str,
    ) -> Result<Response, ApiError> {
        let found = self.instance(place, name)?;
        if found.status.0 != "stopped" {
            return Err(instance_state(format!("Instance {name} is not stopped: {}.", found.status.0)));
        }
        let arn = found.arn.clone();
        self.begin_start(&arn);
        self.instance(place, name).cloned().map(Response::Instance)
    }

    /// The instance is stopped from now on, until it is started.
    pub(in crate::world) fn finish_stop(&mut self, arn: &DatabaseArn) {
        let at = self.now + STOPPED;
        let Some(instance) = self.instance_mut(&Place::of_instance(arn), &arn.id.name) else { return };
        instance.status = InstanceStatus("stopped".to_owned());
        instance.next = Some((at, Transition::Started));
        self.agenda.insert((at, Event::InstanceReached(arn.clone())));
    }

    pub(in crate::world) fn begin_start(&mut self, arn: &DatabaseArn) {
        self.show_status(arn, "starting");
        self.schedule(arn, "start", Transition::Available);
    }

    fn show_status(&mut self, arn: &DatabaseArn, status: &str) {
        if let Some(instance) = self.change_instance(arn) {
            instance.status = InstanceStatus(status.to_owned());
        }
    }
}

/// The user guide says that RDS Custom for SQL Server can be stopped. The API reference says of all of RDS Custom that it
/// cannot. The code is that of the API model.
fn check_can_be_stopped(found: &InstanceRecord) -> Result<(), ApiError> {
    let InstanceRecord { arn, shape, options, status, .. } = found;
    let (name, engine) = (&arn.id.name, shape.engine.0.as_str());
    if found.cluster.is_some() {
        return Err(cluster_state(format!("{name} is a member of a cluster: stop the cluster instead.")));
    }
    if found.replica_of.is_some() || !found.replicas.is_empty() {
        return Err(instance_state(
            "Cannot stop or start a read replica, or an instance that has read replicas",
        ));
    }
    if engine.starts_with("sqlserver") && options.multi_az == Some(true) {
        return Err(instance_state(format!("Cannot stop the SQL Server instance {name} with Multi-AZ.")));
    }
    if engine.starts_with("custom-oracle") {
        return Err(instance_state(format!("Cannot stop the RDS Custom instance {name}.")));
    }
    if status.0 != "available" {
        return Err(instance_state(format!("Instance {name} is not in available state.")));
    }
    Ok(())
}

impl InstanceRecord {
    /// `AutomaticRestartTime`: the instant at which AWS starts a stopped instance.
    #[must_use]
    pub fn automatic_restart(&self) -> Option<pilot_light_domain::Instant> {
        self.next.filter(|(_, transition)| *transition == Transition::Started).map(|(at, _)| at)
    }
}
