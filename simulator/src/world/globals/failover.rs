//! `SwitchoverGlobalCluster` and `FailoverGlobalCluster`: another cluster becomes the primary.
//!
//! A switchover loses no data. A failover works without the old primary.

use std::sync::Arc;

use pilot_light_domain::model::arn::DatabaseArn;

use super::record::{FailoverState, GlobalKey, GlobalRecord, GlobalStep};
use crate::world::World;
use crate::world::api::error::{ApiError, cluster_state, global_state, invalid_combination, invalid_value};
use crate::world::clusters::request::{ClusterResponse, FailoverGlobalCluster};
use crate::world::place::Place;

impl World {
    pub(in crate::world) fn switch_global_over(
        &mut self,
        place: &Place,
        id: &str,
        target: &str,
    ) -> Result<ClusterResponse, ApiError> {
        let (global, failover) = self.takeover(place, id, target, false)?;
        for member in &global.members {
            self.check_in_service(&place.account, &member.cluster.id.region)
                .map_err(|_| global_state(format!("{} does not answer.", member.cluster)))?;
            self.check_cluster_available(&member.cluster)?;
        }
        self.begin_failover(&global.key, failover, "switching-over")
    }

    pub(in crate::world) fn fail_global_over(
        &mut self,
        place: &Place,
        ask: &FailoverGlobalCluster,
    ) -> Result<ClusterResponse, ApiError> {
        match (ask.allow_data_loss.unwrap_or(false), ask.switchover) {
            (true, Some(true)) => Err(invalid_combination(
                "AllowDataLoss and Switchover cannot both be given: the one is a failover, the other is not.",
            )),
            (true, _) => {
                let (global, failover) = self.takeover(place, &ask.id, &ask.target, true)?;
                self.check_in_service(&place.account, &failover.to.id.region)?;
                self.check_cluster_available(&failover.to)?;
                self.begin_failover(&global.key, failover, "failing-over")
            }
            (false, _) => self.switch_global_over(place, &ask.id, &ask.target),
        }
    }

    fn takeover(
        &self,
        place: &Place,
        id: &str,
        target: &str,
        allows_data_loss: bool,
    ) -> Result<(Arc<GlobalRecord>, FailoverState), ApiError> {
        let global = self.available_global(place, id)?;
        let target = self.member(global, target)?;
        if target.is_writer {
            return Err(invalid_value(format!("{} is the primary cluster already.", target.cluster)));
        }
        let Some(primary) = global.members.iter().find(|member| member.is_writer) else {
            return Err(global_state(format!("Global cluster {id} has no primary.")));
        };
        let failover = FailoverState { from: primary.cluster.clone(), to: target.cluster, allows_data_loss };
        Ok((Arc::clone(global), failover))
    }

    fn check_cluster_available(&self, arn: &DatabaseArn) -> Result<(), ApiError> {
        if self.cluster_of(arn).is_some_and(|cluster| cluster.status == "available") {
            return Ok(());
        }
        Err(cluster_state(format!("DB cluster {arn} is not available.")))
    }

    fn begin_failover(
        &mut self,
        key: &GlobalKey,
        failover: FailoverState,
        status: &str,
    ) -> Result<ClusterResponse, ApiError> {
        for arn in [&failover.from, &failover.to] {
            if let Some(cluster) = self.change_cluster(arn) {
                status.clone_into(&mut cluster.status);
            }
        }
        self.send_global(key, status, GlobalStep::Moved);
        if let Some(global) = self.change_global(key) {
            global.failover = Some(failover);
        }
        self.global_response(key)
    }

    pub(in crate::world) fn finish_failover(&mut self, key: &GlobalKey) {
        let Some(global) = self.globals.get_mut(key).map(Arc::make_mut) else { return };
        "available".clone_into(&mut global.status);
        let Some(FailoverState { from, to, .. }) = global.failover.take() else { return };
        for member in &mut global.members {
            member.is_writer = member.cluster == to;
        }
        for (arn, is_secondary) in [(from, true), (to, false)] {
            if let Some(cluster) = self.cluster_mut(&arn) {
                "available".clone_into(&mut cluster.status);
                cluster.is_secondary = is_secondary;
            }
        }
    }
}
