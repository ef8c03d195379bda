//! `pilot-light recover`: checks a manifest with the user's credentials, starts its recovery and follows it. It also
//! writes manifests.
//!
//! The state machine and its worker bring up the databases, so this program can be interrupted at any time.

mod arn;
mod follow;
mod machine;
mod manifest;
mod points;
mod screen;
mod start;
mod template;
mod view;

use clap::{Args, Subcommand};
use pilot_light_domain::model::ids::DatabaseName;

use self::arn::StatesArn;
use self::start::Start;
use self::template::Template;
use crate::exit::CommandError;
use crate::output::Output;
use crate::session::{Place, Session};

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
        #[arg(value_parser = arn::execution)]
        execution: StatesArn,
    },
}

/// The arguments of `pilot-light points`.
#[derive(Debug, Args)]
pub(crate) struct Points {
    /// The database; all databases if it is left out.
    database: Option<DatabaseName>,
    #[command(flatten)]
    place: Place,
}

/// Lists recovery points. Returns the text to print, and true if there are any.
pub(crate) fn list_points(wanted: &Points, output: Output) -> Result<(String, bool), CommandError> {
    runtime()?.block_on(async {
        let session = Session::of_recovery(&wanted.place).await?;
        points::run(&session, wanted.database.as_ref(), output).await
    })
}

fn runtime() -> Result<tokio::runtime::Runtime, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| CommandError::Failure(error.to_string()))
}

/// Runs the command. Returns the text to print, and true if all is well.
pub(crate) fn run(recover: &Recover, output: Output) -> Result<(String, bool), CommandError> {
    // The file is read first, so that an error in it is reported before any call to AWS.
    let manifest = recover.start.manifest.as_deref().map(manifest::read).transpose()?;
    let place = &recover.place;
    runtime()?.block_on(async {
        match &recover.step {
            None => {
                let session = Session::of_recovery(place).await?;
                start::run(&session, &recover.start, &manifest.unwrap_or_default(), output).await
            }
            Some(Step::Template(wanted)) => template::run(&Session::of_recovery(place).await?, wanted).await,
            Some(Step::Follow { execution }) => follow::any(place, execution, output).await,
        }
    })
}
