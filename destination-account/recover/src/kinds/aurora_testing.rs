//! Aurora for the tests of its kinds: facts of two Regions, and the effect of each change, first as begun and then as done.
//!
//! It refuses the changes that AWS refuses.

use std::collections::BTreeMap;

use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::database::Engine;
use pilot_light_domain::model::ids::Region;
use pilot_light_domain::model::recovery_point::Sources;
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::recovery::{Change, DbCluster, DbInstance, GlobalCluster, GlobalMember};
use pilot_light_domain::testing::at;

use super::Next;
use crate::facts::{Facts, Setting};
use crate::fields::{FieldProblem, Fields};
use crate::identity::Recovery;

pub(super) const EAST: &str = "us-east-1";
pub(super) const WEST: &str = "us-west-2";

pub(super) fn region(text: &str) -> Region {
    text.parse().unwrap()
}

pub(super) fn cluster_arn(region: &str, name: &str) -> DatabaseArn {
    format!("arn:aws:rds:{region}:111111111111:cluster:{name}").parse().unwrap()
}

/// A worker in the Region `here`.
pub(super) fn setting(here: &str, execution: &str) -> Setting {
    Setting {
        account: "111111111111".parse().unwrap(),
        region: region(here),
        recovery: Recovery {
            id: execution.to_owned(),
            started: at("2026-01-01T00:00:00Z"),
            manifest: "m".to_owned(),
        },
        refusals: 0,
        resource: "shop (all of it)".to_owned(),
    }
}

/// Parameters as in a manifest, where every value is a text.
pub(super) fn fields(pairs: &[(&str, &str)]) -> Fields {
    Fields::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

/// The parameters with some of them overwritten.
pub(super) fn with<'a>(
    pairs: &[(&'a str, &'a str)],
    other: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let all: BTreeMap<_, _> = pairs.iter().chain(other).copied().collect();
    all.into_iter().collect()
}

/// The parameters that have a problem.
pub(super) fn names_of(problems: Vec<FieldProblem>) -> Vec<String> {
    problems.into_iter().map(|problem| problem.parameter).collect()
}

/// Facts in which every list was read and is empty.
pub(super) fn nothing(here: &str) -> Facts {
    Facts {
        account: "111111111111".parse().unwrap(),
        region: region(here),
        now: at("2026-01-01T00:10:00Z"),
        sources: Sources { accounts: ["111111111111".parse().unwrap()].into(), region: region(EAST) },
        instances: [EAST, WEST].map(|name| (region(name), vec![])).into(),
        clusters: [EAST, WEST].map(|name| (region(name), vec![])).into(),
        global_clusters: [(region(here), vec![])].into(),
        replication_groups: [(region(here), vec![])].into(),
        snapshots: vec![],
        unread: BTreeMap::new(),
        odd: BTreeMap::new(),
    }
}

pub(super) fn cluster(region: &str, name: &str, members: &[&str]) -> DbCluster {
    DbCluster {
        arn: cluster_arn(region, name),
        status: "available".to_owned(),
        engine: Engine("aurora-mysql".into()),
        resource_id: format!("cluster-{region}-{name}"),
        created_at: Some(at("2025-01-01T00:00:00Z")),
        members: members.iter().map(|name| name.parse().unwrap()).collect(),
        endpoint: None,
        deletion_protection: false,
        tags: Tags::new(),
    }
}

pub(super) fn instance(region: &str, name: &str, of: Option<&str>) -> DbInstance {
    DbInstance {
        arn: format!("arn:aws:rds:{region}:111111111111:db:{name}").parse().unwrap(),
        status: "available".to_owned(),
        engine: Engine("aurora-mysql".into()),
        class: "db.r6g.large".to_owned(),
        resource_id: format!("db-{region}-{name}"),
        created_at: Some(at("2025-01-01T00:00:00Z")),
        cluster: of.map(|name| name.parse().unwrap()),
        replica_of: None,
        replicas: vec![],
        endpoint: None,
        deletion_protection: false,
        multi_az: None,
        kms_key: None,
        backup_retention_days: None,
        tags: Tags::new(),
    }
}

/// A global cluster whose first member is the writer.
pub(super) fn global(id: &str, members: &[DatabaseArn]) -> GlobalCluster {
    let member =
        |(at, cluster): (usize, &DatabaseArn)| GlobalMember { cluster: cluster.clone(), is_writer: at == 0 };
    GlobalCluster {
        id: id.to_owned(),
        status: "available".to_owned(),
        deletion_protection: false,
        members: members.iter().enumerate().map(member).collect(),
    }
}

