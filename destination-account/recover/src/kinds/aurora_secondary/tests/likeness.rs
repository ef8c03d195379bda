//! The comparison with the primary: AWS refuses a secondary that differs, and sees it only after the deletion.

use pilot_light_domain::recovery::StorageEncryption;

use super::*;

/// Every problem of these parameters in these facts, as `NAME: problem`.
fn said(facts: &Facts, other: &[(&str, &str)]) -> String {
    let setting = setting(EAST, "one");
    let kind: CreateAuroraSecondaryDBCluster = crate::testing::read(&setting, &with(&GIVEN, other));
    let all = kind.obstacles(facts, &setting);
    let first = all.first().map(|(_, what)| what.clone());
    let failed = match kind.next(facts, &Value::Null, &setting) {
        Next::Failed(why) => Some(why),
        _ => None,
    };
    assert_eq!(failed, first, "validate and the steps agree");
    all.into_iter().map(|(name, what)| format!("{name}: {what}")).collect::<Vec<_>>().join("; ")
}

/// The old cluster, while the primary has this version and encryption.
fn detached_from(version: &str, encryption: Option<StorageEncryption>) -> Facts {
    changed(detached(), |facts| {
        let primary = facts.cluster_mut(WEST, "shop-west");
        (primary.engine_version, primary.encryption) = (Some(version.to_owned()), encryption);
    })
}

const VERSION: &str = "8.0.mysql_aurora.3.08.0";
const WITHOUT_KEY: [(&str, &str); 2] = [("KmsKeyId", ""), ("StorageEncrypted", "")];

#[test]
fn a_version_other_than_that_of_the_primary_is_refused_before_the_old_one_is_deleted() {
    let facts = detached_from("8.0.mysql_aurora.3.10.1", Some(StorageEncryption::Kms));
    let primary = "arn:aws:rds:us-west-2:222222222222:cluster:shop-west";
    assert_eq!(
        said(&facts, &[]),
        format!(
            "EngineVersion: is {VERSION}, but '{primary}' has 8.0.mysql_aurora.3.10.1; write 8.0.mysql_aurora.3.10.1, or leave it out"
        )
    );
    assert_eq!(said(&facts, &[("EngineVersion", "")]), "");
    assert_eq!(said(&detached_from(VERSION, Some(StorageEncryption::Kms)), &[]), "");
}

#[test]
fn a_secondary_that_is_not_encrypted_like_its_primary_is_refused_before_the_old_one_is_deleted() {
    use StorageEncryption::{AwsOwned, Kms, Unencrypted};
    for (encryption, other, expected) in [
        (
            Some(Kms),
            &WITHOUT_KEY[..],
            "KmsKeyId: is missing; 'arn:aws:rds:us-west-2:222222222222:cluster:shop-west' is encrypted, so its secondary needs a key of us-east-1",
        ),
        (Some(Kms), &[("StorageEncrypted", "")], ""),
        (
            Some(Kms),
            &[("StorageEncrypted", "False")],
            "StorageEncrypted: is false, but 'arn:aws:rds:us-west-2:222222222222:cluster:shop-west' is encrypted; write true, and give KmsKeyId",
        ),
        (Some(Unencrypted), &WITHOUT_KEY, ""),
        (
            Some(Unencrypted),
            &[],
            "StorageEncrypted: is true, but 'arn:aws:rds:us-west-2:222222222222:cluster:shop-west' is not encrypted, so its secondary cannot be; leave it out",
        ),
        (
            Some(Unencrypted),
            &[("StorageEncrypted", "")],
            "KmsKeyId: is arn:aws:kms:us-east-1:222222222222:key/1, but 'arn:aws:rds:us-west-2:222222222222:cluster:shop-west' is not encrypted, so its secondary cannot be; leave it out",
        ),
        // Nobody knows what AWS does.
        (Some(AwsOwned), &[], ""),
        (Some(AwsOwned), &WITHOUT_KEY, ""),
        (None, &WITHOUT_KEY, ""),
    ] {
        assert_eq!(said(&detached_from(VERSION, encryption), other), expected, "{encryption:?} {other:?}");
    }
}

#[test]
fn the_new_cluster_has_the_version_and_the_encryption_of_its_primary_where_the_manifest_gives_none() {
    let facts = changed(detached_from("8.0.mysql_aurora.3.10.1", Some(StorageEncryption::Kms)), |facts| {
        facts.clusters.get_mut(&region(EAST)).unwrap().clear();
        facts.instances.values_mut().for_each(Vec::clear);
        *facts.global_mut("shop") = global("shop", &[cluster_arn(WEST, "shop-west")]);
    });
    let setting = setting(EAST, "one");
    let given = with(&GIVEN, &[("EngineVersion", ""), ("StorageEncrypted", "")]);
    let kind: CreateAuroraSecondaryDBCluster = crate::testing::read(&setting, &given);
    let Next::Ask { change: Change::CreateSecondaryCluster(new), .. } =
        kind.next(&facts, &Value::Null, &setting)
    else {
        panic!("it creates no cluster")
    };
    let found = (new.engine_version.as_deref(), new.encrypted, new.kms_key.as_deref());
    let key = "arn:aws:kms:us-east-1:222222222222:key/1";
    assert_eq!(found, (Some("8.0.mysql_aurora.3.10.1"), Some(true), Some(key)));
}

#[test]
fn a_difference_to_the_primary_is_not_reported_for_a_secondary_that_exists() {
    let following = changed(switched(), |facts| {
        let primary = facts.cluster_mut(WEST, "shop-west");
        primary.engine_version = Some("8.0.mysql_aurora.3.10.1".to_owned());
        primary.encryption = Some(StorageEncryption::Unencrypted);
    });
    assert_eq!(said(&following, &[]), "");
}
