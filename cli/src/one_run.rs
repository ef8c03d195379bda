//! One run of a worker, with the credentials of the person who runs the program.

use destination_copy::DestinationCopy;
use destination_delete::DestinationDelete;
use pilot_light_aws::AwsCloud;
use pilot_light_domain::run::context::{Context, Mode};
use pilot_light_domain::run::report::Report;
use pilot_light_domain::run::worker::Worker;
use pilot_light_domain::run::worker_name::WorkerName;
use source_delete::SourceDelete;
use source_share::SourceShare;
use source_take::SourceTake;

use crate::command::WorkerRun;

/// Runs a worker once, or plans its run if `mode` is a dry run.
pub(crate) fn run(run: &WorkerRun, mode: Mode) -> Result<Report, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| error.to_string())?.block_on(report_of(run, mode))
}

async fn report_of(run: &WorkerRun, mode: Mode) -> Result<Report, String> {
    let found = AwsCloud::from_environment(run.parameter_path(), run.region.as_ref());
    let (cloud, region) = found
        .await
        .map_err(|error| error.to_string())?
        .ok_or("no Region is set; give --region or set AWS_REGION")?;
    let account = cloud
        .account()
        .await
        .map_err(|error| format!("cannot determine the account of these credentials: {error}"))?;
    let context = Context { account, region, now: pilot_light_aws::clock(), mode, confirmation: None };
    match run.worker {
        WorkerName::SourceTake => run_worker(&SourceTake, &cloud, &context).await,
        WorkerName::SourceShare => run_worker(&SourceShare, &cloud, &context).await,
        WorkerName::SourceDelete => run_worker(&SourceDelete, &cloud, &context).await,
        WorkerName::DestinationCopy => run_worker(&DestinationCopy, &cloud, &context).await,
        WorkerName::DestinationDelete => run_worker(&DestinationDelete, &cloud, &context).await,
    }
}

async fn run_worker(worker: &impl Worker, cloud: &AwsCloud, context: &Context) -> Result<Report, String> {
    let run = Box::pin(worker.run(cloud, context));
    run.await.map_err(|error| format!("{}: {error}", error.name()))
}
