//! The world's counters, indexes, queues and agenda agree under many requests in any order.

use std::collections::BTreeMap;

use pilot_light_domain::model::snapshot::{Phase, SnapshotStatus};

use super::*;
use crate::world::snapshots::copy_queue::Copies;
use crate::world::snapshots::record::Work;

/// Numbers that look random and are the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 += 1;
        hash(self.0, &[]) % limit
    }

    fn of<'a>(&mut self, some: &[&'a str]) -> &'a str {
        some[usize::try_from(self.below(some.len() as u64)).unwrap()]
    }
}

fn request(numbers: &mut Numbers) -> Request {
    let id = format!("s{}", numbers.below(30));
    let database = numbers.of(&["orders", "payments", "users"]);
    let elsewhere =
        arn(numbers.of(&[OURS, OTHER]), numbers.of(&[EAST, WEST]), &format!("s{}", numbers.below(30)));
    match numbers.below(10) {
        0 => Request::CreateDbInstance(instance(database)),
        1 => Request::DeleteDbInstance(DeleteDbInstance {
            name: database.into(),
            skip_final_snapshot: false,
            final_snapshot: Some(id),
        }),
        2..4 => take(database, &id),
        4..7 => Request::CopyDbSnapshot(copy(&elsewhere, &id)),
        7..9 => share(&id, &[OURS, OTHER]),
        _ => delete(&id),
    }
}

#[test]
fn counters_indexes_queues_and_agenda_agree_after_any_requests() {
    let mut scene = Scene::new();
    scene.configure(|settings| {
        settings.quota = 25;
        settings.copy_slots = 6;
        // Failed snapshots would soon fill the quota.
        settings.failed_can_be_deleted = true;
    });
    scene.world.keep_journal();
    let mut described = BTreeMap::new();
    let mut numbers = Numbers(0);
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    for step in 0..20_000 {
        let (account, region) = (numbers.of(&[OURS, OTHER]), numbers.of(&[EAST, WEST]));
        let asked = request(&mut numbers);
        *outcomes.entry(scene.code_of(account, region, asked)).or_default() += 1;
        if numbers.below(50) == 0 {
            let unlucky = arn(account, region, &format!("s{}", numbers.below(30)));
            scene.world.fail_snapshot(&unlucky.parse().unwrap());
        }
        scene.pass(i64::try_from(numbers.below(40)).unwrap());
        if step % 10 == 0 {
            check(&scene.world);
            check_journal(&mut scene.world, &mut described);
        }
    }
    assert!(outcomes["ok"] > 3000, "{outcomes:?}");
    assert!(outcomes["SnapshotQuotaExceeded"] > 10, "{outcomes:?}");
    while let Some(next) = scene.world.next_event() {
        scene.world.advance(next);
    }
    check(&scene.world);
    assert!(
        scene.world.dump().snapshots.iter().all(|s| ["available", "failed"].contains(&s.status.as_str()))
    );
}

fn check(world: &World) {
    let mut due = BTreeSet::new();
    let mut running: BTreeMap<(Place, String), usize> = BTreeMap::new();
    for (place, holdings) in &world.places {
        let manual = holdings.snapshots.values().filter(|record| record.is_manual()).count();
        assert_eq!(manual, holdings.manual_snapshots);
        assert!(manual <= 25);
        let copies =
            |record: &&Arc<SnapshotRecord>| matches!(record.work, Work::Queued | Work::Copying { .. });
        let in_progress = holdings.snapshots.values().filter(copies).count();
        assert_eq!(in_progress, world.copies.in_progress(place));
        assert!(in_progress <= 6);
        for record in holdings.snapshots.values() {
            check_sharing(world, record);
            due.extend(record.work.until().map(|at| (at, Event::SnapshotComplete(record.arn.clone()))));
            if let Work::Copying { from, .. } = record.work {
                let is_pending = record.status == SnapshotStatus::Pending;
                due.extend(is_pending.then(|| (from, Event::CopyBegins(record.arn.clone()))));
                *running.entry((place.clone(), record.shape.resource_id.clone())).or_default() += 1;
            }
        }
        for record in holdings.instances.values() {
            due.extend(record.next.map(|(at, _)| (at, Event::InstanceReached(record.arn.clone()))));
        }
    }
    assert!(running.values().all(|count| *count == 1), "{running:?}");
    assert_eq!(due, world.agenda);
    check_queues(world, &running);
}

/// The journal contains every snapshot and the phase of its status.
fn check_journal(world: &mut World, described: &mut BTreeMap<SnapshotArn, Phase>) {
    for event in world.take_journal() {
        match event.what {
            Happening::Begun(record, _) | Happening::Ended(record) => {
                described.insert(record.arn.clone(), record.status.phase());
            }
            Happening::Gone(record, _) => {
                assert!(described.remove(&record.arn).is_some());
            }
            Happening::Refused(..)
            | Happening::DatabaseReady(_)
            | Happening::DatabaseRenamed(_)
            | Happening::DatabaseGone(_)
            | Happening::OutageBegan
            | Happening::OutageEnded => {}
        }
    }
    let all = world.places.values().flat_map(|holdings| holdings.snapshots.values());
    assert_eq!(*described, all.map(|record| (record.arn.clone(), record.status.phase())).collect());
}

fn check_sharing(world: &World, record: &SnapshotRecord) {
    for account in &record.shared_with {
        let seen = &world.shared[&Place::new(account, &record.arn.region)];
        assert!(seen.contains(&record.arn));
    }
}

/// A copy waits only behind another copy in progress.
fn check_queues(world: &World, running: &BTreeMap<(Place, String), usize>) {
    let copies: &Copies = &world.copies;
    for (place, holdings) in &world.places {
        for record in holdings.snapshots.values().filter(|record| record.work == Work::Queued) {
            assert!(copies.source_of(&record.arn).is_some());
            assert!(running.contains_key(&(place.clone(), record.shape.resource_id.clone())));
        }
    }
    for arns in world.shared.values() {
        assert!(arns.iter().all(|arn| world.snapshot(arn).is_some()));
    }
}
