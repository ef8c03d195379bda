//! The invariant that every late database is announced, whatever its source does or omits.
//!
//! A database is late if its newest usable copy is older than `RpoTarget`. Deleting it, or no longer sharing its snapshots, does
//! not end that. Only a newer copy does.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_domain::run::report::Report;

use super::held::{Database, Instance};
use super::ledger::Ledger;
use super::runs::Run;
use super::terms::Terms;

/// The time after the target by which a run must have announced a late database. The clock of a run may be slow.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// The late databases that were announced or reported, each with the time of its newest copy.
#[derive(Debug, Default)]
pub(super) struct LateAnnounced(BTreeSet<(Database, Instant)>);

impl LateAnnounced {
    /// Returns the violations after a successful run of `destination-copy`.
    pub(super) fn check(
        &mut self,
        (terms, ledger): (&Terms, &Ledger),
        run: &Run,
        report: &Report,
    ) -> Vec<String> {
        let since = run.began - terms.rpo - TOLERANCE;
        let late: BTreeSet<_> = late(ledger, since).collect();
        // Of one that is late no longer, the next time is another event.
        self.0.retain(|known| late.contains(known));
        let mut violations = Vec::new();
        for event in late {
            if self.0.contains(&event) {
                continue;
            }
            let ((account, name), newest) = &event;
            let id = |name| format!("{account}/{}/{name}", terms.homes.source.region);
            if !names(ledger, &event.0).into_iter().any(|name| is_announced(report, &id(name))) {
                let minutes = (run.began - *newest).num_minutes();
                violations.push(format!("{name} is late, {minutes} min old, and no run has announced it"));
            }
            self.0.insert(event);
        }
        violations
    }
}

/// The databases whose newest copy was taken before `since`, each with the time of that copy.
///
/// Where a newer snapshot shows another name of the instance, a run may know that name, and with it another database whose copies
/// are younger.
fn late(ledger: &Ledger, since: Instant) -> impl Iterator<Item = (Database, Instant)> {
    let (usable, complete) = (ledger.usable(), ledger.complete());
    let shown = usable.newest_of_all(complete);
    let is_late = move |instance: &Instance| {
        let name = complete.name(instance).cloned().map(|name| (instance.0.clone(), name));
        name.and_then(|name| shown.get(&name)).is_none_or(|newest| newest.taken < since)
    };
    let all = usable.newest_of_all(usable).into_iter();
    all.filter(move |(_, newest)| newest.taken < since && is_late(newest.instance))
        .map(|(of, newest)| (of, newest.taken))
}

/// All names under which a run may know a database.
fn names(ledger: &Ledger, database: &Database) -> BTreeSet<DatabaseName> {
    let of_each = ledger.usable().instances(database);
    let names = of_each.flat_map(|instance| ledger.complete().names(&instance).cloned().collect::<Vec<_>>());
    names.chain([database.1.clone()]).collect()
}

/// True if a message is about this database, or if one is about all those that are late.
fn is_announced(report: &Report, id: &str) -> bool {
    let is_of_one = |text: &str| text.strip_prefix(id).is_some_and(|rest| rest.starts_with(':'));
    let is_of_all = |subject: &str| subject.ends_with("databases are late");
    report.announcements.iter().any(|message| is_of_one(&message.text) || is_of_all(&message.subject))
}
