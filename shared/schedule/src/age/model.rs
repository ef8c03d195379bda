//! A small model of the workers, event by event, that checks the sums. By chance, each run starts on time, as late as
//! possible or in between, and each duration is the longest possible or shorter. The model shares no code with the sums.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use proptest::prelude::*;

use super::worst::worst;
use crate::conditions::{Backlog, Cadence, Conditions, CopyMode, Holding, Phase};
use pilot_light_domain::Instant;
use pilot_light_domain::model::retention::Retention;

/// All times are in seconds.
#[derive(Debug, Clone, Copy)]
struct Model {
    interval: i64,
    /// The periods of take, share and copy.
    periods: [i64; 3],
    /// The times of take's, share's and copy's runs, counted from the full hour.
    offsets: [i64; 3],
    late: i64,
    snapshot: i64,
    copying: i64,
    two: bool,
    databases: usize,
    slots: usize,
    seed: u64,
}

/// A snapshot on its way.
#[derive(Debug, Clone, Copy)]
struct Point {
    data: i64,
    complete: i64,
    /// True if an adverse fate concerns it.
    is_aimed: bool,
}

#[derive(Debug, Clone, Default)]
struct Database {
    taken: Option<Point>,
    /// The snapshot before it.
    finished: Option<Point>,
    /// The number of the interval of the last snapshot.
    interval: Option<i64>,
    offered: Option<Point>,
    between: Vec<Point>,
    arriving: Option<Point>,
    /// The time of the data in the newest copy.
    home: Option<i64>,
}

/// The lateness of runs, and the durations of snapshots and copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Both are random.
    Chance,
    /// Everything takes as long as possible. The runs that concern every second interval start as late as possible.
    Adverse { parity: i64 },
}

/// The order of runs that start together. Late runs are first, in the order in which each finds nothing of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Order {
    /// Copy before share, share before take.
    Late {
        before: usize,
    },
    InTime {
        worker: usize,
    },
}

struct Run {
    model: Model,
    fate: Fate,
    random: u64,
    databases: Vec<Database>,
    worst: i64,
    /// The start of each worker's last run, including its lateness.
    next_start: [i64; 3],
}

/// The worst age that occurs in this number of intervals.
fn worst_seen(model: Model, fate: Fate, intervals: i64) -> i64 {
    let databases = vec![Database::default(); model.databases];
    let mut run = Run { model, fate, random: model.seed, databases, worst: 0, next_start: [-1; 3] };
    let end = intervals * model.interval.max(model.periods[0]);
    let mut queue = BTreeSet::new();
    for (worker, (period, offset)) in model.periods.into_iter().zip(model.offsets).enumerate() {
        queue.extend((0..end / period).map(|k| (k * period + offset, Order::InTime { worker })));
    }
    while let Some((now, order)) = queue.pop_first() {
        let (worker, is_late) = match order {
            Order::Late { before } => (2 - before, true),
            Order::InTime { worker } => (worker, false),
        };
        run.arrivals(now);
        let late = if is_late { 0 } else { run.late(worker, now) };
        run.next_start[worker] = now + late;
        match worker {
            _ if late > 0 => drop(queue.insert((now + late, Order::Late { before: 2 - worker }))),
            0 => run.take(now),
            1 => run.share(now),
            _ => run.copy(now),
        }
    }
    run.worst
}

