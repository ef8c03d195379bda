//! The list of all resource types with the purposes that allow them, and [`AnyKind`], one type for a resource of any kind.
//!
//! A new kind needs one line in the list below and a file in [`crate::kinds`]. All decisions are left to the kinds.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::facts::{Known, Need, Setting};
use crate::fields::Fields;
use crate::kinds::{Kind, Next};
use crate::progress::Outcome;
use crate::readiness::{Demand, Removal};

/// The purpose of a state machine. It determines the resource types that the state machine accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Databases are brought up because those in the other account or Region are lost.
    Failover,
    /// The old primaries become followers of the new ones, so that the databases can return to their original place.
    Failback,
    /// Restores are tried out, and copies for tests are renewed.
    Drill,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Failover, Self::Failback, Self::Drill];

    /// The purpose of a manifest, as its types determine it: the first purpose that allows them all. A manifest whose
    /// types no single purpose allows counts as a failover; the check then reports the other types as problems.
    #[must_use]
    pub fn of_manifest(manifest: &Value) -> Self {
        let layers = manifest["StatePayload"].as_array().into_iter().flatten();
        let resources = layers.flat_map(|layer| layer["resources"].as_array().into_iter().flatten());
        let types: Vec<&str> = resources.filter_map(|resource| resource["resourceType"].as_str()).collect();
        let fits = |purpose: &Self| types.iter().all(|kind| allowed(kind, *purpose).is_ok());
        Self::ALL.into_iter().find(fits).unwrap_or(Self::Failover)
    }

    /// The name of the purpose in an event.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failover => "failover",
            Self::Failback => "failback",
            Self::Drill => "drill",
        }
    }
}

macro_rules! kinds {
    ($($kind:ident in $module:ident for $($purpose:ident)+;)+) => {
        /// A resource of any kind, with its parameters read.
        #[derive(Debug, Clone, PartialEq)]
        pub(crate) enum AnyKind {
            $(
                #[allow(missing_docs)]
                $kind(Box<crate::kinds::$module::$kind>),
            )+
        }

        /// All types, with the purposes that allow them.
        const TYPES: &[(&str, &[Purpose])] = &[
            $((<crate::kinds::$module::$kind as Kind>::NAME, &[$(Purpose::$purpose),+]),)+
        ];

        /// [`Kind::LIMIT_MINUTES`] of a type.
        pub(crate) fn limit_of(name: &str) -> u64 {
            $(
                if name == <crate::kinds::$module::$kind as Kind>::NAME {
                    return <crate::kinds::$module::$kind as Kind>::LIMIT_MINUTES;
                }
            )+
            0
        }

        impl AnyKind {
            /// Reads the parameters of a resource of the type `name`.
            pub(crate) fn read(name: &str, fields: &mut Fields, setting: &Setting) -> Option<Self> {
                $(
                    if name == <crate::kinds::$module::$kind as Kind>::NAME {
                        let read = <crate::kinds::$module::$kind as Kind>::read(fields, setting);
                        return read.map(|kind| Self::$kind(Box::new(kind)));
                    }
                )+
                None
            }

            /// [`Kind::LIMIT_MINUTES`].
            pub(crate) fn limit(&self) -> u64 {
                fn of<K: Kind>(_: &K) -> u64 {
                    K::LIMIT_MINUTES
                }
                match self { $(Self::$kind(kind) => of(kind.as_ref()),)+ }
            }

            /// [`Kind::needs`].
            pub(crate) fn needs(&self, setting: &Setting) -> Vec<Need> {
                match self { $(Self::$kind(kind) => kind.needs(setting),)+ }
            }

            /// [`Kind::acts_on`].
            pub(crate) fn acts_on(&self, setting: &Setting) -> Vec<String> {
                match self { $(Self::$kind(kind) => kind.acts_on(setting),)+ }
            }

            /// [`Kind::obstacles`].
            pub(crate) fn obstacles(&self, known: Known<'_>, setting: &Setting) -> Vec<(&'static str, String)> {
                match self { $(Self::$kind(kind) => kind.obstacles(known.facts(), setting),)+ }
            }

            /// [`Kind::demands`].
            pub(crate) fn demands(&self, known: Known<'_>, setting: &Setting) -> Vec<Demand> {
                match self { $(Self::$kind(kind) => kind.demands(known.facts(), setting),)+ }
            }

            /// [`Kind::removals`].
            pub(crate) fn removals(&self, known: Known<'_>, setting: &Setting) -> Vec<Removal> {
                match self { $(Self::$kind(kind) => kind.removals(known.facts(), setting),)+ }
            }

            /// [`Kind::deletes`].
            pub(crate) fn deletes(&self, known: Known<'_>, setting: &Setting) -> Option<String> {
                match self { $(Self::$kind(kind) => kind.deletes(known.facts(), setting),)+ }
            }

            /// [`Kind::mark`].
            pub(crate) fn mark(&self, known: Known<'_>, setting: &Setting) -> Value {
                match self { $(Self::$kind(kind) => kind.mark(known.facts(), setting),)+ }
            }

            /// [`Kind::sees`].
            pub(crate) fn sees(&self, known: Known<'_>, mark: &Value, setting: &Setting) -> Option<Value> {
                match self { $(Self::$kind(kind) => kind.sees(known.facts(), mark, setting),)+ }
            }

            /// [`Kind::came_up`].
            pub(crate) fn came_up(&self, known: Known<'_>, mark: &Value, setting: &Setting) -> Option<Value> {
                match self { $(Self::$kind(kind) => kind.came_up(known.facts(), mark, setting),)+ }
            }

            /// [`Kind::remove`].
            pub(crate) fn remove(&self, known: Known<'_>, mark: &Value, setting: &Setting) -> Option<Next> {
                match self { $(Self::$kind(kind) => kind.remove(known.facts(), mark, setting),)+ }
            }

            /// [`Kind::removes`].
            pub(crate) fn removes(&self) -> bool {
                match self { $(Self::$kind(kind) => kind.removes(),)+ }
            }

            /// [`Kind::outcome_needs`].
            pub(crate) fn outcome_needs(&self, setting: &Setting) -> Vec<Need> {
                match self { $(Self::$kind(kind) => kind.outcome_needs(setting),)+ }
            }

            /// [`Kind::outcome`].
            pub(crate) fn outcome(&self, known: Known<'_>, setting: &Setting) -> Option<Outcome> {
                match self { $(Self::$kind(kind) => kind.outcome(known.facts(), setting),)+ }
            }

            /// [`Kind::next`].
            pub(crate) fn next(&self, known: Known<'_>, mark: &Value, setting: &Setting) -> Next {
                match self { $(Self::$kind(kind) => kind.next(known.facts(), mark, setting),)+ }
            }
        }
    };
}

