//! The resources of two Regions before and after a recovery.
//!
//! Every operation takes 20 s, and lists show a change 5 s late. A scene therefore needs few checks. [`super::scenes`]
//! contains the manifests.

use pilot_light_domain::aws::cloud::Parameters;
use pilot_light_domain::model::database::InstanceStatus;
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::testing::at;
use pilot_light_simulator::in_process::{SimulatedCloud, Simulation};
use pilot_light_simulator::world::{
    CacheRequest, ClusterRequest, CreateDbCluster, CreateDbInstance, CreateDbInstanceReadReplica,
    CreateGlobalCluster, CreateGlobalReplicationGroup, CreateReplicationGroup, Dump, InstanceOptions,
    Request, SecondsRange, Settings, SnapshotOrigin,
};

use crate::{DESTINATION, SOURCE, account, path_of, region};

/// One Region.
pub const EAST: &str = "us-east-1";
/// The other one.
pub const WEST: &str = "us-west-2";
/// The id that AWS gives to the global datastore of [`Estate::carts`].
pub const CARTS: &str = "ldgnf-carts";

/// The account, in both Regions.
#[derive(Debug, Clone)]
pub struct Estate {
    /// The world.
    pub simulation: Simulation,
    /// The parameters of the worker.
    pub parameters: Parameters,
    /// The number of calls that built the world, before the scene begins.
    pub calls_before: u64,
}

impl Default for Estate {
    fn default() -> Self {
        Self::with(|_| {})
    }
}

impl Estate {
    /// An empty estate in which some settings of the simulated AWS are different.
    pub fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let seconds = SecondsRange::new(20, 20).unwrap();
        let mut settings = Settings {
            snapshot_seconds: seconds,
            copy_seconds: seconds,
            instance_seconds: seconds,
            lag_seconds: 5,
            ..Settings::default()
        };
        change(&mut settings);
        let parameters = Parameters::from([("CrossAccountCopy".to_owned(), "FALSE".to_owned())]);
        let simulation = Simulation::new(settings, at("2026-03-01T00:00:00Z"));
        Self { simulation, parameters, calls_before: 0 }
    }

    /// Sets a parameter of the worker.
    pub fn parameter(&mut self, name: &str, value: &str) {
        self.parameters.insert(name.to_owned(), value.to_owned());
    }

    /// Turns the estate into a destination account: it keeps copies of the databases of [`SOURCE`] in the east.
    #[must_use]
    pub fn of_copies(mut self) -> Self {
        self.parameters.clear();
        self.parameter("SourceAccounts", SOURCE);
        self.parameter("SourceRegionOverride", EAST);
        self
    }

    /// Sends a request to the simulated AWS, and waits until the operation has ended.
    pub fn set(&self, place: &str, request: Request) {
        self.simulation.request(&account(DESTINATION), &region(place), request).unwrap();
        self.simulation.settle();
    }

    /// Creates a protected instance with automated backups, and so with one automated snapshot.
    pub fn database(&self, place: &str, name: &str, tags: &[(&str, &str)]) {
        let options = InstanceOptions {
            backup_retention_days: Some(7),
            deletion_protection: Some(true),
            ..Default::default()
        };
        let tags: Tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let (name, engine, class) = (name.to_owned(), "postgres".to_owned(), "db.r6g.large".to_owned());
        let create = CreateDbInstance { name, engine, class, options, tags, ..Default::default() };
        self.set(place, Request::CreateDbInstance(create));
    }

    /// Creates a replica of the instance with that name in the other Region.
    pub fn replica(&self, place: &str, name: &str) {
        let source = instance(other(place), name);
        let create = CreateDbInstanceReadReplica { name: name.to_owned(), source, ..Default::default() };
        self.set(place, Request::CreateDbInstanceReadReplica(create));
    }

    /// Creates the global cluster `shop`: a protected primary `shop-east` with two instances, and a secondary
    /// `shop-west` with one instance.
    pub fn shop(&self) {
        let mut east = cluster("shop-east");
        east.options.deletion_protection = Some(true);
        self.set(EAST, about(ClusterRequest::CreateDbCluster(east)));
        for name in ["shop-east-1", "shop-east-2"] {
            self.member(EAST, name, "shop-east");
        }
        let source = Some("shop-east".to_owned());
        let global = CreateGlobalCluster { id: "shop".to_owned(), source, ..Default::default() };
        self.set(EAST, about(ClusterRequest::CreateGlobalCluster(global)));
        let west = CreateDbCluster { global: Some("shop".to_owned()), ..cluster("shop-west") };
        self.set(WEST, about(ClusterRequest::CreateDbCluster(west)));
        self.member(WEST, "shop-west-1", "shop-west");
    }

    /// Creates a cluster with one instance, which is in no global cluster.
    pub fn lone_cluster(&self, place: &str, name: &str) {
        self.set(place, about(ClusterRequest::CreateDbCluster(cluster(name))));
        self.member(place, &format!("{name}-1"), name);
    }

    fn member(&self, place: &str, name: &str, cluster: &str) {
        let create = CreateDbInstance {
            name: name.to_owned(),
            engine: "aurora-mysql".to_owned(),
            class: "db.r6g.large".to_owned(),
            cluster: Some(cluster.to_owned()),
            ..Default::default()
        };
        self.set(place, Request::CreateDbInstance(create));
    }

    /// Removes the secondary `shop-west` from `shop`. It is then a cluster of its own.
    pub fn detach_west(&self) {
        let west = format!("arn:aws:rds:{WEST}:{DESTINATION}:cluster:shop-west");
        self.set(WEST, about(ClusterRequest::RemoveFromGlobalCluster("shop".to_owned(), west)));
    }

    /// Creates a global datastore with the primary `carts` in the east and the secondary `carts-dr` in the west.
    pub fn carts(&self) {
        let group = |id: &str| CreateReplicationGroup { id: id.to_owned(), ..Default::default() };
        let cache = |request: CacheRequest| Request::Cache(Box::new(request));
        self.set(EAST, cache(CacheRequest::CreateReplicationGroup(group("carts"))));
        let (suffix, primary) = ("carts".to_owned(), "carts".to_owned());
        let global = CreateGlobalReplicationGroup { suffix, primary, ..Default::default() };
        self.set(EAST, cache(CacheRequest::CreateGlobalReplicationGroup(global)));
        let joined = CreateReplicationGroup { datastore: Some(CARTS.to_owned()), ..group("carts-dr") };
        self.set(WEST, cache(CacheRequest::CreateReplicationGroup(joined)));
    }

    /// The worker's view of the account in a Region.
    #[must_use]
    pub fn cloud(&self, place: &str) -> SimulatedCloud {
        let cloud = self.simulation.cloud(&account(DESTINATION), &region(place), self.parameters.clone());
        cloud.named("destination-recover", path_of("destination-recover"))
    }

    /// The whole world in a form in which two executions can be compared.
    ///
    /// - Times are left out.
    /// - The tags `PilotLightRecovery`, `PilotLightStarted`, `PilotLightPromoted` and `PilotLightEnded` are left out, because they
    ///   name the execution and its times.
    /// - Automated snapshots are left out, because they come and go with their instances.
    /// - Every usable instance is "available", whether its first backup is over or not.
    #[must_use]
    pub fn end(&self) -> Dump {
        let mut dump = self.simulation.with_world(|world| world.dump()).without_times();
        let databases = dump.databases.iter_mut().map(|found| &mut found.tags);
        for tags in databases.chain(dump.clusters.iter_mut().map(|found| &mut found.tags)) {
            for tag in ["PilotLightRecovery", "PilotLightStarted", "PilotLightPromoted", "PilotLightEnded"] {
                tags.remove(tag);
            }
        }
        for found in &mut dump.databases {
            if InstanceStatus(found.status.clone()).is_usable() {
                found.status = "available".to_owned();
            }
        }
        dump.snapshots.retain(|found| found.origin == SnapshotOrigin::Manual);
        dump
    }

    /// One line for each instance, cluster, global cluster, global datastore and remaining snapshot.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let dump = self.end();
        let mut lines: Vec<String> = dump.databases.iter().map(instance_line).collect();
        lines.extend(dump.clusters.iter().map(|found| {
            let protected = if found.deletion_protection { ", protected" } else { "" };
            format!("{}: cluster {} {}{protected}", found.arn.id.region, found.arn.id.name, found.status)
        }));
        lines.extend(dump.global_clusters.iter().map(global_line));
        lines.extend(dump.datastores.iter().map(|found| {
            let primary = found.primary.as_ref().map_or("nobody", |(_, id)| id.as_str());
            format!("{} {}, led by {primary}", found.id, found.status)
        }));
        lines.extend(kept(&dump));
        lines
    }
}

