//! Facts for the tests of decisions, as plain values. Nothing here acts as AWS does: whole recoveries are tested on the
//! simulator, in `tests/scenes`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::database::Engine;
use pilot_light_domain::model::ids::Region;
use pilot_light_domain::model::recovery_point::Sources;
use pilot_light_domain::model::snapshot::{Snapshot, SnapshotStatus};
use pilot_light_domain::model::tags;
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::recovery::{
    Change, DbCluster, DbInstance, GlobalCluster, GlobalMember, InstanceGroups, Specification,
    StorageEncryption,
};
use pilot_light_domain::testing::{at, snapshot};

use crate::facts::{Facts, Setting};
use crate::fields::{FieldProblem, Fields, Given};
use crate::identity::Recovery;
use crate::kinds::{Kind, Next};

/// The account of the worker, and the account of the databases whose copies it keeps.
pub(crate) const ACCOUNT: &str = "222222222222";
pub(crate) const SOURCE: &str = "111111111111";
pub(crate) const EAST: &str = "us-east-1";
pub(crate) const WEST: &str = "us-west-2";
/// The Region of the worker in most tests. The copies come from the east.
pub(crate) const HERE: &str = WEST;

pub(crate) fn region(text: &str) -> Region {
    text.parse().unwrap()
}

/// The resource `orders` of a worker in the Region `here`, in an execution that began ten minutes before.
pub(crate) fn setting(here: &str, execution: &str) -> Setting {
    Setting {
        account: ACCOUNT.parse().unwrap(),
        region: region(here),
        recovery: Recovery {
            id: execution.to_owned(),
            started: at("2026-01-02T00:00:00Z"),
            manifest: "m".to_owned(),
        },
        refusals: 0,
        lacks: BTreeSet::new(),
        unread: BTreeSet::new(),
        resource: "orders".to_owned(),
    }
}

/// A resource of a kind, with these parameters.
///
/// # Panics
/// If a parameter has a problem.
pub(crate) fn read<K: Kind>(setting: &Setting, pairs: &[(&str, &str)]) -> K {
    let mut fields = fields(pairs);
    let read = K::read(&mut fields, setting);
    assert_eq!(fields.finish(), []);
    read.unwrap()
}

/// A resource of a kind with these parameters, of which one cannot be read. It is only examined.
pub(crate) fn examined<K: Kind>(setting: &Setting, pairs: &[(&str, &str)], unread: &str) -> (K, Setting) {
    let given = pairs.iter().map(|(name, value)| ((*name).to_owned(), Given::Text((*value).to_owned())));
    let given = given.chain([(unread.to_owned(), Given::Unread)]).collect();
    let mut fields = Fields::examined(given, &setting.resource);
    let kind = K::read(&mut fields, setting).unwrap();
    let setting = Setting { unread: fields.unread(), ..setting.clone() };
    assert_eq!(fields.finish(), []);
    (kind, setting)
}

/// The problems of these parameters, each as `NAME: problem`.
pub(crate) fn problems_of<K: Kind>(setting: &Setting, pairs: &[(&str, &str)]) -> String {
    let mut fields = fields(pairs);
    let _ = K::read(&mut fields, setting);
    let all = fields.finish().into_iter().map(|found| format!("{}: {}", found.parameter, found.what));
    all.collect::<Vec<_>>().join("; ")
}

/// The reasons in the facts not to start a resource. Without any, it must not fail; otherwise its first step must fail for
/// the same reason.
pub(crate) fn refusal(kind: &impl Kind, facts: &Facts, setting: &Setting) -> String {
    let obstacles = kind.obstacles(facts, setting);
    let next = kind.next(facts, &kind.mark(facts, setting), setting);
    assert_eq!(matches!(next, Next::Failed(_)), !obstacles.is_empty(), "{next:?}, {obstacles:?}");
    obstacles.into_iter().map(|(name, why)| format!("{name}: {why}")).collect::<Vec<_>>().join("; ")
}

/// The next action in a few words, at the first look at a resource.
pub(crate) fn first(kind: &impl Kind, facts: &Facts, setting: &Setting) -> String {
    words(&kind.next(facts, &kind.mark(facts, setting), setting))
}

/// Parameters as in a manifest, where every value is a text.
pub(crate) fn fields(pairs: &[(&str, &str)]) -> Fields {
    Fields::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

/// The parameters with some of them overwritten.
pub(crate) fn with<'a>(
    pairs: &[(&'a str, &'a str)],
    other: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let all: BTreeMap<_, _> = pairs.iter().chain(other).copied().collect();
    all.into_iter().collect()
}