impl Facts {
    pub(super) fn add_cluster(mut self, cluster: DbCluster) -> Self {
        self.clusters.get_mut(&cluster.arn.id.region).unwrap().push(cluster);
        self
    }

    pub(super) fn add_instance(mut self, instance: DbInstance) -> Self {
        self.instances.get_mut(&instance.arn.id.region).unwrap().push(instance);
        self
    }

    pub(super) fn add_global(mut self, global: GlobalCluster) -> Self {
        self.globals().push(global);
        self
    }

    pub(super) fn globals(&mut self) -> &mut Vec<GlobalCluster> {
        self.global_clusters.get_mut(&self.region).unwrap()
    }

    pub(super) fn global_mut(&mut self, id: &str) -> &mut GlobalCluster {
        self.globals().iter_mut().find(|global| global.id == id).unwrap()
    }

    pub(super) fn cluster_mut(&mut self, region: &str, name: &str) -> &mut DbCluster {
        let arn = cluster_arn(region, name);
        let all = self.clusters.get_mut(&arn.id.region).unwrap();
        all.iter_mut().find(|cluster| cluster.arn == arn).unwrap()
    }

    pub(super) fn instance_mut(&mut self, region: &str, name: &str) -> &mut DbInstance {
        let all = self.instances.get_mut(&region.parse().unwrap()).unwrap();
        all.iter_mut().find(|instance| instance.arn.id.name.as_str() == name).unwrap()
    }

    /// Shows the effect of `change` as begun.
    pub(super) fn begin(&mut self, region: &Region, change: &Change) {
        let here = region.as_str();
        match change.clone() {
            Change::SwitchoverGlobalCluster { id, target } => self.begin_move(&id, &target, "switching-over"),
            Change::FailoverGlobalCluster { id, target } => self.begin_move(&id, &target, "failing-over"),
            Change::RemoveFromGlobalCluster { id, cluster } => {
                assert_eq!(cluster.id.region, *region, "a cluster is removed in its own Region");
                assert!(self.global_mut(&id).member(&cluster).is_some());
                self.cluster_mut(here, cluster.id.name.as_str()).status = "promoting".to_owned();
            }
            Change::ProtectCluster { cluster, protected } => {
                self.cluster_mut(here, cluster.as_str()).deletion_protection = protected;
            }
            Change::DeleteInstance { instance, final_snapshot, .. } => {
                let found = self.instance_mut(here, instance.as_str());
                assert!(
                    found.cluster.is_some() && final_snapshot.is_none(),
                    "a member of a cluster has none"
                );
                found.status = "deleting".to_owned();
            }
            Change::DeleteCluster { cluster, .. } => {
                let found = self.cluster_mut(here, cluster.as_str());
                assert!(!found.deletion_protection && found.members.is_empty(), "{found:?}");
                found.status = "deleting".to_owned();
                let arn = found.arn.clone();
                assert!(self.globals().iter().all(|global| global.member(&arn).is_none()));
            }
            Change::DeleteGlobalCluster(id) => {
                let found = self.global_mut(&id);
                assert!(found.members.is_empty() && !found.deletion_protection);
                found.status = "deleting".to_owned();
            }
            Change::CreateGlobalCluster { id, primary } => {
                assert_eq!(
                    primary.id.region, *region,
                    "created around a cluster of the Region of the request"
                );
                assert!(self.globals().iter().all(|global| global.id != id), "'{id}' exists");
                self.globals()
                    .push(GlobalCluster { status: "creating".to_owned(), ..global(&id, &[primary]) });
            }
            Change::CreateSecondaryCluster(new) => {
                assert!(self.clusters[region].iter().all(|old| old.arn.id.name != new.cluster), "it exists");
                let status = "creating".to_owned();
                let made = DbCluster { status, tags: new.tags, ..cluster(here, new.cluster.as_str(), &[]) };
                self.clusters.get_mut(region).unwrap().push(made);
            }
            Change::CreateClusterInstance(new) => {
                assert!(
                    self.instances[region].iter().all(|old| old.arn.id.name != new.instance),
                    "it exists"
                );
                self.cluster_mut(here, new.cluster.as_str()).members.push(new.instance.clone());
                let made = instance(here, new.instance.as_str(), Some(new.cluster.as_str()));
                let made = DbInstance { status: "creating".to_owned(), tags: new.tags, ..made };
                self.instances.get_mut(region).unwrap().push(made);
            }
            other => panic!("no change of these kinds: {other:?}"),
        }
    }

