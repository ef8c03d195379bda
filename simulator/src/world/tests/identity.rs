//! `DbiResourceId` and `InstanceCreateTime`: what tells two instances of one name apart.

use super::*;

/// `DbiResourceId` and `InstanceCreateTime` of an instance.
fn identity(scene: &Scene, name: &str) -> (String, Option<Instant>) {
    let place = Place::new(&AccountId::new(OURS).unwrap(), &Region::new(EAST).unwrap());
    let record = scene.world.instance(&place, name).unwrap();
    (record.shape.resource_id.clone(), record.created_at)
}

/// The same, as a snapshot shows them.
fn remembered(scene: &Scene, id: &str) -> (String, Option<Instant>) {
    let record = scene.record(&arn(OURS, EAST, id)).unwrap();
    (record.shape.resource_id.clone(), record.instance_created_at)
}

fn remove(name: &str) -> Request {
    let ask = DeleteDbInstance { name: name.into(), skip_final_snapshot: true, ..Default::default() };
    Request::DeleteDbInstance(ask)
}

fn blue_green(request: BlueGreenRequest) -> Request {
    Request::BlueGreen(Box::new(request))
}

fn deploy(name: &str, engine_version: Option<&str>) -> Request {
    blue_green(BlueGreenRequest::Create(CreateBlueGreenDeployment {
        name: "upgrade".into(),
        source: format!("arn:aws:rds:{EAST}:{OURS}:db:{name}"),
        target_engine_version: engine_version.map(str::to_owned),
        ..Default::default()
    }))
}

fn one(answer: Result<Response, ApiError>) -> BlueGreenRecord {
    match answer {
        Ok(Response::BlueGreen(OneOrPage::One(found))) => BlueGreenRecord::clone(&found),
        other => panic!("{other:?}"),
    }
}

fn stage(scene: &mut Scene, id: &str) -> &'static str {
    let ask = blue_green(BlueGreenRequest::Describe(Some(id.into()), Page::default()));
    match scene.ask(OURS, EAST, ask).unwrap() {
        Response::BlueGreen(OneOrPage::Page(found)) => found.items[0].stage.name(),
        other => panic!("{other:?}"),
    }
}

/// A world with `orders` that has backups. Instances take 60 seconds.
fn with_backups(engine: &str) -> Scene {
    let mut scene = Scene::new();
    scene.configure(|settings| settings.instance_seconds = SecondsRange::of(60, 60));
    let options = InstanceOptions { backup_retention_days: Some(7), ..Default::default() };
    let create = CreateDbInstance {
        engine: engine.into(),
        tags: pilot_light_domain::model::tags::of([("team", "shop")]),
        options,
        ..instance("orders")
    };
    scene.ask(OURS, EAST, Request::CreateDbInstance(create)).unwrap();
    scene.pass(160);
    scene
}

/// A deployment whose green instance is ready.
fn prepared() -> (Scene, BlueGreenRecord) {
    let mut scene = with_backups("mysql");
    let found = one(scene.ask(OURS, EAST, deploy("orders", Some("8.4.3"))));
    scene.pass(160);
    (scene, found)
}

#[test]
fn an_instance_under_a_deleted_ones_name_is_another_one_and_snapshots_remember_theirs() {
    let mut scene = Scene::with_orders();
    let first = identity(&scene, "orders");
    scene.snapshot("orders", "a");
    scene.ask(OURS, EAST, remove("orders")).unwrap();
    scene.pass(0);
    scene.database("orders", None);
    let second = identity(&scene, "orders");
    assert_ne!(second.0, first.0);
    assert!(second.1 > first.1);
    scene.snapshot("orders", "b");
    assert_eq!(remembered(&scene, "a"), first);
    assert_eq!(remembered(&scene, "b"), second);
    let by_id = DescribeDbSnapshots { resource_id: Some(first.0), ..Default::default() };
    let found = scene.list(OURS, EAST, by_id);
    assert_eq!(found.iter().map(|view| view.record.arn.id.as_str()).collect::<Vec<_>>(), ["a"]);
}

#[test]
fn a_renamed_instance_stays_the_same_and_a_new_one_may_have_its_old_name() {
    let mut scene = Scene::with_orders();
    let before = identity(&scene, "orders");
    scene.snapshot("orders", "a");
    let rename = ModifyDbInstance {
        name: "orders".into(),
        new_name: Some("sales".into()),
        apply_immediately: true,
        ..Default::default()
    };
    scene.ask(OURS, EAST, Request::ModifyDbInstance(rename)).unwrap();
    scene.pass(1);
    assert_eq!(identity(&scene, "sales"), before);
    scene.database("orders", None);
    assert_ne!(identity(&scene, "orders").0, before.0);
    scene.snapshot("sales", "b");
    let database = |id: &str| scene.record(&arn(OURS, EAST, id)).unwrap().database.to_string();
    assert_eq!((database("a").as_str(), database("b").as_str()), ("orders", "sales"));
    assert_eq!(remembered(&scene, "a"), remembered(&scene, "b"));
}

