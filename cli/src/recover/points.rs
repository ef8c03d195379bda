//! `pilot-light points`: the recovery points of this account and Region, the newest first.

use pilot_light_domain::Instant;
use pilot_light_domain::aws::cloud::Cloud;
use pilot_light_domain::aws::gateway::RdsGateway;
use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_domain::model::recovery_point::{RecoveryPoint, Renames};
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::policy::RecoveryPolicy;
use pilot_light_domain::run::error::WorkerError;
use serde_json::{Value, json};

use super::view::{duration, in_full};
use crate::exit::CommandError;
use crate::output::Output;
use crate::report_text;
use crate::session::Session;

/// Lists the points of the `wanted` database, or of all databases. Returns the text to print, and false if there is none.
pub(super) async fn run(
    session: &Session,
    wanted: Option<&DatabaseName>,
    output: Output,
) -> Result<(String, bool), CommandError> {
    let mut points = read(session).await?;
    points.retain(|point| wanted.is_none_or(|name| point.name == *name || point.snapshot.database == *name));
    let taken =
        |point: &RecoveryPoint| (point.database().to_string(), std::cmp::Reverse(point.snapshot.taken_at()));
    points.sort_by_cached_key(taken);
    let now = pilot_light_aws::clock();
    let text = match output {
        Output::Json => report_text::json(&points.iter().map(|point| value(point, now)).collect::<Vec<_>>()),
        Output::Text if points.is_empty() => none(session, wanted),
        Output::Text => table(&points, now),
    };
    Ok((text, !points.is_empty()))
}

/// The recovery points of this account and Region, as a recovery sees them.
pub(super) async fn read(session: &Session) -> Result<Vec<RecoveryPoint>, CommandError> {
    let Session { cloud, account, region, parameters, .. } = session;
    let policy = RecoveryPolicy::parse(parameters, account, region).map_err(|error| session.error(&error))?;
    if policy.sources.accounts.is_empty() {
        return Err(session.without_copies());
    }
    let listed = cloud.rds(region).own_snapshots().await;
    let listed = listed
        .map_err(WorkerError::reading(format!("list the snapshots in {region}")))
        .map_err(|error| session.error(&error))?;
    let ours = listed.into_iter().filter(|snapshot| policy.sources.is_copy(snapshot));
    let mut points: Vec<_> = ours.map(|copy| policy.sources.recovery_point(copy)).collect();
    Renames::among(points.iter()).follow(points.iter_mut());
    Ok(points)
}

fn none(session: &Session, wanted: Option<&DatabaseName>) -> String {
    let of = wanted.map(|name| format!(" of '{name}'")).unwrap_or_default();
    format!(
        "there is no recovery point{of} in account {}, Region {}; `pilot-light plan destination-copy` shows the reasons",
        session.account, session.region
    )
}

fn value(point: &RecoveryPoint, now: Instant) -> Value {
    let snapshot = &point.snapshot;
    json!({
        "database": point.database().to_string(),
        "snapshot": snapshot.arn.to_string(),
        "status": snapshot.status.as_str(),
        "percent": snapshot.percent,
        "data_time": snapshot.taken_at(),
        "age_seconds": snapshot.taken_at().map(|taken| (now - taken).num_seconds()),
        "size_gib": snapshot.allocated_gib,
        "key": snapshot.kms_key.as_ref().map(ToString::to_string),
        "engine": snapshot.engine.0.as_str(),
        "engine_version": snapshot.engine_version.as_deref(),
    })
}

/// One line for each point, under a line for each database.
fn table(points: &[RecoveryPoint], now: Instant) -> String {
    let mut text = String::new();
    let mut database = None;
    for point in points {
        let of = point.database().to_string();
        if database.as_ref() != Some(&of) {
            text.push_str(&format!("{of}\n"));
            database = Some(of);
        }
        text.push_str(&format!("  {}\n", line(point, now)));
    }
    text
}

fn line(point: &RecoveryPoint, now: Instant) -> String {
    let snapshot = &point.snapshot;
    let taken = snapshot.taken_at();
    let time = taken.map_or_else(|| "unknown time".to_owned(), in_full);
    let age = taken.map(|at| format!("{} old", duration(now - at))).unwrap_or_default();
    let size = snapshot.allocated_gib.map(|gib| format!("{gib} GiB")).unwrap_or_default();
    let key = snapshot.kms_key.as_ref().map_or_else(|| "not encrypted".to_owned(), ToString::to_string);
    let key = key.rsplit_once('/').map_or(key.as_str(), |(_, id)| id);
    format!("{time}  {age:>21}  {size:>9}  {:<9}  {}  {key}", status(snapshot), snapshot.arn.id)
}

/// The status, with AWS's progress in percent while it works on the snapshot.
pub(super) fn status(snapshot: &Snapshot) -> String {
    let percent = snapshot.percent.map(|percent| format!(" {percent} %")).unwrap_or_default();
    format!("{}{percent}", snapshot.status)
}

#[cfg(test)]
mod tests {
    use pilot_light_domain::testing::{at, snapshot};

    use super::*;

    #[test]
    fn every_point_has_its_time_age_size_status_and_key_under_its_database() {
        let point = |id: &str, taken: &str| {
            let mut found = snapshot(&format!("arn:aws:rds:us-west-2:222222222222:snapshot:{id}"), "orders");
            found.original_created_at = Some(at(taken));
            found.allocated_gib = Some(100);
            found.kms_key = Some("arn:aws:kms:us-west-2:222222222222:key/1234".parse().unwrap());
            RecoveryPoint::original(found)
        };
        let points = [point("orders-2", "2026-01-01T01:30:00Z"), point("orders-1", "2026-01-01T01:00:00Z")];
        let text = table(&points, at("2026-01-01T02:00:00Z"));
        let expected = "222222222222/us-west-2/orders\n\
            \x20 2026-01-01T01:30:00Z             30 min old    100 GiB  available  orders-2  1234\n\
            \x20 2026-01-01T01:00:00Z                1 h old    100 GiB  available  orders-1  1234\n";
        assert_eq!(text, expected);
        assert_eq!(value(&points[0], at("2026-01-01T02:00:00Z"))["age_seconds"], 1800);
    }
}
