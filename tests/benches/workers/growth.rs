//! How a figure grows: the exponent of the power law that fits it best.

use std::collections::BTreeMap;

use super::case::{Case, Measured};
use super::fleet::{Due, Worker};

/// Exponents over the number of snapshots; none where only one number was measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Growth {
    /// Of the processor's time.
    pub(crate) cpu: Option<f64>,
    /// Of memory.
    pub(crate) memory: Option<f64>,
}

/// How each worker grows over the steady fleets whose size matters.
pub(crate) fn of(measured: &[(Case, Measured)]) -> BTreeMap<Worker, Growth> {
    let mut points: BTreeMap<Worker, (Vec<_>, Vec<_>)> = BTreeMap::new();
    for (case, found) in measured {
        let items = case.fleet.databases * case.fleet.snapshots;
        if case.fleet.due == Due::Nothing && case.latency.is_zero() && case.limit.is_none() && items >= 700 {
            #[expect(clippy::cast_precision_loss, reason = "at most 100,000")]
            let items = items as f64;
            let (cpu, memory) = points.entry(case.worker).or_default();
            cpu.push((items, found.second.cpu.as_secs_f64()));
            memory.push((items, found.peak_mb));
        }
    }
    let fit = |(cpu, memory): (Vec<_>, Vec<_>)| Growth { cpu: exponent(&cpu), memory: exponent(&memory) };
    points.into_iter().map(|(worker, points)| (worker, fit(points))).collect()
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
