//! Impositions: the resources and requests that each concerns, its effect, and its end.

use super::clusters::{about, cluster, create, member, remove};
use super::*;

fn status(status: &str, kind: ResourceKind) -> Imposition {
    Imposition::new(Imposed::Status(status.to_owned()), Selection::of_kind(kind))
}

fn error(on: Selection) -> Imposition {
    Imposition::new(Imposed::error("NewFault", "AWS says no."), on)
}

fn missing(field: &str, kind: ResourceKind) -> Imposition {
    Imposition::new(Imposed::Missing(field.to_owned()), Selection::of_kind(kind))
}

fn of_our_east(on: Selection) -> Selection {
    on.at(&AccountId::new(OURS).unwrap(), &Region::new(EAST).unwrap())
}

impl Scene {
    fn impose(&mut self, imposition: Imposition) -> u64 {
        self.world.impose(imposition).unwrap()
    }

    /// The statuses in the dump: instances, snapshots, clusters, cluster snapshots, global clusters, datastores.
    fn statuses(&self) -> Vec<String> {
        let dump = self.world.dump();
        let groups = self.world.places.values().flat_map(|holdings| holdings.replication_groups.values());
        let mut all: Vec<String> = dump.databases.into_iter().map(|one| one.status).collect();
        all.extend(dump.snapshots.into_iter().map(|one| one.status));
        all.extend(dump.clusters.into_iter().map(|one| one.status));
        all.extend(dump.cluster_snapshots.into_values());
        all.extend(dump.global_clusters.into_iter().map(|one| one.status));
        all.extend(groups.map(|group| group.status.clone()));
        all.extend(dump.datastores.into_iter().map(|one| one.status));
        all
    }

    /// One resource of each kind, all of them settled.
    fn with_every_kind() -> Self {
        let mut scene = Self::with_orders();
        scene.snapshot("orders", "a");
        for request in [
            create(cluster("other")),
            remove("other", Some("last")),
            create(cluster("main")),
            Request::Cache(Box::new(CacheRequest::CreateReplicationGroup(CreateReplicationGroup {
                id: "carts".into(),
                ..Default::default()
            }))),
        ] {
            scene.ask(OURS, EAST, request).unwrap();
            scene.pass(200);
        }
        let source = Some(format!("arn:aws:rds:{EAST}:{OURS}:cluster:main"));
        let global = CreateGlobalCluster { id: "world".into(), source, ..Default::default() };
        let datastore = CreateGlobalReplicationGroup {
            suffix: "all".into(),
            primary: "carts".into(),
            ..Default::default()
        };
        let datastore = CacheRequest::CreateGlobalReplicationGroup(datastore);
        scene.ask(OURS, EAST, about(ClusterRequest::CreateGlobalCluster(global))).unwrap();
        scene.ask(OURS, EAST, Request::Cache(Box::new(datastore))).unwrap();
        scene.pass(200);
        scene
    }
}

#[test]
fn a_status_of_any_kind_of_resource_is_shown_until_it_is_lifted() {
    use ResourceKind::*;
    let mut scene = Scene::with_every_kind();
    let before = scene.statuses();
    let settled = ["available"; 6].into_iter().chain(["primary-only"]);
    assert_eq!(before, settled.collect::<Vec<_>>());
    let kinds =
        [Instance, Snapshot, Cluster, ClusterSnapshot, GlobalCluster, ReplicationGroup, GlobalDatastore];
    for (place, kind) in kinds.into_iter().enumerate() {
        let id = scene.impose(status("a-status-of-next-year", kind));
        let mut expected = before.clone();
        expected[place] = "a-status-of-next-year".to_owned();
        assert_eq!(scene.statuses(), expected, "{kind:?}");
        scene.pass(1000);
        assert_eq!(scene.statuses(), expected, "{kind:?}");
        assert!(scene.world.lift(id));
        assert_eq!(scene.statuses(), before, "{kind:?}");
        assert!(!scene.world.lift(id));
    }
}

#[test]
fn the_rules_of_requests_use_an_imposed_status() {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "a");
    let full = scene.impose(status("storage-full", ResourceKind::Instance));
    assert_eq!(scene.code(take("orders", "b")), "InvalidDBInstanceState");
    assert!(scene.world.lift(full));
    assert_eq!(scene.code(take("orders", "b")), "ok");
    scene.impose(status("pending", ResourceKind::Snapshot));
    assert_eq!(scene.code(share("a", &[OTHER])), "InvalidDBSnapshotState");
}

#[test]
fn the_world_goes_on_beneath_an_imposed_status() {
    let mut scene = Scene::with_orders();
    scene.ask(OURS, EAST, take("orders", "a")).unwrap();
    let snapshot = scene.impose(status("pending", ResourceKind::Snapshot));
    let instance = scene.impose(status("maintenance", ResourceKind::Instance));
    scene.pass(100);
    assert_eq!(scene.status(&arn(OURS, EAST, "a")), "pending");
    assert_eq!(scene.record(&arn(OURS, EAST, "a")).unwrap().created_at, Some(scene.now));
    assert_eq!(scene.instance_status("orders"), "maintenance");
    assert!(scene.world.lift(snapshot) && scene.world.lift(instance));
    assert_eq!(scene.status(&arn(OURS, EAST, "a")), "available");
    assert_eq!(scene.instance_status("orders"), "available");
}

