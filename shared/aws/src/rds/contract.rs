//! A comparison of two gateways, call by call. The gateway over the simulator's HTTP front must give the same answers as
//! the simulator's own.
//!
//! Every property of the workers that is proven in process therefore holds for the gateway that they ship with, as far
//! as the simulator behaves like AWS.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use aws_smithy_http_client::test_util::infallible_client_fn;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use pilot_light_domain::Instant;
use pilot_light_domain::aws::cloud::{Cloud, Parameters};
use pilot_light_domain::aws::gateway::{CopySnapshot, CreateSnapshot, GroupOfCopy, RdsGateway};
use pilot_light_domain::model::tags;
use pilot_light_simulator::http::{Front, Incoming};
use pilot_light_simulator::in_process::{SimulatedCloud, SimulatedRds, Simulation};
use pilot_light_simulator::world::{CreateDbInstance, Request, SecondsRange, Settings};

use super::*;
use crate::cloud::AwsCloud;
use crate::testing::{config_of, region};

pub(crate) const SOURCE: &str = "111111111111";
const DESTINATION: &str = "222222222222";
pub(crate) const SOURCE_KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/orders";
const DESTINATION_KEY: &str = "arn:aws:kms:us-west-2:222222222222:key/copies";

/// The same world twice: once behind HTTP and once in process.
pub(crate) struct Worlds {
    http: Arc<Mutex<(Front, Instant)>>,
    pub(crate) simulation: Simulation,
}

/// The same gateway in both worlds. Without type arguments it is the RDS of one account.
pub(crate) struct Both<H = AwsRds, I = SimulatedRds> {
    pub(crate) http: H,
    pub(crate) in_process: I,
}

/// Calls both gateways, checks that their answers are equal, and returns the answer.
macro_rules! both {
    ($both:expr, $method:ident($($argument:expr),*)) => {
        $crate::rds::contract::same(
            $both.http.$method($($argument),*).await,
            $both.in_process.$method($($argument),*).await,
        )
    };
}
pub(crate) use both;

#[track_caller]
pub(crate) fn same<T: PartialEq + Debug>(
    http: Result<T, GatewayError>,
    in_process: Result<T, GatewayError>,
) -> Result<T, GatewayErrorKind> {
    let parts = |error: GatewayError| (error.action, error.kind, error.code, error.message);
    let http = http.map_err(parts);
    assert_eq!(http, in_process.map_err(parts));
    http.map_err(|(_, kind, _, _)| kind)
}

impl Worlds {
    pub(crate) fn new() -> Self {
        let seconds = |seconds| SecondsRange::new(seconds, seconds).unwrap();
        let settings = Settings {
            snapshot_seconds: seconds(60),
            copy_seconds: seconds(60),
            instance_seconds: seconds(60),
            quota: 300,
            ..Settings::default()
        };
        let start = "2026-01-01T00:00:00.25Z".parse().unwrap();
        let http = Arc::new(Mutex::new((Front::new(settings.clone(), start), start)));
        let worlds = Self { http, simulation: Simulation::new(settings, start) };
        worlds.know_key(SOURCE_KEY, &[DESTINATION]);
        worlds.know_key(DESTINATION_KEY, &[]);
        worlds
    }

    pub(crate) fn know_key(&self, arn: &str, users: &[&str]) {
        let body = serde_json::json!({"arn": arn, "users": users}).to_string();
        let request = http::Request::post("/_simulator/keys").body(body.clone().into()).unwrap();
        assert!(answer(&self.http, request).status().is_success());
        let users = users.iter().map(|user| user.parse().unwrap()).collect();
        self.simulation.with_world(|world| world.register_key(arn.parse().unwrap(), users));
    }

    pub(crate) async fn create_instance(&self, name: &str, key: Option<&str>) {
        let rds = self.both(SOURCE, "us-east-1").http;
        let request = rds.regional.rds.create_db_instance().db_instance_identifier(name).engine("postgres");
        let request = request.db_instance_class("db.t4g.micro").allocated_storage(20).master_username("root");
        let request = request.master_user_password("not-a-secret");
        let request = request
            .backup_retention_period(0)
            .storage_encrypted(key.is_some())
            .set_kms_key_id(key.map(ToOwned::to_owned));
        let request = request.tags(Tag::builder().key("CopyDBSnapshot").value("True").build());
        request.send().await.unwrap();
        let create = CreateDbInstance {
            name: name.to_owned(),
            engine: "postgres".to_owned(),
            class: "db.t4g.micro".to_owned(),
            allocated_storage: Some(20),
            master_username: Some("root".to_owned()),
            encrypted: key.is_some(),
            kms_key: key.map(ToOwned::to_owned),
            tags: tags::of([("CopyDBSnapshot", "True")]),
            ..CreateDbInstance::default()
        };
        let (account, region) = (SOURCE.parse().unwrap(), region("us-east-1"));
        self.simulation.request(&account, &region, Request::CreateDbInstance(create)).unwrap();
    }

