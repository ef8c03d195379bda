//! Saved worlds: one that is loaded equals the original and continues as the original does. A malformed one is refused.

use serde_json::{Value, json};

use super::*;

fn saved(world: &World) -> Value {
    serde_json::to_value(world.save()).unwrap()
}

fn loaded(value: &Value) -> World {
    World::load(value.to_string().as_bytes()).unwrap()
}

fn clustered(request: ClusterRequest) -> Request {
    Request::Cluster(Box::new(request))
}

fn cached(request: CacheRequest) -> Request {
    Request::Cache(Box::new(request))
}

/// The message of the refusal.
fn refusal(value: &Value) -> String {
    World::load(value.to_string().as_bytes()).unwrap_err().to_string()
}

/// A world with everything in progress: a snapshot, two copies in one queue, changes of an instance, a cluster and a
/// datastore, and descriptions that lag behind.
fn busy() -> Scene {
    let mut scene = Scene::new();
    scene.world.register_key("arn:aws:kms:us-west-2:222222222222:key/k".parse().unwrap(), BTreeSet::new());
    scene.configure(|settings| {
        settings.instance_seconds = SecondsRange::of(300, 300);
        settings.lag_seconds = 50;
    });
    scene.database("orders", None);
    scene.database("billing", None);
    let cluster = |name: &str| CreateDbCluster {
        name: name.to_owned(),
        engine: "aurora-mysql".to_owned(),
        ..Default::default()
    };
    let ask = |scene: &mut Scene, account: &str, region: &str, request: Request| {
        scene.ask(account, region, request).map_err(|error| error.message).unwrap()
    };
    ask(&mut scene, OURS, EAST, clustered(ClusterRequest::CreateDbCluster(cluster("sales"))));
    let group = CreateReplicationGroup {
        id: "carts".to_owned(),
        description: "carts".to_owned(),
        ..Default::default()
    };
    ask(&mut scene, OURS, EAST, cached(CacheRequest::CreateReplicationGroup(group)));
    scene.pass(700);
    for id in ["one", "two"] {
        ask(&mut scene, OURS, EAST, take("orders", id));
        scene.pass(400);
        ask(&mut scene, OURS, EAST, share(id, &[OTHER]));
    }
    for id in ["one", "two"] {
        ask(&mut scene, OTHER, WEST, Request::CopyDbSnapshot(copy(&arn(OURS, EAST, id), id)));
    }
    ask(&mut scene, OURS, EAST, take("orders", "three"));
    let delete =
        DeleteDbInstance { name: "billing".to_owned(), skip_final_snapshot: true, final_snapshot: None };
    ask(&mut scene, OURS, EAST, Request::DeleteDbInstance(delete));
    ask(&mut scene, OURS, EAST, clustered(ClusterRequest::CreateDbCluster(cluster("stock"))));
    scene.pass(10);
    scene
}

/// The snapshots that the other account sees, its own and those that are shared with it.
fn visible(world: &mut World, now: Instant) -> Vec<String> {
    let caller = Caller { account: AccountId::new(OTHER).unwrap() };
    let ask = DescribeDbSnapshots { include_shared: true, ..Default::default() };
    let answer = world.request(&caller, &Region::new(EAST).unwrap(), Request::DescribeDbSnapshots(ask), now);
    let Ok(Response::Snapshots(listing)) = answer else { panic!("{answer:?}") };
    listing.items.iter().map(SnapshotView::identifier).collect()
}

#[test]
fn a_loaded_world_equals_the_original_and_continues_as_it_does() {
    let Scene { mut world, now } = busy();
    let file = saved(&world);
    let mut other = loaded(&file);
    assert_eq!(saved(&other), file);
    assert_eq!(other.agenda, world.agenda);
    for minutes in 0..30 {
        let now = now + TimeDelta::minutes(minutes);
        assert_eq!(visible(&mut other, now), visible(&mut world, now), "after {minutes} minutes");
        assert_eq!(saved(&other), saved(&world), "after {minutes} minutes");
    }
    assert_eq!(visible(&mut world, now), [arn(OURS, EAST, "one"), arn(OURS, EAST, "two")]);
    assert_eq!(world.next_event(), None);
}

