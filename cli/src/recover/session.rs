//! The account and Region of a recovery, and access to them.

use clap::Args;
use pilot_light_aws::AwsCloud;
use pilot_light_domain::aws::cloud::Cloud;
use pilot_light_domain::model::ids::{AccountId, Region};
use pilot_light_domain::run::error::WorkerError;

use crate::exit::CommandError;

const DESTINATION: &str = "/pilot-light/destination";
const SOURCE: &str = "/pilot-light/source";

#[derive(Debug, Args)]
pub(super) struct Place {
    /// The Region that takes over, if it is not the Region of your environment or profile.
    #[arg(long, global = true)]
    region: Option<Region>,
    /// The path of the parameters in SSM, if it is neither /pilot-light/destination nor /pilot-light/source.
    #[arg(long, value_name = "PATH", global = true)]
    parameters: Option<String>,
}

/// The account and Region of the recovery, and access to them.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) cloud: AwsCloud,
    pub(super) account: AccountId,
    pub(super) region: Region,
    /// The path of the parameters.
    pub(super) path: String,
}

impl Session {
    pub(super) async fn begin(place: &Place) -> Result<Self, CommandError> {
        let path = place.parameters.as_deref().unwrap_or(DESTINATION);
        let (cloud, region) = cloud_at(path, place).await?;
        let account = cloud.account().await.map_err(|error| {
            CommandError::Failure(format!("cannot determine the account of these credentials: {error}"))
        })?;
        let parameters = cloud.parameters().await;
        let parameters = parameters.map_err(|error| {
            CommandError::Failure(format!("cannot read the parameters at {path}: {error}"))
        })?;
        if !parameters.is_empty() {
            return Ok(Self { cloud, account, region, path: path.to_owned() });
        }
        // The first account, in which a failback runs, has only the source's parameters.
        if place.parameters.is_none() {
            let (cloud, _) = cloud_at(SOURCE, place).await?;
            let found = cloud.parameters().await.is_ok_and(|parameters| !parameters.is_empty());
            if found {
                return Ok(Self { cloud, account, region, path: SOURCE.to_owned() });
            }
        }
        Err(CommandError::WrongUse(nothing_here(place, path, &account, &region)))
    }
}

/// The error for an account and Region without parameters: most often, one of the two is the wrong one.
fn nothing_here(place: &Place, path: &str, account: &AccountId, region: &Region) -> String {
    let looked = match place.parameters {
        None => format!("neither {DESTINATION} nor {SOURCE} has parameters"),
        Some(_) => format!("{path} has no parameters"),
    };
    format!(
        "Pilot Light is not deployed here: in account {account}, Region {region}, {looked}; use the credentials of the account that takes over (AWS_PROFILE) and its Region (--region), or give the path of its parameters (--parameters)"
    )
}

async fn cloud_at(path: &str, place: &Place) -> Result<(AwsCloud, Region), CommandError> {
    let found = AwsCloud::from_environment(path, place.region.as_ref()).await;
    found
        .map_err(|error| CommandError::WrongUse(error.to_string()))?
        .ok_or_else(|| CommandError::WrongUse("no Region is set; give --region or set AWS_REGION".to_owned()))
}

/// A worker's error as an error of the command. Invalid input is wrong use, because the user can correct it.
pub(super) fn command_error(error: &WorkerError) -> CommandError {
    match error {
        WorkerError::InvalidInput(problems) => CommandError::WrongUse(problems.clone()),
        _ => CommandError::Failure(format!("{}: {error}", error.name())),
    }
}
