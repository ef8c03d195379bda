//! Which types of resources there are, what each purpose allows, and one type for all of them.
//!
//! A new kind is one line in the list below, and its file in [`crate::kinds`].

use pilot_light_domain::model::ids::Region;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::facts::{Known, Need, Setting};
use crate::fields::Fields;
use crate::kinds::{Kind, Next};

/// What a state machine is for, which decides what it allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Databases are brought up where the others are lost.
    Failover,
    /// They go back to where they were.
    Failback,
    /// Restores are tried out, and copies for tests are renewed.
    Drill,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Failover, Self::Failback, Self::Drill];

    /// What a manifest is for, by its types: the first purpose that allows them all. With types that no purpose allows
    /// together it is a failover, in which the others are told as faults.
    #[must_use]
    pub fn of_manifest(manifest: &Value) -> Self {
        let layers = manifest["StatePayload"].as_array().into_iter().flatten();
        let resources = layers.flat_map(|layer| layer["resources"].as_array().into_iter().flatten());
        let types: Vec<&str> = resources.filter_map(|resource| resource["resourceType"].as_str()).collect();
        let fits = |purpose: &Self| types.iter().all(|kind| allowed(kind, *purpose).is_ok());
        Self::ALL.into_iter().find(fits).unwrap_or(Self::Failover)
    }

    /// Its name in an event.
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
        /// A resource of whichever kind, its parameters read.
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

        /// [`Kind::POLLS`] of a type.
        pub(crate) fn polls_of(name: &str) -> u32 {
            $(
                if name == <crate::kinds::$module::$kind as Kind>::NAME {
                    return <crate::kinds::$module::$kind as Kind>::POLLS;
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

            /// [`Kind::POLLS`].
            pub(crate) fn polls(&self) -> u32 {
                fn of<K: Kind>(_: &K) -> u32 {
                    K::POLLS
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

            /// [`Kind::mark`].
            pub(crate) fn mark(&self, known: Known<'_>, setting: &Setting) -> Value {
                match self { $(Self::$kind(kind) => kind.mark(known.facts(), setting),)+ }
            }

            /// [`Kind::came_up`].
            pub(crate) fn came_up(&self, known: Known<'_>, mark: &Value, setting: &Setting) -> Option<Value> {
                match self { $(Self::$kind(kind) => kind.came_up(known.facts(), mark, setting),)+ }
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

/// Whether a type is known and allowed for `purpose`.
///
/// # Errors
/// What is wrong, with the name that was probably meant.
pub(crate) fn allowed(kind: &str, purpose: Purpose) -> Result<(), String> {
    let names = || TYPES.iter().map(|(name, _)| *name);
    let list = |names: Vec<&str>| names.join(", ");
    if kind.is_empty() {
        return Err(format!("has no resourceType; there are {}", list(names().collect())));
    }
    let Some((_, purposes)) = TYPES.iter().find(|(name, _)| *name == kind) else {
        let nearest =
            names().max_by(|a, b| likeness(kind, a).total_cmp(&likeness(kind, b))).unwrap_or_default();
        let all = list(names().collect());
        return Err(format!("is of no known type; did you mean {nearest}? There are {all}"));
    };
    if purposes.contains(&purpose) {
        return Ok(());
    }
    let only: Vec<_> = purposes.iter().map(|purpose| format!("a {}", purpose.as_str())).collect();
    Err(format!("is not allowed in a {}, only in {}", purpose.as_str(), only.join(" and ")))
}

fn likeness(given: &str, name: &str) -> f64 {
    strsim::normalized_damerau_levenshtein(&given.to_ascii_lowercase(), &name.to_ascii_lowercase())
}

/// The Region that something acts in, and its name, as [`Kind::acts_on`] tells it for an instance.
pub(crate) fn instance_in(region: &Region, name: &impl std::fmt::Display) -> String {
    format!("db/{region}/{name}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_manifest_tells_what_it_is_for() {
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
