//! Writes a manifest for the protected databases, with one restore or drill for each database.
//!
//! It leaves out parameters that AWS takes from the snapshot. `"None"` marks the parameters that people mostly want to
//! choose.

use std::collections::BTreeMap;
use std::io::Write;

use clap::Args;
use pilot_light_domain::Instant;
use pilot_light_domain::model::ids::{DatabaseId, DatabaseName};
use pilot_light_domain::model::recovery_point::{RecoveryPoint, by_database, newest_usable};
use serde_json::{Value, json};

use super::points;
use super::view::in_full;
use crate::exit::CommandError;
use crate::report_text;
use crate::session::Session;

#[derive(Debug, Args)]
pub(super) struct Template {
    /// Include every database that has a usable copy in this account and Region.
    #[arg(long, required_unless_present = "database", conflicts_with = "database")]
    all: bool,
    /// Include this database; repeat the option to include several.
    #[arg(long, value_name = "NAME")]
    database: Vec<DatabaseName>,
    /// Write a manifest for a drill: each database is restored under a temporary name, timed and deleted.
    #[arg(long)]
    drill: bool,
    /// Restore the newest point whose data is from this time or before, such as 2026-01-31T23:59:00Z.
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<Instant>,
}

/// A time in RFC 3339.
fn time(text: &str) -> Result<Instant, String> {
    text.parse().map_err(|_| "write a time such as 2026-01-31T23:59:00Z".to_owned())
}

/// The manifest for the wanted databases, or for all databases.
///
/// Databases without a usable point are left out and named on standard error, with what is still being copied.
pub(super) async fn run(session: &Session, wanted: &Template) -> Result<(String, bool), CommandError> {
    let points = points::read(session).await?;
    let databases = by_database(&points);
    let usable = |points: &Vec<&RecoveryPoint>| {
        let is_early = |point: &&&RecoveryPoint| wanted.at.is_none_or(|at| point.is_usable_by(at));
        let early: Vec<&RecoveryPoint> = points.iter().filter(is_early).copied().collect();
        newest_usable(&early).is_some()
    };
    let (protected, left): (Vec<_>, Vec<_>) = databases.iter().partition(|(_, points)| usable(points));
    let is_wanted = |id: &DatabaseId| wanted.database.is_empty() || wanted.database.contains(&id.name);
    let left: Vec<String> = left
        .into_iter()
        .filter(|(id, _)| is_wanted(id))
        .map(|(database, points)| left_out(database, points, wanted.at))
        .collect();
    for line in &left {
        // Standard output contains the manifest alone.
        let _ = writeln!(std::io::stderr(), "{line}");
    }
    let protected: Vec<DatabaseId> = protected.into_iter().map(|(database, _)| database.clone()).collect();
    if protected.is_empty() && !left.is_empty() {
        return Err(CommandError::Failure("none of these databases has a usable recovery point".to_owned()));
    }
    let manifest = manifest(&protected, wanted).map_err(CommandError::Failure)?;
    Ok((report_text::json(&manifest), true))
}

/// A database that the manifest leaves out: the age of its oldest usable point, or the status of its points.
fn left_out(database: &DatabaseId, points: &[&RecoveryPoint], at: Option<Instant>) -> String {
    let oldest = points.iter().filter_map(|point| point.usable_since()).min();
    if let (Some(oldest), Some(at)) = (oldest, at) {
        let [oldest, at] = [oldest, at].map(in_full);
        return format!("left out: {database}: its oldest usable point has data of {oldest}, after {at}");
    }
    let states: Vec<String> = points
        .iter()
        .map(|point| format!("{} is {}", point.snapshot.arn.id, points::status(&point.snapshot)))
        .collect();
    format!("left out: {database} has no usable point: {}", states.join(", "))
}

/// A manifest with one resource for each database. If databases share a name, their resources are named after name and
/// account.
fn manifest(protected: &[DatabaseId], wanted: &Template) -> Result<Value, String> {
    let names = &wanted.database;
    if protected.is_empty() {
        return Err(
            "there is no usable recovery point here; `pilot-light plan destination-copy` shows the reasons"
                .to_owned(),
        );
    }
    if let Some(missing) = names.iter().find(|name| protected.iter().all(|id| id.name != **name)) {
        let known: Vec<_> = protected.iter().map(ToString::to_string).collect();
        return Err(format!(
            "'{missing}' has no usable recovery point here; these databases have one: {}",
            known.join(", ")
        ));
    }
    let chosen: Vec<_> = protected.iter().filter(|id| names.is_empty() || names.contains(&id.name)).collect();
    let mut of_name: BTreeMap<&DatabaseName, usize> = BTreeMap::new();
    for id in &chosen {
        *of_name.entry(&id.name).or_default() += 1;
    }
    let resource = |id: &&DatabaseId| resource(id, of_name.get(&id.name) == Some(&1), wanted);
    let resources: Vec<Value> = chosen.iter().map(resource).collect();
    Ok(json!({"StatePayload": [{"layer": 1, "resources": resources}]}))
}

