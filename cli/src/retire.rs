//! `pilot-light retire`: a person's word, in the account that keeps the copies, that databases are gone for good or for a time.
//!
//! The decision and the tags are in the domain and in `destination-copy`. This file reads the arguments and the person's name.

use clap::Args;
use pilot_light_domain::Instant;
use pilot_light_domain::model::retirement::parse_until;
use pilot_light_domain::rules::retire::{Change, Wish};
use pilot_light_domain::run::context::{Context, Mode};
use pilot_light_domain::run::report::Report;

use crate::exit::CommandError;
use crate::session::{Place, Session};
use crate::side::Side;

/// The arguments of `pilot-light retire`.
#[derive(Debug, Args)]
pub(crate) struct Retire {
    /// The database: its name, or ACCOUNT/REGION/NAME as reports show it, or a regular expression that matches whole names.
    #[arg(value_name = "NAME|PATTERN")]
    of: String,
    /// The end of the retirement: a day (its beginning in UTC) or a time. Without it, the retirement lasts until it is undone.
    #[arg(long, value_name = "DATE", value_parser = parse_until)]
    until: Option<Instant>,
    /// Undo the retirement: the databases are measured and copied again.
    #[arg(long, conflicts_with = "until")]
    undo: bool,
    /// Show what would be done, and change nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    place: Place,
}

/// The help below the options.
pub(crate) const HELP: &str = "Examples:
  pilot-light retire orders --dry-run
  pilot-light retire orders
  pilot-light retire orders --until 2026-12-15
  pilot-light retire 'ci-.*'
  pilot-light retire orders --undo

A retired database is never late, gets no new copies, and keeps its last copies for KeepRetired, which is for ever unless you set
it. The retirement is a tag on its newest copy, with your name as AWS knows it, and it is announced. Another database
that gets the name later is not retired.

A database that is still offered is refused: leave it out with SnapshotExclusion here, or with InstanceNameExclusion in the source
account. If one of the databases is refused, nothing is changed.

If AWS refuses a call halfway, run the same command again: it does the rest.

Run it with credentials of the account that keeps the copies, in their Region. It needs ssm:GetParametersByPath,
rds:DescribeDBSnapshots and rds:DescribeAccountAttributes, and rds:AddTagsToResource on the copies.

Exit codes:
  0  Done, or planned with --dry-run
  1  AWS refused a call
  2  Nothing was changed: an argument is wrong, or a database may not be retired";

/// Retires databases, or undoes it.
pub(crate) fn run(retire: &Retire) -> Result<Report, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CommandError::Failure(error.to_string()))?;
    runtime.block_on(report_of(retire))
}

async fn report_of(retire: &Retire) -> Result<Report, CommandError> {
    let session = Session::of_side(Side::Destination, &retire.place).await?;
    let by = session.cloud.caller().await.map_err(|error| CommandError::Failure(error.to_string()))?;
    let change = if retire.undo { Change::Undo } else { Change::Retire(retire.until) };
    let wish = Wish { of: retire.of.clone(), change, by: person(&by).to_owned() };
    let mode = if retire.dry_run { Mode::DryRun } else { Mode::Apply };
    let (account, region) = (session.account.clone(), session.region.clone());
    let context = Context { account, region, now: pilot_light_aws::clock(), mode, confirmation: None };
    let done = Box::pin(destination_copy::retire(&session.cloud, &context, &wish)).await;
    done.map_err(|error| session.error(&error))
}

/// The person in the ARN of the credentials: `user/jane`, or `assumed-role/ROLE/jane`.
fn person(caller: &str) -> &str {
    caller.splitn(6, ':').nth(5).unwrap_or(caller)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_person_is_the_end_of_the_arn_of_the_credentials() {
        for (arn, expected) in [
            (
                "arn:aws:sts::222222222222:assumed-role/Admin/jane@example.com",
                "assumed-role/Admin/jane@example.com",
            ),
            ("arn:aws:iam::222222222222:user/jane", "user/jane"),
            ("arn:aws:iam::222222222222:root", "root"),
            ("jane", "jane"),
        ] {
            assert_eq!(person(arn), expected);
        }
    }
}
