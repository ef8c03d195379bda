//! One pass of a worker with the credentials of whoever runs the program.

use destination_copy::DestinationCopy;
use destination_delete::DestinationDelete;
use pilot_light_aws::AwsCloud;
use pilot_light_domain::run::context::{Context, Mode};
use pilot_light_domain::run::report::Report;
use pilot_light_domain::run::worker::Worker;
use source_delete::SourceDelete;
use source_share::SourceShare;
use source_take::SourceTake;

use pilot_light_domain::run::worker_name::WorkerName;

use crate::command::Pass;

/// Runs or plans a worker.
pub(crate) fn run(pass: &Pass, mode: Mode) -> Result<Report, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| error.to_string())?.block_on(pass_of(pass, mode))
}

async fn pass_of(pass: &Pass, mode: Mode) -> Result<Report, String> {
    let found = AwsCloud::from_environment(pass.parameter_path(), pass.region.as_ref());
    let (cloud, region) = found
        .await
        .map_err(|error| error.to_string())?
        .ok_or("no Region is set; give --region or set AWS_REGION")?;
    let account =
        cloud.account().await.map_err(|error| format!("cannot tell whose credentials these are: {error}"))?;
    let context = Context { account, region, now: pilot_light_aws::clock(), mode };
    match pass.worker {
        WorkerName::SourceTake => one_pass(&SourceTake, &cloud, &context).await,
        WorkerName::SourceShare => one_pass(&SourceShare, &cloud, &context).await,
        WorkerName::SourceDelete => one_pass(&SourceDelete, &cloud, &context).await,
        WorkerName::DestinationCopy => one_pass(&DestinationCopy, &cloud, &context).await,
        WorkerName::DestinationDelete => one_pass(&DestinationDelete, &cloud, &context).await,
    }
}

async fn one_pass(worker: &impl Worker, cloud: &AwsCloud, context: &Context) -> Result<Report, String> {
    let run = Box::pin(worker.run(cloud, context));
    run.await.map_err(|error| {
        let because =
            std::error::Error::source(&error).map(|source| format!(" ({source})")).unwrap_or_default();
        format!("{}: {error}{because}", error.name())
    })
}
