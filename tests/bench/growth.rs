//! Growth of a figure with the fleet: the exponent of the power law that fits the figure best.

use std::collections::{BTreeMap, BTreeSet};

use super::case::{Case, Measured};
use super::fleet::{Due, Key};

/// Exponents of processor time and of memory. `None` if too few fleets were measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Growth {
    /// Over databases x snapshots.
    pub(crate) over_all: [Option<f64>; 2],
    /// Over the databases, for each number of snapshots a database. The largest exponent counts.
    pub(crate) over_databases: [Option<f64>; 2],
}

/// A measured steady fleet: databases, snapshots of each database, and processor seconds with memory in MB.
type Point = (usize, usize, [f64; 2]);

/// The growth of each worker, by its name and the key of the fleets, over the steady fleets of at least 700 snapshots.
pub(crate) fn of(measured: &[(Case, Measured)]) -> BTreeMap<String, Growth> {
    let mut points: BTreeMap<String, Vec<Point>> = BTreeMap::new();
    for (case, found) in measured {
        let (databases, snapshots) = (case.fleet.databases, case.fleet.snapshots);
        let is_large = databases * snapshots >= 700;
        if case.fleet.due == Due::Nothing && case.latency.is_zero() && case.limit.is_none() && is_large {
            let figures = [found.second.cpu.as_secs_f64(), found.peak_mb];
            let key = if case.fleet.key == Key::Default { ", default key" } else { "" };
            points
                .entry(format!("{}{key}", case.worker.name()))
                .or_default()
                .push((databases, snapshots, figures));
        }
    }
    points.into_iter().map(|(worker, points)| (worker, growth(&points))).collect()
}

fn growth(points: &[Point]) -> Growth {
    let sizes: BTreeSet<_> = points.iter().map(|(_, snapshots, _)| *snapshots).collect();
    #[expect(clippy::cast_precision_loss, reason = "at most 100,000")]
    let fit = |figure: usize, wanted: Option<usize>| {
        let taken =
            points.iter().filter(|(_, snapshots, _)| wanted.is_none_or(|wanted| wanted == *snapshots));
        let scale = |snapshots: usize| if wanted.is_some() { 1 } else { snapshots };
        let pairs = taken
            .map(|(databases, snapshots, figures)| ((databases * scale(*snapshots)) as f64, figures[figure]));
        exponent(&pairs.collect::<Vec<_>>())
    };
    let largest =
        |figure| sizes.iter().filter_map(|snapshots| fit(figure, Some(*snapshots))).max_by(f64::total_cmp);
    Growth { over_all: [0, 1].map(|figure| fit(figure, None)), over_databases: [0, 1].map(largest) }
}

/// The slope of the least-squares line through (ln x, ln y); `None` for fewer than two different x.
fn exponent(points: &[(f64, f64)]) -> Option<f64> {
    let logs: Vec<_> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let (mean_x, mean_y) = (mean(logs.iter().map(|point| point.0))?, mean(logs.iter().map(|point| point.1))?);
    let spread: f64 = logs.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    let common: f64 = logs.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    (spread > 0.0).then(|| common / spread)
}

#[expect(clippy::cast_precision_loss, reason = "a handful of points")]
fn mean(values: impl ExactSizeIterator<Item = f64>) -> Option<f64> {
    let count = values.len();
    (count > 0).then(|| values.sum::<f64>() / count as f64)
}