#[test]
fn an_instance_does_not_return_to_an_imposed_status_after_its_snapshot() {
    let mut scene = Scene::with_orders();
    let id = scene.impose(status("storage-optimization", ResourceKind::Instance));
    assert_eq!(scene.code(take("orders", "a")), "ok");
    assert_eq!(scene.instance_status("orders"), "storage-optimization");
    assert!(scene.world.lift(id));
    assert_eq!(scene.instance_status("orders"), "backing-up");
    scene.pass(100);
    assert_eq!(scene.instance_status("orders"), "available");
}

#[test]
fn a_status_ends_after_its_time_and_concerns_resources_created_meanwhile() {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "a");
    let on = Selection::of_kind(ResourceKind::Snapshot).named("A*");
    scene.impose(Imposition::new(Imposed::Status("pending".to_owned()), on).for_seconds(300));
    scene.ask(OURS, EAST, take("orders", "a2")).unwrap();
    scene.pass(100);
    scene.ask(OURS, EAST, take("orders", "b")).unwrap();
    scene.pass(199);
    let statuses = ["a", "a2", "b"].map(|id| scene.status(&arn(OURS, EAST, id)));
    assert_eq!(statuses, ["pending", "pending", "available"]);
    assert_eq!(scene.world.next_event(), Some(scene.now + TimeDelta::seconds(1)));
    scene.pass(1);
    let statuses = ["a", "a2", "b"].map(|id| scene.status(&arn(OURS, EAST, id)));
    assert_eq!(statuses, ["available"; 3]);
    assert_eq!(scene.world.impositions().count(), 0);
}

#[test]
fn of_two_statuses_the_later_counts_and_the_true_one_returns_at_the_end() {
    let mut scene = Scene::with_orders();
    let first = scene.impose(status("stopped", ResourceKind::Instance));
    let second = scene.impose(status("failed", ResourceKind::Instance));
    assert_eq!(scene.instance_status("orders"), "failed");
    assert!(scene.world.lift(first));
    assert_eq!(scene.instance_status("orders"), "failed");
    assert!(scene.world.lift(second));
    assert_eq!(scene.instance_status("orders"), "available");
}

#[test]
fn an_imposed_error_refuses_the_chosen_requests_with_awss_text_and_without_effect() {
    let named = |pattern: &str| of_our_east(Selection::of_action("CreateDBSnapshot").named(pattern));
    let snapshot_arn = arn(OURS, EAST, "a");
    for (on, [create, other, list, elsewhere]) in [
        (Selection::default(), [true, true, true, true]),
        (Selection::of_action("CreateDBSnapshot"), [true, true, false, true]),
        (of_our_east(Selection::default()), [true, true, true, false]),
        (named("orders"), [true, true, false, false]),
        (named("a"), [true, false, false, false]),
        (named(&snapshot_arn), [true, false, false, false]),
        (named("*:db:orders"), [true, true, false, false]),
        (Selection::default().named("a"), [true, false, false, true]),
        (named("payments"), [false; 4]),
    ] {
        let mut scene = Scene::with_orders();
        scene.impose(error(on.clone()));
        let refused = |is: bool| if is { "NewFault" } else { "ok" };
        let answer = scene.ask(OURS, EAST, take("orders", "a"));
        let text = answer.map_err(|error| (error.code, error.message, error.http_status)).err();
        assert_eq!(text, create.then(|| ("NewFault", "AWS says no.".to_owned(), 400)), "{on:?}");
        assert_eq!(scene.status(&snapshot_arn) == "gone", create, "{on:?}");
        scene.pass(100);
        assert_eq!(scene.code(take("orders", "b")), refused(other), "{on:?}");
        assert_eq!(scene.code(Request::DescribeDbSnapshots(Default::default())), refused(list), "{on:?}");
        let code = scene.code_of(OTHER, WEST, take("orders", "a"));
        assert_eq!(code, if elsewhere { "NewFault" } else { "DBInstanceNotFound" }, "{on:?}");
    }
}

#[test]
fn an_error_ends_after_its_number_of_refusals_or_when_it_is_lifted() {
    let mut scene = Scene::with_orders();
    let list = Request::DescribeDbSnapshots(DescribeDbSnapshots::default());
    scene.impose(error(Selection::of_action("DescribeDBSnapshots")).times(2));
    assert_eq!(scene.code(Request::DescribeAccountAttributes), "ok");
    let codes = [0; 3].map(|_| scene.code(list.clone()));
    assert_eq!(codes, ["NewFault", "NewFault", "ok"]);
    let id = scene.impose(error(Selection::of_action("DescribeDBSnapshots")));
    assert_eq!(scene.code(list.clone()), "NewFault");
    assert_eq!(scene.world.dump().impositions[0].refusals, 1);
    assert!(scene.world.lift(id));
    assert_eq!(scene.code(list), "ok");
}