fn instance_line(found: &pilot_light_simulator::world::DatabaseDump) -> String {
    let protected = if found.deletion_protection { ", protected" } else { "" };
    let follows = found.replica_of.as_ref().map(|source| format!(", follows {}", source.id.region));
    let cluster = found.cluster.as_ref().map(|cluster| format!(", in {cluster}"));
    let (follows, cluster) = (follows.unwrap_or_default(), cluster.unwrap_or_default());
    format!("{}: {} {}{cluster}{follows}{protected}", found.region, found.id, found.status)
}

fn global_line(found: &pilot_light_simulator::world::GlobalDump) -> String {
    let writer = found.writer.as_ref().map_or("nobody", |writer| writer.id.name.as_str());
    let members: Vec<_> = found.members.iter().map(|member| member.id.name.as_str()).collect();
    format!("{} {}, led by {writer}, of {}", found.id, found.status, members.join(" and "))
}

/// The snapshots that remain when their instance or cluster is deleted. The hash at the end of their names is left out.
fn kept(dump: &Dump) -> Vec<String> {
    let own = dump.snapshots.iter().map(|found| (&found.region, found.id.as_str()));
    let clusters = dump.cluster_snapshots.keys().map(|arn| (&arn.region, arn.id.as_str()));
    let clusters = clusters.filter(|(_, id)| !id.starts_with("rds:"));
    own.chain(clusters).map(|(at, id)| format!("{at}: kept {}", unhashed(id))).collect()
}

fn unhashed(id: &str) -> &str {
    id.rsplit_once('-').map_or(id, |(name, _)| name)
}

/// The ARN of an instance.
#[must_use]
pub fn instance(place: &str, name: &str) -> String {
    format!("arn:aws:rds:{place}:{DESTINATION}:db:{name}")
}

/// The other Region.
#[must_use]
pub fn other(place: &str) -> &'static str {
    if place == EAST { WEST } else { EAST }
}

fn about(request: ClusterRequest) -> Request {
    Request::Cluster(Box::new(request))
}

fn cluster(name: &str) -> CreateDbCluster {
    CreateDbCluster { name: name.to_owned(), engine: "aurora-mysql".to_owned(), ..Default::default() }
}
