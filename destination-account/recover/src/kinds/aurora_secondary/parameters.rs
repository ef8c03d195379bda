//! The parameters of `CreateAuroraSecondaryDBCluster`. Older manifests contain all of them, each as a text.
//!
//! The old cluster is deleted before AWS sees the parameters of the new one. The parameters are therefore checked here as far
//! as possible. Checks that need facts are left to `guards`.

use pilot_light_domain::model::arn::{DatabaseArn, KmsKeyArn};
use pilot_light_domain::model::ids::DatabaseKind;
use pilot_light_domain::recovery::{CreateClusterInstance, CreateSecondaryCluster};

use super::super::aurora::{CLUSTER, cluster_in, global, is_here};
use super::super::monitoring::Monitoring;
use super::state::CreateAuroraSecondaryDBCluster;
use crate::facts::Setting;
use crate::fields::Fields;
use crate::readiness::PORTS;
use crate::tagging;

pub(super) const NAME: &str = "DBClusterName";
pub(super) const SOURCE: &str = "SourceDBClusterIdentifier";
pub(super) const SOURCE_REGION: &str = "SourceRegion";
pub(super) const INSTANCE: &str = "DBInstanceIdentifier";
pub(super) const ENGINE: &str = "Engine";
pub(super) const CLASS: &str = "DBInstanceClass";
pub(super) const VERSION: &str = "EngineVersion";
pub(super) const KEY: &str = "KmsKeyId";
pub(super) const ENCRYPTED: &str = "StorageEncrypted";

/// The clusters of the resource.
struct Clusters {
    global: String,
    here: DatabaseArn,
    primary: DatabaseArn,
}

/// Reads all parameters. Problems are left in `fields`.
pub(super) fn read(fields: &mut Fields, setting: &Setting) -> Option<CreateAuroraSecondaryDBCluster> {
    let clusters = clusters(fields, setting);
    let cluster = cluster(fields, setting);
    let instance = instance(fields, setting);
    let clusters = clusters?;
    let cluster = cluster(&clusters)?;
    let instance = instance(&cluster)?;
    let Clusters { here, primary, .. } = clusters;
    Some(CreateAuroraSecondaryDBCluster { here, primary, cluster, instance })
}

fn clusters(fields: &mut Fields, setting: &Setting) -> Option<Clusters> {
    let global = global(fields);
    let cluster = |fields: &Fields, name| fields.stand_in_of(DatabaseKind::Cluster, name, setting);
    let here = here(fields, setting).or_else(|| cluster(fields, CLUSTER));
    let primary = primary(fields, setting);
    let is_here = is_here(fields, "ClusterRegion", setting).unwrap_or(true);
    let primary = primary?.or_else(|| cluster(fields, SOURCE));
    is_here.then_some(Clusters { global: global?, here: here?, primary: primary? })
}

/// `DBClusterIdentifier`, an ARN or a name, and `DBClusterName`. One of them is enough. Both must name the same cluster.
fn here(fields: &mut Fields, setting: &Setting) -> Option<DatabaseArn> {
    let (identifier, name) = (fields.text(CLUSTER), fields.text(NAME));
    if identifier.is_none() && name.is_none() {
        fields.missing(&[CLUSTER, NAME], "is missing; this resourceType requires it or DBClusterName");
    }
    let mut cluster = |parameter, text: &str| {
        let cluster = cluster_in(fields, parameter, text, &setting.region, setting)?;
        fields.checked_new(parameter, cluster.id.name.clone()).and(Some(cluster))
    };
    let mut read = |parameter, text: Option<String>| text.map(|text| cluster(parameter, &text));
    match (read(CLUSTER, identifier), read(NAME, name)) {
        (Some(one), Some(other)) if one != other => {
            if let (Some(one), Some(other)) = (one, other) {
                let (one, other) = (one.id.name, other.id.name);
                fields
                    .problem(NAME, format!("is '{other}', but {CLUSTER} is '{one}'; give only one of them"));
            }
            None
        }
        (one, other) => one.or(other)?,
    }
}