#[test]
fn of_two_errors_the_later_counts_and_keys_can_be_refused_too() {
    let mut scene = Scene::new();
    let ours = key(OURS, EAST, "k1");
    scene.customer_key(&ours, &[]);
    scene.impose(error(Selection::default()));
    let denied = Imposed::error("AccessDeniedException", "not authorized");
    scene.impose(Imposition::new(denied, Selection::of_action("DescribeKey").named("k1")));
    assert_eq!(scene.code(Request::DescribeKey(ours)), "AccessDeniedException");
    assert_eq!(scene.code(Request::DescribeAccountAttributes), "NewFault");
}

#[test]
fn the_latest_edit_of_a_field_counts_and_the_record_keeps_its_value() {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "a");
    scene.impose(missing("KmsKeyId", ResourceKind::Snapshot));
    let alias = Imposed::field("KmsKeyId", "alias/x");
    scene.impose(Imposition::new(alias, Selection::of_kind(ResourceKind::Snapshot)));
    scene.impose(missing("TagList", ResourceKind::Snapshot));
    scene.impose(missing("TagList", ResourceKind::Instance));
    let record = scene.record(&arn(OURS, EAST, "a")).unwrap();
    let edit = |name: &str, value: Option<&str>| FieldEdit {
        name: name.to_owned(),
        value: value.map(str::to_owned),
    };
    assert_eq!(
        scene.world.edits_of_snapshot(&record),
        [edit("KmsKeyId", Some("alias/x")), edit("TagList", None)]
    );
    assert_eq!(record.kms_key, None);
}

#[test]
fn an_invalid_imposition_is_refused_with_the_allowed_values() {
    use ResourceKind::*;
    let on_action = |action: &str| error(Selection::of_action(action));
    let with_region = of_our_east(Selection::of_kind(GlobalCluster));
    let of_code = |code: &str| Imposition::new(Imposed::error(code, ""), Selection::default());
    let success = ImposedError { code: "X".into(), message: String::new(), http_status: 200 };
    let success = Imposition::new(Imposed::Error(success), Selection::default());
    for (imposition, expected) in [
        (on_action("CopySnapshot"), "action is 'CopySnapshot'; allowed: AddTagsToResource, CopyDBSnapshot,"),
        (error(Selection::of_kind(Snapshot)), "kind has no meaning for an error; give action"),
        (of_code(""), "code is ''; allowed: AWS's error code"),
        (of_code("a b"), "code is 'a b'; allowed: AWS's error code"),
        (success, "http_status is '200'; allowed: 400 to 599"),
        (error(Selection::default()).times(0), "times is '0'; allowed: 1 or more"),
        (status("x", Snapshot).times(1), "times has no meaning for a status or a field"),
        (status("", Snapshot), "status is ''; allowed: any text of ASCII letters"),
        (status("a b", Snapshot), "status is 'a b'; allowed: any text of ASCII letters"),
        (
            Imposition::new(Imposed::Status("x".into()), Selection::default()),
            "kind is missing, which a status needs; allowed: instance, snapshot, cluster, cluster-snapshot,",
        ),
        (
            Imposition::new(Imposed::Status("x".into()), Selection::of_action("CopyDBSnapshot")),
            "action has no meaning for a status; give kind",
        ),
        (
            Imposition::new(Imposed::Status("x".into()), with_region),
            "region has no meaning for a resource of all Regions; leave it out",
        ),
        (missing("Kms", Instance), "field is 'Kms'; allowed: ActivityStreamEngineNativeAuditFieldsIncluded,"),
        (missing("DbInstancePort", Snapshot), "field is 'DbInstancePort'; allowed: AdditionalStorageVolumes"),
    ] {
        let mut scene = Scene::new();
        let error = scene.world.impose(imposition.clone()).err().map(|error| error.to_string());
        let error = error.unwrap_or_default();
        assert!(error.starts_with(expected), "{imposition:?}: {error}");
        assert_eq!(scene.world.impositions().count(), 0);
    }
}

#[test]
fn a_member_of_a_cluster_is_an_instance_and_its_cluster_is_not() {
    let mut scene = Scene::new();
    scene.ask(OURS, EAST, create(cluster("main"))).unwrap();
    scene.pass(0);
    scene.ask(OURS, EAST, member("main-1", "main")).unwrap();
    scene.pass(0);
    let on = Selection::of_kind(ResourceKind::Instance).named(&format!("arn:aws:rds:{EAST}:{OURS}:db:main*"));
    scene.impose(Imposition::new(Imposed::Status("failed".to_owned()), on));
    assert_eq!(scene.statuses(), ["failed", "available"]);
}
