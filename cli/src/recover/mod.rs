//! `pilot-light recover`: checks a manifest with the user's credentials, starts its recovery and follows it. It also
//! writes manifests.
//!
//! The state machine and its worker bring up the databases, so this program can be interrupted at any time.

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

/// The arguments of `pilot-light recover`.
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
    /// Write a manifest that restores the protected databases, with one resource for each database.
    ///
    /// The manifest is written to standard output. Each "None" in it marks a parameter that you probably want to set.
    Template(Template),
    /// Follow a running recovery until it ends, or show how a recovery ended.
    Follow {
        /// The ARN of the execution, which was printed when the recovery was started.
        execution: String,
    },
}

#[derive(Debug, Args)]
struct Start {
    /// The manifest: a JSON file with the databases to bring up and their order.
    #[arg(long, value_name = "FILE", required = true)]
    manifest: Option<PathBuf>,
    /// Check the whole manifest and show the steps, but start nothing.
    #[arg(long)]
    dry_run: bool,
    /// Show the progress until the recovery ends.
    #[arg(long)]
    follow: bool,
    /// The ARN of the state machine to start, if it is not the one that `sceptre launch` creates for such a manifest.
    #[arg(long, value_name = "ARN")]
    state_machine: Option<String>,
}

#[derive(Debug, Args)]
struct Template {
    /// Include every database that has a usable copy in this account and Region.
    #[arg(long, required_unless_present = "database", conflicts_with = "database")]
    all: bool,
    /// Include this database; repeat the option to include several.
    #[arg(long, value_name = "NAME")]
    database: Vec<DatabaseName>,
}

#[derive(Debug, Args)]
struct Place {
    /// The Region that takes over, if it is not the Region of your environment or profile.
    #[arg(long, global = true)]
    region: Option<Region>,
    /// The path of the parameters in SSM, if it is neither /pilot-light/destination nor /pilot-light/source.
    #[arg(long, value_name = "PATH", global = true)]
    parameters: Option<String>,
}

/// The account and Region of the recovery, and access to them.
#[derive(Debug)]
struct Session {
    cloud: AwsCloud,
    account: AccountId,
    region: Region,
}

/// Runs the command. Returns the text to print, and true if all is well.
pub(crate) fn run(recover: &Recover, output: Output) -> Result<(String, bool), CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CommandError::Failure(error.to_string()))?;
    // The file is read first, so that an error in it is reported before any call to AWS.
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
            CommandError::Failure(format!("cannot determine the account of these credentials: {error}"))
        })?;
        let parameters = cloud.parameters().await;
        let parameters = parameters.map_err(|error| {
            CommandError::Failure(format!("cannot read the parameters at {path}: {error}"))
        })?;
        // The first account, in which a failback runs, has only the source's parameters.
        let cloud = match place.parameters {
            None if parameters.is_empty() => cloud_at(SOURCE, place).await?.0,
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

/// A worker's error as an error of the command. Invalid input is wrong use, because the user can correct it.
fn command_error(error: &WorkerError) -> CommandError {
    let because = std::error::Error::source(error).map(|source| format!(" ({source})")).unwrap_or_default();
    match error {
        WorkerError::InvalidInput(problems) => CommandError::WrongUse(problems.clone()),
        _ => CommandError::Failure(format!("{}: {error}{because}", error.name())),
    }
}