/// `SourceDBClusterIdentifier` in `SourceRegion`. The Region may be omitted if the identifier is an ARN. The outer `Option` is
/// None if the Region is this one: the recovery may run in the wrong Region, so nothing of this one is examined.
fn primary(fields: &mut Fields, setting: &Setting) -> Option<Option<DatabaseArn>> {
    let (named, given) = (fields.required(SOURCE), fields.text(SOURCE_REGION));
    let in_arn = named.as_ref().and_then(|named| named.parse::<DatabaseArn>().ok()).map(|arn| arn.id.region);
    let region = match (given, in_arn) {
        (None, Some(region)) => Some(region),
        (None, None) if named.is_none() => None,
        _ => fields.required_parsed(SOURCE_REGION),
    };
    match region {
        Some(region) if region == setting.region => {
            let said = "where this recovery runs; give the Region of the new primary, another one";
            fields.problem(SOURCE_REGION, format!("is {region}, {said}"));
            None
        }
        Some(region) => Some(named.and_then(|named| cluster_in(fields, SOURCE, &named, &region, setting))),
        None => Some(None),
    }
}

/// The properties of the new cluster. Its name is added later, so that all problems are found.
fn cluster(
    fields: &mut Fields,
    setting: &Setting,
) -> impl FnOnce(&Clusters) -> Option<CreateSecondaryCluster> + use<> {
    let engine = fields.required(ENGINE).or_else(|| fields.stand_in(ENGINE).map(String::from));
    let engine_version = fields.text(VERSION);
    let port = fields.number("Port", PORTS);
    let subnet_group = fields.text("DBSubnetGroupName");
    let security_groups = fields.list(&["VpcSecurityGroupIds"]);
    let kms_key = kms_key(fields, setting);
    let encrypted = fields.boolean(ENCRYPTED);
    if encrypted == Some(true) && fields.text(KEY).is_none() {
        fields.missing(
            &[KEY],
            "is missing; give a key of this Region, because AWS uses no default key for an encrypted secondary cluster",
        );
    }
    let backup_retention_days = fields.days("BackupRetentionPeriod", 1..=35);
    let iam_authentication = fields.boolean("EnableIAMDatabaseAuthentication");
    let deletion_protection = fields.boolean("DeletionProtection");
    let copy_tags_to_snapshot = fields.boolean("CopyTagsToSnapshot");
    let tags = tagging::ours(setting);
    move |clusters| {
        Some(CreateSecondaryCluster {
            cluster: clusters.here.id.name.clone(),
            global: clusters.global.clone(),
            source_region: Some(clusters.primary.id.region.clone()),
            engine: engine?,
            engine_version,
            port,
            subnet_group,
            security_groups,
            kms_key,
            encrypted,
            backup_retention_days,
            iam_authentication,
            deletion_protection,
            copy_tags_to_snapshot,
            tags,
        })
    }
}

/// The properties of the instance of the new cluster.
fn instance(
    fields: &mut Fields,
    setting: &Setting,
) -> impl FnOnce(&CreateSecondaryCluster) -> Option<CreateClusterInstance> + use<> {
    let instance = fields.new_instance(&[INSTANCE]).or_else(|| fields.stand_in(INSTANCE));
    let class = fields.required(CLASS).and_then(|_| fields.single(CLASS));
    let class = class.or_else(|| fields.stand_in(CLASS).map(String::from));
    let auto_minor_version_upgrade = fields.boolean("AutoMinorVersionUpgrade");
    let Monitoring { interval, role } = Monitoring::read(fields, setting);
    let tags = tagging::ours(setting);
    move |cluster| {
        Some(CreateClusterInstance {
            instance: instance?,
            cluster: cluster.cluster.clone(),
            engine: cluster.engine.clone(),
            class: class?,
            auto_minor_version_upgrade,
            monitoring_interval: interval,
            monitoring_role: role,
            tags,
        })
    }
}

fn kms_key(fields: &mut Fields, setting: &Setting) -> Option<String> {
    let key = fields.text(KEY)?;
    if let Ok(key) = key.parse::<KmsKeyArn>()
        && key.region != setting.region
    {
        fields.problem(KEY, format!("is a key of {}; give a key of {}", key.region, setting.region));
        return None;
    }
    Some(key)
}