#[test]
fn a_green_instance_is_a_replica_with_its_own_identity_until_it_takes_over_the_name() {
    let (mut scene, found) = prepared();
    let (blue, green) = (identity(&scene, "orders"), identity(&scene, found.target.id.name.as_str()));
    assert!(found.target.id.name.as_str().starts_with("orders-green-"));
    assert_eq!(stage(&mut scene, &found.id), "AVAILABLE");
    assert_ne!(blue.0, green.0);
    assert!(green.1 > blue.1);
    scene.snapshot("orders", "before");
    let switch = || blue_green(BlueGreenRequest::Switchover(found.id.clone()));
    scene.ask(OURS, EAST, switch()).unwrap();
    assert_eq!(stage(&mut scene, &found.id), "SWITCHOVER_IN_PROGRESS");
    assert_eq!(scene.code(take("orders", "during")), "InvalidDBInstanceState");
    assert_eq!(scene.code(switch()), "InvalidBlueGreenDeploymentStateFault");
    scene.pass(60);
    assert_eq!(stage(&mut scene, &found.id), "SWITCHOVER_COMPLETED");
    assert_eq!(identity(&scene, "orders"), green);
    assert_eq!(identity(&scene, "orders-old1"), blue);
    assert_eq!(scene.instance_status(found.target.id.name.as_str()), "gone");
    scene.snapshot("orders", "after");
    assert_eq!((remembered(&scene, "before"), remembered(&scene, "after")), (blue, green));
    let database = |id: &str| scene.record(&arn(OURS, EAST, id)).unwrap().database.to_string();
    assert_eq!((database("before").as_str(), database("after").as_str()), ("orders", "orders"));
}

#[test]
fn after_a_switchover_nobody_is_a_replica_and_the_green_instance_has_the_blue_ones_tags() {
    let (mut scene, found) = prepared();
    let tag = pilot_light_domain::model::tags::of([("mine", "no")]);
    scene.ask(OURS, EAST, Request::AddTagsToResource(found.target.to_string(), tag)).unwrap();
    scene.ask(OURS, EAST, blue_green(BlueGreenRequest::Switchover(found.id))).unwrap();
    scene.pass(60);
    let dump = scene.world.dump();
    assert_eq!(dump.databases.len(), 2);
    for one in &dump.databases {
        assert_eq!((one.replica_of.as_ref(), one.replicas.len()), (None, 0), "{}", one.id);
        assert_eq!(one.status, "available");
        assert_eq!(one.tags, pilot_light_domain::model::tags::of([("team", "shop")]));
    }
    let place = Place::of_instance(&found.source);
    let version = |name: &str| scene.world.instance(&place, name).unwrap().shape.engine_version.clone();
    assert_eq!((version("orders"), version("orders-old1")), ("8.4.3".to_owned(), "8.0.39".to_owned()));
}

#[test]
fn deployments_that_aws_does_not_support_are_refused() {
    let mut scene = with_backups("sqlserver-se");
    assert_eq!(scene.code(deploy("orders", None)), "SourceDatabaseNotSupportedFault");
    assert_eq!(scene.code(deploy("nothing", None)), "DBInstanceNotFound");
    let mut scene = with_backups("mysql");
    assert_eq!(scene.code(deploy("orders", Some("5.7.44"))), "InvalidParameterCombination");
    let found = one(scene.ask(OURS, EAST, deploy("orders", None)));
    assert_eq!(scene.code(deploy("orders", None)), "BlueGreenDeploymentAlreadyExistsFault");
    let switch = |id: &str| blue_green(BlueGreenRequest::Switchover(id.into()));
    assert_eq!(stage(&mut scene, &found.id), "PROVISIONING");
    assert_eq!(scene.code(switch(&found.id)), "InvalidBlueGreenDeploymentStateFault");
    assert_eq!(scene.code(switch("bgd-nothing")), "BlueGreenDeploymentNotFoundFault");
    scene.pass(160);
    scene.ask(OURS, EAST, remove(found.target.id.name.as_str())).unwrap();
    scene.pass(60);
    assert_eq!(stage(&mut scene, &found.id), "INVALID_CONFIGURATION");
    assert_eq!(scene.code(switch(&found.id)), "InvalidBlueGreenDeploymentStateFault");
}