    fn begin_move(&mut self, id: &str, target: &DatabaseArn, status: &str) {
        let global = self.global_mut(id);
        assert_eq!(global.member(target).map(|member| member.is_writer), Some(false));
        global.status = status.to_owned();
    }

    /// Shows the effect of `change`, which has begun, as done.
    pub(super) fn finish(&mut self, region: &Region, change: &Change) {
        let here = region.as_str();
        match change.clone() {
            Change::SwitchoverGlobalCluster { id, target } | Change::FailoverGlobalCluster { id, target } => {
                let global = self.global_mut(&id);
                global.members.iter_mut().for_each(|member| member.is_writer = member.cluster == target);
                global.status = "available".to_owned();
            }
            Change::RemoveFromGlobalCluster { id, cluster } => {
                self.global_mut(&id).members.retain(|member| member.cluster != cluster);
                self.cluster_mut(here, cluster.id.name.as_str()).status = "available".to_owned();
            }
            Change::DeleteInstance { instance, .. } => {
                let gone = self.instance_mut(here, instance.as_str()).cluster.clone().unwrap();
                self.instances.get_mut(region).unwrap().retain(|found| found.arn.id.name != instance);
                self.cluster_mut(here, gone.as_str()).members.retain(|member| *member != instance);
            }
            Change::DeleteCluster { cluster, .. } => {
                self.clusters.get_mut(region).unwrap().retain(|found| found.arn.id.name != cluster);
            }
            Change::DeleteGlobalCluster(id) => self.globals().retain(|global| global.id != id),
            Change::CreateGlobalCluster { id, .. } => self.global_mut(&id).status = "available".to_owned(),
            Change::CreateSecondaryCluster(new) => {
                let arn = cluster_arn(here, new.cluster.as_str());
                self.cluster_mut(here, new.cluster.as_str()).status = "available".to_owned();
                self.global_mut(&new.global).members.push(GlobalMember { cluster: arn, is_writer: false });
            }
            Change::CreateClusterInstance(new) => {
                self.instance_mut(here, new.instance.as_str()).status = "available".to_owned();
            }
            _ => {}
        }
    }
}

/// All steps from the beginning to the end.
pub(super) struct Walk {
    /// The facts between the changes, before the first and after the last one included.
    pub(super) rests: Vec<Facts>,
    /// The facts while each change is under way.
    pub(super) begun: Vec<Facts>,
    /// The requested changes.
    pub(super) requested: Vec<&'static str>,
    changes: Vec<Change>,
}

/// Makes the changes that `next` requests until it is done. A change under way must count neither as done nor as failed nor
/// as not begun.
pub(super) fn walk(mut facts: Facts, next: impl Fn(&Facts) -> Next) -> Walk {
    let mut walk = Walk { rests: vec![facts.clone()], begun: vec![], requested: vec![], changes: vec![] };
    loop {
        let answer = next(&facts);
        let Next::Ask { region, change, .. } = &answer else {
            assert_eq!(answer, Next::Done, "{facts:#?}");
            return walk;
        };
        assert!(walk.requested.len() < 20, "it goes round in circles: {:?}", walk.requested);
        facts.begin(region, change);
        let meanwhile = next(&facts);
        assert!(!matches!(meanwhile, Next::Done | Next::Failed(_)), "{meanwhile:?} after {change:?}");
        assert_ne!(meanwhile, answer, "the change was requested twice");
        walk.begun.push(facts.clone());
        facts.finish(region, change);
        walk.rests.push(facts.clone());
        walk.requested.push(change.action());
        walk.changes.push(change.clone());
    }
}

/// Continues from every point of `walk` in another execution. It must request the remaining changes and repeat none.
pub(super) fn goes_on_from_every_point(walk_before: &Walk, next: impl Fn(&Facts) -> Next) {
    for (at, rest) in walk_before.rests.iter().enumerate() {
        assert_eq!(walk(rest.clone(), &next).requested, walk_before.requested[at..], "from point {at}");
    }
    for (view, asked) in walk_before.begun.iter().zip(&walk_before.changes) {
        match next(view) {
            Next::Ask { change, .. } => assert!(!is_repeated(&change, asked), "requested again: {change:?}"),
            other => assert!(matches!(other, Next::Wait(_)), "{other:?} after {asked:?}"),
        }
    }
}

/// True if both changes are the same apart from their tags. Deletions of different instances are different changes.
fn is_repeated(one: &Change, other: &Change) -> bool {
    one.action() == other.action() && (one == other || !matches!(one, Change::DeleteInstance { .. }))
}
