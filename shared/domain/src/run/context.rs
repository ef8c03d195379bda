//! The circumstances of one run: its account, its Region, its time, its permission to write, and a person's confirmation.

use chrono::{NaiveDate, TimeDelta};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::Instant;
use crate::model::ids::{AccountId, DatabaseId, Region};
use crate::run::error::WorkerError;

/// The permission of a run to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The run carries its plan out.
    Apply,
    /// The run reports its plan and writes nothing.
    DryRun,
}

/// The circumstances of a run, besides AWS itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The account it runs in.
    pub account: AccountId,
    /// The Region it runs in. `SourceRegionOverride` may name another Region.
    pub region: Region,
    /// The one clock reading of the run.
    pub now: Instant,
    /// Its permission to write.
    pub mode: Mode,
    /// A person's word to delete earlier than promised, if the run has one.
    pub confirmation: Option<Confirmation>,
}

/// A person's word, for one run, that recovery points may be deleted although the retention under which they were made keeps
/// them, or although they are more than half of a database's.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// The day of the run, in UTC. It keeps an old command from having an effect again. An execution that begins before midnight may
    /// be retried after it, so the day before counts for half an hour ([`RETRIES`]).
    pub date: NaiveDate,
    /// The name of the person, for the report.
    pub by: String,
    /// The database that it is about, as `ACCOUNT/REGION/NAME`, or `*` for all.
    pub of: String,
}

impl Confirmation {
    /// True if it is about this database.
    #[must_use]
    pub fn covers(&self, database: &DatabaseId) -> bool {
        self.of == "*" || self.of == database.to_string()
    }
}

/// The time after midnight for which the date of the day before counts. An execution with all its retries takes at most 25 minutes.
const RETRIES: TimeDelta = TimeDelta::minutes(30);

/// The longest name of a person, in characters.
const LONGEST_NAME: usize = 128;

/// The request of an event: the permission to write, and a confirmation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its permission to write.
    pub mode: Mode,
    /// The confirmation in `delete_early`.
    pub confirmation: Option<Confirmation>,
}

impl Request {
    /// The request of an event to `worker` at `now`. The event is empty (`{}`), the scheduled event, or
    /// `{"dry_run": true|false}`. The delete workers also accept `{"delete_early": {"of": "ACCOUNT/REGION/NAME", "date": "2026-01-31", "by": "NAME"}}`.
    ///
    /// # Errors
    /// `InvalidInput` for any other event. A misspelt `dry_run` must not become a real run, and a confirmation counts only on
    /// its day, and for the retries of an execution that began then.
    pub fn of_event(event: &Value, worker: &str, now: Instant) -> Result<Self, WorkerError> {
        let deletes = worker.ends_with("-delete");
        let Some(fields) = event.as_object() else { return Err(invalid("it is not a JSON object", deletes)) };
        let is_scheduled = fields.get("source").is_some_and(|source| source == "aws.events");
        let is_known = |key: &str| key == "dry_run" || (deletes && key == EARLY);
        if let Some(unknown) = fields.keys().find(|key| !is_scheduled && !is_known(key)) {
            return Err(invalid(&format!("it has the unknown field '{unknown}'"), deletes));
        }
        let mode = match fields.get("dry_run") {
            None | Some(Value::Bool(false)) => Mode::Apply,
            Some(Value::Bool(true)) => Mode::DryRun,
            Some(other) => return Err(invalid(&format!("dry_run is {other}"), deletes)),
        };
        let confirmation = if deletes { confirmation(fields, now)? } else { None };
        Ok(Self { mode, confirmation })
    }
}

const EARLY: &str = "delete_early";

fn invalid(problem: &str, deletes: bool) -> WorkerError {
    let early = if deletes {
        format!(", or {{\"{EARLY}\": {{\"of\": DATABASE, \"date\": TODAY, \"by\": YOUR NAME}}}}")
    } else {
        String::new()
    };
    WorkerError::InvalidInput(format!(
        "{problem}; give the scheduled event, {{}} or {{\"dry_run\": true}}{early}"
    ))
}

