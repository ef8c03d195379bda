//! The number of metrics in the bill, compared with the metrics that the workers really publish.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::collections::BTreeSet;

use destination_copy::DestinationCopy;
use destination_delete::DestinationDelete;
use pilot_light_domain::aws::metrics::MetricName;
use pilot_light_schedule::cost::METRICS;
use pilot_light_tests::{Scene, Way};
use source_delete::SourceDelete;
use source_share::SourceShare;
use source_take::SourceTake;

#[test]
fn workers_publish_one_age_for_each_database_and_as_many_other_metrics_as_the_bill_assumes() {
    let scene = Scene::new(Way::OneStep);
    let mut reports = Vec::new();
    for _ in 0..2 {
        reports.push(scene.run_cleanly(&SourceTake));
        scene.simulation.settle();
        reports.push(scene.run_cleanly(&SourceShare));
        reports.push(scene.run_cleanly(&DestinationCopy));
        scene.simulation.settle();
        reports.push(scene.run_cleanly(&SourceDelete));
        reports.push(scene.run_cleanly(&DestinationDelete));
    }
    let metrics = reports.iter().flat_map(pilot_light_domain::run::report::Report::metrics);
    let names: BTreeSet<_> = metrics.map(|metric| (metric.name, metric.dimensions)).collect();
    let (ages, others): (Vec<_>, Vec<_>) =
        names.iter().partition(|(name, _)| *name == MetricName::RecoveryPointAge);
    // `archive` cannot be shared, because it is under the default key. `scratch` does not match the pattern.
    assert_eq!(ages.len(), 3, "{ages:?}");
    assert_eq!(u64::try_from(others.len()).unwrap(), METRICS, "{others:?}");
}
