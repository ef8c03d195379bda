//! One run of a worker, with the credentials of the person who runs the program.

use destination_copy::DestinationCopy;
use destination_delete::DestinationDelete;
use pilot_light_domain::run::context::{Context, Mode};
use pilot_light_domain::run::report::Report;
use pilot_light_domain::run::worker::Worker;
use pilot_light_domain::run::worker_name::WorkerName;
use source_delete::SourceDelete;
use source_share::SourceShare;
use source_take::SourceTake;

use crate::command::WorkerRun;
use crate::exit::CommandError;
use crate::session::Session;
use crate::side::Side;

/// Runs a worker once, or plans its run if `mode` is a dry run.
pub(crate) fn run(run: &WorkerRun, mode: Mode) -> Result<Report, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CommandError::Failure(error.to_string()))?;
    runtime.block_on(report_of(run, mode))
}

async fn report_of(run: &WorkerRun, mode: Mode) -> Result<Report, CommandError> {
    let session = Session::of_side(Side::of(run.worker), &run.place()).await?;
    match run.worker {
        WorkerName::SourceTake => run_worker(&SourceTake, &session, mode).await,
        WorkerName::SourceShare => run_worker(&SourceShare, &session, mode).await,
        WorkerName::SourceDelete => run_worker(&SourceDelete, &session, mode).await,
        WorkerName::DestinationCopy => run_worker(&DestinationCopy, &session, mode).await,
        WorkerName::DestinationDelete => run_worker(&DestinationDelete, &session, mode).await,
    }
}

async fn run_worker(worker: &impl Worker, session: &Session, mode: Mode) -> Result<Report, CommandError> {
    let (account, region) = (session.account.clone(), session.region.clone());
    let context = Context { account, region, now: pilot_light_aws::clock(), mode, confirmation: None };
    let run = Box::pin(worker.run(&session.cloud, &context));
    run.await.map_err(|error| session.error(&error))
}
