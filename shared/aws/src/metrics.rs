//! Metrics, to CloudWatch: one call in the normal case.

use aws_sdk_cloudwatch::types::{Dimension, MetricDatum, StandardUnit};
use pilot_light_domain::errors::GatewayError;
use pilot_light_domain::metrics::{Metric, NAMESPACE};

use crate::errors::of_sdk;

/// The most data that `PutMetricData` takes in one call.
const BATCH: usize = 1000;
/// The most bytes that it takes are 1 MB; what the protocol adds to our texts is estimated on the safe side.
const BATCH_BYTES: usize = 900_000;
const OVERHEAD: usize = 200;

/// Puts `metrics` into our namespace; no call if there are none.
pub(crate) async fn publish(
    cloudwatch: &aws_sdk_cloudwatch::Client,
    metrics: &[Metric],
) -> Result<(), GatewayError> {
    for batch in batches(metrics) {
        let request = cloudwatch.put_metric_data().namespace(NAMESPACE);
        let request = request.set_metric_data(Some(batch.iter().map(datum).collect()));
        request.send().await.map_err(of_sdk("PutMetricData"))?;
    }
    Ok(())
}

/// Cuts the metrics into what one call takes.
fn batches(metrics: &[Metric]) -> Vec<&[Metric]> {
    let mut batches = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (index, metric) in metrics.iter().enumerate() {
        let size = estimated_size(metric);
        if index - start == BATCH || bytes + size > BATCH_BYTES {
            batches.push(&metrics[start..index]);
            (start, bytes) = (index, 0);
        }
        bytes += size;
    }
    if start < metrics.len() {
        batches.push(&metrics[start..]);
    }
    batches
}

fn estimated_size(metric: &Metric) -> usize {
    let dimension = metric.dimension.as_ref().map_or(0, |(name, value)| name.len() + value.len());
    OVERHEAD + metric.name.as_str().len() + dimension
}

fn datum(metric: &Metric) -> MetricDatum {
    let dimension = |(name, value): &(String, String)| Dimension::builder().name(name).value(value).build();
    MetricDatum::builder()
        .metric_name(metric.name.as_str())
        .set_dimensions(metric.dimension.as_ref().map(|pair| vec![dimension(pair)]))
        .unit(StandardUnit::from(metric.name.unit()))
        .value(metric.value)
        .build()
}
