//! `FailoverElastiCacheCluster`: another replication group of a global datastore becomes its primary.
//!
//! The role decides, so that no check passes on the state of before. Failing back is the same, in the other Region.

use pilot_light_domain::model::ids::Region;
use pilot_light_domain::recovery::{Change, GlobalReplicationGroup, ReplicationGroupMember, ReplicationRole};
use serde_json::Value;

use super::aurora::{AVAILABLE, Obstacle, ask, is_here, wait};
use super::{Kind, Next};
use crate::facts::{Facts, Need, Setting};
use crate::fields::Fields;

/// A replication group of this Region that takes over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FailoverElastiCacheCluster {
    datastore: String,
    region: Region,
    group: String,
}

const DATASTORE: &str = "GlobalReplicationGroupId";
const REGION: &str = "TargetRegion";
const GROUP: &str = "TargetReplicationGroupId";

/// The status of a replication group that follows, or is followed.
const ASSOCIATED: &str = "associated";

impl Kind for FailoverElastiCacheCluster {
    const NAME: &'static str = "FailoverElastiCacheCluster";
    /// An hour: it takes minutes.
    const POLLS: u32 = 240;

    fn read(fields: &mut Fields, setting: &Setting) -> Option<Self> {
        let datastore = fields.required(DATASTORE);
        let group = fields.required(GROUP);
        let here = fields.required(REGION).and_then(|_| is_here(fields, REGION, setting))?;
        let (datastore, group) = (datastore?.to_ascii_lowercase(), group?.to_ascii_lowercase());
        here.then_some(Self { datastore, region: setting.region.clone(), group })
    }

    fn needs(&self, setting: &Setting) -> Vec<Need> {
        vec![Need::ReplicationGroups(setting.region.clone())]
    }

    fn acts_on(&self, _: &Setting) -> Vec<String> {
        vec![format!("datastore/{}", self.datastore)]
    }

    fn obstacles(&self, facts: &Facts, _: &Setting) -> Vec<Obstacle> {
        self.look(facts).err().into_iter().collect()
    }

    fn next(&self, facts: &Facts, _: &Value, _: &Setting) -> Next {
        match self.look(facts) {
            Err((_, what)) => Next::Failed(what),
            Ok((datastore, _)) if datastore.status != AVAILABLE => {
                wait("global datastore", &datastore.id, &datastore.status)
            }
            Ok((_, group)) if group.status != ASSOCIATED => {
                wait("replication group", &group.id, &group.status)
            }
            Ok((datastore, ReplicationGroupMember { role: ReplicationRole::Primary, .. })) => {
                settled(datastore)
            }
            Ok(_) => self.fail_over(),
        }
    }
}

/// Done once the groups that are to follow do so.
fn settled(datastore: &GlobalReplicationGroup) -> Next {
    let unsettled = datastore.members.iter().find(|group| group.status != ASSOCIATED);
    unsettled.map_or(Next::Done, |group| wait("replication group", &group.id, &group.status))
}

impl FailoverElastiCacheCluster {
    fn look<'a>(
        &self,
        facts: &'a Facts,
    ) -> Result<(&'a GlobalReplicationGroup, &'a ReplicationGroupMember), Obstacle> {
        let Self { datastore: id, region, group } = self;
        if *region != facts.region {
            return Err((REGION, format!("is {region}, and this runs in {}", facts.region)));
        }
        let missing = || (DATASTORE, format!("there is no global datastore '{id}' in this account"));
        let datastore = facts.replication_group(id).ok_or_else(missing)?;
        if ["deleting", "deleted"].contains(&datastore.status.as_str()) {
            return Err((DATASTORE, format!("global datastore '{id}' is '{}'", datastore.status)));
        }
        let found = datastore.members.iter().find(|member| member.id == *group && member.region == *region);
        let stranger = || (GROUP, format!("'{group}' is no replication group of '{id}' in {region}"));
        Ok((datastore, found.ok_or_else(stranger)?))
    }

    fn fail_over(&self) -> Next {
        let Self { datastore: id, region, group } = self.clone();
        let then = format!("global datastore '{id}' to fail over to '{group}'");
        let change = Change::FailoverReplicationGroup { id, region: region.clone(), group };
        ask(&region, change, then)
    }
}

#[cfg(test)]
mod tests;
