//! The databases that another drill or refresh has abandoned: it was stopped, or it failed.
//!
//! AWS shows no time at which a database became ready, and the time of its creation proves nothing, because a restore may take
//! hours. An execution that waits therefore notes when it saw the database ready for the first time. The one that restored the
//! database would have continued within a minute.

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::recovery::DbInstance;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Next;
use super::restoring::until_settled;

/// The time after which nobody continues with a database that is ready. An execution checks it every 15 s, or once a minute. If
/// its worker fails, the state machine calls it again after a minute at most.
const ABANDONED: TimeDelta = TimeDelta::minutes(15);
/// The longest time between two looks in a row. If AWS did not answer for longer, it did not answer the other execution either.
const LONGEST_GAP: TimeDelta = TimeDelta::minutes(5);
/// The name of the note.
const READY: &str = "ready";

/// The note on a database of another execution that is ready.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Ready {
    /// Its resource id.
    of: String,
    /// The seconds of the Unix time from which it was ready at every look.
    since: i64,
    /// Those of the last look.
    last: i64,
}

/// The mark after another look at the database of another execution. None if it does not change.
pub(super) fn sees(found: Option<&DbInstance>, mark: &Value, now: Instant) -> Option<Value> {
    let noted = noted(mark);
    let ready = found.filter(|found| is_ready(found));
    let next = match (found, ready) {
        // Its deletion, which follows, takes longer than one look.
        (Some(found), _) if is_abandoned(found, mark) => return None,
        (_, Some(ready)) => {
            let in_a_row =
                noted.as_ref().filter(|noted| noted.of == ready.resource_id && noted.is_recent(now));
            let since = in_a_row.map_or(now.timestamp(), |noted| noted.since);
            Some(Ready { of: ready.resource_id.clone(), since, last: now.timestamp() })
        }
        _ => None,
    };
    (next != noted).then(|| {
        let mut mark = mark.clone();
        match (next, mark.as_object_mut()) {
            (Some(next), _) => mark[READY] = json!(next),
            (None, Some(fields)) => drop(fields.remove(READY)),
            (None, None) => {}
        }
        mark
    })
}

/// True if the database was ready for so long that nobody continues with it.
pub(super) fn is_abandoned(found: &DbInstance, mark: &Value) -> bool {
    let of = noted(mark).filter(|noted| noted.of == found.resource_id);
    of.is_some_and(|noted| TimeDelta::seconds(noted.last - noted.since) >= ABANDONED)
}

/// True if AWS does not work on the database.
pub(super) fn is_ready(found: &DbInstance) -> bool {
    !matches!(until_settled(found), Next::Wait(_))
}

impl Ready {
    fn is_recent(&self, now: Instant) -> bool {
        (0..=LONGEST_GAP.num_seconds()).contains(&(now.timestamp() - self.last))
    }
}

fn noted(mark: &Value) -> Option<Ready> {
    Ready::deserialize(mark.get(READY)?).ok()
}

#[cfg(test)]
mod tests {
    use pilot_light_domain::testing::at;

    use super::*;
    use crate::testing::{HERE, instance};

    /// The mark after looks at an instance in this status, at these minutes.
    fn after(looks: &[(i64, &str)]) -> (DbInstance, Value) {
        let mut found = instance(HERE, "orders");
        let mut mark = Value::Null;
        for (minute, status) in looks {
            found.status = (*status).to_owned();
            let now = at("2026-01-02T00:00:00Z") + TimeDelta::minutes(*minute);
            mark = sees(Some(&found), &mark, now).unwrap_or(mark);
        }
        (found, mark)
    }

    fn is_given_up(looks: &[(i64, &str)]) -> bool {
        let (found, mark) = after(looks);
        is_abandoned(&found, &mark)
    }

    #[test]
    fn only_a_database_that_was_ready_at_every_look_of_15_minutes_is_abandoned() {
        let every = |status: &'static str| [0, 4, 8, 12, 15].map(|minute| (minute, status));
        let looks = every("available");
        assert!(is_given_up(&looks));
        assert!(!is_given_up(&looks[..4]), "14 minutes");
        assert!(is_given_up(&every("storage-full")), "a status that does not end by itself");
        for busy in ["creating", "backing-up", "modifying", "deleting", "an-unknown-one"] {
            let mut looks = looks;
            looks[2].1 = busy;
            assert!(!is_given_up(&looks), "{busy}: AWS works on it");
        }
        assert!(!is_given_up(&[(0, "available"), (15, "available")]), "nobody looked in between");
        assert!(!is_given_up(&[(0, "available"), (4, "available"), (10, "available"), (15, "available")]));
    }

    #[test]
    fn the_verdict_is_about_one_database_and_stays_while_that_one_is_changed() {
        let (mut found, mark) = after(&[0, 4, 8, 12, 15].map(|minute| (minute, "available")));
        found.status = "deleting".to_owned();
        assert_eq!(sees(Some(&found), &mark, at("2026-01-02T00:16:00Z")), None);
        let other = DbInstance { resource_id: "db-other".to_owned(), ..found.clone() };
        assert!(!is_abandoned(&other, &mark));
        assert_eq!(sees(Some(&other), &mark, at("2026-01-02T00:16:00Z")), Some(json!({})));
        assert_eq!(sees(None, &mark, at("2026-01-02T00:16:00Z")), Some(json!({})), "it is gone");
        assert_eq!(sees(None, &Value::Null, at("2026-01-02T00:16:00Z")), None);
    }
}
