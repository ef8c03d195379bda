//! The arguments of the program: its subcommands, their options and their help.
//!
//! The arguments of `simulate`, `schedule` and `recover` are next to their code.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Arg, Args, Parser, Subcommand};
use pilot_light_domain::model::ids::Region;
use pilot_light_domain::run::worker_name::WorkerName;

use crate::output::Output;
use crate::parameter_path::ParameterPath;
use crate::recover::{Points, Recover};
use crate::retire;
use crate::retire::Retire;
use crate::schedule::Question;
use crate::session::Place;
use crate::simulate;

/// Keeps restorable copies of Amazon RDS databases in an account that an attacker in the first account cannot touch.
#[derive(Debug, Parser)]
#[command(name = "pilot-light", version, max_term_width = 100)]
pub(crate) struct Arguments {
    /// The command to run.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// The form of the output.
    #[arg(long, value_enum, default_value_t = Output::Text, global = true)]
    pub(crate) output: Output,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show each action that a worker would take now, and the reasons for which it would leave the rest alone.
    ///
    /// The text counts the databases and snapshots that are left alone for each reason. `--output json` lists each of
    /// them with its reason. This command changes nothing on AWS.
    #[command(after_help = EXAMPLES)]
    Plan(WorkerRun),
    /// Run a worker once, now, as its schedule does.
    ///
    /// Such a run publishes no metrics. Only the deployed worker publishes them.
    #[command(after_help = EXAMPLES)]
    Run(WorkerRun),
    /// Run the real workers on a simulated AWS through days of virtual time and measure the age of the copies.
    ///
    /// The age of a database counts from the moment at which it could first have been protected.
    #[command(mut_args = negative_too, after_help = SIMULATIONS)]
    Simulate(simulate::Arguments),
    /// Check whether a schedule keeps an RPO, and find the cheapest schedule that does.
    ///
    /// The RPO (recovery point objective) is the greatest age that the newest copy of a database may reach.
    ///
    /// The answer shows the sum that leads to the greatest age, the quotas to request and the cost.
    #[command(mut_args = negative_too, after_help = "Examples:
  pilot-light schedule --rpo 60m --databases 20 --snapshot 6m --copy 12m
  pilot-light schedule --config sceptre/config --databases 20")]
    Schedule(Question),
    /// Bring up databases from a manifest: check it, start the recovery and follow it.
    ///
    /// A manifest lists the databases to bring up and their order. `recover template` writes one.
    #[command(after_help = RECOVERIES)]
    Recover(Recover),
    /// List the recovery points of this account and Region: time of the data, age, size, status and key.
    ///
    /// The newest point of each database comes first. The time of the data is AWS's OriginalSnapshotCreateTime.
    #[command(after_help = "Example:
  pilot-light points orders --region us-west-2

It exits with 1 if there is no point, and with 2 in an account or Region that keeps no copies.")]
    Points(Points),
    /// Retire a database that is gone for good or for a time, so that it is no longer late. Or undo that.
    ///
    /// Nothing that happens in the source account ends the alarm of a database that is no longer copied: only this does.
    #[command(after_help = retire::HELP)]
    Retire(Retire),
}

const SIMULATIONS: &str = "Example:
  pilot-light simulate --databases 20 --days 30 --snapshot-minutes 3..6 --copy-minutes 4..10

Exit codes:
  0  Every database was protected, and no invariant was violated
  1  One of these, each printed with the command that replays it:
     - without faults, an age exceeded RpoTarget (1h, unless --config sets it)
     - a database had no usable copy at the end, or nothing was copied at all
     - a worker violated an invariant
  2  An argument, or a file that it names, is wrong";

const RECOVERIES: &str = "Examples:
  pilot-light recover template --all > all.json
  pilot-light recover template --database orders --at 2026-01-31T23:59:00Z > orders.json
  pilot-light recover --manifest all.json --dry-run
  pilot-light recover --manifest all.json --follow
  pilot-light recover follow arn:aws:states:us-west-2:222222222222:execution:dr-orchestrator-stepfunction-FAILOVER:...

Run these commands in the Region that takes over, with credentials of the account that keeps the copies. A state machine
does the work. The recovery continues if you interrupt this program; `recover follow` shows it again.";

const EXAMPLES: &str = "Examples:
  AWS_PROFILE=source pilot-light plan source-take
  AWS_PROFILE=source pilot-light run source-take
  AWS_PROFILE=destination pilot-light plan destination-copy --region us-west-2 --output json

Credentials and Region are found as the AWS tools find them: in the environment, in a profile or by a web identity.
The worker's parameters are read from SSM, as the deployed worker reads them.";

/// Lets a value begin with a minus, so that `--days -1` is rejected as a number of days and not as an unknown option `-1`.
fn negative_too(argument: Arg) -> Arg {
    argument.allow_hyphen_values(true)
}

/// One run of a worker, planned or carried out.
#[derive(Debug, Args)]
pub(crate) struct WorkerRun {
    /// The worker to plan or to run.
    #[arg(value_parser = worker_names())]
    pub(crate) worker: WorkerName,
    /// The Region in which the worker is deployed, if it is not the Region of your environment or profile.
    #[arg(long)]
    pub(crate) region: Option<Region>,
    /// The path of the worker's parameters in SSM, if it is not /pilot-light/source or /pilot-light/destination.
    #[arg(long, value_name = "PATH")]
    pub(crate) parameters: Option<ParameterPath>,
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

impl WorkerRun {
    /// The place of the worker's parameters.
    pub(crate) fn place(&self) -> Place {
        Place { region: self.region.clone(), parameters: self.parameters.clone() }
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
    fn wrong_use_is_reported_with_the_wrong_value() {
        let error = |arguments: &[&str]| Arguments::try_parse_from(arguments).unwrap_err().to_string();
        assert!(error(&["pilot-light", "plan", "source-tke"]).contains("'source-take'"));
        assert!(
            error(&["pilot-light", "run", "source-take", "--region", "Virginia"])
                .contains("'Virginia' is not a valid Region")
        );
        let until = error(&["pilot-light", "retire", "orders", "--until", "tomorrow"]);
        assert!(until.contains("'tomorrow' is not a date; give a day such as 2026-12-15"), "{until}");
        assert!(
            error(&["pilot-light", "retire", "orders", "--undo", "--until", "2026-12-15"])
                .contains("cannot be used with")
        );
    }
}