/// `Tags` of a manifest with that number of tags.
pub(crate) fn many_tags(count: usize) -> String {
    (0..count).map(|n| format!("k{n}=v")).collect::<Vec<_>>().join(",")
}

/// The parameters that have a problem.
pub(crate) fn names_of(problems: Vec<FieldProblem>) -> Vec<String> {
    problems.into_iter().map(|problem| problem.parameter).collect()
}

/// Facts in which every list was read and is empty.
pub(crate) fn nothing(here: &str) -> Facts {
    Facts {
        account: ACCOUNT.parse().unwrap(),
        region: region(here),
        now: at("2026-01-02T00:10:00Z"),
        sources: Sources { accounts: [SOURCE.parse().unwrap()].into(), region: region(EAST) },
        instances: [EAST, WEST].map(|name| (region(name), vec![])).into(),
        clusters: [EAST, WEST].map(|name| (region(name), vec![])).into(),
        global_clusters: [(region(here), vec![])].into(),
        replication_groups: [(region(here), vec![])].into(),
        cache_endpoints: BTreeMap::new(),
        snapshots: vec![],
        lookups: BTreeMap::new(),
        unread: BTreeMap::new(),
        odd: BTreeMap::new(),
    }
}

/// Facts with these snapshots in [`HERE`] and nothing else.
pub(crate) fn facts_of(snapshots: impl IntoIterator<Item = Snapshot>) -> Facts {
    Facts { snapshots: snapshots.into_iter().map(Arc::new).collect(), ..nothing(HERE) }
}

/// An available instance in the worker's account.
pub(crate) fn instance(region: &str, name: &str) -> DbInstance {
    DbInstance {
        arn: format!("arn:aws:rds:{region}:{ACCOUNT}:db:{name}").parse().unwrap(),
        status: "available".to_owned(),
        engine: Engine("postgres".into()),
        class: "db.r6g.large".to_owned(),
        specification: Specification::default(),
        resource_id: format!("db-{name}-{region}"),
        created_at: Some(at("2020-01-01T00:00:00Z")),
        cluster: None,
        replica_of: None,
        replicas: vec![],
        deletion_protection: false,
        multi_az: None,
        kms_key: None,
        public: None,
        groups: InstanceGroups::default(),
        endpoint: None,
        backup_retention_days: Some(0),
        tags: Tags::new(),
    }
}

/// A member of a cluster.
pub(crate) fn member(region: &str, name: &str, cluster: &str) -> DbInstance {
    let engine = Engine("aurora-mysql".into());
    let cluster = Some(cluster.parse().unwrap());
    DbInstance { engine, cluster, backup_retention_days: None, ..instance(region, name) }
}

/// A usable copy made by Pilot Light, of a database in the source account.
pub(crate) fn our_copy(id: &str, database: &str, taken: &str) -> Snapshot {
    let mut copy = own_snapshot(id, database, taken);
    let origin = format!("arn:aws:rds:{EAST}:{SOURCE}:snapshot:{id}");
    copy.tags = tags::of([(tags::COPIED_BY, tags::TOOL), (tags::SOURCE_SNAPSHOT_ARN, &origin)]);
    copy
}

/// A usable snapshot of the worker's own account.
pub(crate) fn own_snapshot(id: &str, database: &str, taken: &str) -> Snapshot {
    let mut own = snapshot(&format!("arn:aws:rds:{HERE}:{ACCOUNT}:snapshot:{id}"), database);
    own.original_created_at = Some(at(taken));
    own
}

pub(crate) fn cluster_arn(region: &str, name: &str) -> DatabaseArn {
    format!("arn:aws:rds:{region}:{ACCOUNT}:cluster:{name}").parse().unwrap()
}

pub(crate) fn cluster(region: &str, name: &str, members: &[&str]) -> DbCluster {
    DbCluster {
        arn: cluster_arn(region, name),
        status: "available".to_owned(),
        engine: Engine("aurora-mysql".into()),
        engine_version: None,
        resource_id: format!("cluster-{region}-{name}"),
        created_at: Some(at("2025-01-01T00:00:00Z")),
        members: members.iter().map(|name| name.parse().unwrap()).collect(),
        encryption: Some(StorageEncryption::Kms),
        endpoint: None,
        deletion_protection: false,
        tags: Tags::new(),
    }
}