    /// Advances both worlds by a minute, the duration of each operation, and one more second.
    pub(crate) fn wait(&self) {
        let span = chrono::TimeDelta::seconds(61);
        self.http.lock().unwrap().1 += span;
        self.simulation.advance_by(span);
    }

    fn both(&self, account: &str, place: &str) -> Both {
        let Both { http, in_process } = self.clouds(account, place);
        let place = region(place);
        Both { http: http.rds(&place), in_process: in_process.rds(&place) }
    }

    /// AWS in both worlds, as a worker of `account` in the Region `place` sees it.
    pub(crate) fn clouds(&self, account: &str, place: &str) -> Both<AwsCloud, SimulatedCloud> {
        let world = Arc::clone(&self.http);
        let client: SharedHttpClient = infallible_client_fn(move |request| answer(&world, request));
        let place = region(place);
        Both {
            http: AwsCloud::new(config_of(account, client), &place, "/p"),
            in_process: self.simulation.cloud(&account.parse().unwrap(), &place, Parameters::new()),
        }
    }
}

fn answer(
    world: &Mutex<(Front, Instant)>,
    request: http::Request<aws_smithy_types::body::SdkBody>,
) -> http::Response<String> {
    let (head, body) = request.into_parts();
    let mut world = world.lock().unwrap();
    let body = body.bytes().unwrap();
    let now = world.1;
    let incoming = Incoming { method: &head.method, uri: &head.uri, headers: &head.headers, body, now };
    let outgoing = world.0.answer(incoming);
    http::Response::builder()
        .status(outgoing.status)
        .header("content-type", outgoing.content_type)
        .body(outgoing.body)
        .unwrap()
}

fn id(text: &str) -> SnapshotId {
    text.parse().unwrap()
}

fn take(database: &str, snapshot: &str) -> CreateSnapshot {
    CreateSnapshot {
        database: database.parse().unwrap(),
        id: id(snapshot),
        tags: tags::of([("CreatedBy", tags::TOOL), ("note", "a = b + c/d: ü@e")]),
    }
}

fn copy(source: &str, key: Option<&str>) -> CopySnapshot {
    CopySnapshot {
        source: format!("arn:aws:rds:us-east-1:{SOURCE}:snapshot:{source}").parse().unwrap(),
        target: id(source),
        kms_key: key.map(|key| key.parse().unwrap()),
        option_group: GroupOfCopy::Default,
        tags: tags::of([("CopiedBy", tags::TOOL)]),
    }
}

#[tokio::test]
async fn both_gateways_read_instances_quota_and_keys_alike() {
    let worlds = Worlds::new();
    worlds.create_instance("orders", Some(SOURCE_KEY)).await;
    worlds.create_instance("plain", None).await;
    let source = worlds.both(SOURCE, "us-east-1");
    assert_eq!(both!(source, instances()).map(|found| found.len()), Ok(2));
    worlds.wait();
    let found = both!(source, instances()).unwrap();
    assert!(found.iter().all(|instance| instance.status.accepts_snapshot() && instance.created_at.is_some()));
    assert_eq!(both!(source, snapshot_quota()), Ok(300));
    assert_eq!(both!(source, default_key()), Ok(None));
    let key = SOURCE_KEY.parse().unwrap();
    assert_eq!(both!(source, key_is_enabled(&key)), Ok(true));
    source.http.regional.kms().disable_key().key_id(SOURCE_KEY).send().await.unwrap();
    let disable = Request::DisableKey(SOURCE_KEY.to_owned());
    worlds.simulation.request(&SOURCE.parse().unwrap(), &region("us-east-1"), disable).unwrap();
    assert_eq!(both!(source, key_is_enabled(&key)), Ok(false));
}

