//! The conversion of RDS's descriptions into the domain's types.
//!
//! A missing or malformed field is an error that names the field and its resource. No required field has a default. An unknown
//! status and every form of a key are kept as they are, for the domain to judge. A record with an error becomes an
//! [`OddRecord`] with everything that can be read. The conversion of single fields is in [`fields`].

mod fields;

use std::str::FromStr;
use std::sync::Arc;

use aws_sdk_rds::types::{DbInstance, DbSnapshot, Tag};
use aws_smithy_types::DateTime;
use pilot_light_domain::Instant;
use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::database::{Database, Engine, InstanceStatus, Primary};
use pilot_light_domain::model::listing::OddRecord;
use pilot_light_domain::model::snapshot::{Snapshot, SnapshotStatus, TakenOf};
use pilot_light_domain::model::tags::Tags;

pub(crate) use self::fields::{Fields, required};

/// Converts a DB instance.
fn instance(action: &'static str, found: &DbInstance) -> Result<Database, GatewayError> {
    let name = found.db_instance_identifier.as_deref().unwrap_or("a DB instance without identifier");
    let fields = Fields { action, resource: name };
    let arn = fields.parsed("DBInstanceArn", found.db_instance_arn.as_deref())?;
    Ok(Database {
        replica_of: primary(found, &arn),
        arn,
        engine: Engine(fields.text("Engine", found.engine.as_deref())?.into()),
        status: InstanceStatus(fields.text("DBInstanceStatus", found.db_instance_status.as_deref())?),
        created_at: fields.instant("InstanceCreateTime", found.instance_create_time)?,
        resource_id: found.dbi_resource_id.as_deref().map(Into::into),
        cluster: fields.optional("DBClusterIdentifier", found.db_cluster_identifier.as_deref())?,
        kms_key: fields.key("StorageEncrypted", found.storage_encrypted, found.kms_key_id.as_deref())?,
        tags: fields.tags(found.tag_list.as_deref().unwrap_or_default())?,
    })
}

/// The instance or cluster that a read replica follows. RDS omits the field or sends it empty for any other instance.
fn primary(found: &DbInstance, arn: &DatabaseArn) -> Option<Primary> {
    let is_given = |text: &&str| !text.is_empty();
    let instance = found.read_replica_source_db_instance_identifier().filter(is_given);
    let cluster = found.read_replica_source_db_cluster_identifier().filter(is_given);
    instance.map(|text| Primary::of(text, arn)).or(cluster.map(|_| Primary::Elsewhere))
}

/// Converts a DB snapshot of our own account, or one that is shared with it.
pub(crate) fn snapshot(action: &'static str, found: &DbSnapshot) -> Result<Snapshot, GatewayError> {
    let name = found.db_snapshot_arn.as_deref().or(found.db_snapshot_identifier.as_deref());
    let fields = Fields { action, resource: name.unwrap_or("a DB snapshot without ARN") };
    let status = SnapshotStatus::from(fields.text("Status", found.status.as_deref())?);
    let percent = found.percent_progress.and_then(|percent| percent.try_into().ok());
    Ok(Snapshot {
        arn: fields.parsed("DBSnapshotArn", found.db_snapshot_arn.as_deref())?,
        taken_of: Arc::new(TakenOf {
            database: fields.parsed("DBInstanceIdentifier", found.db_instance_identifier.as_deref())?,
            resource_id: found.dbi_resource_id.as_deref().map(Into::into),
            // Only a second witness of the instance, so an odd time is as good as none.
            instance_created_at: fields
                .instant("InstanceCreateTime", found.instance_create_time)
                .ok()
                .flatten(),
            engine: Engine(fields.text("Engine", found.engine.as_deref())?.into()),
            engine_version: found.engine_version.as_deref().map(Into::into),
            license_model: found.license_model.as_deref().map(Into::into),
            storage_type: found.storage_type.as_deref().map(Into::into),
            allocated_gib: found.allocated_storage.and_then(|gib| gib.try_into().ok()),
        }),
        percent: percent.filter(|_| status.in_progress()),
        status,
        created_at: fields.instant("SnapshotCreateTime", found.snapshot_create_time)?,
        original_created_at: fields
            .instant("OriginalSnapshotCreateTime", found.original_snapshot_create_time)?,
        database_time: fields.instant("SnapshotDatabaseTime", found.snapshot_database_time)?,
        copied_from: fields
            .optional("SourceDBSnapshotIdentifier", found.source_db_snapshot_identifier.as_deref())?,
        kms_key: fields.key("Encrypted", found.encrypted, found.kms_key_id.as_deref())?,
        tags: fields.tags(found.tag_list.as_deref().unwrap_or_default())?,
    })
}

/// Converts a DB instance, or describes it as far as it can be read.
pub(crate) fn listed_instance(action: &'static str, found: &DbInstance) -> Result<Database, Box<OddRecord>> {
    instance(action, found).map_err(|error| Box::new(odd_instance(found, error)))
}

