//! The common part of the kinds for Aurora global clusters: reading the names of clusters, finding a cluster in its global
//! cluster, and waiting for it. The decisions are left to the kinds.

use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::database::InstanceStatus;
use pilot_light_domain::model::ids::{DatabaseId, DatabaseKind, DatabaseName, InvalidId, Region};
use pilot_light_domain::recovery::{Change, DbCluster, DbInstance, GlobalCluster};
use serde_json::Value;

use super::{Next, takeover};
use crate::facts::{Facts, Need, Setting};
use crate::fields::Fields;
use crate::progress::Outcome;

/// The only status in which clusters, global clusters and global datastores are up.
pub(super) const AVAILABLE: &str = "available";

/// A reason not to start a resource, with the parameter that causes it.
pub(super) type Obstacle = (&'static str, String);

/// A cluster of this Region that takes over in its global cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// `GlobalClusterIdentifier`.
    pub(super) global: String,
    /// `DBClusterIdentifier`.
    pub(super) cluster: DatabaseArn,
}

impl Target {
    /// Reads `GlobalClusterIdentifier` and `DBClusterIdentifier`.
    pub(super) fn read(fields: &mut Fields, setting: &Setting) -> Option<Self> {
        let global = global(fields);
        let cluster = fields
            .required(CLUSTER)
            .and_then(|named| cluster_in(fields, CLUSTER, &named, &setting.region, setting))
            .or_else(|| fields.stand_in_of(DatabaseKind::Cluster, CLUSTER, setting));
        Some(Self { global: global?, cluster: cluster? })
    }

    /// All lists come from the Region that takes over, because the other Region may be down.
    pub(super) fn needs(&self, setting: &Setting) -> Vec<Need> {
        let region = || setting.region.clone();
        vec![Need::Clusters(region()), Need::GlobalClusters(region()), Need::Instances(region())]
    }

    /// The global cluster and the cluster.
    pub(super) fn acts_on(&self) -> Vec<String> {
        vec![format!("global/{}", self.global), acted_on(&self.cluster)]
    }

    /// The cluster, if it exists in this Region in a state in which it can take over.
    pub(super) fn cluster<'a>(&self, facts: &'a Facts) -> Result<&'a DbCluster, Obstacle> {
        let DatabaseId { region, name, .. } = &self.cluster.id;
        if *region != facts.region {
            let what = format!(
                "'{name}' is in {region}, but this recovery runs in {}; start it in {region}",
                facts.region
            );
            return Err((CLUSTER, what));
        }
        let missing =
            || (CLUSTER, format!("there is no cluster '{name}' in {region}; correct the identifier"));
        let found = facts.cluster(&self.cluster).ok_or_else(missing)?;
        if let Some(what) = stuck("cluster", name.as_str(), &found.status) {
            return Err((CLUSTER, what));
        }
        if found.members.is_empty() {
            // It would be "available" without accepting writes.
            let what =
                format!("cluster '{}' has no instance that could take over; create one first", found.arn);
            return Err((CLUSTER, what));
        }
        Ok(found)
    }

    /// The obstacle that the instances of the cluster will never accept connections.
    pub(super) fn unusable(&self, cluster: &DbCluster, facts: &Facts) -> Vec<Obstacle> {
        match until_served(cluster, facts) {
            Some(Next::Failed(what)) => vec![(CLUSTER, what)],
            _ => vec![],
        }
    }

    /// The note on the first look: whether it follows the writer of a global cluster.
    pub(super) fn mark(&self, facts: &Facts, setting: &Setting) -> Value {
        let is_secondary = membership(facts, &self.cluster).is_some_and(|(_, is_writer)| !is_writer);
        takeover::mark(is_secondary, facts.cluster(&self.cluster).map(|found| &found.tags), setting)
    }
}

pub(super) const GLOBAL: &str = "GlobalClusterIdentifier";
pub(super) const CLUSTER: &str = "DBClusterIdentifier";

/// `GlobalClusterIdentifier`, as AWS stores it, or a stand-in.
pub(super) fn global(fields: &mut Fields) -> Option<String> {
    let given = fields.required(GLOBAL);
    if let Some(id) = given.as_ref().filter(|id| !is_global(id)) {
        let said = "AWS allows a letter, followed by letters, digits and -:._, at most 255 in all";
        fields.problem(GLOBAL, format!("is '{id}'; {said}"));
    }
    let id = given.filter(|id| is_global(id)).or_else(|| fields.stand_in(GLOBAL).map(String::from));
    id.map(|id| id.to_ascii_lowercase())
}

/// True if a global cluster can have the identifier: AWS's model has this pattern.
fn is_global(id: &str) -> bool {
    const LONGEST: usize = 255;
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-:._".contains(c);
    id.starts_with(|c: char| c.is_ascii_alphabetic()) && id.chars().all(is_allowed) && id.len() <= LONGEST
}

/// The cluster that `text` names by its ARN or by its identifier alone. It must be in `region`. Its problems are left in
/// `fields`.
pub(super) fn cluster_in(
    fields: &mut Fields,
    parameter: &'static str,
    text: &str,
    region: &Region,
    setting: &Setting,
) -> Option<DatabaseArn> {
    let text = text.to_ascii_lowercase();
    let found = parse(parameter, &text, region, setting).and_then(|arn| placed(arn, region, setting));
    found.map_err(|what| fields.problem(parameter, what)).ok()
}