#[tokio::test]
async fn both_gateways_take_share_copy_and_delete_a_snapshot_alike() {
    let worlds = Worlds::new();
    worlds.create_instance("orders", Some(SOURCE_KEY)).await;
    worlds.wait();
    let source = worlds.both(SOURCE, "us-east-1");
    assert_eq!(both!(source, create_snapshot(&take("orders", "s1"))), Ok(()));
    assert_eq!(both!(source, own_snapshots()).map(|found| found.len()), Ok(1));
    worlds.wait();
    let taken = both!(source, own_snapshot(&id("s1"))).unwrap().unwrap();
    assert_eq!((taken.is_available(), taken.tags.get("note")), (true, Some("a = b + c/d: ü@e")));
    let accounts = BTreeSet::from([DESTINATION.parse().unwrap()]);
    let nobody = BTreeSet::new();
    assert_eq!(both!(source, change_sharing(&id("s1"), &accounts, &nobody)), Ok(()));
    // Sharing once more changes nothing.
    assert_eq!(both!(source, change_sharing(&id("s1"), &accounts, &nobody)), Ok(()));
    assert_eq!(both!(source, tag_snapshot(&taken.arn, &tags::of([("SharedWith", DESTINATION)]))), Ok(()));
    both!(source, own_snapshots()).unwrap();

    let seen = both!(worlds.both(DESTINATION, "us-east-1"), shared_snapshots()).unwrap();
    assert_eq!(
        seen.iter().map(|snapshot| (&snapshot.arn, snapshot.tags.len())).collect::<Vec<_>>(),
        [(&taken.arn, 0)]
    );
    let destination = worlds.both(DESTINATION, "us-west-2");
    assert_eq!(both!(destination, copy_snapshot(&copy("s1", Some(DESTINATION_KEY)))), Ok(()));
    assert_eq!(
        both!(destination, own_snapshot(&id("s1"))).map(|found| found.map(|s| s.is_available())),
        Ok(Some(false))
    );
    worlds.wait();
    let copied = both!(destination, own_snapshots()).unwrap();
    assert_eq!(copied[0].copied_from.as_ref(), Some(&taken.arn));
    assert_eq!(copied[0].database_time, taken.database_time);
    assert_eq!(both!(destination, delete_snapshot(&id("s1"))), Ok(()));
    assert_eq!(both!(destination, own_snapshots()), Ok(Vec::new().into()));
    // Ending a share once more changes nothing.
    assert_eq!(both!(source, change_sharing(&id("s1"), &nobody, &accounts)), Ok(()));
    assert_eq!(both!(source, change_sharing(&id("s1"), &nobody, &accounts)), Ok(()));
    assert_eq!(both!(worlds.both(DESTINATION, "us-east-1"), shared_snapshots()), Ok(Vec::new().into()));
}

#[tokio::test]
async fn both_gateways_report_refusals_alike() {
    use GatewayErrorKind as Kind;
    let worlds = Worlds::new();
    worlds.create_instance("orders", Some(SOURCE_KEY)).await;
    let source = worlds.both(SOURCE, "us-east-1");
    assert_eq!(both!(source, create_snapshot(&take("orders", "s1"))), Err(Kind::InvalidState));
    worlds.wait();
    assert_eq!(both!(source, create_snapshot(&take("orders", "s1"))), Ok(()));
    worlds.wait();
    assert_eq!(both!(source, create_snapshot(&take("orders", "s1"))), Err(Kind::AlreadyExists));
    assert_eq!(both!(source, create_snapshot(&take("nobody", "s2"))), Err(Kind::NotFound));
    assert_eq!(both!(source, delete_snapshot(&id("s9"))), Err(Kind::NotFound));
    assert_eq!(both!(source, own_snapshot(&id("s9"))), Ok(None));
    let accounts = BTreeSet::from([DESTINATION.parse().unwrap()]);
    assert_eq!(both!(source, change_sharing(&id("s9"), &accounts, &BTreeSet::new())), Err(Kind::NotFound));
    let destination = worlds.both(DESTINATION, "us-west-2");
    let unshared = both!(destination, copy_snapshot(&copy("s1", Some(DESTINATION_KEY))));
    assert!(unshared.is_err(), "{unshared:?}");
    assert_eq!(both!(source, change_sharing(&id("s1"), &accounts, &BTreeSet::new())), Ok(()));
    let without_key = both!(destination, copy_snapshot(&copy("s1", None)));
    assert!(without_key.is_err(), "{without_key:?}");
}

#[tokio::test]
async fn both_gateways_read_more_than_two_pages_alike() {
    let worlds = Worlds::new();
    worlds.create_instance("orders", None).await;
    let source = worlds.both(SOURCE, "us-east-1");
    for number in 0..205 {
        worlds.wait();
        assert_eq!(both!(source, create_snapshot(&take("orders", &format!("s{number}")))), Ok(()));
    }
    assert_eq!(both!(source, own_snapshots()).map(|found| found.len()), Ok(205));
}
