//! The messages about databases: late, no longer offered, retired, offered again, replaced.
//!
//! Each is about one event and has the name of that event, so that a later run sends it no second time. A later event of the same
//! database has another name.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::retirement::Retirement;
use pilot_light_domain::rules::lateness::{self, Kind};
use pilot_light_domain::run::announcement::{Announcement, Urgency};
use pilot_light_domain::run::report::ANNOUNCED;

use super::replaced::Replaced;
use super::states::{Told, in_words};

/// The time for which a retirement is announced. Whoever missed it for a week sees it in the reports.
const ANNOUNCED_FOR: TimeDelta = TimeDelta::days(7);

/// The places of a run that messages which page leave to those which inform. Databases that stay late must not silence them.
const FOR_INFORMS: usize = 5;

/// The most names that one message lists.
const LISTED: usize = 40;

/// The announcements of a run: those that page before all others, and of these the newest events first. `target` is `RpoTarget`.
pub(super) fn of(
    databases: &[Told<'_>],
    replaced: &[Replaced],
    target: TimeDelta,
    now: Instant,
) -> Vec<Announcement> {
    let pages = databases.iter().filter_map(|told| page(told, target));
    let pages = newest_first(pages.collect());
    let replaced = replaced.iter().map(|replaced| (replaced.since, replaced.announcement()));
    let informs = newest_first(replaced.chain(retirements(databases, now)).collect());
    let room = ANNOUNCED - informs.len().min(FOR_INFORMS);
    let left = (pages.len() > room).then(|| pages.len() + 1 - room);
    let mut all: Vec<_> = pages.into_iter().take(left.map_or(room, |_| room - 1)).collect();
    all.extend(left.map(|number| summary(number, databases, now)));
    all.extend(informs);
    all.truncate(ANNOUNCED);
    all
}

fn newest_first(mut events: Vec<(Instant, Announcement)>) -> Vec<Announcement> {
    events.sort_by(|(a, one), (b, other)| b.cmp(a).then_with(|| one.cmp(other)));
    events.into_iter().map(|(_, announcement)| announcement).collect()
}

/// The message about one database that somebody must act on, with the time of the event.
fn page(told: &Told<'_>, target: TimeDelta) -> Option<(Instant, Announcement)> {
    let Told { database, state, .. } = told;
    let name = &database.name;
    let (kind, since, event, subject) = match &state.kind {
        Kind::Retired { retirement, offered_again: Some(time) } => {
            // A retirement has one such event, however many snapshots follow.
            ("offered-again", retirement.since, *time, format!("{name} is offered again, but retired"))
        }
        Kind::NoLongerOffered { is_late: true } => {
            let since = state.since?;
            ("gone", since, since + lateness::limit(target), format!("{name} is no longer offered"))
        }
        Kind::Late | Kind::Protected if told.was_never_copied() => {
            let since = state.since?;
            let event = since + lateness::limit(target);
            ("never-copied", told.anchor(since), event, format!("{name} was never copied"))
        }
        Kind::Late => {
            let since = told.anchor(state.since?);
            ("late", since, since + lateness::limit(target), format!("{name} is late"))
        }
        _ => return None,
    };
    // A full stop behind a command would be pasted with it.
    let text = format!("{database}: {}", told.text());
    let of = database.to_string();
    Some((
        event,
        Announcement::about(Urgency::Page, (kind, &of, since), &format!("Pilot Light: {subject}"), text),
    ))
}

/// The last message of a run with more than fit. It is sent again when their number changes, and once a day.
fn summary(number: usize, databases: &[Told<'_>], now: Instant) -> Announcement {
    let late = databases.iter().filter(|told| told.state.is_late()).count();
    let names = databases.iter().filter(|told| told.state.is_late()).map(|told| told.database.to_string());
    let day = now.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
    let text = format!(
        "{late} databases are late or no longer offered, {number} of them without a message of their own. \
         `pilot-light plan destination-copy` lists all of them with the reasons. The first ones: {}.",
        listed(names.collect())
    );
    let subject = format!("Pilot Light: {late} databases are late");
    Announcement::about(Urgency::Page, ("late-in-all", &late.to_string(), day), &subject, text)
}

fn listed(names: Vec<String>) -> String {
    let more = names.len().saturating_sub(LISTED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", names.into_iter().take(LISTED).collect::<Vec<_>>().join(", "))
}

/// One message for each command that retired databases.
fn retirements(databases: &[Told<'_>], now: Instant) -> Vec<(Instant, Announcement)> {
    let mut commands: BTreeMap<&Retirement, Vec<String>> = BTreeMap::new();
    for told in databases {
        if let Kind::Retired { retirement, .. } = &told.state.kind
            && now - retirement.since <= ANNOUNCED_FOR
        {
            commands.entry(retirement).or_default().push(told.database.to_string());
        }
    }
    let message = |(retirement, names): (&Retirement, Vec<String>)| {
        let subject = format!("Pilot Light: {} retired", numbered(&names));
        let until = retirement.until.map(|until| format!(" until {}", in_words(until))).unwrap_or_default();
        let text = format!(
            "{} retired on {}{until}: {}. Retired databases get no new copies and are never late. To undo it: {} NAME --undo",
            retirement.by,
            in_words(retirement.since),
            listed(names),
            pilot_light_domain::run::plan::RETIRE
        );
        let event = ("retired", retirement.by.as_str(), retirement.since);
        (retirement.since, Announcement::about(Urgency::Inform, event, &subject, text))
    };
    commands.into_iter().map(message).collect()
}

fn numbered(names: &[String]) -> String {
    match names {
        [name] => format!("{} is", name.rsplit('/').next().unwrap_or(name)),
        _ => format!("{} databases are", names.len()),
    }
}