impl Run {
    fn random(&mut self, below: i64) -> i64 {
        // Knuth's MMIX.
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.random >> 33).unwrap() % below
    }

    /// Usually one of both ends.
    fn extreme(&mut self, least: i64, most: i64) -> i64 {
        match self.random(5) {
            0 | 1 => least,
            2 | 3 => most,
            _ => least + self.random(most - least + 1),
        }
    }

    fn late(&mut self, worker: usize, now: i64) -> i64 {
        if self.fate == Fate::Chance {
            return self.extreme(0, self.model.late);
        }
        let is_ready = |point: &&Point| point.complete <= now && point.is_aimed;
        let is_late = self.databases.iter().any(|database| {
            let is_new = |point: &&Point| {
                let data = Some(point.data);
                data > database.home && database.arriving.map(|copy| copy.data) != data
            };
            let is_between = |offer: &&Point| database.between.iter().any(|point| point.data == offer.data);
            match worker {
                0 => self.is_aimed(now),
                1 => {
                    let complete = database.taken.iter().chain(&database.finished).find(is_ready);
                    let waits = database.offered.iter().any(|offer| offer.is_aimed && is_new(&offer));
                    waits || complete.map(|taken| taken.data) > database.offered.map(|offer| offer.data)
                }
                _ => {
                    let offers = database.offered.iter().filter(|offer| !is_between(offer));
                    offers.chain(&database.between).filter(is_ready).any(|point| is_new(&point))
                }
            }
        });
        match self.next_start[worker] {
            _ if !is_late => 0,
            // Starting together with the run that begins the work is worse than finding the work finished.
            next if next >= now => next - now,
            _ => self.model.late,
        }
    }

    fn is_aimed(&self, data: i64) -> bool {
        let interval = data.div_euclid(self.model.interval);
        matches!(self.fate, Fate::Adverse { parity } if interval % 2 == parity)
    }

    /// The longest duration, or by chance a shorter one.
    fn length(&mut self, most: i64) -> i64 {
        let is_less = self.fate == Fate::Chance && self.random(4) == 0;
        if is_less { 1 + self.random(most) } else { most }
    }

    fn arrivals(&mut self, now: i64) {
        for database in &mut self.databases {
            let Some(copy) = database.arriving.filter(|copy| copy.complete <= now) else { continue };
            if let Some(before) = database.home {
                self.worst = self.worst.max(copy.complete - before);
            }
            database.home = Some(copy.data);
            database.arriving = None;
        }
    }

    fn take(&mut self, now: i64) {
        let interval = now.div_euclid(self.model.interval);
        for index in 0..self.databases.len() {
            let took = self.length(self.model.snapshot);
            let is_aimed = self.is_aimed(now);
            let database = &mut self.databases[index];
            let is_busy = database.taken.is_some_and(|taken| taken.complete > now);
            if !is_busy && database.interval < Some(interval) {
                database.finished = database.taken;
                database.interval = Some(interval);
                database.taken = Some(Point { data: now, complete: now + took, is_aimed });
            }
        }
    }

    fn share(&mut self, now: i64) {
        for database in &mut self.databases {
            let complete = database.taken.filter(|taken| taken.complete <= now);
            // A snapshot that is offered together with an aimed one shares its fate.
            let is_aimed = complete
                .iter()
                .chain(&database.finished)
                .any(|point| point.is_aimed && Some(point.data) > database.offered.map(|offer| offer.data));
            let newest = complete.or(database.finished);
            if newest.map(|point| point.data) > database.offered.map(|offer| offer.data) {
                database.offered = newest.map(|point| Point { is_aimed, ..point });
            }
        }
    }

    fn copy(&mut self, now: i64) {
        let busy_between = self.databases.iter().flat_map(|database| &database.between);
        let mut free_between =
            self.model.slots.saturating_sub(busy_between.filter(|point| point.complete > now).count());
        let arriving = self.databases.iter().filter(|database| database.arriving.is_some()).count();
        let mut free = self.model.slots.saturating_sub(arriving);
        let mut order: Vec<_> = (0..self.databases.len()).collect();
        order.sort_by_key(|index| self.databases[*index].home);
        for index in order {
            let took = self.length(self.model.copying);
            let started = |point: Point| Point { complete: now + took, ..point };
            let database = &mut self.databases[index];
            let (home, between) = (database.home, database.between.clone());
            let offered = database.offered.filter(|offer| Some(offer.data) > home);
            if !self.model.two {
                if let Some(offer) = offered.filter(|_| free > 0 && database.arriving.is_none()) {
                    database.arriving = Some(started(offer));
                    free -= 1;
                }
                continue;
            }
            let complete = |point: &&Point| point.complete <= now;
            let halfway = between
                .iter()
                .filter(complete)
                .filter(|point| Some(point.data) > home)
                .max_by_key(|p| p.data);
            let reads = database.arriving.map(|copy| copy.data);
            let newer = halfway.is_none_or(|halfway| offered.is_some_and(|offer| offer.data > halfway.data));
            let is_next = newer
                && between.iter().all(|point| {
                    point.complete <= now && Some(point.data) != offered.map(|offer| offer.data)
                })
                && between.len() < 2;
            // Copies that have arrived or are overtaken are removed. The next run sees that they are gone.
            let newest = between.iter().filter(complete).map(|point| point.data).max();
            database.between.retain(|point| {
                let is_done = Some(point.data) <= home || Some(point.data) < newest;
                point.complete > now || reads == Some(point.data) || !is_done
            });
            if let Some(halfway) = halfway.filter(|_| free > 0 && database.arriving.is_none()) {
                database.arriving = Some(started(*halfway));
                free -= 1;
            }
            if let Some(offer) = offered.filter(|_| is_next && free_between > 0) {
                database.between.push(started(offer));
                free_between -= 1;
            }
        }
    }
}

