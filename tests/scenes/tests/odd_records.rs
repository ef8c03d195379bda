//! Records of AWS's lists in an unexpected form: each costs at most itself, and deletes nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic fails the test")]

use destination_copy::DestinationCopy;
use destination_delete::DestinationDelete;
use pilot_light_domain::run::context::Mode;
use pilot_light_domain::run::report::Report;
use pilot_light_domain::run::worker::Worker;
use pilot_light_simulator::world::{
    CreateDbInstance, CreateDbSnapshot, Imposed, Imposition, ModifyDbSnapshotAttribute, Request,
    ResourceKind, Selection, SnapshotDump,
};
use pilot_light_tests::{DESTINATION, ORDERS_KEY, SOURCE, Scene, Way, account, region};
use source_delete::SourceDelete;
use source_share::SourceShare;
use source_take::SourceTake;

/// An account that nobody listed.
const STRANGER: &str = "333333333333";

fn ask(scene: &Scene, owner: &str, request: Request) {
    scene.simulation.request(&account(owner), &region("us-east-1"), request).unwrap();
    scene.simulation.settle();
}

/// From now on, AWS describes the records that fit `resource` in this way.
fn impose(scene: &Scene, kind: ResourceKind, resource: &str, imposed: Imposed) {
    let on = Selection { resource: Some(resource.to_owned()), ..Selection::of_kind(kind) };
    scene.simulation.impose(Imposition::new(imposed, on)).expect("the simulator imposes any field");
}

fn missing(field: &str) -> Imposed {
    Imposed::Missing(field.to_owned())
}

/// Takes a snapshot by hand, without the tags of Pilot Light.
fn take_by_hand(scene: &Scene, owner: &str, database: &str, id: &str) {
    let create = CreateDbSnapshot { database: database.to_owned(), id: id.to_owned(), tags: None };
    ask(scene, owner, Request::CreateDbSnapshot(create));
}

fn run(scene: &Scene, worker: &impl Worker) -> Report {
    scene.run(worker, Mode::Apply).unwrap().expect("one odd record failed the whole list")
}

fn run_cleanly(scene: &Scene, worker: &impl Worker) -> Report {
    let report = run(scene, worker);
    assert_eq!(report.failed, 0, "{report:?}");
    report
}

fn taken_and_shared(way: Way) -> Scene {
    let scene = Scene::new(way);
    run_cleanly(&scene, &SourceTake);
    scene.simulation.settle();
    run_cleanly(&scene, &SourceShare);
    scene
}

fn taken(scene: &Scene) -> Vec<SnapshotDump> {
    scene.snapshots(&account(SOURCE), &region("us-east-1"))
}

fn of(snapshots: &[SnapshotDump], database: &str) -> SnapshotDump {
    snapshots.iter().find(|snapshot| snapshot.database.as_str() == database).unwrap().clone()
}

fn count(report: &Report, reason: &str) -> usize {
    report.skipped.get(reason).copied().unwrap_or_default()
}

fn assert_names(report: &Report, subject: &str, problem: &str) {
    let is_it = |(subject_of, detail): (&str, &str)| subject_of.contains(subject) && detail.contains(problem);
    let named = report.blockers.iter().any(|entry| is_it((&entry.subject, &entry.detail)));
    assert!(named, "{subject} is not blocked because of {problem}: {report:?}");
}

#[test]
fn a_strangers_shared_snapshot_that_cannot_be_read_is_counted_and_skipped() {
    let scene = taken_and_shared(Way::OneStep);
    let create =
        CreateDbInstance { name: "theirs".to_owned(), engine: "postgres".to_owned(), ..Default::default() };
    ask(&scene, STRANGER, Request::CreateDbInstance(create));
    take_by_hand(&scene, STRANGER, "theirs", "theirs-1");
    let share = ModifyDbSnapshotAttribute {
        id: "theirs-1".to_owned(),
        attribute: "restore".to_owned(),
        add: vec![DESTINATION.to_owned()],
        remove: Vec::new(),
    };
    ask(&scene, STRANGER, Request::ModifyDbSnapshotAttribute(share));
    impose(&scene, ResourceKind::Snapshot, "theirs-1", missing("Engine"));
    let report = run_cleanly(&scene, &DestinationCopy);
    assert_eq!((count(&report, "UnreadableNotOurs"), scene.copies().len()), (1, 3));
    assert!(report.blockers.iter().all(|entry| !entry.subject.contains("theirs")), "{report:?}");
}

