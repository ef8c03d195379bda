//! The account, Region and parameters of a command, and access to them.
//!
//! Its errors say where the command looked, and which account and Region to use.

use clap::Args;
use pilot_light_aws::AwsCloud;
use pilot_light_domain::aws::cloud::{Cloud, Parameters};
use pilot_light_domain::model::ids::{AccountId, Region};
use pilot_light_domain::run::error::WorkerError;

use crate::exit::CommandError;
use crate::parameter_path::ParameterPath;
use crate::side::Side;

#[derive(Debug, Clone, Args)]
pub(crate) struct Place {
    /// The Region that takes over, if it is not the Region of your environment or profile.
    #[arg(long, global = true)]
    pub(crate) region: Option<Region>,
    /// The path of the parameters in SSM, if it is neither /pilot-light/destination nor /pilot-light/source.
    #[arg(long, value_name = "PATH", global = true)]
    pub(crate) parameters: Option<ParameterPath>,
}

/// The account and Region of a command with their parameters.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) cloud: AwsCloud,
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    /// The path of the parameters.
    pub(crate) path: String,
    /// The parameters at this path.
    pub(crate) parameters: Parameters,
}

impl Session {
    /// A session of a recovery. The first account, in which a failback runs, has only the source's parameters.
    pub(crate) async fn of_recovery(place: &Place) -> Result<Self, CommandError> {
        let found = Self::open(Side::Destination, place).await?;
        if !found.parameters.is_empty() {
            return Ok(found);
        }
        let looked = if place.parameters.is_some() {
            format!("{} has none", found.path)
        } else {
            let source = found.at(Side::Source.path(), place).await?;
            if !source.parameters.is_empty() {
                return Ok(source);
            }
            format!("neither {} nor {} has any", found.path, source.path)
        };
        let instead =
            "the credentials of the account that takes over (AWS_PROFILE) and its Region (--region)";
        Err(found.nothing(&looked, instead))
    }

    /// A session with the parameters of one side.
    pub(crate) async fn of_side(side: Side, place: &Place) -> Result<Self, CommandError> {
        let found = Self::open(side, place).await?;
        if !found.parameters.is_empty() {
            return Ok(found);
        }
        // The parameters of the other side name the account to use. They are a hint only, so a refusal is no error.
        let other = match &place.parameters {
            None => {
                found.at(side.other().path(), place).await.map(|other| other.parameters).unwrap_or_default()
            }
            Some(_) => Parameters::new(),
        };
        let looked = if other.is_empty() {
            format!("{} has none", found.path)
        } else {
            format!("{} has none, and only {} has some", found.path, side.other().path())
        };
        Err(found.nothing(&looked, &side.instead(&found.account, &other)))
    }

    async fn open(side: Side, place: &Place) -> Result<Self, CommandError> {
        let path = place.parameters.as_ref().map_or(side.path(), ParameterPath::as_str);
        let (cloud, region) = connect(path, place.region.as_ref()).await?;
        let account = account(&cloud).await?;
        Self::with_parameters(cloud, (account, region), path).await
    }

    /// The same account and Region with the parameters at another path.
    async fn at(&self, path: &str, place: &Place) -> Result<Self, CommandError> {
        let (cloud, region) = connect(path, place.region.as_ref()).await?;
        Self::with_parameters(cloud, (self.account.clone(), region), path).await
    }

    async fn with_parameters(
        cloud: AwsCloud,
        (account, region): (AccountId, Region),
        path: &str,
    ) -> Result<Self, CommandError> {
        let parameters = cloud.parameters().await.map_err(|error| {
            let looked = format!("the parameters at {path} in account {account}, Region {region}");
            CommandError::Failure(format!("cannot read {looked}: {error}"))
        })?;
        Ok(Self { cloud, account, region, path: path.to_owned(), parameters })
    }

    /// The error for an account and Region without parameters: most often, one of the two is the wrong one.
    fn nothing(&self, looked: &str, instead: &str) -> CommandError {
        let Self { account, region, .. } = self;
        CommandError::WrongUse(format!(
            "the parameters of Pilot Light are not here: in account {account}, Region {region}, {looked}; use {instead}, or give the path of the parameters (--parameters)"
        ))
    }

    /// The error for parameters that name no account to copy from. Most often they are those of a source account.
    pub(crate) fn without_copies(&self) -> CommandError {
        let Self { account, region, path, parameters, .. } = self;
        let instead = Side::Destination.instead(account, parameters);
        let why = if parameters.contains_key("DestinationAccount") {
            "are those of a source account"
        } else {
            "do not have SourceAccounts, the accounts to copy from"
        };
        CommandError::WrongUse(format!(
            "there are no copies here: in account {account}, Region {region}, the parameters at {path} {why}; use {instead}"
        ))
    }

    /// The place of this session in words.
    pub(crate) fn place(&self) -> String {
        let Self { account, region, path, .. } = self;
        format!("in account {account}, Region {region}, with the parameters at {path}")
    }

    /// A worker's error as an error of the command. Invalid input is wrong use, because the user can correct it.
    pub(crate) fn error(&self, error: &WorkerError) -> CommandError {
        let place = self.place();
        match error {
            WorkerError::InvalidInput(problems) => CommandError::WrongUse(format!("{place}: {problems}")),
            WorkerError::InvalidConfiguration(problems) => {
                CommandError::Failure(format!("{}: {place}: {problems}", error.name()))
            }
            _ => CommandError::Failure(format!("{}: {error}", error.name())),
        }
    }
}

/// The cloud of these credentials, and its Region.
pub(crate) async fn connect(path: &str, region: Option<&Region>) -> Result<(AwsCloud, Region), CommandError> {
    let found = AwsCloud::from_environment(path, region).await;
    found
        .map_err(|error| CommandError::WrongUse(error.to_string()))?
        .ok_or_else(|| CommandError::WrongUse("no Region is set; give --region or set AWS_REGION".to_owned()))
}

/// The account of these credentials.
pub(crate) async fn account(cloud: &AwsCloud) -> Result<AccountId, CommandError> {
    cloud.account().await.map_err(|error| {
        CommandError::Failure(format!("cannot determine the account of these credentials: {error}"))
    })
}