/// A global cluster whose first member is the writer.
pub(crate) fn global(id: &str, members: &[DatabaseArn]) -> GlobalCluster {
    let member =
        |(at, cluster): (usize, &DatabaseArn)| GlobalMember { cluster: cluster.clone(), is_writer: at == 0 };
    GlobalCluster {
        id: id.to_owned(),
        status: "available".to_owned(),
        deletion_protection: false,
        members: members.iter().enumerate().map(member).collect(),
    }
}

/// The next action in a few words, such as `restore orders from orders-1` or `wait: …`.
pub(crate) fn words(next: &Next) -> String {
    match next {
        Next::Ask { change, .. } | Next::Adjust { change, .. } => words_of(change),
        Next::AskInOrder { first, change, .. } => format!("{}, {}", words_of(first), words_of(change)),
        Next::Wait(what) | Next::Adjusting { what, .. } => format!("wait: {what}"),
        Next::Done => "done".to_owned(),
        Next::UpBut(what) => format!("done, but {what}"),
        Next::Tidy { changes, but } => {
            let changes = changes.iter().map(|(change, _)| words_of(change));
            changes.chain(but.iter().map(|but| format!("but {but}"))).collect::<Vec<_>>().join(", ")
        }
        Next::Failed(why) => format!("failed: {why}"),
    }
}

/// A change in a few words.
pub(crate) fn words_of(change: &Change) -> String {
    match change {
        Change::RestoreInstance(new) => format!("restore {} from {}", new.instance, new.snapshot.id),
        Change::CreateReplica(new) => format!("replica {} of {}", new.instance, new.source.id.name),
        Change::PromoteReplica(name) => format!("promote {name}"),
        Change::RenameInstance { from, to } => format!("rename {from} to {to}"),
        Change::ProtectInstance { instance, protected } => format!("protect {instance} {protected}"),
        Change::KeepBackups { instance, days } => format!("keep backups of {instance} for {days} days"),
        Change::DeleteInstance { instance, final_snapshot: None, .. } => {
            format!("delete {instance} for good")
        }
        Change::DeleteInstance { instance, final_snapshot: Some(id), .. } => {
            format!("delete {instance} keeping {id}")
        }
        Change::TagDatabase { database, .. } => format!("tag {}", database.id.name),
        Change::TagSnapshot { snapshot, .. } => format!("tag {}", snapshot.id),
        Change::DeleteSnapshot(id) => format!("delete {id}"),
        other => other.action().to_owned(),
    }
}

impl Facts {
    pub(crate) fn add_cluster(mut self, cluster: DbCluster) -> Self {
        self.clusters.get_mut(&cluster.arn.id.region).unwrap().push(cluster);
        self
    }

    pub(crate) fn add_instance(mut self, instance: DbInstance) -> Self {
        self.instances.get_mut(&instance.arn.id.region).unwrap().push(instance);
        self
    }

    pub(crate) fn add_snapshot(mut self, snapshot: Snapshot) -> Self {
        self.snapshots.push(Arc::new(snapshot));
        self
    }

    pub(crate) fn add_global(mut self, global: GlobalCluster) -> Self {
        self.globals().push(global);
        self
    }

    pub(crate) fn globals(&mut self) -> &mut Vec<GlobalCluster> {
        self.global_clusters.get_mut(&self.region).unwrap()
    }

    pub(crate) fn global_mut(&mut self, id: &str) -> &mut GlobalCluster {
        self.globals().iter_mut().find(|global| global.id == id).unwrap()
    }

    pub(crate) fn cluster_mut(&mut self, region: &str, name: &str) -> &mut DbCluster {
        let arn = cluster_arn(region, name);
        let all = self.clusters.get_mut(&arn.id.region).unwrap();
        all.iter_mut().find(|cluster| cluster.arn == arn).unwrap()
    }

    pub(crate) fn instance_mut(&mut self, region: &str, name: &str) -> &mut DbInstance {
        let all = self.instances.get_mut(&region.parse().unwrap()).unwrap();
        all.iter_mut().find(|instance| instance.arn.id.name.as_str() == name).unwrap()
    }

    /// All snapshots become unusable.
    pub(crate) fn spoil_snapshots(mut self) -> Self {
        for found in &mut self.snapshots {
            Arc::make_mut(found).status = SnapshotStatus::Failed;
        }
        self
    }
}