/// Converts a DB snapshot, or describes it as far as it can be read.
pub(crate) fn listed_snapshot(action: &'static str, found: &DbSnapshot) -> Result<Snapshot, Box<OddRecord>> {
    let odd = |error: GatewayError| OddRecord {
        arn: found.db_snapshot_arn.clone(),
        id: found.db_snapshot_identifier.clone(),
        database: readable(found.db_instance_identifier.as_deref()),
        engine: found.engine.as_deref().map(|engine| Engine(engine.into())),
        status: found.status.clone().map(SnapshotStatus::from),
        time: latest_time(found),
        copied_from: readable(found.source_db_snapshot_identifier.as_deref()),
        tags: readable_tags(found.tag_list.as_deref()),
        problem: error.message,
        ..OddRecord::default()
    };
    snapshot(action, found).map_err(|error| Box::new(odd(error)))
}

fn latest_time(found: &DbSnapshot) -> Option<Instant> {
    let times =
        [found.snapshot_create_time, found.original_snapshot_create_time, found.snapshot_database_time];
    let readable = |time: DateTime| Instant::from_timestamp(time.secs(), time.subsec_nanos());
    times.into_iter().flatten().filter_map(readable).max()
}

/// The description of a DB instance that cannot be converted because of `error`.
pub(crate) fn odd_instance(found: &DbInstance, error: GatewayError) -> OddRecord {
    OddRecord {
        arn: found.db_instance_arn.clone(),
        id: found.db_instance_identifier.clone(),
        database: readable(found.db_instance_identifier.as_deref()),
        cluster: found.db_cluster_identifier.clone().filter(|cluster| !cluster.is_empty()),
        engine: found.engine.as_deref().map(|engine| Engine(engine.into())),
        tags: readable_tags(found.tag_list.as_deref()),
        problem: error.message,
        ..OddRecord::default()
    }
}

fn readable<T: FromStr>(value: Option<&str>) -> Option<T> {
    value?.parse().ok()
}