#[test]
fn everything_that_the_test_world_is_meant_to_have_in_progress_is_in_its_file() {
    let file = saved(&busy().world);
    let text = file.to_string();
    for part in ["Taking", "Copying", "Queued", "\"before\"", "InstanceReached", "ClusterReached", "LagOver"]
    {
        assert!(text.contains(part), "{part}");
    }
    assert_eq!(file["copy_queues"][0]["copies"].as_array().unwrap().len(), 2);
}

#[test]
fn fields_that_an_older_version_did_not_write_have_defaults() {
    let mut file = saved(&busy().world);
    let all = loaded(&file).agenda;
    for name in ["format", "keys", "agenda"] {
        file.as_object_mut().unwrap().remove(name);
    }
    file["settings"].as_object_mut().unwrap().remove("lag_seconds");
    file["notes"] = json!("anything");
    let world = loaded(&file);
    assert_eq!(world.settings().lag_seconds, Settings::default().lag_seconds);
    let follows = |(_, event): &&(Instant, Event)| !matches!(event, Event::LagOver);
    assert!(world.agenda.iter().eq(all.iter().filter(follows)));
}

#[test]
fn a_malformed_world_is_refused_with_the_path_of_the_field() {
    let file = saved(&busy().world);
    let snapshot = "/places/0/snapshots/0";
    for (pointer, field, value, message) in [
        ("", "format", json!(2), "format: 2 is unknown; 1 is the latest"),
        ("", "now", json!("yesterday"), "now: input contains invalid characters"),
        ("/settings", "quota", json!("many"), "settings.quota: invalid type: string \"many\", expected u32"),
        ("/settings", "qouta", json!(1), "settings.qouta: unknown field `qouta`, expected one of"),
        (snapshot, "work", json!("Sleeping"), "places[0].snapshots[0].work: unknown variant `Sleeping`"),
        (snapshot, "kms", json!(null), "places[0].snapshots[0].kms: unknown field `kms`"),
        (
            snapshot,
            "arn",
            json!("arn:aws:rds:us-west-2:111111111111:snapshot:one"),
            "places[0].snapshots[0].arn: arn:aws:rds:us-west-2:111111111111:snapshot:one is of another account or Region",
        ),
        (
            snapshot,
            "arn",
            json!("arn:aws:rds:us-east-1:111111111111:snapshot:two"),
            "places[0].snapshots[2].arn: arn:aws:rds:us-east-1:111111111111:snapshot:two is there twice",
        ),
        ("/places/1", "account", json!(OURS), "places[1].snapshots[0].arn: "),
        (
            "/copy_queues/0",
            "copies",
            json!([]),
            "copy_queues: the copy arn:aws:rds:us-west-2:222222222222:snapshot:one",
        ),
        ("/copy_queues/0", "region", json!(EAST), "copy_queues[0].copies[0].copy: the work of"),
    ] {
        let mut malformed = file.clone();
        malformed.pointer_mut(pointer).unwrap()[field] = value;
        let said = refusal(&malformed);
        assert!(said.starts_with(message), "{said}");
    }
}

#[test]
fn a_missing_field_and_an_event_that_contradicts_its_record_are_refused() {
    let file = saved(&busy().world);
    let mut lacks = file.clone();
    lacks["places"][0]["snapshots"][0].as_object_mut().unwrap().remove("status");
    assert!(
        refusal(&lacks).starts_with("places[0].snapshots[0]: missing field `status`"),
        "{}",
        refusal(&lacks)
    );
    let mut moved = file.clone();
    let agenda = moved["agenda"].as_array_mut().unwrap();
    let number = agenda.iter().position(|due| due["event"] == "SnapshotComplete").unwrap();
    agenda[number]["at"] = json!("2024-10-05T00:00:00Z");
    let said = refusal(&moved);
    assert!(said.starts_with(&format!("agenda[{number}]: SnapshotComplete(")), "{said}");
    assert!(said.ends_with("does not follow from its record"), "{said}");
}
