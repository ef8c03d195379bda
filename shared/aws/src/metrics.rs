//! The publication of metrics in CloudWatch, normally with one call.
//!
//! The domain and the workers define the metrics and their values.

use aws_sdk_cloudwatch::types::{Dimension, MetricDatum, StandardUnit};
use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::aws::metrics::{Metric, NAMESPACE};

use crate::sdk_error::of_sdk;

/// The most data points that `PutMetricData` accepts in one call.
const BATCH: usize = 1000;
/// The most bytes in one call, by our estimate. `PutMetricData` accepts 1 MB.
const BATCH_BYTES: usize = 900_000;
/// The bytes that the protocol adds to the texts of one data point, estimated on the safe side.
const OVERHEAD: usize = 200;

/// Publishes `metrics` in our own namespace. Without metrics it makes no call.
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

/// Divides the metrics into batches that fit into one call each.
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
    let dimensions: usize =
        metric.dimensions.iter().map(|(name, value)| name.len() + value.len() + OVERHEAD).sum();
    OVERHEAD + metric.name.as_str().len() + dimensions
}

fn datum(metric: &Metric) -> MetricDatum {
    let dimension = |(name, value): &(String, String)| Dimension::builder().name(name).value(value).build();
    MetricDatum::builder()
        .metric_name(metric.name.as_str())
        .set_dimensions(
            Some(metric.dimensions.iter().map(dimension).collect()).filter(|all: &Vec<_>| !all.is_empty()),
        )
        .unit(StandardUnit::from(metric.name.unit()))
        .value(metric.value)
        .build()
}

#[cfg(test)]
mod tests {
    use pilot_light_domain::aws::cloud::Cloud;
    use pilot_light_domain::aws::error::GatewayErrorKind;
    use pilot_light_domain::aws::metrics::MetricName;

    use super::*;
    use crate::testing::Canned;

    /// An empty CBOR map.
    const EMPTY: &[u8] = b"\xa0";

    fn metrics(count: usize, dimension: &str) -> Vec<Metric> {
        vec![Metric::of_worker(MetricName::Failed, dimension, 1.0); count]
    }

    #[tokio::test]
    async fn a_run_publishes_in_one_call() {
        let canned = Canned::new([(200, EMPTY)]);
        let metrics = [
            Metric::overall(MetricName::OldestRecoveryPointAge, 3600.5),
            Metric::of_worker(MetricName::Pending, "source-share", 2.0),
        ];
        assert_eq!(canned.cloud().publish(&metrics).await, Ok(()));
        let sent = canned.sent();
        assert_eq!(sent.len(), 1);
        for text in
            ["PilotLight", "OldestRecoveryPointAge", "Seconds", "Pending", "Count", "Worker", "source-share"]
        {
            assert!(sent[0].contains(text), "{text} in {}", sent[0]);
        }
    }

    #[tokio::test]
    async fn no_call_is_made_without_metrics() {
        let canned = Canned::new([(200, EMPTY)]);
        assert_eq!(canned.cloud().publish(&[]).await, Ok(()));
        assert!(canned.sent().is_empty());
    }

    #[tokio::test]
    async fn a_refusal_in_cbor_has_its_kind_and_message() {
        // {"__type": "Throttling", "message": "slow"}
        let body: &[u8] = b"\xa2\x66__type\x6aThrottling\x67message\x64slow";
        let canned = Canned::new([(400, body)]);
        let error = canned.cloud().publish(&metrics(1, "w")).await.unwrap_err();
        assert_eq!((error.action, error.kind), ("PutMetricData", GatewayErrorKind::Throttled));
        assert_eq!(error.message, "slow");
    }

    #[test]
    fn batches_keep_to_both_limits() {
        let sizes = |metrics: &[Metric]| batches(metrics).iter().map(|batch| batch.len()).collect::<Vec<_>>();
        assert_eq!(sizes(&[]), [0; 0]);
        assert_eq!(sizes(&metrics(1000, "w")), [1000]);
        assert_eq!(sizes(&metrics(1001, "w")), [1000, 1]);
        assert_eq!(sizes(&metrics(2500, "w")), [1000, 1000, 500]);
        // No real dimension is that long. The limit applies to it all the same.
        assert_eq!(sizes(&metrics(4, &"x".repeat(400_000))), [2, 2]);
    }
}