fn parse(parameter: &str, text: &str, region: &Region, setting: &Setting) -> Result<DatabaseArn, String> {
    if text.starts_with("arn:") {
        return text.parse().map_err(|error| format!("{error}"));
    }
    let name = DatabaseName::new(text).map_err(|InvalidId { given, allowed, .. }| {
        // `DBClusterName` is a name in the manifests of the DR Orchestrator.
        let or_arn = if parameter.ends_with("Name") { "" } else { ", or the ARN of a cluster" };
        format!("'{given}' is not a valid cluster identifier; allowed: {allowed}{or_arn}")
    })?;
    let (account, region) = (setting.account.clone(), region.clone());
    Ok(DatabaseArn {
        partition: region.partition(),
        id: DatabaseId { account, region, kind: DatabaseKind::Cluster, name },
    })
}

fn placed(arn: DatabaseArn, region: &Region, setting: &Setting) -> Result<DatabaseArn, String> {
    let id = &arn.id;
    if id.kind != DatabaseKind::Cluster {
        return Err(format!("'{arn}' is an instance; give a cluster"));
    }
    if id.account != setting.account {
        return Err(format!("'{arn}' is in another account; give a cluster of account {}", setting.account));
    }
    if id.region != *region {
        return Err(format!("'{arn}' is in {}; give a cluster in {region}", id.region));
    }
    Ok(arn)
}

/// True if the parameter names this Region. Problems are left in `fields`.
pub(super) fn is_here(fields: &mut Fields, parameter: &'static str, setting: &Setting) -> Option<bool> {
    let region = fields.parsed::<Region>(parameter)?;
    if region != setting.region {
        let way_out =
            format!("is {region}, but this recovery runs in {}; start it in {region}", setting.region);
        fields.problem(parameter, way_out);
    }
    Some(region == setting.region)
}

/// The global cluster that contains `cluster`, as the worker's own Region lists it, and true if `cluster` is its writer.
pub(super) fn membership<'a>(facts: &'a Facts, cluster: &DatabaseArn) -> Option<(&'a GlobalCluster, bool)> {
    let all = facts.global_clusters.get(&facts.region)?;
    all.iter().find_map(|global| Some((global, global.member(cluster)?.is_writer)))
}

/// The problem if a status does not end by itself. None for a status that may change.
pub(super) fn stuck(what: &str, name: &str, status: &str) -> Option<String> {
    const STUCK: [&str; 5] = ["cloning-failed", "deleting", "migration-failed", "stopped", "stopping"];
    let is_stuck = STUCK.contains(&status) || InstanceStatus(status.to_owned()).is_broken();
    is_stuck.then(|| {
        format!(
            "{what} '{name}' is '{status}', a status that does not end by itself; make it 'available', then start again"
        )
    })
}

/// Waits until an instance of an available cluster accepts connections, or fails if none ever will. None if one does.
pub(super) fn until_served(cluster: &DbCluster, facts: &Facts) -> Option<Next> {
    let name = &cluster.arn.id.name;
    let status = |found: &DbInstance| InstanceStatus(found.status.clone());
    if instances_of(cluster, facts).any(|found| status(found).is_usable()) {
        return None;
    }
    let is_lost = |found: &DbInstance| stuck("instance", found.arn.id.name.as_str(), &found.status);
    if let Some(coming) = instances_of(cluster, facts).find(|found| is_lost(found).is_none()) {
        return Some(wait("instance", coming.arn.id.name.as_str(), &coming.status));
    }
    let lost: Vec<String> = instances_of(cluster, facts).filter_map(is_lost).collect();
    if lost.is_empty() {
        return Some(Next::Wait(format!("AWS does not list the instances of cluster '{name}' yet")));
    }
    Some(Next::Failed(format!(
        "cluster '{name}' has no instance that accepts connections: {}",
        lost.join("; ")
    )))
}

/// The instances of a cluster of this Region, according to the list of instances.
pub(super) fn instances_of<'a>(
    cluster: &'a DbCluster,
    facts: &'a Facts,
) -> impl Iterator<Item = &'a DbInstance> {
    let all = facts.instances.get(&facts.region).into_iter().flatten();
    all.filter(|instance| instance.cluster.as_ref() == Some(&cluster.arn.id.name))
}

/// The result for a cluster that is up.
pub(super) fn outcome(cluster: &DbCluster) -> Outcome {
    let endpoint = cluster.endpoint.as_ref().map(ToString::to_string);
    Outcome { endpoint, took_over: takeover::promoted(&cluster.tags), ..Outcome::default() }
}

/// A cluster as [`super::Kind::acts_on`] names it.
pub(super) fn acted_on(cluster: &DatabaseArn) -> String {
    format!("cluster/{}/{}", cluster.id.region, cluster.id.name)
}

/// A change in `region`, and the activity that then is in progress.
pub(super) fn ask(region: &Region, change: Change, then: impl Into<String>) -> Next {
    Next::Ask { region: region.clone(), change, then: then.into() }
}

/// Waits for a thing of AWS, such as a cluster, with its status.
pub(super) fn wait(what: &str, name: &str, status: &str) -> Next {
    Next::Wait(format!("{what} '{name}' is '{status}'"))
}
