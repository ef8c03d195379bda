//! Short constructors of domain values for the tests of this workspace. They panic on an invalid text.
#![allow(clippy::unwrap_used, reason = "only tests call this module")]

use std::sync::Arc;

use crate::Instant;
use crate::model::arn::SnapshotArn;
use crate::model::database::{Database, Engine, InstanceStatus};
use crate::model::snapshot::{Snapshot, SnapshotStatus, TakenOf};
use crate::model::tags::Tags;
use crate::run::context::{Context, Mode};

/// A snapshot's ARN.
#[must_use]
pub fn arn(text: &str) -> SnapshotArn {
    text.parse().unwrap()
}

/// An instant in RFC 3339.
#[must_use]
pub fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// An available, unencrypted, untagged postgres snapshot without times.
#[must_use]
pub fn snapshot(of: &str, database: &str) -> Snapshot {
    Snapshot {
        arn: arn(of),
        taken_of: Arc::new(TakenOf {
            database: database.parse().unwrap(),
            resource_id: None,
            instance_created_at: None,
            engine: Engine("postgres".into()),
            engine_version: None,
            license_model: None,
            storage_type: None,
            allocated_gib: None,
        }),
        status: SnapshotStatus::Available,
        percent: None,
        created_at: None,
        original_created_at: None,
        database_time: None,
        copied_from: None,
        kms_key: None,
        tags: Tags::new(),
    }
}

/// An available, unencrypted, untagged postgres instance of 111111111111 in us-east-1.
#[must_use]
pub fn database(name: &str) -> Database {
    Database {
        arn: format!("arn:aws:rds:us-east-1:111111111111:db:{name}").parse().unwrap(),
        engine: Engine("postgres".into()),
        status: InstanceStatus("available".to_owned()),
        created_at: Some(at("2020-01-01T00:00:00Z")),
        resource_id: None,
        cluster: None,
        replica_of: None,
        kms_key: None,
        tags: Tags::new(),
    }
}

/// The context of a run in `account` and `region` at `now`, in [`Mode::Apply`].
#[must_use]
pub fn context(account: &str, region: &str, now: &str) -> Context {
    Context {
        account: account.parse().unwrap(),
        region: region.parse().unwrap(),
        now: at(now),
        mode: Mode::Apply,
        confirmation: None,
    }
}