#[test]
fn an_unrelated_snapshot_that_cannot_be_read_is_counted_and_skipped_by_every_worker() {
    let scene = Scene::new(Way::SameAccount);
    take_by_hand(&scene, SOURCE, "scratch", "by-hand");
    impose(&scene, ResourceKind::Snapshot, "by-hand", missing("Status"));
    let skipped = |report: Report| count(&report, "UnreadableNotOurs");
    assert_eq!(skipped(run_cleanly(&scene, &SourceTake)), 1);
    scene.simulation.settle();
    assert_eq!(skipped(run_cleanly(&scene, &SourceShare)), 1);
    assert_eq!(skipped(run_cleanly(&scene, &SourceDelete)), 1);
    assert_eq!(skipped(run_cleanly(&scene, &DestinationCopy)), 1);
    assert_eq!(scene.copies().len(), 4);
}

#[test]
fn an_unselected_member_of_a_cluster_that_cannot_be_read_is_skipped() {
    let scene = Scene::new(Way::OneStep);
    impose(&scene, ResourceKind::Instance, "scratch", Imposed::field("DBClusterIdentifier", "a-cluster"));
    impose(&scene, ResourceKind::Instance, "scratch", missing("StorageEncrypted"));
    let report = run_cleanly(&scene, &SourceTake);
    assert_eq!((count(&report, "UnreadableNotOurs"), taken(&scene).len()), (1, 4));
}

#[test]
fn a_selected_database_that_cannot_be_read_is_blocked_and_the_others_are_taken() {
    let scene = Scene::new(Way::OneStep);
    impose(&scene, ResourceKind::Instance, "orders", missing("Engine"));
    let report = run_cleanly(&scene, &SourceTake);
    assert_names(&report, "orders", "Engine");
    assert_eq!(taken(&scene).len(), 3);
}

#[test]
fn a_taken_snapshot_that_cannot_be_read_is_blocked_and_not_taken_again_in_its_interval() {
    let scene = taken_and_shared(Way::OneStep);
    let odd = of(&taken(&scene), "orders").arn;
    impose(&scene, ResourceKind::Snapshot, odd.id.as_str(), missing("Status"));
    for worker_runs in 1..=3 {
        scene.wait(5);
        assert_names(&run_cleanly(&scene, &SourceTake), &odd.to_string(), "Status");
        assert_eq!(taken(&scene).len(), 4, "after {worker_runs} runs");
    }
    assert_names(&run_cleanly(&scene, &SourceShare), &odd.to_string(), "Status");
}

#[test]
fn a_shared_snapshot_of_a_source_account_that_cannot_be_read_is_blocked_and_the_others_are_copied() {
    let scene = taken_and_shared(Way::OneStep);
    let odd = of(&taken(&scene), "orders").arn;
    impose(&scene, ResourceKind::Snapshot, &odd.to_string(), missing("Encrypted"));
    assert_names(&run_cleanly(&scene, &DestinationCopy), &odd.to_string(), "Encrypted");
    assert_eq!(scene.copies().len(), 2);
}

#[test]
fn a_copy_that_cannot_be_read_is_blocked_and_not_made_again() {
    for way in [Way::OneStep, Way::TwoHops] {
        let scene = taken_and_shared(way);
        for _ in 0..3 {
            run_cleanly(&scene, &DestinationCopy);
            scene.simulation.settle();
        }
        let odd = of(&scene.copies(), "orders").arn;
        impose(&scene, ResourceKind::Snapshot, &odd.to_string(), missing("Status"));
        for _ in 0..3 {
            assert_names(&run_cleanly(&scene, &DestinationCopy), &odd.to_string(), "Status");
            scene.simulation.settle();
        }
        assert_eq!(scene.copies().len(), 3, "{way:?}");
    }
}

