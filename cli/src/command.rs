//! What can be asked of the program.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Arg, Args, Parser, Subcommand};
use pilot_light_domain::model::ids::Region;
use pilot_light_domain::run::worker_name::WorkerName;

use crate::output::Output;
use crate::recover::Recover;
use crate::schedule::Question;
use crate::simulate;

/// Keeps restorable copies of Amazon RDS databases in an account that an attacker on the first one cannot touch.
#[derive(Debug, Parser)]
#[command(name = "pilot-light", version, max_term_width = 100)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// How to print the report.
    #[arg(long, value_enum, default_value_t = Output::Text, global = true)]
    pub(crate) output: Output,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what a worker would do now, and why the rest is left alone. Writes nothing.
    #[command(after_help = EXAMPLES)]
    Plan(Pass),
    /// Run one pass of a worker now, as its schedule does; only metrics are left to the deployed worker.
    #[command(after_help = EXAMPLES)]
    Run(Pass),
    /// Run the real workers on a simulated AWS through days of virtual time and measure the age of the copies.
    #[command(mut_args = negative_too, after_help = "Example:
  pilot-light simulate --schedule legacy --databases 20 --days 30 --snapshot-minutes 3..6 --copy-minutes 4..10")]
    Simulate(simulate::Arguments),
    /// Say whether a schedule can keep an RPO, and which is the cheapest that does.
    #[command(mut_args = negative_too, after_help = "Example:
  pilot-light schedule --rpo 60m --databases 20 --snapshot 6m --copy 12m
  pilot-light schedule --config sceptre/config --databases 20")]
    Schedule(Question),
    /// Bring databases up from a manifest: check it, start its recovery, watch it; write such manifests.
    #[command(after_help = RECOVERIES)]
    Recover(Recover),
}

const RECOVERIES: &str = "Examples:
  pilot-light recover template --all > all.json
  pilot-light recover --manifest all.json --dry-run
  pilot-light recover --manifest all.json --follow
  pilot-light recover follow arn:aws:states:us-west-2:222222222222:execution:dr-orchestrator-stepfunction-FAILOVER:...

Run it in the Region that takes over, with credentials of the account that keeps the copies. The state machine does the
work: what you watch here you may interrupt and take up again.";

const EXAMPLES: &str = "Examples:
  AWS_PROFILE=source pilot-light plan source-take
  AWS_PROFILE=destination pilot-light plan destination-copy --region us-west-2 --output json

Credentials and Region come from where the AWS tools take them: environment, profile, web identity.
The worker's parameters are read from SSM, as the deployed worker reads them.";

/// Lets a value begin with a minus, so that `--days -1` is refused as a number of days, not as an unknown `-1`.
fn negative_too(argument: Arg) -> Arg {
    argument.allow_hyphen_values(true)
}

#[derive(Debug, Args)]
pub(crate) struct Pass {
    /// The worker.
    #[arg(value_parser = worker_names())]
    pub(crate) worker: WorkerName,
    /// The Region the worker is deployed in, if not the one of the environment.
    #[arg(long)]
    pub(crate) region: Option<Region>,
    /// The path of its parameters in SSM, if not /pilot-light/source or /pilot-light/destination.
    #[arg(long, value_name = "PATH")]
    pub(crate) parameters: Option<String>,
}

/// The workers' names, each with its help.
fn worker_names() -> impl TypedValueParser<Value = WorkerName> {
    let named = |worker: WorkerName| PossibleValue::new(worker.as_str()).help(help(worker));
    PossibleValuesParser::new(WorkerName::ALL.map(named)).try_map(|name| name.parse::<WorkerName>())
}

/// The help text of a worker.
const fn help(worker: WorkerName) -> &'static str {
    match worker {
        WorkerName::SourceTake => "Takes snapshots of the selected databases (source account)",
        WorkerName::SourceShare => "Shares snapshots with the destination accounts (source account)",
        WorkerName::SourceDelete => "Deletes expired snapshots (source account)",
        WorkerName::DestinationCopy => {
            "Copies shared snapshots under the destination's own key (destination account)"
        }
        WorkerName::DestinationDelete => "Deletes expired recovery points (destination account)",
    }
}

impl Pass {
    /// Where the worker's parameters are.
    pub(crate) fn parameter_path(&self) -> &str {
        let default =
            if self.worker.is_source() { "/pilot-light/source" } else { "/pilot-light/destination" };
        self.parameters.as_deref().unwrap_or(default)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn wrong_use_names_what_is_wrong() {
        let said = |arguments: &[&str]| Arguments::try_parse_from(arguments).unwrap_err().to_string();
        assert!(said(&["pilot-light", "plan", "source-tke"]).contains("'source-take'"));
        assert!(
            said(&["pilot-light", "run", "source-take", "--region", "Virginia"])
                .contains("'Virginia' is not a valid Region")
        );
    }
}
