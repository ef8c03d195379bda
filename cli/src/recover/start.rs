//! Checks a manifest as the worker will check it, then starts the state machine that is responsible for it.

use std::path::PathBuf;

use clap::Args;
use destination_recover::{DestinationRecover, Purpose, resolve};
use pilot_light_domain::recovery::{Call, Operator};
use serde_json::{Value, json};

use super::arn::{self, StatesArn};
use super::follow;
use super::machine::Machine;
use crate::exit::CommandError;
use crate::output::Output;
use crate::report_text;
use crate::session::Session;

#[derive(Debug, Args)]
pub(super) struct Start {
    /// The manifest: a JSON file with the databases to bring up and their order.
    #[arg(long, value_name = "FILE", required = true)]
    pub(super) manifest: Option<PathBuf>,
    /// Check the whole manifest and show the steps, but start nothing.
    #[arg(long)]
    dry_run: bool,
    /// Show the progress until the recovery ends.
    #[arg(long)]
    follow: bool,
    /// Begin another recovery, even if an earlier one of this manifest is unfinished and less than 24 hours old (8 hours for
    /// drills and refreshes). Without this option, that one is continued.
    #[arg(long)]
    new: bool,
    /// The ARN of the state machine to start, if it is not the one that `sceptre launch` creates for such a manifest.
    #[arg(long, value_name = "ARN", value_parser = arn::state_machine)]
    state_machine: Option<StatesArn>,
}

/// Validates the manifest. Unless this is a dry run, starts the recovery, and follows it if requested.
pub(super) async fn run(
    session: &Session,
    start: &Start,
    manifest: &Value,
    output: Output,
) -> Result<(String, bool), CommandError> {
    // A reference does not show its types.
    let whole = resolve(&session.cloud, manifest).await.map_err(|error| session.error(&error))?;
    let machine = match &start.state_machine {
        Some(given) => Machine::given(given, Purpose::of_manifest(&whole), session)?,
        None => Machine::shipped(Purpose::of_manifest(&whole), session),
    };
    let now = pilot_light_aws::clock();
    let name = format!("pilot-light-{}", now.format("%Y-%m-%d-%H-%M-%S"));
    let mut input = manifest.clone();
    for (name, _) in [("dry_run", start.dry_run), ("new", start.new)].iter().filter(|(_, is_given)| *is_given)
    {
        if let Some(fields) = input.as_object_mut() {
            fields.insert((*name).to_owned(), true.into());
        }
    }
    let checked = validate(session, &input, machine.purpose, &name).await?;
    if start.dry_run {
        return Ok((shown(session, &checked, &machine, output), true));
    }
    let executions = session.cloud.executions();
    let started = executions.start(&machine.arn, &name, &input).await;
    let execution = started.map_err(|error| CommandError::Failure(machine.not_started(&error)))?;
    if start.follow {
        return follow::run(&session.cloud, &execution, output).await;
    }
    let text = match output {
        Output::Text => {
            let caution = machine.caution().map(|caution| format!("\n{caution}")).unwrap_or_default();
            let again = format!("pilot-light recover follow {execution} --region {}", session.region);
            format!("started {execution}\nfollow it: {again}{caution}")
        }
        Output::Json => report_text::json(&json!({"execution": execution})),
    };
    Ok((text, true))
}

/// The worker's answer to `validate`. The worker's code runs here, with the credentials of the user.
async fn validate(
    session: &Session,
    manifest: &Value,
    purpose: Purpose,
    name: &str,
) -> Result<Value, CommandError> {
    let Session { cloud, account, region, .. } = session;
    let now = pilot_light_aws::clock();
    let call = Call { account: account.clone(), region: region.clone(), now };
    let event = json!({
        "operation": "validate",
        "purpose": purpose,
        "execution": {"id": name, "started": now.to_rfc3339()},
        "input": manifest,
    });
    let answer = DestinationRecover.answer(cloud, &call, &event).await;
    answer.map(|answer| answer.output).map_err(|error| session.error(&error))
}

fn shown(session: &Session, checked: &Value, machine: &Machine, output: Output) -> String {
    match output {
        Output::Text => {
            let summary = checked["summary"].as_str().unwrap_or_default();
            let caution = machine.caution().map(|caution| format!("\n{caution}")).unwrap_or_default();
            format!("{}:\n{summary}{caution}", session.place())
        }
        Output::Json => report_text::json(checked),
    }
}
