//! The read replicas that get no snapshots: the primary's contain the same data, or AWS takes none of a replica.
//!
//! The selection by name and tag is in [`selection`](crate::rules::selection).

use std::collections::BTreeMap;

use crate::model::database::{Database, Primary};
use crate::model::ids::DatabaseName;
use crate::rules::selection::Selection;
use crate::run::plan::SkipReason;

/// The selected instances of a Region that may be the primary of a replica there.
#[derive(Debug)]
pub struct Replicas<'a> {
    selection: &'a Selection,
    databases: BTreeMap<&'a DatabaseName, &'a Database>,
}

impl<'a> Replicas<'a> {
    /// The instances among `databases`, all of one account and Region, that `selection` selects.
    #[must_use]
    pub fn among(databases: &'a [Database], selection: &'a Selection) -> Self {
        let is_needed = databases.iter().any(|database| database.replica_of.is_some());
        let databases = databases.iter().filter(|_| is_needed);
        let databases = databases.map(|database| (&database.arn.id.name, database)).collect();
        Self { selection, databases }
    }

    /// The reason to take no snapshot of a selected instance, if it is a replica that needs none or can have none.
    ///
    /// `has_points` is true if recovery points of its name exist, also of an earlier instance. Then it keeps getting them:
    /// the destination cannot know that a database is a replica, and keeps the newest copy of each name. Without new ones,
    /// its age would grow for ever.
    #[must_use]
    pub fn reason_to_skip(&self, database: &Database, has_points: bool) -> Option<SkipReason> {
        let primary = database.replica_of.as_ref()?;
        let can_have = database.engine.has_snapshots_of_replicas();
        match primary {
            Primary::Here(name) if self.is_selected(name) && !(has_points && can_have) => {
                Some(SkipReason::ReplicaOfSelected(name.to_string()))
            }
            _ if !can_have => Some(SkipReason::ReplicaWithoutSnapshots),
            _ => None,
        }
    }

    /// True for an instance that is selected. If it is a replica itself, its primary's snapshots contain its data.
    fn is_selected(&self, name: &DatabaseName) -> bool {
        self.databases.get(name).is_some_and(|primary| self.selection.of_instance(primary).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::database::Engine;
    use crate::rules::selection::Pattern;
    use crate::testing::database;

    fn replica(name: &str, engine: &str, primary: Primary) -> Database {
        Database { engine: Engine(engine.into()), replica_of: Some(primary), ..database(name) }
    }

    #[test]
    fn a_replica_is_skipped_only_if_the_data_are_in_the_snapshots_of_a_selected_primary() {
        let here = || Primary::Here("orders".parse().unwrap());
        let covered = Some(SkipReason::ReplicaOfSelected("orders".to_owned()));
        let impossible = Some(SkipReason::ReplicaWithoutSnapshots);
        for (pattern, engine, primary, has_points, reason) in [
            ("ALL_INSTANCES", "postgres", here(), false, covered.clone()),
            ("ALL_INSTANCES", "postgres", here(), true, None),
            ("^replica$", "postgres", here(), false, None),
            ("ALL_INSTANCES", "postgres", Primary::Elsewhere, false, None),
            ("ALL_INSTANCES", "postgres", Primary::Here("gone".parse().unwrap()), false, None),
            ("ALL_INSTANCES", "sqlserver-ee", here(), false, covered.clone()),
            ("ALL_INSTANCES", "sqlserver-ee", here(), true, covered),
            ("^replica$", "sqlserver-ee", here(), false, impossible.clone()),
            ("ALL_INSTANCES", "custom-sqlserver-ee", Primary::Elsewhere, false, impossible),
        ] {
            let pattern_text = pattern;
            let pattern = Pattern::parse(pattern).unwrap();
            let selection = Selection { pattern, tagged_only: false, custom_engines: true };
            let all = [database("orders"), replica("replica", engine, primary)];
            let replicas = Replicas::among(&all, &selection);
            assert_eq!(replicas.reason_to_skip(&all[1], has_points), reason, "{pattern_text} {engine}");
            assert_eq!(replicas.reason_to_skip(&all[0], has_points), None);
        }
    }
}