kinds! {
    PromoteRDSReadReplica in promote_replica for Failover;
    RestoreFromSnapshot in restore_from_snapshot for Failover;
    PlannedFailoverAurora in planned_failover_aurora for Failover;
    UnPlannedFailoverAurora in unplanned_failover_aurora for Failover;
    FailoverElastiCacheCluster in elasticache for Failover Failback;
    CreateAuroraSecondaryDBCluster in aurora_secondary for Failback;
    CreateRDSReadReplica in create_replica for Failback;
    RestoreDrill in drill for Drill;
    RefreshFromSnapshot in refresh for Drill;
}

impl AnyKind {
    /// True for a kind that may delete a database that is in use, to create another one in its place.
    pub(crate) fn replaces(&self) -> bool {
        match self {
            Self::CreateAuroraSecondaryDBCluster(_)
            | Self::CreateRDSReadReplica(_)
            | Self::RefreshFromSnapshot(_) => true,
            Self::PromoteRDSReadReplica(_)
            | Self::RestoreFromSnapshot(_)
            | Self::PlannedFailoverAurora(_)
            | Self::UnPlannedFailoverAurora(_)
            | Self::FailoverElastiCacheCluster(_)
            | Self::RestoreDrill(_) => false,
        }
    }
}

/// Checks that a type is known and allowed for `purpose`.
///
/// # Errors
/// The problem. For an unknown type it includes the most similar known name.
pub(crate) fn allowed(kind: &str, purpose: Purpose) -> Result<(), String> {
    let names = || TYPES.iter().map(|(name, _)| *name);
    let list = |names: Vec<&str>| names.join(", ");
    if kind.is_empty() {
        return Err(format!("has no resourceType; allowed are {}", list(names().collect())));
    }
    let Some((_, purposes)) = TYPES.iter().find(|(name, _)| *name == kind) else {
        let nearest =
            names().max_by(|a, b| likeness(kind, a).total_cmp(&likeness(kind, b))).unwrap_or_default();
        let all = list(names().collect());
        return Err(format!(
            "has the unknown resourceType '{kind}'; did you mean {nearest}? Allowed are {all}"
        ));
    };
    if purposes.contains(&purpose) {
        return Ok(());
    }
    let only: Vec<_> = purposes.iter().map(|purpose| format!("a {}", purpose.as_str())).collect();
    let only = only.join(" or ");
    let of = purpose.as_str();
    Err(format!(
        "is not allowed in a {of}, only in {only}; put it into a manifest for the state machine of that purpose"
    ))
}

fn likeness(given: &str, name: &str) -> f64 {
    strsim::normalized_damerau_levenshtein(&given.to_ascii_lowercase(), &name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_purpose_of_a_manifest_is_the_first_one_that_allows_all_its_types() {
        let of = |types: &[&str]| {
            let resources: Vec<_> = types.iter().map(|kind| json!({"resourceType": kind})).collect();
            Purpose::of_manifest(&json!({"StatePayload": [{"layer": 1, "resources": resources}]}))
        };
        assert_eq!(of(&["RestoreFromSnapshot", "FailoverElastiCacheCluster"]), Purpose::Failover);
        assert_eq!(of(&["FailoverElastiCacheCluster", "CreateAuroraSecondaryDBCluster"]), Purpose::Failback);
        assert_eq!(of(&["CreateAuroraSecondaryDBCluster", "RestoreFromSnapshot"]), Purpose::Failover);
        assert_eq!(Purpose::of_manifest(&json!([])), Purpose::Failover);
    }
}
