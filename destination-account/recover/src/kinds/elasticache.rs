//! `FailoverElastiCacheCluster`: another replication group of a global datastore becomes its primary.
//!
//! The role of the group decides, so no check mistakes the state before the failover for success. A failback is the same
//! change in the other Region.

use pilot_light_domain::model::ids::Region;
use pilot_light_domain::recovery::{Change, GlobalReplicationGroup, ReplicationGroupMember, ReplicationRole};
use serde_json::{Value, json};

use super::aurora::{AVAILABLE, Obstacle, ask, is_here, wait};
use super::{Kind, Next, takeover};
use crate::facts::{Facts, Need, Setting};
use crate::fields::Fields;
use crate::progress::Outcome;

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

/// The status of a replication group that is fully part of its global datastore.
const ASSOCIATED: &str = "associated";

impl Kind for FailoverElastiCacheCluster {
    const NAME: &'static str = "FailoverElastiCacheCluster";
    /// One hour: a failover takes minutes.
    const LIMIT_MINUTES: u64 = 60;

    fn read(fields: &mut Fields, setting: &Setting) -> Option<Self> {
        let [datastore, group] = [DATASTORE, GROUP].map(|name| {
            let id = fields.required(name).or_else(|| fields.stand_in(name).map(String::from));
            id.map(|id| id.to_ascii_lowercase())
        });
        let given = fields.required(REGION);
        let here = given.and_then(|_| is_here(fields, REGION, setting));
        fields.or_examined(here, true)?.then_some(Self {
            datastore: datastore?,
            region: setting.region.clone(),
            group: group?,
        })
    }

    fn needs(&self, setting: &Setting) -> Vec<Need> {
        vec![Need::ReplicationGroups(setting.region.clone())]
    }

    fn acts_on(&self, _: &Setting) -> Vec<String> {
        vec![format!("datastore/{}", self.datastore)]
    }

    fn obstacles(&self, facts: &Facts, setting: &Setting) -> Vec<Obstacle> {
        self.look(facts).err().filter(|_| setting.knows(&[DATASTORE])).into_iter().collect()
    }

    fn outcome_needs(&self, setting: &Setting) -> Vec<Need> {
        vec![Need::CacheEndpoints(setting.region.clone())]
    }

    fn outcome(&self, facts: &Facts, _: &Setting) -> Option<Outcome> {
        let endpoint = facts.cache_endpoint(&self.group)?.to_string();
        Some(Outcome { endpoint: Some(endpoint), ..Outcome::default() })
    }

    fn mark(&self, _: &Facts, _: &Setting) -> Value {
        json!({"led": false, "lost": 0})
    }

    fn sees(&self, facts: &Facts, mark: &Value, _: &Setting) -> Option<Value> {
        let (_, group) = self.look(facts).ok()?;
        takeover::sees(mark, group.role == ReplicationRole::Primary)
    }

    fn next(&self, facts: &Facts, mark: &Value, _: &Setting) -> Next {
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
            Ok(_) => takeover::lost(mark, &self.group).unwrap_or_else(|| self.fail_over()),
        }
    }
}

/// Done once all replication groups are associated again.
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
            let what =
                format!("is {region}, but this recovery runs in {}; start it in {region}", facts.region);
            return Err((REGION, what));
        }
        let missing = || {
            (
                DATASTORE,
                format!("there is no global datastore '{id}' in this account; correct the identifier"),
            )
        };
        let datastore = facts.replication_group(id).ok_or_else(missing)?;
        if ["deleting", "deleted"].contains(&datastore.status.as_str()) {
            let what = format!("global datastore '{id}' is '{}'; give another one", datastore.status);
            return Err((DATASTORE, what));
        }
        let found = datastore.members.iter().find(|member| member.id == *group && member.region == *region);
        let unknown = || {
            let what =
                format!("'{group}' is not a replication group of '{id}' in {region}; correct the identifier");
            (GROUP, what)
        };
        Ok((datastore, found.ok_or_else(unknown)?))
    }

    fn fail_over(&self) -> Next {
        let Self { datastore: id, region, group } = self.clone();
        let then = format!("failing over global datastore '{id}' to '{group}'");
        let change = Change::FailoverReplicationGroup { id, region: region.clone(), group };
        ask(&region, change, then)
    }
}

#[cfg(test)]
mod tests;
