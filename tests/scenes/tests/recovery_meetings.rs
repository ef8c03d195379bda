//! Two manifests that meet in one database and start at the same moment, or some seconds apart: each change is made once, and one
//! manifest wins while the other waits or refuses.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::collections::BTreeMap;

use chrono::TimeDelta;
use destination_recover::{DestinationRecover, Verdict};
use pilot_light_domain::recovery::Operator;
use pilot_light_tests::recovery::estate::{Estate, WEST};
use pilot_light_tests::recovery::manifests::{one, resource};
use pilot_light_tests::recovery::meetings::{Ends, MEETINGS, Meeting};
use pilot_light_tests::recovery::pairs::{End, made, side_by_side};
use pilot_light_tests::recovery::planted::ForgetsNotes;

/// Runs both manifests of a meeting. The one at index `first` starts first.
fn meet<W: Operator + Copy>(
    meeting: &Meeting,
    worker: W,
    (first, apart): (usize, i64),
) -> (Estate, [End; 2]) {
    let estate = (meeting.before)();
    let sides = (meeting.sides)();
    let manifests = sides.clone().map(|(.., (kind, parameters))| one(resource(kind, "it", parameters)));
    let pair = [first, 1 - first].map(|at| {
        let (place, purpose, _) = sides[at];
        (estate.execution(place, purpose, ["one", "other"][at]).with(worker), &manifests[at])
    });
    let ends = side_by_side(pair, TimeDelta::seconds(apart));
    estate.simulation.settle();
    (estate, ends)
}

fn is_up(end: &End) -> bool {
    end.as_ref().is_ok_and(|end| end.verdict == Verdict::Recovered)
}

fn said(end: &End) -> &str {
    end.as_ref().map_or_else(String::as_str, |end| &end.message)
}

/// The reasons that a meeting did not end as expected.
fn findings(meeting: &Meeting, (estate, ends): &(Estate, [End; 2])) -> Vec<String> {
    let mut found = Vec::new();
    let up = ends.iter().filter(|end| is_up(end)).count();
    let refused = |words: &str| ends.iter().filter(|end| !is_up(end)).all(|end| said(end).contains(words));
    let is_expected = match meeting.ends {
        Ends::Both => up == 2,
        Ends::One(words) => up == 1 && refused(words),
        Ends::OneOrBoth(words) => up > 0 && refused(words),
    };
    if !is_expected {
        found.push(format!("{up} came up: {} || {}", said(&ends[0]), said(&ends[1])));
    }
    let expected: BTreeMap<_, _> = meeting.made.iter().copied().collect();
    let made = made(estate);
    // Of the ways in which a cluster takes over, one is made once.
    let is_once = if expected.is_empty() { made.values().sum::<usize>() == 1 } else { made == expected };
    if !is_once {
        found.push(format!("made {made:?}"));
    }
    // Everything that is reported as up is there.
    for end in ends.iter().filter(|end| is_up(end)).flatten() {
        let name = ["orders", "tests"].into_iter().find_map(|name| estate.restored_from(WEST, name));
        let reported = end.resources[0].outcome.as_ref().and_then(|outcome| outcome.snapshot.clone());
        if end.resources[0].kind != "RestoreDrill" && reported != name {
            found.push(format!("reported {reported:?}, and there is {name:?}"));
        }
    }
    found
}

#[test]
fn of_two_manifests_that_meet_in_one_database_one_wins_and_the_other_waits_or_refuses() {
    let mut all = Vec::new();
    for meeting in MEETINGS {
        let mut lines = Vec::new();
        for (first, apart) in [(0, 0), (1, 0), (0, 1), (1, 1), (0, 5), (1, 5)] {
            let met = meet(meeting, DestinationRecover, (first, apart));
            let describe = |what: String| format!("{}, {first} first, {apart} s: {what}", meeting.name);
            all.extend(findings(meeting, &met).into_iter().map(describe));
            lines.push(met.0.lines());
        }
        lines.dedup();
        if lines.len() > 1 && !meeting.made.is_empty() {
            all.push(format!("{}: different ends: {lines:#?}", meeting.name));
        }
    }
    assert!(all.is_empty(), "{}:\n{}", all.len(), all.join("\n"));
}

#[test]
fn the_check_detects_a_worker_that_forgets_what_it_saw() {
    let is_carts = |meeting: &&Meeting| meeting.name.starts_with("a failover of a datastore to each");
    let meeting = MEETINGS.iter().find(is_carts).unwrap();
    let found = findings(meeting, &meet(meeting, ForgetsNotes, (0, 0)));
    assert!(found.iter().any(|what| what.starts_with("made")), "{found:?}");
}
