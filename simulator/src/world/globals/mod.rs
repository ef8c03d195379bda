//! Global clusters: one file for each API action, the record, and changes over time.
//!
//! A global cluster has one primary cluster. Its clusters in other Regions follow the primary. The requests are in
//! `clusters::request`.

mod create;
mod delete;
mod describe;
mod failover;
mod modify;
pub(super) mod record;
mod remove;

use std::sync::Arc;

use pilot_light_domain::model::arn::DatabaseArn;

pub use self::record::{FailoverState, GlobalKey, GlobalMemberRecord, GlobalRecord};

use self::record::GlobalStep;
use crate::world::World;
use crate::world::api::error::{ApiError, cluster_not_found, global_not_found, global_state, invalid_value};
use crate::world::clusters::request::ClusterResponse;
use crate::world::place::Place;
use crate::world::time::event::Event;
use crate::world::time::lag::Lags;

impl World {
    /// The member with this ARN.
    pub(in crate::world) fn member(
        &self,
        global: &GlobalRecord,
        cluster: &str,
    ) -> Result<GlobalMemberRecord, ApiError> {
        let arn: DatabaseArn = cluster.parse().map_err(|_| {
            invalid_value(format!("Malformed db cluster arn {cluster}: give the ARN of a cluster."))
        })?;
        let found = global.members.iter().find(|member| member.cluster == arn);
        found.cloned().ok_or_else(|| cluster_not_found(cluster))
    }

    /// Adds a new cluster, as the primary if there is none.
    pub(in crate::world) fn join_global(&mut self, key: &GlobalKey, cluster: &DatabaseArn) {
        if let Some(global) = self.change_global(key) {
            let is_writer = global.members.is_empty();
            global.members.push(GlobalMemberRecord { cluster: cluster.clone(), is_writer });
        }
    }

    pub(in crate::world) fn global(&self, place: &Place, id: &str) -> Result<&Arc<GlobalRecord>, ApiError> {
        self.globals.get(&GlobalKey::new(&place.account, id)).ok_or_else(|| global_not_found(id))
    }

    pub(in crate::world) fn available_global(
        &self,
        place: &Place,
        id: &str,
    ) -> Result<&Arc<GlobalRecord>, ApiError> {
        let global = self.global(place, id)?;
        if global.status == "available" {
            return Ok(global);
        }
        Err(global_state(format!("Global cluster {id} is {}.", global.status)))
    }

    pub(in crate::world) fn global_response(&self, key: &GlobalKey) -> Result<ClusterResponse, ApiError> {
        let found = self.globals.get(key).cloned();
        found.map(ClusterResponse::Global).ok_or_else(|| global_not_found(&key.id))
    }

    pub(in crate::world) fn change_global(&mut self, key: &GlobalKey) -> Option<&mut GlobalRecord> {
        let (now, until) = (self.now, self.lag_end());
        let global = Arc::make_mut(self.globals.get_mut(key)?);
        global.keep_before(now, until);
        Some(global)
    }

    pub(in crate::world) fn send_global(&mut self, key: &GlobalKey, status: &str, step: GlobalStep) {
        let at = self.now + self.lasts(status, &key.id);
        let Some(global) = self.change_global(key) else { return };
        status.clone_into(&mut global.status);
        global.next = Some((at, step));
        self.agenda.insert((at, Event::GlobalReached(key.clone())));
    }

    pub(in crate::world) fn reach_global(&mut self, key: &GlobalKey) {
        let Some(global) = self.globals.get_mut(key).map(Arc::make_mut) else { return };
        match global.next.take() {
            Some((_, GlobalStep::Available)) => "available".clone_into(&mut global.status),
            Some((_, GlobalStep::Moved)) => self.finish_failover(key),
            Some((_, GlobalStep::Gone)) => {
                self.globals.remove(key);
            }
            None => {}
        }
    }
}
