//! How a figure grows: the exponent of the power law that fits it best.

/// The slope of the least-squares line through (ln x, ln y); `None` for fewer than two different x.
pub(crate) fn exponent(points: &[(f64, f64)]) -> Option<f64> {
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
