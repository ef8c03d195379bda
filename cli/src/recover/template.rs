//! Writes a manifest for the protected databases, with one `RestoreFromSnapshot` for each database.
//!
//! It leaves out parameters that AWS takes from the snapshot. `"None"` marks the parameters that people mostly want to
//! choose.

use std::collections::BTreeMap;

use pilot_light_domain::aws::cloud::Cloud;
use pilot_light_domain::aws::gateway::RdsGateway;
use pilot_light_domain::model::ids::{DatabaseId, DatabaseName};
use pilot_light_domain::model::recovery_point::{RecoveryPoint, by_database, newest_usable};
use pilot_light_domain::policy::DestinationPolicy;
use pilot_light_domain::run::context::{Context, Mode};
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::worker::read_parameters;
use serde_json::{Value, json};

use super::session::{Session, command_error};
use crate::exit::CommandError;
use crate::report_text;

/// The manifest for the `wanted` databases, or for all databases if `wanted` is empty.
pub(super) async fn run(session: &Session, wanted: &[DatabaseName]) -> Result<(String, bool), CommandError> {
    let points = points(session).await.map_err(|error| command_error(&error))?;
    let protected: Vec<DatabaseId> = by_database(&points)
        .into_iter()
        .filter(|(_, points)| newest_usable(points).is_some())
        .map(|(database, _)| database)
        .collect();
    let manifest = manifest(&protected, wanted).map_err(CommandError::Failure)?;
    Ok((report_text::json(&manifest), true))
}

async fn points(session: &Session) -> Result<Vec<RecoveryPoint>, WorkerError> {
    let Session { cloud, account, region } = session;
    let context = Context {
        account: account.clone(),
        region: region.clone(),
        now: pilot_light_aws::clock(),
        mode: Mode::DryRun,
    };
    let policy = DestinationPolicy::parse(&read_parameters(cloud).await?, &context)?;
    let listed = cloud.rds(region).own_snapshots().await;
    let listed = listed.map_err(WorkerError::reading(format!("list the snapshots in {region}")))?;
    let ours = listed.into_iter().filter(|snapshot| policy.sources.is_copy(snapshot));
    Ok(ours.map(|copy| policy.sources.recovery_point(copy)).collect())
}

/// A manifest with one resource for each database. If databases share a name, their resources are named after name and
/// account.
fn manifest(protected: &[DatabaseId], wanted: &[DatabaseName]) -> Result<Value, String> {
    if protected.is_empty() {
        return Err(
            "there is no usable recovery point here; `pilot-light plan destination-copy` shows the reasons"
                .to_owned(),
        );
    }
    if let Some(missing) = wanted.iter().find(|name| protected.iter().all(|id| id.name != **name)) {
        let known: Vec<_> = protected.iter().map(|id| id.name.as_str()).collect();
        return Err(format!(
            "'{missing}' has no usable recovery point here; these databases have one: {}",
            known.join(", ")
        ));
    }
    let chosen: Vec<_> =
        protected.iter().filter(|id| wanted.is_empty() || wanted.contains(&id.name)).collect();
    let mut of_name: BTreeMap<&DatabaseName, usize> = BTreeMap::new();
    for id in &chosen {
        *of_name.entry(&id.name).or_default() += 1;
    }
    let resource = |id: &&DatabaseId| resource(id, of_name.get(&id.name) == Some(&1));
    let resources: Vec<Value> = chosen.iter().map(resource).collect();
    Ok(json!({"StatePayload": [{"layer": 1, "resources": resources}]}))
}

fn resource(id: &DatabaseId, is_alone: bool) -> Value {
    let name = if is_alone { id.name.to_string() } else { format!("{}-{}", id.name, id.account) };
    let parameters = json!({
        "SourceDBInstanceIdentifier": id.name,
        "SourceAccount": id.account,
        "DBInstanceIdentifier": name,
        "DBInstanceClass": "None",
        "DBSubnetGroupName": "None",
        "VpcSecurityGroupIds": "None",
        "MultiAZ": "true",
        "PubliclyAccessible": "false",
    });
    json!({"resourceType": "RestoreFromSnapshot", "resourceName": name, "parameters": parameters})
}

#[cfg(test)]
mod tests {
    use pilot_light_domain::model::ids::DatabaseKind;

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

    #[test]
    fn databases_that_share_a_name_get_different_resource_names() {
        let protected = [
            database("111111111111", "billing"),
            database("111111111111", "orders"),
            database("333333333333", "orders"),
        ];
        let all = manifest(&protected, &[]).unwrap();
        assert_eq!(names(&all), ["billing", "orders-111111111111", "orders-333333333333"]);
        let one = manifest(&protected, &["billing".parse().unwrap()]).unwrap();
        assert_eq!(names(&one), ["billing"]);
    }

    #[test]
    fn a_database_without_recovery_point_is_rejected_naming_those_that_have_one() {
        let protected = [database("111111111111", "billing")];
        let error = manifest(&protected, &["orders".parse().unwrap()]).unwrap_err();
        assert_eq!(error, "'orders' has no usable recovery point here; these databases have one: billing");
    }
}