fn confirmation(fields: &Map<String, Value>, now: Instant) -> Result<Option<Confirmation>, WorkerError> {
    let Some(given) = fields.get(EARLY) else { return Ok(None) };
    let wrong = |why: String| Err(WorkerError::InvalidInput(format!("{EARLY} {why}; nothing was deleted")));
    let today = now.date_naive();
    let read = match Confirmation::deserialize(given) {
        Ok(read) => read,
        Err(error) => {
            return wrong(format!(
                "is {given}: {error}; give {{\"of\": \"ACCOUNT/REGION/NAME\", \"date\": \"{today}\", \"by\": \"YOUR NAME\"}}"
            ));
        }
    };
    if read.date != today && read.date != (now - RETRIES).date_naive() {
        return wrong(format!(
            "has the date {}, and today is {today} (UTC); read the report again, then give today's",
            read.date
        ));
    }
    let name = read.by.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return wrong(format!("needs your name in \"by\", in at most {LONGEST_NAME} printable characters"));
    }
    Ok(Some(read))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: &str = "2026-01-31T23:59:59Z";

    fn read(event: &Value, worker: &str) -> Result<Request, String> {
        let request = Request::of_event(event, worker, NOW.parse().unwrap());
        request.map_err(|error| {
            assert_eq!(error.name(), crate::run::error::ErrorName::InvalidInput, "{event}");
            error.to_string()
        })
    }

    #[test]
    fn an_empty_a_scheduled_or_a_dry_run_event_starts_a_run() {
        for (event, mode) in [
            (json!({}), Mode::Apply),
            (json!({"dry_run": false}), Mode::Apply),
            (json!({"dry_run": true}), Mode::DryRun),
            (json!({"source": "aws.events", "time": "2026-01-01T00:00:00Z", "dry_run": true}), Mode::DryRun),
            (
                json!({"source": "aws.events", "detail-type": "Scheduled Event", "time": "2026-01-01T00:00:00Z"}),
                Mode::Apply,
            ),
        ] {
            for worker in ["source-take", "source-delete"] {
                assert_eq!(read(&event, worker), Ok(Request { mode, confirmation: None }), "{event}");
            }
        }
    }

    #[test]
    fn an_event_with_a_misspelt_dry_run_is_rejected() {
        for event in
            [json!(null), json!("dry_run"), json!([1]), json!({"dryrun": true}), json!({"dry_run": "true"})]
        {
            assert!(read(&event, "source-delete").is_err(), "{event}");
        }
    }

    #[test]
    fn a_retry_after_midnight_has_the_confirmation_of_the_day_before_and_a_later_run_does_not() {
        let event = json!({"delete_early": {"date": "2026-01-31", "by": "Jane Doe", "of": "*"}});
        let at = |now: &str| Request::of_event(&event, "source-delete", now.parse().unwrap()).is_ok();
        for (now, is_confirmed) in [
            ("2026-01-30T23:59:59Z", false),
            ("2026-01-31T00:00:00Z", true),
            ("2026-02-01T00:29:59Z", true),
            ("2026-02-01T00:30:00Z", false),
        ] {
            assert_eq!(at(now), is_confirmed, "{now}");
        }
        let machine = include_str!("../../../../statemachines/worker.asl.json");
        let machine: Value = serde_json::from_str(machine).unwrap();
        let longest = machine["TimeoutSeconds"].as_i64().unwrap();
        assert!(longest < RETRIES.num_seconds(), "an execution takes at most {longest} s");
    }

    #[test]
    fn the_confirmation_on_the_page_for_operators_is_accepted_on_its_day() {
        let page = include_str!("../../../../docs/operating.md");
        let (_, input) = page.split_once(r#"--input '{"delete_early"#).unwrap();
        let (input, _) = input.split_once('\'').unwrap();
        let event: Value = serde_json::from_str(&format!(r#"{{"delete_early{input}"#)).unwrap();
        let confirmed = read(&event, "destination-delete").unwrap().confirmation.unwrap();
        assert_eq!(confirmed.of, "111111111111/us-east-1/orders");
        let mut plan_first = event;
        plan_first["dry_run"] = json!(true);
        assert_eq!(read(&plan_first, "destination-delete").unwrap().mode, Mode::DryRun);
    }

    #[test]
    fn a_confirmation_counts_on_its_day_for_the_delete_workers_with_a_name() {
        let event = json!({"delete_early": {"date": "2026-01-31", "by": "Jane Doe", "of": "*"}});
        let confirmed = read(&event, "destination-delete").unwrap().confirmation.unwrap();
        assert_eq!((confirmed.date.to_string().as_str(), confirmed.by.as_str()), ("2026-01-31", "Jane Doe"));
        assert!(read(&event, "destination-copy").unwrap_err().contains("unknown field 'delete_early'"));
        for (early, text) in [
            (
                json!({"date": "2026-01-30", "by": "Jane", "of": "*"}),
                "has the date 2026-01-30, and today is 2026-01-31",
            ),
            (json!({"date": "2026-02-01", "by": "Jane", "of": "*"}), "has the date 2026-02-01"),
            (json!({"date": "2026-01-31", "of": "*"}), "missing field `by`"),
            (json!({"date": "2026-01-31", "by": "Jane"}), "missing field `of`"),
            (json!({"date": "2026-01-31", "by": " ", "of": "*"}), "needs your name"),
            (json!({"date": "2026-01-31", "by": "a\nb", "of": "*"}), "needs your name"),
            (json!({"date": "2026-01-31", "by": "Jane", "of": "*", "all": true}), "unknown field `all`"),
            (json!({"date": "today", "by": "Jane", "of": "*"}), "\"date\": \"2026-01-31\""),
            (json!(true), "nothing was deleted"),
        ] {
            let error = read(&json!({"delete_early": early}), "source-delete").unwrap_err();
            assert!(error.contains(text) && error.contains("nothing was deleted"), "{early}: {error}");
        }
    }
}
