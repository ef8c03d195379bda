//! The record of a blue/green deployment, and the requests about it.

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::tags::Tags;
use serde::{Deserialize, Serialize};

use crate::world::api::paging::Page;

/// A request about blue/green deployments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlueGreenRequest {
    /// `CreateBlueGreenDeployment`.
    Create(CreateBlueGreenDeployment),
    /// `DescribeBlueGreenDeployments`: an identifier, and the page.
    Describe(Option<String>, Page),
    /// `SwitchoverBlueGreenDeployment`, by identifier.
    Switchover(String),
}

/// A deployment to create.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateBlueGreenDeployment {
    /// `BlueGreenDeploymentName`.
    pub name: String,
    /// `Source`: the ARN of an instance.
    pub source: String,
    /// `TargetEngineVersion`.
    pub target_engine_version: Option<String>,
    /// `TargetDBInstanceClass`.
    pub target_class: Option<String>,
    /// `Tags`.
    pub tags: Tags,
}

/// A blue/green deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlueGreenRecord {
    /// `BlueGreenDeploymentIdentifier`.
    pub id: String,
    /// `BlueGreenDeploymentName`.
    pub name: String,
    /// `Source`: the ARN of the blue instance, under its present name.
    pub source: DatabaseArn,
    /// `Target`: the ARN of the green instance, under its present name.
    pub target: DatabaseArn,
    /// Its stage.
    pub stage: Stage,
    /// `CreateTime`.
    pub created_at: Instant,
    /// Its tags.
    pub tags: Tags,
}

/// The stages of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// The green instance is being created.
    Provisioning,
    /// The green instance follows the blue one.
    Prepared,
    /// The instances are being renamed.
    Switching,
    /// The green instance has the name.
    Completed,
    /// The green instance is gone, or follows the blue one no longer.
    Broken,
}

impl Stage {
    /// `Status`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Provisioning => "PROVISIONING",
            Self::Prepared => "AVAILABLE",
            Self::Switching => "SWITCHOVER_IN_PROGRESS",
            Self::Completed => "SWITCHOVER_COMPLETED",
            Self::Broken => "INVALID_CONFIGURATION",
        }
    }
}

impl BlueGreenRequest {
    /// The API action.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateBlueGreenDeployment",
            Self::Describe(..) => "DescribeBlueGreenDeployments",
            Self::Switchover(_) => "SwitchoverBlueGreenDeployment",
        }
    }
}