#[test]
fn a_failed_copy_that_cannot_be_read_is_not_counted_as_copied() {
    for way in [Way::OneStep, Way::SameRegion] {
        let scene = taken_and_shared(way);
        run_cleanly(&scene, &DestinationCopy);
        let odd = of(&scene.copies(), "orders").arn;
        scene.simulation.with_world(|world| world.fail_snapshot(&odd));
        scene.simulation.settle();
        impose(&scene, ResourceKind::Snapshot, &odd.to_string(), missing("Engine"));
        assert_names(&run_cleanly(&scene, &DestinationCopy), &odd.to_string(), "Engine");
        scene.simulation.settle();
        let copies = scene.copies();
        let usable = copies.iter().filter(|copy| copy.status.as_str() == "available");
        let usable: Vec<_> = usable.map(|copy| copy.database.as_str()).collect();
        assert!(usable.contains(&"orders") && usable.len() == 3, "{way:?}: {usable:?}");
    }
}

#[test]
fn an_intermediate_is_kept_while_a_copy_that_cannot_be_read_may_read_it() {
    let scene = taken_and_shared(Way::TwoHops);
    run_cleanly(&scene, &DestinationCopy);
    scene.simulation.settle();
    run_cleanly(&scene, &DestinationCopy);
    let odd = of(&scene.copies(), "orders").arn;
    impose(&scene, ResourceKind::Snapshot, &odd.to_string(), missing("Status"));
    run_cleanly(&scene, &DestinationCopy);
    let between = scene.snapshots(&scene.way.keeper(), &region("us-east-1"));
    assert_eq!(of(&between, "orders").status.as_str(), "available");
}

#[test]
fn a_record_that_cannot_be_read_is_never_deleted_and_nothing_is_deleted_because_of_it() {
    let mut scene = taken_and_shared(Way::OneStep);
    run_cleanly(&scene, &DestinationCopy);
    scene.simulation.settle();
    scene.wait(24 * 60 + 10);
    scene.set_destination("RetentionDays", "1h");
    for (kept, way) in [(taken(&scene), &SourceDelete as &dyn Deletes), (scene.copies(), &DestinationDelete)]
    {
        let before = kept.len();
        impose(&scene, ResourceKind::Snapshot, &of(&kept, "orders").arn.to_string(), missing("Status"));
        let report = way.delete(&scene);
        assert_names(&report, "orders", "Status");
        let left = if before == 4 { taken(&scene) } else { scene.copies() };
        assert_eq!(left.len(), before, "the only point of a database stays, readable or not");
    }
}

trait Deletes {
    fn delete(&self, scene: &Scene) -> Report;
}

impl<W: Worker> Deletes for W {
    fn delete(&self, scene: &Scene) -> Report {
        run_cleanly(scene, self)
    }
}

#[test]
fn an_encrypted_snapshot_is_copied_whatever_form_its_key_has() {
    let forms = [
        missing("KmsKeyId"),
        Imposed::field("KmsKeyId", "1234abcd-12ab-34cd-56ef-1234567890ab"),
        Imposed::field("KmsKeyId", "alias/orders"),
        Imposed::field("KmsKeyId", "arn:aws:kms:us-east-1:111111111111:alias/orders"),
    ];
    for form in forms {
        let scene = Scene::new(Way::OneStep);
        for kind in [ResourceKind::Snapshot, ResourceKind::Instance] {
            impose(&scene, kind, "orders*", form.clone());
        }
        run_cleanly(&scene, &SourceTake);
        scene.simulation.settle();
        run_cleanly(&scene, &SourceShare);
        run_cleanly(&scene, &DestinationCopy);
        let key = of(&scene.copies(), "orders").kms_key.unwrap();
        assert_eq!(key.to_string(), scene.way.key(), "{form:?}");
        assert_eq!(of(&taken(&scene), "orders").kms_key.unwrap().to_string(), ORDERS_KEY);
    }
}

#[test]
fn a_snapshot_under_the_alias_of_the_default_key_is_blocked() {
    for form in ["alias/aws/rds", "arn:aws:kms:us-east-1:111111111111:alias/aws/rds"] {
        let scene = Scene::new(Way::OneStep);
        impose(&scene, ResourceKind::Snapshot, "archive*", Imposed::field("KmsKeyId", form));
        run_cleanly(&scene, &SourceTake);
        scene.simulation.settle();
        let report = run_cleanly(&scene, &SourceShare);
        assert_eq!(count(&report, "DefaultKey"), 1, "{form}: {report:?}");
    }
}