impl Model {
    fn cadence(&self) -> Cadence {
        let [take, share, copy] = self.periods.map(TimeDelta::seconds);
        Cadence {
            interval: TimeDelta::seconds(self.interval),
            take,
            share,
            copy,
            delete: TimeDelta::hours(1),
        }
    }

    fn conditions(&self, phase: Phase) -> Conditions {
        let retention = Retention { keep_for: TimeDelta::hours(12), keep_last: 1, keep_daily: 0 };
        let holding = Holding::of(retention, 100);
        Conditions {
            databases: self.databases as u64,
            snapshot: TimeDelta::seconds(self.snapshot),
            copying: TimeDelta::seconds(self.copying),
            copy_mode: if self.two { CopyMode::TwoHop } else { CopyMode::OneStep },
            slots: self.slots as u64,
            backlog: Backlog::Skipped,
            late: TimeDelta::seconds(self.late),
            phase,
            source: holding,
            destination: holding,
            lambda: crate::conditions::Lambda::default(),
        }
    }

    fn bound(&self, phase: Phase) -> i64 {
        worst(&self.cadence(), &self.conditions(phase)).unwrap().total().num_seconds()
    }
}

prop_compose! {
    fn any_model()(
        interval in 1_i64..40, periods in prop::array::uniform3(prop::sample::select(vec![1_i64, 2, 3, 5, 6, 10, 15])),
        late in prop::sample::select(vec![0_i64, 30, 60, 90]), snapshot in 20_i64..1200, copying in 20_i64..1800,
        two in any::<bool>(), databases in 1_usize..4, slots in 1_usize..4, seed in any::<u64>(),
    ) -> Model {
        let periods = periods.map(|minutes| minutes * 60);
        Model { interval: interval * 60, periods, offsets: [0; 3], late, snapshot, copying, two, databases, slots, seed }
    }
}

prop_compose! {
    /// Models in which each snapshot moves alone and finds the one before it gone. A duration that would be too long is
    /// cut to the longest allowed one.
    fn any_that_keeps_up()(
        model in any_model(), minutes in prop::sample::select(vec![6_i64, 10, 12, 15, 20, 30, 60]),
    ) -> Model {
        let interval = minutes * 60;
        let longest = |copy: i64| {
            let spare = interval - copy - if model.two { model.late * 2 } else { 0 };
            spare.div_euclid(copy) * copy - model.late
        };
        let [take, share, copy] = model.periods.map(|period| if interval % period == 0 { period } else { 60 });
        let copy = if longest(copy) < 20 { 60 } else { copy };
        let snapshot = model.snapshot.min(interval - model.late);
        let copying = model.copying.min(longest(copy));
        Model { interval, periods: [take, share, copy], snapshot, copying, databases: 1, ..model }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn on_the_clock_no_age_exceeds_the_sum(model in prop_oneof![any_model(), any_that_keeps_up()]) {
        let (seen, bound) = (worst_seen(model, Fate::Chance, 200), model.bound(Phase::OnTheClock));
        prop_assert!(seen <= bound, "{seen} > {bound}");
    }

    #[test]
    fn with_runs_at_any_time_no_age_exceeds_the_sum(
        model in any_model(), offsets in prop::array::uniform3(0_i64..900),
    ) {
        let [a, b, c] = offsets;
        let [take, share, copy] = model.periods;
        let model = Model { offsets: [a % take, b % share, c % copy], ..model };
        let run = Instant::UNIX_EPOCH + TimeDelta::seconds(model.offsets[0]);
        let phase = Phase::of_even_runs(run, &model.cadence(), TimeDelta::seconds(model.late));
        let (seen, bound) = (worst_seen(model, Fate::Chance, 200), model.bound(phase));
        prop_assert!(seen <= bound, "{phase:?}: {seen} > {bound}");
        prop_assert!(bound <= model.bound(Phase::Anywhere));
    }

    #[test]
    fn on_the_clock_the_sum_is_reached_to_the_second(model in any_that_keeps_up()) {
        let seen = [0, 1].map(|parity| worst_seen(model, Fate::Adverse { parity }, 20));
        prop_assert_eq!(seen.into_iter().max(), Some(model.bound(Phase::OnTheClock)));
    }
}
