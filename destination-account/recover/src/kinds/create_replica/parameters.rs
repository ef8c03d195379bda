//! The parameters of `CreateRDSReadReplica`. The old instance is deleted before AWS sees them, so they are checked here as far as
//! possible. Checks that need facts are left to the parent module.

use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::ids::{DatabaseId, DatabaseKind, DatabaseName, Region};
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::recovery::CreateReplica;

use super::super::monitoring::Monitoring;
use super::{CreateRDSReadReplica, DAYS, INSTANCE, KEY, SOURCE, SOURCE_REGION};
use crate::facts::Setting;
use crate::fields::Fields;
use crate::readiness::PORTS;
use crate::tagging;

/// Reads all parameters. Their problems are left in `fields`.
pub(super) fn read(fields: &mut Fields, setting: &Setting) -> Option<CreateRDSReadReplica> {
    // Older manifests give it. It names nothing that a replica needs.
    fields.unused(&["TargetClusterIdentifier"]);
    let instance = fields.new_instance(&[INSTANCE]).or_else(|| fields.stand_in(INSTANCE));
    let source = source(fields, setting);
    let kms_key = fields.text(KEY);
    check_encryption(fields, kms_key.as_deref());
    let options = options(fields, setting);
    let backup_days = fields.days(DAYS, 0..=35);
    let (instance, source, tags) = (instance?, source?, tagging::ours(setting));
    Some(CreateRDSReadReplica {
        replica: CreateReplica { kms_key, tags, ..options(instance, source) },
        backup_days,
    })
}

/// The new primary. It can only be in another Region.
fn source(fields: &mut Fields, setting: &Setting) -> Option<DatabaseArn> {
    let region = fields.parsed::<Region>(SOURCE_REGION);
    let is_here = |region: &Region| *region == setting.region;
    if let Some(region) = region.as_ref().filter(|region| is_here(region)) {
        let said =
            format!("is {region}, where this recovery runs; give the Region of the new primary, another one");
        fields.problem(SOURCE_REGION, said);
    }
    let named = named_source(fields, region.as_ref(), setting);
    if named.as_ref().map(|source| &source.id.region).or(region.as_ref()).is_some_and(is_here) {
        // The recovery may run in the wrong Region, so nothing of this one is examined.
        return None;
    }
    named.or_else(|| fields.stand_in_of(DatabaseKind::Instance, SOURCE, setting))
}

/// The instance that the manifest names: an ARN, or a name in `SourceRegion`.
fn named_source(fields: &mut Fields, region: Option<&Region>, setting: &Setting) -> Option<DatabaseArn> {
    let text = fields.required(SOURCE)?;
    if !text.starts_with("arn:") {
        let name = fields.instance(SOURCE);
        if region.is_none() {
            let said = format!("is missing; give it, because {SOURCE} is a name and not an ARN");
            fields.missing(&[SOURCE_REGION], said);
        }
        return Some(arn(name?, region.cloned()?, setting));
    }
    let source = fields.parsed::<DatabaseArn>(SOURCE)?;
    check_source(fields, &source, region, setting);
    Some(source)
}

fn arn(name: DatabaseName, region: Region, setting: &Setting) -> DatabaseArn {
    let account = setting.account.clone();
    DatabaseArn {
        partition: region.partition(),
        id: DatabaseId { account, region, kind: DatabaseKind::Instance, name },
    }
}

/// Checks that the ARN is that of an instance in another Region, and that `SourceRegion` agrees.
fn check_source(fields: &mut Fields, source: &DatabaseArn, region: Option<&Region>, setting: &Setting) {
    let there = &source.id.region;
    if source.id.kind != DatabaseKind::Instance {
        fields.problem(SOURCE, "is a cluster; use CreateAuroraSecondaryDBCluster for clusters");
    }
    if *there == setting.region {
        fields.problem(
            SOURCE,
            format!("is in {there}, where this recovery runs; give the new primary, in another Region"),
        );
    }
    if region.is_some_and(|region| region != there) {
        fields.problem(SOURCE_REGION, format!("is not the Region of {SOURCE}; write {there}"));
    }
}

/// Checks the encryption. A replica is encrypted if its source is. Across Regions it needs a key of this Region.
fn check_encryption(fields: &mut Fields, kms_key: Option<&str>) {
    match (fields.boolean("StorageEncrypted"), kms_key) {
        (Some(true), None) => {
            let said = "is missing; give a key of this Region, because StorageEncrypted is true";
            fields.missing(&[KEY], said);
        }
        (Some(false), Some(_)) => {
            fields.problem("StorageEncrypted", "is false, but KmsKeyId is given; remove one of the two")
        }
        _ => {}
    }
}

/// The properties of the replica. Its name and its source are added later, so that all problems are found.
fn options(
    fields: &mut Fields,
    setting: &Setting,
) -> impl FnOnce(DatabaseName, DatabaseArn) -> CreateReplica + use<> {
    let class = fields.single("DBInstanceClass");
    let multi_az = fields.boolean("MultiAZ");
    let subnet_group = fields.text_of(&["DBSubnetGroup", "DBSubnetGroupName"]);
    let security_groups = fields.list(&["DBSecurityGroup", "VpcSecurityGroupIds"]);
    let auto_minor_version_upgrade = fields.boolean("AutoMinorVersionUpgrade");
    let port = fields.number("Port", PORTS);
    let copy_tags_to_snapshot = fields.boolean("CopyTagsToSnapshot");
    let Monitoring { interval: monitoring_interval, role: monitoring_role } =
        Monitoring::read(fields, setting);
    let iam_authentication = fields.boolean("EnableIAMDatabaseAuthentication");
    let deletion_protection = fields.boolean("DeletionProtection");
    move |instance, source| CreateReplica {
        instance,
        source,
        class,
        multi_az,
        subnet_group,
        security_groups,
        kms_key: None,
        auto_minor_version_upgrade,
        port,
        copy_tags_to_snapshot,
        monitoring_interval,
        monitoring_role,
        iam_authentication,
        deletion_protection,
        tags: Tags::new(),
    }
}
