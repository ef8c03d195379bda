//! Parameters that no worker knows. Most often, a name is misspelt, or a later version wrote it.
//!
//! Launching refuses them. A running worker must not stop for them: take, share and copy go on without them. A delete worker
//! deletes nothing, because the misspelt parameter may be the one that keeps a snapshot.

use crate::run::error::WorkerError;
use crate::run::plan::{Skip, SkipReason};

/// The least similarity of two names, from 0 to 1, at which one is suggested for the other.
const SIMILAR: f64 = 0.8;

/// The unknown parameters of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnknownParameters(Vec<Unknown>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Unknown {
    name: String,
    /// The known name that is most similar, if one is similar at all.
    meant: Option<&'static str>,
}

impl UnknownParameters {
    /// No unknown parameters.
    pub const NONE: Self = Self(Vec::new());

    pub(crate) fn new<'a>(names: impl Iterator<Item = &'a String>, known: &[&'static str]) -> Self {
        let similar = |name: &str, other: &str| {
            strsim::jaro_winkler(&name.to_ascii_lowercase(), &other.to_ascii_lowercase())
        };
        let meant = |name: &str| {
            let all = known.iter().map(|other| (similar(name, other), *other));
            all.filter(|(like, _)| *like >= SIMILAR).max_by(|(a, _), (b, _)| a.total_cmp(b))
        };
        let unknown =
            |name: &String| Unknown { name: name.clone(), meant: meant(name).map(|(_, name)| name) };
        Self(names.map(unknown).collect())
    }

    /// True if there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The reports of a worker that goes on without them.
    pub fn notes(&self) -> impl Iterator<Item = Skip> {
        self.skips(SkipReason::UnknownParameter)
    }

    /// The reports of a delete worker, which deletes nothing because of them.
    pub fn stops(&self) -> impl Iterator<Item = Skip> {
        self.skips(SkipReason::UnknownParameterStops)
    }

    fn skips(&self, reason: fn(String) -> SkipReason) -> impl Iterator<Item = Skip> {
        self.0.iter().map(move |unknown| Skip {
            subject: format!("parameter {}", unknown.name).as_str().into(),
            reason: reason(unknown.meant.map_or_else(String::new, |name| format!("did you mean {name}? "))),
        })
    }

    /// Refuses them, where a person can correct them at once.
    ///
    /// # Errors
    /// `InvalidConfiguration` that names all of them.
    pub fn refuse(&self) -> Result<(), WorkerError> {
        if self.is_empty() {
            return Ok(());
        }
        let said = |unknown: &Unknown| match unknown.meant {
            Some(meant) => format!("{} is unknown; did you mean {meant}?", unknown.name),
            None => format!("{} is unknown; correct or remove it", unknown.name),
        };
        Err(WorkerError::InvalidConfiguration(self.0.iter().map(said).collect::<Vec<_>>().join("; ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(name: &str) -> UnknownParameters {
        UnknownParameters::new([name.to_owned()].iter(), &["InstanceNamePattern", "KeepLast", "KeepDaily"])
    }

    #[test]
    fn a_misspelt_name_is_reported_with_the_name_that_is_most_similar() {
        for (name, meant) in [
            ("InstanceNamePatern", Some("InstanceNamePattern")),
            ("keepdaly", Some("KeepDaily")),
            ("Lunch", None),
        ] {
            assert_eq!(unknown(name).0[0].meant, meant, "{name}");
        }
        assert_eq!(
            unknown("KeepLst").refuse().unwrap_err().to_string(),
            "KeepLst is unknown; did you mean KeepLast?"
        );
    }

    #[test]
    fn only_a_delete_worker_needs_a_person() {
        let classes =
            |skips: Vec<Skip>| skips.into_iter().map(|skip| skip.reason.class()).collect::<Vec<_>>();
        let unknown = unknown("KeepLst");
        assert_eq!(classes(unknown.notes().collect()), [crate::run::plan::SkipClass::Noted]);
        assert_eq!(classes(unknown.stops().collect()), [crate::run::plan::SkipClass::Blocked]);
    }
}
