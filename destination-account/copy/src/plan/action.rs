//! The actions of the worker: copies and removals. Each names its exact source, target, key and tags.
//!
//! The choice of actions is left to the steps of the [plan](super).

use pilot_light_domain::aws::gateway::CopySnapshot;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::ids::{DatabaseId, DatabaseKind, Region};
use pilot_light_domain::run::plan::Action;

/// The part of a snapshot's way into the destination that one copy covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hop {
    /// Within one Region, or within one account across Regions.
    Only,
    /// Across account and Region at once.
    OneStep,
    /// Into this account, within the source Region.
    First,
    /// Within this account, from the source Region into the destination Region.
    Second,
}

/// An action of the copy worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Copy {
    /// Make a copy.
    Make {
        /// The database.
        database: DatabaseId,
        /// The part of the way that the copy covers.
        hop: Hop,
        /// The Region that gets the copy.
        region: Region,
        /// The request to RDS in that Region.
        copy: CopySnapshot,
    },
    /// Remove a failed copy, or an intermediate that nothing needs any more.
    Remove {
        /// The snapshot.
        arn: SnapshotArn,
        /// The reason.
        why: &'static str,
    },
}

/// The copies that share AWS's limit of copies in progress: those into one Region, of one kind of database.
pub(crate) type Lane = (Region, DatabaseKind);

impl Copy {
    pub(crate) fn is_one_step(&self) -> bool {
        matches!(self, Self::Make { hop: Hop::OneStep, .. })
    }

    /// The snapshot that is copied.
    pub(crate) fn source(&self) -> Option<&SnapshotArn> {
        match self {
            Self::Make { copy, .. } => Some(&copy.source),
            Self::Remove { .. } => None,
        }
    }

    /// The limit that a copy counts towards. A removal counts towards none.
    pub(crate) fn lane(&self) -> Option<Lane> {
        match self {
            Self::Make { region, copy, .. } => Some((region.clone(), copy.source.kind)),
            Self::Remove { .. } => None,
        }
    }
}

impl Action for Copy {
    fn verb(&self) -> &'static str {
        match self {
            Self::Make { .. } => "copy",
            Self::Remove { .. } => "remove",
        }
    }

    fn subject(&self) -> String {
        match self {
            Self::Make { copy, .. } => copy.source.to_string(),
            Self::Remove { arn, .. } => arn.to_string(),
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Make { hop, region, copy, .. } => {
                let key = copy.kms_key.as_ref().map_or_else(|| "no key".to_owned(), ToString::to_string);
                let hop = match hop {
                    Hop::Only | Hop::OneStep => "",
                    Hop::First => ", first of two hops",
                    Hop::Second => ", second of two hops",
                };
                format!("to {} in {region} under {key}{hop}", copy.target)
            }
            Self::Remove { why, .. } => (*why).to_owned(),
        }
    }
}
