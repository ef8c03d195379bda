//! `pilot-light recover`: checks a manifest with your own credentials, starts its recovery and follows it; writes
//! manifests.
//!
//! Bringing databases up is the state machine's and its worker's part: what runs here can be interrupted at any time.

mod follow;
mod screen;
mod start;
mod template;
mod view;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use pilot_light_aws::AwsCloud;
use pilot_light_domain::aws::cloud::Cloud;
use pilot_light_domain::model::ids::{AccountId, DatabaseName, Region};
use pilot_light_domain::run::error::WorkerError;

use crate::exit::CommandError;
use crate::output::Output;

const DESTINATION: &str = "/pilot-light/destination";
const SOURCE: &str = "/pilot-light/source";

/// What to recover.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Recover {
    #[command(subcommand)]
    step: Option<Step>,
    #[command(flatten)]
    start: Start,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum Step {
    /// Write a manifest that restores what is protected, one resource for each database.
    Template(Template),
    /// Watch a recovery that runs, or see how one ended.
    Follow {
        /// The ARN of the execution.
        execution: String,
    },
}

#[derive(Debug, Args)]
struct Start {
    /// The manifest: a file of JSON.
    #[arg(long, value_name = "FILE", required = true)]
    manifest: Option<PathBuf>,
    /// Check everything, say what would be done, and start nothing.
    #[arg(long)]
    dry_run: bool,
    /// Watch it until it is over.
    #[arg(long)]
    follow: bool,
    /// The state machine, if it is not the one that `sceptre launch` makes for such a manifest.
    #[arg(long, value_name = "ARN")]
    state_machine: Option<String>,
}

#[derive(Debug, Args)]
struct Template {
    /// Every database that has a restorable copy here.
    #[arg(long, required_unless_present = "database", conflicts_with = "database")]
    all: bool,
    /// One database; may be given several times.
    #[arg(long, value_name = "NAME")]
    database: Vec<DatabaseName>,
}

#[derive(Debug, Args)]
struct Place {
    /// The Region that takes over, if not the one of the environment.
    #[arg(long, global = true)]
    region: Option<Region>,
    /// The path of the parameters in SSM, if neither /pilot-light/destination nor /pilot-light/source.
    #[arg(long, value_name = "PATH", global = true)]
    parameters: Option<String>,
}

/// Where it runs, and with whose credentials.
#[derive(Debug)]
struct Session {
    cloud: AwsCloud,
    account: AccountId,
    region: Region,
}

/// Does what was asked: what to print, and whether all is well.
pub(crate) fn run(recover: &Recover, output: Output) -> Result<(String, bool), CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CommandError::Failure(error.to_string()))?;
    // What is wrong with the file is told without asking AWS anything.
    let manifest = recover.start.manifest.as_deref().map(start::read).transpose()?;
    runtime.block_on(async {
        let session = Session::begin(&recover.place).await?;
        match &recover.step {
            None => start::run(&session, &recover.start, &manifest.unwrap_or_default(), output).await,
            Some(Step::Template(wanted)) => template::run(&session, &wanted.database).await,
            Some(Step::Follow { execution }) => follow::run(&session, execution, output).await,
        }
    })
}

impl Session {
    async fn begin(place: &Place) -> Result<Self, CommandError> {
        let path = place.parameters.as_deref().unwrap_or(DESTINATION);
        let (cloud, region) = cloud_at(path, place).await?;
        let account = cloud.account().await.map_err(|error| {
            CommandError::Failure(format!("cannot tell whose credentials these are: {error}"))
        })?;
        let there = cloud.parameters().await;
        let there = there.map_err(|error| {
            CommandError::Failure(format!("cannot read the parameters at {path}: {error}"))
        })?;
        // In the first account, where a failback runs, there are the source's.
        let cloud = match place.parameters {
            None if there.is_empty() => cloud_at(SOURCE, place).await?.0,
            _ => cloud,
        };
        Ok(Self { cloud, account, region })
    }
}

async fn cloud_at(path: &str, place: &Place) -> Result<(AwsCloud, Region), CommandError> {
    let found = AwsCloud::from_environment(path, place.region.as_ref()).await;
    found
        .map_err(|error| CommandError::WrongUse(error.to_string()))?
        .ok_or_else(|| CommandError::WrongUse("no Region is set; give --region or set AWS_REGION".to_owned()))
}

/// A worker's error for people; what they can mend is wrong use.
fn refused(error: &WorkerError) -> CommandError {
    let because = std::error::Error::source(error).map(|source| format!(" ({source})")).unwrap_or_default();
    match error {
        WorkerError::InvalidInput(faults) => CommandError::WrongUse(faults.clone()),
        _ => CommandError::Failure(format!("{}: {error}{because}", error.name())),
    }
}