/// The tags that have a key.
pub(crate) fn readable_tags(tags: Option<&[Tag]>) -> Tags {
    let tags = tags.unwrap_or_default().iter();
    tags.filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use aws_sdk_rds::types::builders::{DbInstanceBuilder, DbSnapshotBuilder};
    use pilot_light_domain::aws::error::GatewayErrorKind;

    use super::*;

    const KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/k1";
    const SNAPSHOT: &str = "arn:aws:rds:us-east-1:111111111111:snapshot:s1";

    fn whole_snapshot() -> DbSnapshotBuilder {
        DbSnapshot::builder()
            .db_snapshot_arn(SNAPSHOT)
            .db_instance_identifier("orders")
            .engine("postgres")
            .status("available")
            .encrypted(true)
            .kms_key_id(KEY)
    }

    fn whole_instance() -> DbInstanceBuilder {
        DbInstance::builder()
            .db_instance_identifier("orders")
            .db_instance_arn("arn:aws:rds:us-east-1:111111111111:db:orders")
            .engine("postgres")
            .db_instance_status("available")
            .storage_encrypted(true)
            .kms_key_id(KEY)
    }

    fn error_of<T>(result: Result<T, GatewayError>) -> (GatewayErrorKind, String, String) {
        let error = result.err().unwrap();
        (error.kind, error.code, error.message)
    }

    #[test]
    fn each_missing_field_of_a_snapshot_is_named() {
        type Without = fn(DbSnapshotBuilder) -> DbSnapshotBuilder;
        let cases: [(&str, Without); 4] = [
            ("DBInstanceIdentifier", |snapshot| snapshot.set_db_instance_identifier(None)),
            ("Engine", |snapshot| snapshot.set_engine(None)),
            ("Status", |snapshot| snapshot.set_status(None)),
            ("Encrypted", |snapshot| snapshot.set_encrypted(None)),
        ];
        assert!(snapshot("DescribeDBSnapshots", &whole_snapshot().build()).is_ok());
        for (field, without) in cases {
            let result = snapshot("DescribeDBSnapshots", &without(whole_snapshot()).build());
            let message = format!("{SNAPSHOT} has no {field}");
            assert_eq!(error_of(result), (GatewayErrorKind::Unexpected, "missing field".to_owned(), message));
        }
        let anonymous = whole_snapshot().set_db_snapshot_arn(None).build();
        let message = "a DB snapshot without ARN has no DBSnapshotArn".to_owned();
        let expected = (GatewayErrorKind::Unexpected, "missing field".to_owned(), message);
        assert_eq!(error_of(snapshot("DescribeDBSnapshots", &anonymous)), expected);
    }

    #[test]
    fn each_missing_field_of_an_instance_is_named() {
        type Without = fn(DbInstanceBuilder) -> DbInstanceBuilder;
        let cases: [(&str, Without); 4] = [
            ("DBInstanceArn", |instance| instance.set_db_instance_arn(None)),
            ("Engine", |instance| instance.set_engine(None)),
            ("DBInstanceStatus", |instance| instance.set_db_instance_status(None)),
            ("StorageEncrypted", |instance| instance.set_storage_encrypted(None)),
        ];
        assert!(instance("DescribeDBInstances", &whole_instance().build()).is_ok());
        for (field, without) in cases {
            let result = instance("DescribeDBInstances", &without(whole_instance()).build());
            let message = format!("orders has no {field}");
            assert_eq!(error_of(result), (GatewayErrorKind::Unexpected, "missing field".to_owned(), message));
        }
    }

    #[test]
    fn a_malformed_field_is_named_with_the_reason() {
        let odd = whole_snapshot().source_db_snapshot_identifier("orders-1").build();
        let (_, code, message) = error_of(snapshot("DescribeDBSnapshots", &odd));
        assert_eq!(code, "malformed field");
        let start =
            format!("SourceDBSnapshotIdentifier of {SNAPSHOT}: 'orders-1' is not a valid snapshot ARN");
        assert!(message.starts_with(&start), "{message}");

        let late = whole_snapshot().snapshot_create_time(DateTime::from_secs(i64::MAX)).build();
        let (_, _, message) = error_of(snapshot("DescribeDBSnapshots", &late));
        assert_eq!(message, format!("SnapshotCreateTime of {SNAPSHOT}: the time is out of range"));
    }

    #[test]
    fn a_read_replica_names_the_instance_that_it_follows() {
        let read =
            |found: DbInstanceBuilder| instance("DescribeDBInstances", &found.build()).unwrap().replica_of;
        let whole = whole_instance;
        let here = Primary::Here("main".parse().unwrap());
        let there = "arn:aws:rds:us-west-2:111111111111:db:main";
        assert_eq!(read(whole()), None);
        assert_eq!(read(whole().read_replica_source_db_instance_identifier("")), None);
        assert_eq!(read(whole().read_replica_source_db_instance_identifier("main")), Some(here));
        assert_eq!(read(whole().read_replica_source_db_instance_identifier(there)), Some(Primary::Elsewhere));
        assert_eq!(read(whole().read_replica_source_db_cluster_identifier("shop")), Some(Primary::Elsewhere));
    }

    #[test]
    fn an_unencrypted_resource_has_no_key_and_empty_fields_are_absent() {
        let plain = whole_snapshot().encrypted(false).source_db_snapshot_identifier("").build();
        let plain = snapshot("DescribeDBSnapshots", &plain).unwrap();
        assert_eq!((plain.kms_key, plain.copied_from), (None, None));
    }

    #[test]
    fn a_key_is_kept_in_every_form_of_aws() {
        let key = |key: Option<&str>| {
            let found = whole_snapshot().set_kms_key_id(key.map(ToOwned::to_owned)).build();
            snapshot("DescribeDBSnapshots", &found).unwrap().kms_key
        };
        for form in [KEY, "1234abcd-12ab-34cd-56ef-1234567890ab", "alias/mine", ""] {
            assert_eq!(key(Some(form)), Some(form.into()));
        }
        assert_eq!(key(None), Some("".into()));
    }

    #[test]
    fn an_odd_record_has_everything_that_can_be_read() {
        let tag = |key: Option<&str>| Tag::builder().set_key(key.map(ToOwned::to_owned)).value("v").build();
        let found = whole_snapshot().set_encrypted(None).db_snapshot_identifier("s1").status("copying");
        let found =
            found.source_db_snapshot_identifier(SNAPSHOT).tag_list(tag(Some("k"))).tag_list(tag(None));
        let found = found.snapshot_create_time(DateTime::from_secs(100));
        let found = found.original_snapshot_create_time(DateTime::from_secs(50));
        let odd = listed_snapshot("DescribeDBSnapshots", &found.build()).unwrap_err();
        let expected = OddRecord {
            arn: Some(SNAPSHOT.to_owned()),
            id: Some("s1".to_owned()),
            database: "orders".parse().ok(),
            engine: Some(Engine("postgres".into())),
            status: Some(SnapshotStatus::Copying),
            time: Instant::from_timestamp(100, 0),
            copied_from: SNAPSHOT.parse().ok(),
            tags: pilot_light_domain::model::tags::of([("k", "v")]),
            problem: format!("{SNAPSHOT} has no Encrypted"),
            ..OddRecord::default()
        };
        assert_eq!(*odd, expected);

        let found = whole_instance().set_engine(None).db_cluster_identifier("shop").build();
        let odd = listed_instance("DescribeDBInstances", &found).unwrap_err();
        let known = (odd.database.map(|name| name.to_string()), odd.cluster, odd.engine, odd.problem);
        let (name, cluster) = (Some("orders".to_owned()), Some("shop".to_owned()));
        assert_eq!(known, (name, cluster, None, "orders has no Engine".to_owned()));
    }
}
