//! The older tool and the workers in the same accounts, each on its schedule, for days of virtual time.
//!
//! The older tool itself is in [`crate::older_tool`]. The judgement of everything that happens is in [`observer`].

pub mod observer;
pub mod person;

use std::collections::BTreeSet;

use chrono::{TimeDelta, Timelike};
use destination_copy::DestinationCopy;
use destination_delete::DestinationDelete;
use pilot_light_domain::run::context::Mode;
use pilot_light_domain::run::worker::Worker;
use source_delete::SourceDelete;
use source_share::SourceShare;
use source_take::SourceTake;

use self::observer::Observer;
use crate::older_tool::OlderTool;
use crate::{Scene, Way};

/// The databases in these scenes: one is encrypted, one is not.
pub const DATABASES: [&str; 2] = ["orders", "plain"];

/// The tools whose schedules are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Running {
    /// The older tool alone.
    Older,
    /// The workers alone.
    Ours,
    /// Both.
    Both,
}

/// Whether a tool deletes expired snapshots (`DeleteOldSnapshots`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// It does.
    On,
    /// It does not.
    Off,
}

/// The minutes between two runs of each function of the older tool.
#[derive(Debug, Clone, Copy)]
pub struct OlderSchedule {
    /// Of taking.
    pub take: i64,
    /// Of sharing.
    pub share: i64,
    /// Of copying.
    pub copy: i64,
    /// The minutes from a full hour to a run of each function.
    pub offset: i64,
}

impl OlderSchedule {
    /// The tool's defaults: it takes once a day.
    pub const DEFAULT: Self = Self { take: 24 * 60, share: 10, copy: 30, offset: 0 };
    /// Everything once an hour.
    pub const HOURLY: Self = Self { take: 60, share: 60, copy: 60, offset: 0 };

    /// The same schedule, some minutes later.
    #[must_use]
    pub fn later(self, offset: i64) -> Self {
        Self { offset, ..self }
    }

    fn is_due(self, every: i64, minute: i64) -> bool {
        minute % every == self.offset % every
    }
}

/// Both tools in one scene.
#[derive(Debug)]
pub struct BothTools {
    /// The scene.
    pub scene: Scene,
    /// The older tool.
    pub older: OlderTool,
    /// The schedule of the older tool.
    pub schedule: OlderSchedule,
    /// The tools whose schedules are on.
    pub running: Running,
    /// Whether the older tool deletes.
    pub older_deletes: Deletion,
    /// Whether ours deletes.
    pub ours_deletes: Deletion,
    /// If not zero, every so-manieth copy fails.
    pub failing: u64,
    /// The observer.
    pub observer: Observer,
}

/// The minutes between two runs of the workers.
const STEP: i64 = 5;

impl BothTools {
    /// Both tools in new accounts. Both keep their snapshots for `retention_days`.
    #[must_use]
    pub fn new(way: Way, schedule: OlderSchedule, retention_days: i64) -> Self {
        let mut scene = Scene::new(way);
        let days = retention_days.to_string();
        scene.set_source("InstanceNamePattern", "^(orders|plain)$");
        scene.set_source("RetentionDays", &days);
        scene.set_destination("RetentionDays", &days);
        scene.simulation.with_world(|world| {
            let mut settings = world.settings().clone();
            settings.quota = 10_000;
            settings.failed_can_be_deleted = true;
            world.configure(settings);
            world.keep_journal();
        });
        let older = OlderTool {
            backup_interval: schedule.take / 60,
            retention_days,
            databases: BTreeSet::from(DATABASES.map(str::to_owned)),
        };
        Self {
            observer: Observer::new(way, TimeDelta::days(retention_days), scene.simulation.now()),
            scene,
            older,
            schedule,
            running: Running::Both,
            older_deletes: Deletion::On,
            ours_deletes: Deletion::On,
            failing: 0,
        }
    }

    /// Lets the schedules of these tools run for some hours.
    pub fn run_for(&mut self, running: Running, hours: i64) {
        self.running = running;
        // Failing copies make the newest one older than an hour.
        let is_expected = running != Running::Older && self.failing == 0;
        self.observer.expect_copies(is_expected.then(|| self.scene.simulation.now()));
        self.wait_for_next_step();
        let end = self.scene.simulation.now() + TimeDelta::hours(hours);
        while self.scene.simulation.now() < end {
            // Each tool is the first in turn, since either may run a little before the other.
            if self.scene.simulation.now().hour().is_multiple_of(2) {
                self.run_older();
                self.run_ours();
            } else {
                self.run_ours();
                self.run_older();
            }
            self.observe();
            self.scene.wait(STEP);
            self.observe();
        }
    }

    /// Lets the workers share, copy and delete until everything but the newest snapshot of each database has expired.
    pub fn let_everything_expire(&mut self) {
        self.running = Running::Ours;
        self.failing = 0;
        self.observer.expect_copies(None);
        let keep_for = self.observer.keep_for().num_hours();
        for _ in 0..keep_for + 3 {
            for _ in 0..3 {
                self.run_share_and_copy();
                self.scene.wait(20);
            }
            self.run_worker(&SourceDelete);
            self.run_worker(&DestinationDelete);
            self.observe();
        }
    }

    /// Schedules follow the clock, and the preparation of a scene takes seconds.
    fn wait_for_next_step(&mut self) {
        let begun = self.scene.simulation.now().timestamp().rem_euclid(STEP * 60);
        if begun > 0 {
            self.scene.simulation.advance_by(TimeDelta::seconds(STEP * 60 - begun));
        }
        self.observe();
    }

    fn observe(&mut self) {
        let events = self.scene.simulation.with_world(|world| world.take_journal());
        for arn in self.observer.follow(events, self.scene.simulation.now(), self.failing) {
            self.scene.simulation.with_world(|world| world.fail_snapshot(&arn));
        }
    }

    fn run_older(&self) {
        if self.running == Running::Ours {
            return;
        }
        let minute = self.scene.simulation.now().timestamp() / 60;
        let is_due = |every| self.schedule.is_due(every, minute);
        let (scene, older, is_within) = (&self.scene, &self.older, self.scene.way == Way::SameAccount);
        if is_due(self.schedule.take) {
            older.take(scene);
        }
        if is_due(self.schedule.share) && !is_within {
            older.share(scene);
        }
        if is_due(self.schedule.copy) {
            if is_within { older.copy_within_account(scene) } else { older.copy(scene) }
        }
        if is_due(60) && self.older_deletes == Deletion::On {
            older.delete_source(scene);
            if is_within { older.delete_within_account(scene) } else { older.delete_destination(scene) }
        }
    }

    fn run_ours(&mut self) {
        if self.running == Running::Older {
            return;
        }
        self.run_worker(&SourceTake);
        self.run_share_and_copy();
        if self.scene.simulation.now().minute() == 0 && self.ours_deletes == Deletion::On {
            self.run_worker(&SourceDelete);
            self.run_worker(&DestinationDelete);
        }
    }

    fn run_share_and_copy(&mut self) {
        if self.scene.way != Way::SameAccount {
            self.run_worker(&SourceShare);
        }
        self.run_worker(&DestinationCopy);
    }

    fn run_worker(&mut self, worker: &impl Worker) {
        let report = self.scene.run(worker, Mode::Apply).unwrap();
        self.observer.read(worker.name(), &report, self.scene.simulation.now());
    }
}
