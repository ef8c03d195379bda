//! The parameters of `CreateAuroraSecondaryDBCluster`. Older manifests contain all of them, each as a text.
//!
//! The old cluster is deleted before AWS sees the parameters of the new one. The parameters are therefore checked here as far
//! as possible. Checks that need facts are left to `guards`.

use pilot_light_domain::model::arn::{DatabaseArn, KmsKeyArn};
use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_domain::recovery::{CreateClusterInstance, CreateSecondaryCluster};

use super::super::aurora::{CLUSTER, cluster_in, global, is_here};
use super::state::CreateAuroraSecondaryDBCluster;
use crate::facts::Setting;
use crate::fields::Fields;
use crate::tagging;

const NAME: &str = "DBClusterName";

/// The clusters of the resource.
struct Clusters {
    global: String,
    here: DatabaseArn,
    primary: DatabaseArn,
}

/// The enhanced monitoring of the instance.
struct Monitoring {
    interval: Option<u16>,
    role: Option<String>,
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
    let here = here(fields, setting);
    let primary = primary(fields, setting);
    let is_here = is_here(fields, "ClusterRegion", setting).unwrap_or(true);
    is_here.then_some(Clusters { global: global?, here: here?, primary: primary? })
}

/// `DBClusterIdentifier`, an ARN or a name, and `DBClusterName`. One of them is enough. Both must name the same cluster.
fn here(fields: &mut Fields, setting: &Setting) -> Option<DatabaseArn> {
    let (identifier, name) = (fields.text(CLUSTER), fields.text(NAME));
    if identifier.is_none() && name.is_none() {
        fields.missing(&[CLUSTER, NAME], "is missing; this resourceType requires it or DBClusterName");
    }
    let mut read = |parameter, text: Option<String>| {
        text.map(|text| cluster_in(fields, parameter, &text, &setting.region, setting))
    };
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

/// `SourceDBClusterIdentifier` in `SourceRegion`. The Region may be omitted if the identifier is an ARN.
fn primary(fields: &mut Fields, setting: &Setting) -> Option<DatabaseArn> {
    const SOURCE: &str = "SourceDBClusterIdentifier";
    let (named, given) = (fields.required(SOURCE), fields.text("SourceRegion"));
    let named = named?;
    let in_arn = named.parse::<DatabaseArn>().ok().map(|arn| arn.id.region);
    let region = match (given, in_arn) {
        (None, Some(region)) => region,
        _ => fields.required_parsed("SourceRegion")?,
    };
    if region == setting.region {
        fields.problem(
            "SourceRegion",
            format!("is {region}, where this recovery runs; give the Region of the new primary, another one"),
        );
        return None;
    }
    cluster_in(fields, SOURCE, &named, &region, setting)
}

/// The properties of the new cluster. Its name is added later, so that all problems are found.
fn cluster(
    fields: &mut Fields,
    setting: &Setting,
) -> impl FnOnce(&Clusters) -> Option<CreateSecondaryCluster> + use<> {
    let engine = fields.required("Engine");
    let engine_version = fields.text("EngineVersion");
    let port = fields.number("Port");
    let subnet_group = fields.text("DBSubnetGroupName");
    let security_groups = fields.list(&["VpcSecurityGroupIds"]);
    let kms_key = kms_key(fields, setting);
    let encrypted = fields.boolean("StorageEncrypted");
    if encrypted == Some(true) && fields.text("KmsKeyId").is_none() {
        fields.missing(
            &["KmsKeyId"],
            "is missing; give a key of this Region, because AWS uses no default key for an encrypted secondary cluster",
        );
    }
    let backup_retention_days = backup_retention(fields);
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
    let instance = instance_name(fields);
    let class = fields.required("DBInstanceClass");
    let auto_minor_version_upgrade = fields.boolean("AutoMinorVersionUpgrade");
    let Monitoring { interval, role } = monitoring(fields);
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

/// `DBInstanceIdentifier` in lower case, as AWS stores it.
fn instance_name(fields: &mut Fields) -> Option<DatabaseName> {
    const INSTANCE: &str = "DBInstanceIdentifier";
    let text = fields.required(INSTANCE)?;
    let name = DatabaseName::new(&text.to_ascii_lowercase());
    name.map_err(|error| fields.problem(INSTANCE, error.to_string())).ok()
}

fn kms_key(fields: &mut Fields, setting: &Setting) -> Option<String> {
    const KEY: &str = "KmsKeyId";
    let key = fields.text(KEY)?;
    if let Ok(key) = key.parse::<KmsKeyArn>()
        && key.region != setting.region
    {
        fields.problem(KEY, format!("is a key of {}; give a key of {}", key.region, setting.region));
    }
    Some(key)
}

fn backup_retention(fields: &mut Fields) -> Option<u16> {
    const RETENTION: &str = "BackupRetentionPeriod";
    let days = fields.number(RETENTION)?;
    if !(1..=35).contains(&days) {
        fields.problem(RETENTION, format!("is {days}; Aurora allows 1 to 35 days"));
    }
    Some(days)
}

fn monitoring(fields: &mut Fields) -> Monitoring {
    const INTERVAL: &str = "MonitoringInterval";
    const ROLE: &str = "MonitoringRoleArn";
    let (interval, role) = (fields.number(INTERVAL), fields.text(ROLE));
    if let Some(seconds) = interval.filter(|seconds| ![0, 1, 5, 10, 15, 30, 60].contains(seconds)) {
        fields.problem(INTERVAL, format!("is {seconds}; allowed are 0, 1, 5, 10, 15, 30 and 60 seconds"));
    }
    if interval.is_some_and(|seconds| seconds > 0) && role.is_none() {
        fields.missing(&[ROLE], format!("is missing; {INTERVAL} needs it unless it is 0"));
    }
    Monitoring { interval, role }
}