/// The name of a database followed by its account, cut to the 63 characters that AWS allows.
fn with_account(id: &DatabaseId) -> String {
    let account = id.account.as_str();
    let room = 63 - 1 - account.len();
    let name: String = id.name.as_str().chars().take(room).collect();
    format!("{}-{account}", name.trim_end_matches('-'))
}

fn resource(id: &DatabaseId, is_alone: bool, wanted: &Template) -> Value {
    let name = if is_alone { id.name.to_string() } else { with_account(id) };
    // Without it, a recovery refuses to choose between the copies and newer snapshots of a new primary here.
    let mut parameters = json!({
        "SourceAccount": if is_alone { json!("None") } else { json!(id.account) },
        "DBInstanceClass": "None",
        "DBSubnetGroupName": "None",
        "VpcSecurityGroupIds": "None",
        "PubliclyAccessible": "false",
    });
    if wanted.drill {
        parameters["DBInstanceIdentifier"] = json!(id.name);
        parameters["MultiAZ"] = json!("false");
    } else {
        parameters["SourceDBInstanceIdentifier"] = json!(id.name);
        parameters["DBInstanceIdentifier"] = json!(name);
        parameters["MultiAZ"] = json!("true");
    }
    if let Some(at) = wanted.at {
        parameters["At"] = json!(in_full(at));
    }
    let kind = if wanted.drill { "RestoreDrill" } else { "RestoreFromSnapshot" };
    json!({"resourceType": kind, "resourceName": name, "parameters": parameters})
}

#[cfg(test)]
mod tests {
    use pilot_light_domain::model::ids::DatabaseKind;
    use pilot_light_domain::model::snapshot::SnapshotStatus;
    use pilot_light_domain::testing::{at, snapshot};

    use super::*;

    fn database(account: &str, name: &str) -> DatabaseId {
        DatabaseId {
            account: account.parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
            kind: DatabaseKind::Instance,
            name: name.parse().unwrap(),
        }
    }

    fn names(manifest: &Value) -> Vec<&str> {
        let resources = manifest["StatePayload"][0]["resources"].as_array().unwrap();
        resources
            .iter()
            .map(|resource| resource["parameters"]["DBInstanceIdentifier"].as_str().unwrap())
            .collect()
    }

    fn wanted(names: &[&str]) -> Template {
        let database = names.iter().map(|name| name.parse().unwrap()).collect();
        Template { all: false, database, drill: false, at: None }
    }

    #[test]
    fn a_drill_is_single_az_and_reads_the_database_by_its_own_name() {
        let drill = Template { drill: true, at: Some(at("2026-01-31T23:59:00Z")), ..wanted(&[]) };
        let all = manifest(&[database("111111111111", "billing")], &drill).unwrap();
        let resource = &all["StatePayload"][0]["resources"][0];
        assert_eq!(resource["resourceType"], "RestoreDrill");
        let parameters = &resource["parameters"];
        assert_eq!(
            (&parameters["DBInstanceIdentifier"], &parameters["MultiAZ"]),
            (&json!("billing"), &json!("false"))
        );
        assert_eq!(
            (&parameters["At"], &parameters["SourceAccount"]),
            (&json!("2026-01-31T23:59:00Z"), &json!("None"))
        );
    }

    #[test]
    fn databases_that_share_a_name_get_different_resource_names() {
        let protected = [
            database("111111111111", "billing"),
            database("111111111111", "orders"),
            database("333333333333", "orders"),
        ];
        let all = manifest(&protected, &wanted(&[])).unwrap();
        assert_eq!(names(&all), ["billing", "orders-111111111111", "orders-333333333333"]);
        let one = manifest(&protected, &wanted(&["billing"])).unwrap();
        assert_eq!(names(&one), ["billing"]);
    }

    #[test]
    fn a_database_whose_first_copy_is_under_way_is_left_out_naming_its_progress() {
        let mut copy = snapshot("arn:aws:rds:us-west-2:222222222222:snapshot:orders-1", "orders");
        copy.status = SnapshotStatus::Copying;
        copy.percent = Some(40);
        let point = RecoveryPoint::original(copy);
        let line = left_out(&database("111111111111", "orders"), &[&point], None);
        let expected =
            "left out: 111111111111/us-east-1/orders has no usable point: orders-1 is copying 40 %";
        assert_eq!(line, expected);
    }

    #[test]
    fn a_database_without_recovery_point_is_rejected_naming_those_that_have_one() {
        let protected = [database("111111111111", "billing")];
        let error = manifest(&protected, &wanted(&["orders"])).unwrap_err();
        assert_eq!(
            error,
            "'orders' has no usable recovery point here; these databases have one: 111111111111/us-east-1/billing"
        );
    }
}
